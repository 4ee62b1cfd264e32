"""The vectors of works by space, and what became of them since they were read last."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from glance_agent.domain.vectors import Matrix, Vector, unit_rows, widened
from glance_agent.store.database import Database
from glance_agent.store.degrade import from_both_ends, or_nothing

MOST_AT_ONCE = 1_000
"""How many changes are read at a time: a few megabytes."""
ALL_WORKS = "SELECT coalesce(max(number), 0) FROM counted WHERE name = 'artworks'"
"""How many works there are, with those that cannot be shown."""


@dataclass(frozen=True, eq=False, slots=True)
class Changes:
    """What became of the vectors of a space, up to the change of this number.

    `vectors` (n, d) are the unit rows of the works in `ids`, new or different; those in `gone`
    have none any more. Where there is `more`, only the first changes are told.
    """

    number: int
    ids: list[str]
    vectors: Matrix
    gone: list[str]
    more: bool = False


Block = tuple[Sequence[str], Matrix, Sequence[int]]
"""Some works by id, their unit rows (m, d), and the numbers that these have."""


class Vectors:
    """The vectors of one database, as float16; one thread at a time.

    Triggers number every change, whichever program made it.
    """

    def __init__(self, db: Database) -> None:
        self.db = db

    def put(self, artwork_id: str, space: str, vector: Vector) -> None:
        """Keep the unit vector (d,) of a work in a space."""
        self.db.execute(
            "INSERT OR REPLACE INTO embeddings (artwork_id, space, vector) VALUES (?, ?, ?)",
            [artwork_id, space, vector.astype("<f2").tobytes()],
        )

    def blocks(self, space: str, dimension: int) -> Iterator[Block]:
        """All works of a space with their vectors, some at a time."""
        rows = from_both_ends(
            self.db,
            # In the order in which they lie in the file, and not by way of an index: whoever knows
            # how often spaces repeat would find each work there, and sort all vectors after that.
            "SELECT number, artwork_id, vector FROM embeddings WHERE +space = ? "
            "AND length(vector) = ? "
            "AND EXISTS (SELECT 1 FROM artworks WHERE artworks.id = embeddings.artwork_id) "
            "ORDER BY number {}",
            [space, 2 * dimension],
        )
        while block := list(islice(rows, MOST_AT_ONCE)):
            vectors = _matrix([row[2] for row in block], dimension)
            yield [row[1] for row in block], vectors, [row[0] for row in block]

    def named(self, space: str, dimension: int) -> Iterator[Block]:
        """The same works with the numbers of their vectors, and without these, (0, d)."""
        none = np.empty((0, dimension), np.float32)
        rows = self.db.stream(
            "SELECT number, artwork_id FROM embeddings WHERE space = ? AND length(vector) = ? "
            "AND EXISTS (SELECT 1 FROM artworks WHERE artworks.id = embeddings.artwork_id) "
            "ORDER BY number",
            [space, 2 * dimension],
        )
        while block := list(islice(rows, MOST_AT_ONCE)):
            yield [row[1] for row in block], none, [row[0] for row in block]

    @or_nothing(int, "how many works there are")
    def at_most(self) -> int:
        """How many works there are, with or without a vector."""
        return int(self.db.execute(ALL_WORKS).fetchone()[0])

    def numbers_of(self, space: str, artwork_ids: Sequence[str]) -> dict[str, int]:
        """The numbers of the vectors of these works; a vector keeps its own, and none is given
        twice. Works that have none are left out.
        """
        rows = self.db.execute(
            "SELECT artwork_id, number FROM embeddings WHERE space = ? "
            "AND artwork_id IN (SELECT value FROM json_each(?))",
            [space, json.dumps(artwork_ids)],
        )
        return {row[0]: row[1] for row in rows}

    def numbered(
        self, space: str, dimension: int, numbers: Sequence[int]
    ) -> tuple[list[int], Matrix]:
        """The unit rows (m, d) of these numbers, and which they are of; others are not there.

        In a large file a vector is found by its number with half as many pages as by its work.
        """
        rows = self.db.execute(
            "SELECT number, vector FROM embeddings WHERE number IN "
            "(SELECT CAST(value AS INTEGER) FROM json_each(?)) "
            "AND +space = ? AND length(vector) = ?",
            [json.dumps(numbers), space, 2 * dimension],
        ).fetchall()
        return [row[0] for row in rows], _matrix([row[1] for row in rows], dimension)

    def changes_since(
        self, number: int, space: str, dimension: int, most: int = MOST_AT_ONCE
    ) -> Changes:
        """What became of these vectors after the change of this number: the first `most` of it.

        A work that changed several times is told once, as it is now.
        """
        latest = self.latest()
        rows = self.db.execute(
            "SELECT change.number, change.artwork_id, vector FROM vector_changes change "
            "LEFT JOIN embeddings e ON e.space = change.space AND length(vector) = :bytes "
            "AND e.artwork_id = change.artwork_id "
            "AND EXISTS (SELECT 1 FROM artworks WHERE id = change.artwork_id) "
            "WHERE change.number > :after AND change.number <= :latest "
            # Not by way of the index of spaces, in which all changes are.
            "AND +change.space = :space "
            "ORDER BY change.number LIMIT :most",
            {
                "bytes": 2 * dimension,
                "after": number,
                "latest": latest,
                "space": space,
                "most": most,
            },
        ).fetchall()
        here = [row for row in rows if row[2] is not None]
        more = len(rows) == most
        return Changes(
            rows[-1][0] if more else latest,
            [row[1] for row in here],
            _matrix([row[2] for row in here], dimension),
            [row[1] for row in rows if row[2] is None],
            more,
        )

    @or_nothing(int, "which vectors changed")
    def latest(self) -> int:
        """The number of the last change; 0 where there has been none."""
        sql = "SELECT coalesce(max(number), 0) FROM vector_changes"
        return int(self.db.execute(sql).fetchone()[0])


def _matrix(blobs: list[bytes], dimension: int) -> Matrix:
    """The unit rows (n, d) that are kept in these."""
    flat = np.frombuffer(b"".join(blobs), dtype="<f2")
    return unit_rows(widened(flat.astype(np.float16, copy=False)).reshape(len(blobs), dimension))
