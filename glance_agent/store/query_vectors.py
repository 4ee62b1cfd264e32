"""The vectors of words that were asked before."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

import numpy as np

from glance_agent.domain.vectors import Vector, unit
from glance_agent.store.database import Database
from glance_agent.store.transaction import transaction

PHRASES_KEPT = 2_000
TOUCHED_EVERY = timedelta(days=1)
"""How exactly the time of the last use is kept: more would cost a write a search."""


class QueryVectorCache:
    """Vectors of phrases by space, in one database; the least recently used leave first."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._used: dict[str, set[str]] = {}

    def vectors(self, space: str, phrases: Iterable[str]) -> dict[str, Vector]:
        """The vectors that are kept of these phrases, float32 (d,) and of length 1.

        Writes nothing: that they were used is kept with the next ones that are.
        """
        rows = self.db.execute(
            "SELECT query, vector, used_at FROM query_vectors WHERE space = ? "
            "AND query IN (SELECT value FROM json_each(?))",
            [space, json.dumps(list(phrases))],
        ).fetchall()
        long_ago = _stamp(TOUCHED_EVERY)
        if stale := [query for query, _, used_at in rows if used_at < long_ago]:
            self._used.setdefault(space, set()).update(stale)
        return {row[0]: unit(np.frombuffer(row[1], dtype="<f4")) for row in rows}

    def keep(self, space: str, vectors: Mapping[str, Vector]) -> None:
        """Keep the unit vectors (d,) of phrases, and which others of the space were used since.

        Commits unless a transaction is open; without either, nothing is written.
        """
        used = self._used.pop(space, set()) - set(vectors)
        if not (vectors or used):
            return
        now = _stamp()
        with transaction(self.db):
            self.db.execute(
                "UPDATE query_vectors SET used_at = ? WHERE space = ? "
                "AND query IN (SELECT value FROM json_each(?))",
                [now, space, json.dumps(sorted(used))],
            )
            for phrase, vector in vectors.items():
                self.db.execute(
                    "INSERT OR REPLACE INTO query_vectors VALUES (?, ?, ?, ?)",
                    [space, phrase, vector.astype("<f4").tobytes(), now],
                )
            self.db.execute(
                "DELETE FROM query_vectors WHERE rowid IN (SELECT rowid FROM query_vectors "
                "ORDER BY used_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
                [PHRASES_KEPT],
            )


def _stamp(ago: timedelta = timedelta()) -> str:
    return (datetime.now(UTC) - ago).isoformat(timespec="milliseconds")
