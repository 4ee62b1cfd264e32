"""Exact cosine search: all vectors of one space in one float32 matrix in memory.

The matrix follows inserts and deletes while readers hold snapshots of it: rows are only ever
appended in place, and a row that must go or change is replaced in a copy.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from glance_agent.domain.vectors import Matrix, Vector

SMALLEST_CAPACITY = 256


@dataclass(frozen=True, eq=False, slots=True)
class Snapshot:
    """The vectors of one moment: `matrix` is (n, d) float32, row i belongs to `ids[i]`."""

    space: str
    ids: tuple[str, ...]
    matrix: Matrix
    row_of: dict[str, int]


class VectorIndex:
    """The vectors of one space; safe to use from several threads."""

    def __init__(self, space: str, dimension: int) -> None:
        self.space = space
        self.dimension = dimension
        self._lock = threading.Lock()
        self._ids: list[str] = []
        self._row_of: dict[str, int] = {}
        self._rows = np.empty((SMALLEST_CAPACITY, dimension), dtype=np.float32)
        self._snapshot: Snapshot | None = None

    def __len__(self) -> int:
        return len(self._ids)

    def load(self, ids: list[str], matrix: Matrix) -> None:
        """Start over with these rows; `matrix` is (n, d), unit rows. Duplicate ids are refused."""
        with self._lock:
            self._ids = list(ids)
            self._row_of = {artwork: row for row, artwork in enumerate(ids)}
            if len(self._row_of) != len(ids) or matrix.shape != (len(ids), self.dimension):
                raise ValueError("one row of the right dimension for each id, each id once")
            self._rows = np.ascontiguousarray(matrix, dtype=np.float32)
            self._snapshot = None

    def put(self, artwork_id: str, vector: Vector) -> None:
        """Add a unit vector of shape (d,), or replace the one that this artwork has."""
        if vector.shape != (self.dimension,):
            raise ValueError(f"space {self.space} has vectors of {self.dimension} numbers")
        with self._lock:
            self._put([artwork_id], vector[None])

    def remove(self, artwork_ids: Iterable[str]) -> None:
        """Take these artworks out; unknown ids are ignored."""
        with self._lock:
            self._remove(artwork_ids)

    def take_up(self, ids: Sequence[str], vectors: Matrix, gone: Iterable[str]) -> None:
        """Put and remove many at once; what is as it was stays, and so do its snapshots."""
        with self._lock:
            self._put(ids, vectors)
            self._remove(gone)

    def snapshot(self) -> Snapshot:
        """All vectors as they are now; later changes do not touch what is returned."""
        with self._lock:
            if self._snapshot is None:
                matrix = self._rows[: len(self._ids)]
                matrix.flags.writeable = False
                self._snapshot = Snapshot(self.space, tuple(self._ids), matrix, dict(self._row_of))
            return self._snapshot

    def _put(self, ids: Sequence[str], vectors: Matrix) -> None:
        """Add these rows (n, d), or replace those that are different."""
        known = [self._row_of.get(artwork) for artwork in ids]
        replaced = False
        for artwork, vector, row in zip(ids, vectors, known, strict=True):
            if row is None:
                self._append(artwork, vector)
                self._snapshot = None
            elif not np.array_equal(self._rows[row], vector):
                # Snapshots look at the rows of before: one copy for all that change.
                self._rows = self._rows if replaced else self._rows.copy()
                self._rows[row] = vector
                self._snapshot, replaced = None, True

    def _remove(self, artwork_ids: Iterable[str]) -> None:
        gone = {a for a in artwork_ids if a in self._row_of}
        if not gone:
            return
        keep = [row for row, artwork in enumerate(self._ids) if artwork not in gone]
        self._rows = self._rows[keep]
        self._ids = [self._ids[row] for row in keep]
        self._row_of = {artwork: row for row, artwork in enumerate(self._ids)}
        self._snapshot = None

    def _append(self, artwork_id: str, vector: Vector) -> None:
        row = len(self._ids)
        if row >= self._rows.shape[0]:
            larger = np.empty((max(SMALLEST_CAPACITY, 2 * row), self.dimension), dtype=np.float32)
            larger[:row] = self._rows[:row]
            self._rows = larger
        self._rows[row] = vector
        self._ids.append(artwork_id)
        self._row_of[artwork_id] = row
