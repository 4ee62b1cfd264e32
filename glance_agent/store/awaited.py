"""Showings whose picture is not on its display yet, so that they can be taken back.

They are told by one number a display, which is kept with the showing itself: the position from
which on nothing has been on the display. A program that was killed in between knows it, too.
"""

from __future__ import annotations

from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.legible import legible


class AwaitedPictures:
    """The displays of one database that wait for a picture; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def begin(self, display: str, position: int) -> None:
        """From this position on, or from an earlier one, nothing has been on the display."""
        self.db.execute(
            "INSERT OR IGNORE INTO facts (name, value) VALUES (?, ?)",
            [_name(display), str(position)],
        )

    @or_nothing(lambda: None, "which pictures are awaited")
    def since(self, display: str) -> int | None:
        """The first position whose picture has not been on the display; None for none."""
        sql = "SELECT value FROM facts WHERE name = ?"
        row = self.db.execute(sql, [_name(display)]).fetchone()
        with legible():
            return int(row[0]) if row else None

    def go_on(self, display: str, position: int) -> None:
        """Await what was shown from this position on, where anything was; else nothing."""
        self.db.execute("DELETE FROM facts WHERE name = ?", [_name(display)])
        sql = "SELECT min(position) FROM showings WHERE display = ? AND position >= ?"
        first = self.db.execute(sql, [display, position]).fetchone()[0]
        if first is not None:
            self.begin(display, first)

    def drop(self, display: str, position: int, source: str | None) -> bool:
        """Drop an awaited showing, and those before it of a source; False where it was up.

        Their receipts go with them: who asks again, since nobody has answered, finds nothing done.
        """
        first = self.since(display)
        if first is None or first > position:
            return False
        dropped = self.db.execute(
            "DELETE FROM showings WHERE display = ?1 AND position BETWEEN ?2 AND ?3 "
            "AND (position = ?3 OR artwork_id IN (SELECT id FROM artworks WHERE source = ?4)) "
            "RETURNING artwork_id, shown_at",
            [display, first, position, source],
        ).fetchall()
        for artwork, shown_at in dropped:
            self._drop_answers(display, artwork, shown_at)
        self.go_on(display, first)
        return True

    def _drop_answers(self, display: str, artwork: str, since: str) -> None:
        """Drop the answers that say that this work was put on the display."""
        answers = self.db.execute(
            "DELETE FROM answers WHERE at >= ?1 AND json_extract(reply, '$.artwork.id') = ?3 "
            "AND coalesce(json_extract(reply, '$.display'), ?2) = ?2 RETURNING id",
            [since, display, artwork],
        ).fetchall()
        for answer in answers:
            self.db.execute("DELETE FROM receipts WHERE answer = ?", answer)


def _name(display: str) -> str:
    return f"awaited on {display}"
