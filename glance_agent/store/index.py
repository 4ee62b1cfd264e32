"""The index in memory: the vectors of one space, exactly, as rows of one float32 matrix.

Rows are only ever added at the end. A vector that changes becomes a new row and the one before is
crossed out, so that a view of the moment before needs no copy; once most rows are crossed out, the
others are copied together. The number of a work is that of its row, counted from the first ever.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence

import numpy as np

from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.store.index_view import SMALLEST_CAPACITY, IndexView, Mask, Rows


class VectorIndex:
    """The vectors of one space; safe to use from several threads."""

    def __init__(self, space: str, dimension: int) -> None:
        self.space = space
        self.dimension = dimension
        self._lock = threading.Lock()
        self._rows = Rows(0, np.empty((0, dimension), np.float32))
        self._crossed_out: set[int] = set()
        self._view: IndexView | None = None

    def __len__(self) -> int:
        return len(self._rows.ids) - len(self._crossed_out)

    def load(self, ids: Sequence[str], matrix: Matrix) -> None:
        """Start over with these rows; `matrix` is (n, d), unit rows. Duplicate ids are refused."""
        with self._lock:
            if len(set(ids)) != len(ids) or matrix.shape != (len(ids), self.dimension):
                raise ValueError("one row of the right dimension for each id, each id once")
            self._start_over(ids, np.ascontiguousarray(matrix, dtype=np.float32))

    def put(self, artwork_id: str, vector: Vector) -> None:
        """Add a unit vector of shape (d,), or replace the one that this artwork has."""
        if vector.shape != (self.dimension,):
            raise ValueError(f"space {self.space} has vectors of {self.dimension} numbers")
        with self._lock:
            self._put(artwork_id, vector)

    def remove(self, artwork_ids: Iterable[str]) -> None:
        """Take these artworks out; unknown ids are ignored."""
        with self._lock:
            self._cross_out([row for i in artwork_ids if (row := self._there(i)) is not None])

    def take_up(self, ids: Sequence[str], vectors: Matrix, gone: Iterable[str]) -> None:
        """Put and remove many at once; what is as it was stays, and so does the view of it."""
        with self._lock:
            for artwork, vector in zip(ids, vectors, strict=True):
                self._put(artwork, vector)
            self._cross_out([row for i in gone if (row := self._there(i)) is not None])

    def now(self) -> IndexView:
        """All vectors as they are at this moment."""
        with self._lock:
            if self._view is None:
                self._view = IndexView(self.space, self._rows, self._mask(), len(self))
            return self._view

    def _mask(self) -> Mask | None:
        """Which rows no longer count; None where all do."""
        if not self._crossed_out:
            return None
        mask = np.zeros(len(self._rows.ids), np.bool_)
        mask[list(self._crossed_out)] = True
        return mask

    def _there(self, artwork_id: str) -> int | None:
        """The row that a work has now."""
        row = self._rows.row_of.get(artwork_id)
        return None if row in self._crossed_out else row

    def _put(self, artwork_id: str, vector: Vector) -> None:
        row = self._there(artwork_id)
        if row is not None and np.array_equal(self._rows.vectors[row], vector):
            return
        self._rows.append(artwork_id, vector)
        self._view = None
        if row is not None:
            self._cross_out([row])

    def _cross_out(self, rows: Sequence[int]) -> None:
        if not rows:
            return
        self._crossed_out.update(rows)
        self._view = None
        if len(self._crossed_out) > max(SMALLEST_CAPACITY, len(self)):
            left = [row for row in range(len(self._rows.ids)) if row not in self._crossed_out]
            self._start_over([self._rows.ids[row] for row in left], self._rows.vectors[left])

    def _start_over(self, ids: Sequence[str], vectors: Matrix) -> None:
        """These rows alone, under numbers that none has had before."""
        first = self._rows.first + len(self._rows.ids)
        row_of = {artwork: row for row, artwork in enumerate(ids)}
        self._rows = Rows(first, vectors, list(ids), row_of)
        self._crossed_out = set()
        self._view = None
