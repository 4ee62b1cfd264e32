"""The last changes of each display, so that they can be taken back."""

from __future__ import annotations

from datetime import datetime

from sqlite_utils import Database

from glance_agent.domain.change import CHANGES_KEPT, Change
from glance_agent.store.sqlite import legible


class ChangesOfDisplays:
    """The changes of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def keep_change(self, change: Change) -> None:
        """Remember a change, and forget those of its display that are too many."""
        self.db.execute(
            "INSERT INTO changes (display, user, at, change) VALUES (?, ?, ?, ?)",
            [change.display, change.user, change.at.isoformat(), change.model_dump_json()],
        )
        self.db.execute(
            "DELETE FROM changes WHERE display = ?1 AND id NOT IN "
            "(SELECT id FROM changes WHERE display = ?1 ORDER BY id DESC LIMIT ?2)",
            [change.display, CHANGES_KEPT],
        )

    def take_change(self, display: str, since: datetime) -> Change | None:
        """The last change of a display that is not older, forgotten from now on; None for none."""
        rows = self.db.execute(
            "DELETE FROM changes WHERE id = (SELECT max(id) FROM changes WHERE display = ?1) "
            "AND at >= ?2 RETURNING change",
            [display, since.isoformat()],
        ).fetchall()
        with legible():
            return Change.model_validate_json(rows[0][0]) if rows else None
