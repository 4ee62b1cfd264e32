"""What was asked for on displays that may not change yet, kept until it hangs."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime

from glance_agent.domain.display import Showing
from glance_agent.domain.said import kept_of, said_of
from glance_agent.domain.strict_json import as_json
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.legible import legible


class KeptWishes:
    """The wishes of one database, one at most for each display; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._unwritten: dict[str, Showing | None] = {}

    def of(self, display: str) -> Showing | None:
        """What waits for a display, as it was asked for; None for nothing."""
        return self._unwritten[display] if display in self._unwritten else self._kept(display)

    def set(self, display: str, wish: Showing | None, *, keeping: bool) -> None:
        """Let this wait for a display, or nothing; remembered until `write` where nothing can be
        kept now."""
        if keeping:
            self._keep(display, wish)
            self._unwritten.pop(display, None)
        else:
            self._unwritten[display] = wish

    def write(self) -> None:
        """Keep what could not be kept before, in the transaction that is open."""
        for display, wish in self._unwritten.items():
            self._keep(display, wish)

    def written(self) -> None:
        """That transaction has ended well."""
        self._unwritten.clear()

    def _keep(self, display: str, wish: Showing | None) -> None:
        if wish is None:
            self.db.execute("DELETE FROM facts WHERE name = ?", [_name(display)])
        else:
            kept = {"shown_at": wish.shown_at.isoformat(), "why": kept_of(wish.why)}
            text = as_json({**asdict(wish), **kept})
            self.db.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [_name(display), text])

    @or_nothing(lambda: None, "what displays showed")
    def _kept(self, display: str) -> Showing | None:
        sql = "SELECT value FROM facts WHERE name = ?"
        row = self.db.execute(sql, [_name(display)]).fetchone()
        if row is None:
            return None
        with legible():
            kept = json.loads(row[0])
            at, why = datetime.fromisoformat(kept["shown_at"]), said_of(kept["why"])
            return Showing(**{**kept, "shown_at": at, "why": why})


def _name(display: str) -> str:
    return f"wish of {display}"
