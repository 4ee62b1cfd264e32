"""The works that were read from one database, kept in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import StoreError
from glance_agent.store.database import Database
from glance_agent.store.degrade import BROKEN
from glance_agent.store.work_rows import ARTWORK_COLUMNS, artwork_of

REMEMBERED = 500
"""How many works that were read stay in memory."""


class CachedWork(NamedTuple):
    """A work, and the id of the work that represents it and its near-duplicates."""

    artwork: Artwork
    group: str


class WorkCache:
    """Reads works, and remembers some hundred of them until it is cleared."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._works: dict[str, CachedWork] = {}
        self.illegible: set[str] = set()
        """The works that damage kept from being read."""

    def clear(self) -> None:
        """Read every work again when it is asked for next."""
        self._works.clear()
        self.illegible.clear()

    def known(self, artwork_id: str) -> CachedWork | None:
        """A work, if it is remembered."""
        return self._works.get(artwork_id)

    def found(self, ids: Sequence[str]) -> dict[str, CachedWork]:
        """The works of these ids, remembered or read."""
        found = {i: known for i in ids if (known := self._works.get(i)) is not None}
        if len(found) < len(ids):
            read = self._legible([i for i in ids if i not in found])
            if len(self._works) + len(read) > REMEMBERED:
                self._works.clear()
            self._works |= read
            found |= read
        return found

    def _legible(self, ids: Sequence[str]) -> dict[str, CachedWork]:
        """The works of these ids; all but those that damage keeps from being read."""
        try:
            return self._read(ids)
        except StoreError as error:
            if error.trouble not in BROKEN:
                raise
            if len(ids) == 1:
                self.illegible.update(ids)
                return {}
        return {key: found for one in ids for key, found in self._legible([one]).items()}

    def _read(self, ids: Sequence[str]) -> dict[str, CachedWork]:
        rows = self._db.execute(
            f"SELECT {ARTWORK_COLUMNS}, coalesce(twin_of, id) FROM artworks "
            "WHERE id IN (SELECT value FROM json_each(?))",
            [json.dumps(ids)],
        )
        return {row[0]: CachedWork(artwork_of(row), row[-1]) for row in rows}
