"""What filters ask of works, read from the library's file; and whose answers changed since."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final, NamedTuple

from glance_agent.domain.wording import SCREENSHOT
from glance_agent.store.database import Database
from glance_agent.store.filtering import ORIENTATION, SHOWN, TAKEN
from glance_agent.store.kept_back import NEVER_CHOSEN

ORIENTATIONS: Final = tuple(ORIENTATION)
"""The names of orientations; their codes count from 1, and 0 is none of them."""


class WorkFact(NamedTuple):
    """What is asked of one work: None and 0 for what nobody knows."""

    artwork_id: str
    artist: str | None
    source: str
    earliest: int | None
    """The first year that it may be of."""
    latest: int | None
    orientation: int
    taken: int
    """The day on which a photograph was taken: 20190704."""
    shown: int
    kept_back: int
    """Whether it is never chosen."""
    width: int | None
    height: int | None
    screenshot: int
    place: int
    """Where it is in the table of works, and its label in the index of words."""


class WorkFacts:
    """What is known of the works of one database; one thread at a time.

    Triggers number every change, whichever program made it.
    """

    def __init__(self, db: Database) -> None:
        self.db = db

    def latest(self) -> int:
        """The number of the last change; 0 where there has been none."""
        sql = "SELECT coalesce(max(number), 0) FROM work_changes"
        return int(self.db.execute(sql).fetchone()[0])

    def changed_since(self, number: int) -> list[str]:
        """The works of which something has changed after the change of this number."""
        sql = "SELECT artwork_id FROM work_changes WHERE number > ?"
        return [row[0] for row in self.db.execute(sql, [number])]

    def of(self, artwork_ids: Sequence[str]) -> list[WorkFact]:
        """What is known of these works; those that are not there are left out."""
        sql = f"SELECT {_FACTS} FROM artworks WHERE id IN (SELECT value FROM json_each(?))"
        return [WorkFact(*row) for row in self.db.execute(sql, [json.dumps(artwork_ids)])]

    def block(self, after: int, most: int) -> tuple[int, list[WorkFact]]:
        """What is known of the works behind a place in the file, at most so many; and the place of
        the last of them.
        """
        sql = f"SELECT {_FACTS} FROM artworks WHERE rowid > ? ORDER BY rowid LIMIT ?"
        facts = [WorkFact(*row) for row in self.db.execute(sql, [after, most])]
        return (facts[-1].place if facts else after), facts


_CODES = " ".join(
    f"WHEN {condition} THEN {code}" for code, condition in enumerate(ORIENTATION.values(), 1)
)
_FACTS = (
    "id, artist, source, coalesce(year_from, year_to), coalesce(year_to, year_from), "
    f"CASE {_CODES} ELSE 0 END, "
    f"CASE WHEN {TAKEN} THEN CAST(replace(date, '-', '') AS INTEGER) ELSE 0 END, {SHOWN}, "
    f"CASE WHEN {NEVER_CHOSEN} THEN 1 ELSE 0 END, width, height, "
    f"CASE WHEN medium = '{SCREENSHOT}' THEN 1 ELSE 0 END, rowid"
)
