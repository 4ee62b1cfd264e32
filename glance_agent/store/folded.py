"""Old showings, folded into one row a work, so that a library does not grow for ever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from glance_agent.domain.display import Showing
from glance_agent.store.database import Database
from glance_agent.store.legible import legible
from glance_agent.store.showing_rows import COLUMNS, showing_of
from glance_agent.store.transaction import transaction

WHOLE_SHOWINGS = 10_000
"""How many of the last showings of a display are kept whole."""
FOLDED_AT_ONCE = 500
"""How many showings are folded in one transaction: nobody waits long for it."""


@dataclass(frozen=True, slots=True)
class ShowingsReach:
    """How far whole showings reach back: the oldest one's time, and how many are folded."""

    since: datetime | None
    folded: int


class FoldedShowings:
    """The old showings of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def reach(self) -> ShowingsReach:
        """How far back whole showings go."""
        row = self.db.execute("SELECT min(shown_at) FROM showings").fetchone()
        folded = self.db.execute("SELECT coalesce(sum(shown), 0) FROM folded_showings").fetchone()
        with legible():
            return ShowingsReach(datetime.fromisoformat(row[0]) if row[0] else None, int(folded[0]))

    def fold(self, outcome: Callable[[Showing, Showing], str | None]) -> int:
        """Fold some of the showings that are too old to be kept whole; how many, 0 for none left.

        `outcome` tells what came of a showing, from it and the one after it on its display.
        """
        with transaction(self.db):
            displays = self.db.execute(_OVERFULL, {"whole": WHOLE_SHOWINGS}).fetchall()
            return sum(self._fold(name, last, outcome) for name, last in displays)

    def _fold(
        self, display: str, last: int, outcome: Callable[[Showing, Showing], str | None]
    ) -> int:
        """Fold the oldest showings of a display up to this position, as many as go at once."""
        rows = self.db.execute(
            f"SELECT {COLUMNS}, position FROM showings WHERE display = ? AND position <= ? "
            "ORDER BY position LIMIT ?",
            [display, last + 1, FOLDED_AT_ONCE + 1],
        ).fetchall()
        for row, after in pairwise(rows):
            with legible():
                showing, ended_by = showing_of(row[:-1]), showing_of(after[:-1])
            came_of_it = outcome(showing, ended_by)
            told = {
                "display": display,
                "position": row[-1],
                "at": showing.shown_at.isoformat(),
                "user": ended_by.user if came_of_it else None,
                "outcome": came_of_it,
            }
            for artwork in showing.works:
                self.db.execute(_FOLD, {**told, "artwork": artwork})
        self.db.execute(
            "DELETE FROM showings WHERE display = ? AND position < ?", [display, rows[-1][-1]]
        )
        return len(rows) - 1


_OVERFULL = (
    "SELECT display, max(position) - :whole FROM showings GROUP BY display "
    "HAVING max(position) - min(position) >= :whole"
)
_FOLD = (
    "INSERT INTO folded_showings (artwork_id, display, shown, last_position, last_at, user, "
    "outcome) VALUES (:artwork, :display, 1, :position, :at, :user, :outcome) "
    "ON CONFLICT (artwork_id, display) DO UPDATE SET shown = folded_showings.shown + 1, "
    "last_position = excluded.last_position, last_at = excluded.last_at, "
    "user = excluded.user, outcome = excluded.outcome"
)
