"""The last changes of each display, so that they can be taken back."""

from __future__ import annotations

from datetime import datetime

from glance_agent.domain.change import CHANGES_KEPT, Change
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.legible import legible


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

    @or_nothing(lambda: None, "what can be taken back")
    def last_change(self, display: str, since: datetime) -> Change | None:
        """The last change of a display that is not older; None for none."""
        row = self.db.execute(
            "SELECT change, at FROM changes WHERE display = ? ORDER BY id DESC LIMIT 1", [display]
        ).fetchone()
        with legible():
            fresh = row is not None and row[1] >= since.isoformat()
            return Change.model_validate_json(row[0]) if fresh else None

    def take_change(self, display: str, since: datetime) -> Change | None:
        """The last change of a display that is not older, forgotten from now on; None for none."""
        rows = self.db.execute(
            "DELETE FROM changes WHERE id = (SELECT max(id) FROM changes WHERE display = ?1) "
            "AND at >= ?2 RETURNING change",
            [display, since.isoformat()],
        ).fetchall()
        with legible():
            return Change.model_validate_json(rows[0][0]) if rows else None

    def forget_replaced(self, display: str, after: int) -> None:
        """Forget that showings of a display replaced anything, which came after this position."""
        for number, text in self.db.execute("SELECT id, change FROM changes").fetchall():
            with legible():
                change = Change.model_validate_json(text)
            left = change.without_showings(display, after)
            if not left.any:
                self.db.execute("DELETE FROM changes WHERE id = ?", [number])
            elif left != change:
                self.db.execute(
                    "UPDATE changes SET change = ? WHERE id = ?", [left.model_dump_json(), number]
                )
