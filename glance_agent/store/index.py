"""The index in memory: the vectors of one space, exactly where they are few, else as short codes;
or none, where the server that keeps them looks through them itself.

Rows are only ever added at the end. A vector that changes becomes a new row and the one before is
crossed out, so that a view of the moment before needs no copy; once most rows are crossed out, the
others are copied together, or read again. The number of a work is that of its row, counted from
the first ever.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from glance_agent.domain.artwork import Filters
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.domain.view import View
from glance_agent.store.index_view import SMALLEST_CAPACITY, ExactRows
from glance_agent.store.row_names import Columns, Mask, Names
from glance_agent.store.vectors import Block

EXACT_UP_TO = 50_000
"""So many works have their vectors in memory as they are; of more, codes take a sixteenth."""
AT_ONCE = 4_096
"""So many rows are coded at a time where a library outgrows that."""


class Rows(Protocol):
    """An engine: the vectors of works, a row for each."""

    names: Names
    coded: bool
    """Whether they are codes, which are kept beside the library."""

    def extend(
        self, artwork_ids: Sequence[str], vectors: Matrix, numbers: Sequence[int] = ()
    ) -> None:
        """Add these works with their unit rows (m, d), which the library keeps under these numbers
        (m,), where those are known.
        """
        ...

    def reserve(self, size: int) -> None:
        """Make room for so many rows in all."""
        ...

    def has(self, row: int, vector: Vector) -> bool:
        """Whether this unit vector (d,) is that of a row, as far as that is known."""
        ...

    def prepare(self) -> None:
        """Do what the first search would wait for. Raises StoreError."""
        ...

    def cross_out(self, rows: Sequence[int]) -> None:
        """Count these rows no more: their works are gone, or have other rows."""
        ...

    def view(self, crossed_out: Mask | None, count: int) -> View:
        """This moment; of the rows `crossed_out` (n,) no longer count, and `count` do."""
        ...


class LargeEngine(Protocol):
    """Makes the engine of a library that has outgrown exact vectors, still without a row."""

    def __call__(self, first: int, dimension: int) -> Rows: ...


@dataclass(frozen=True, slots=True)
class Held:
    """What an index holds at one moment: its rows, how many, and which are crossed out."""

    rows: Rows
    size: int
    crossed_out: frozenset[int]


class VectorIndex:
    """The vectors of one space; safe to use from several threads."""

    def __init__(
        self,
        space: str,
        dimension: int,
        large: LargeEngine | None = None,
        columns: Callable[[Names], Columns] | None = None,
        *,
        exact_up_to: int | None = None,
    ) -> None:
        """Without a `large` engine it stays exact, however many works there are, else up to
        EXACT_UP_TO of them or another number, -1 for none; `columns` make what filters ask of the
        works of its rows.
        """
        self._exact_up_to = EXACT_UP_TO if exact_up_to is None else exact_up_to
        self.space = space
        self.dimension = dimension
        self._large = large
        self._columns = columns
        self._lock = threading.Lock()
        self._rows: Rows
        self._crossed_out: set[int]
        self._view: View | None
        self._become(self._engine(0))

    def __len__(self) -> int:
        return len(self._rows.names) - len(self._crossed_out)

    def load(self, ids: Sequence[str], matrix: Matrix) -> None:
        """Start over with these rows; `matrix` is (n, d), unit rows. Duplicate ids are refused."""
        if len(set(ids)) != len(ids) or matrix.shape != (len(ids), self.dimension):
            raise ValueError("one row of the right dimension for each id, each id once")
        self.fill(len(ids), [(ids, np.ascontiguousarray(matrix, dtype=np.float32))])

    def fill(self, expected: int, blocks: Iterable[Block | tuple[Sequence[str], Matrix]]) -> None:
        """Start over with works and their unit rows (m, d), each work once; until the last block
        is there, what was before answers. About so many works are expected.
        """
        rows = self._engine(expected)
        rows.reserve(expected)
        for block in blocks:
            rows.extend(*block)
        rows.names.settle()
        with self._lock:
            rows.names.first = self._rows.names.beyond
            self._become(rows)
            self._outgrow()

    def held(self) -> Held:
        """What is there at this moment; of other rows or another number of them, it is not equal
        to that of another one.
        """
        with self._lock:
            return Held(self._rows, len(self._rows.names), frozenset(self._crossed_out))

    def adopt(self, rows: Rows, crossed_out: Iterable[int], columns: Columns) -> None:
        """Start over with rows that are complete, some of them crossed out, and what filters ask
        of their works.
        """
        with self._lock:
            rows.names.first = self._rows.names.beyond
            self._become(rows, columns)
            self._crossed_out.update(crossed_out)

    @property
    def coded(self) -> bool:
        """Whether it is one of codes."""
        return self._rows.coded

    def outgrown_by(self, expected: int) -> bool:
        """Whether so many vectors are too many to be kept exactly."""
        return self._large is not None and expected > self._exact_up_to

    def crowded(self) -> bool:
        """Whether most rows are crossed out: it should be filled again."""
        return len(self._crossed_out) > max(SMALLEST_CAPACITY, len(self))

    def put(self, artwork_id: str, vector: Vector) -> None:
        """Add a unit vector of shape (d,), or replace the one that this artwork has.

        Raises ValueError for one of another length than the space has.
        """
        if vector.shape != (self.dimension,):
            raise ValueError(f"space {self.space} has vectors of {self.dimension} numbers")
        with self._lock:
            self._put([artwork_id], vector[None])

    def remove(self, artwork_ids: Iterable[str]) -> None:
        """Take these artworks out; unknown ids are ignored."""
        with self._lock:
            self._cross_out([row for i in artwork_ids if (row := self._there(i)) is not None])

    def take_up(self, ids: Sequence[str], vectors: Matrix, gone: Iterable[str]) -> None:
        """Put unit rows (m, d) and remove many at once, each id once; what is as it was stays, and
        so does the view of it.
        """
        with self._lock:
            self._put(ids, vectors)
            self._cross_out([row for i in gone if (row := self._there(i)) is not None])

    def prepare(self) -> None:
        """Read what filters ask of works, and where vectors lie, so that no search has to wait for
        it. Raises StoreError.
        """
        if columns := self._rows.names.columns:
            columns.passing(Filters(), 0)
        self._rows.prepare()

    def now(self) -> View:
        """All vectors as they are at this moment."""
        with self._lock:
            if self._view is None:
                self._view = self._rows.view(self._mask(), len(self))
            return self._view

    def _mask(self) -> Mask | None:
        """Which rows no longer count; None where all do."""
        if not self._crossed_out:
            return None
        mask = np.zeros(len(self._rows.names), np.bool_)
        mask[list(self._crossed_out)] = True
        return mask

    def _there(self, artwork_id: str) -> int | None:
        """The row that a work has now."""
        row = self._rows.names.row_of(artwork_id)
        return None if row in self._crossed_out else row

    def _put(self, ids: Sequence[str], vectors: Matrix) -> None:
        before = [self._there(artwork) for artwork in ids]
        new = [
            place
            for place, row in enumerate(before)
            if row is None or not self._rows.has(row, vectors[place])
        ]
        if new:
            self._rows.extend([ids[place] for place in new], vectors[new])
            self._view = None
            self._cross_out([row for place in new if (row := before[place]) is not None])
            self._outgrow()

    def _cross_out(self, rows: Sequence[int]) -> None:
        if not rows:
            return
        self._rows.cross_out(rows)
        self._crossed_out.update(rows)
        self._view = None
        if self.crowded() and isinstance(self._rows, ExactRows):
            self._become(self._rows.without(self._crossed_out))

    def _engine(self, expected: int) -> Rows:
        """What keeps so many vectors."""
        if self._large is not None and self.outgrown_by(expected):
            return self._large(0, self.dimension)
        return ExactRows(Names(0), np.empty((0, self.dimension), np.float32))

    def _outgrow(self) -> None:
        """Keep codes from now on, where there are more works than exact vectors are kept of."""
        rows = self._rows
        if (
            self._large is None
            or not isinstance(rows, ExactRows)
            or not self.outgrown_by(len(self))
        ):
            return
        left = [row for row in range(len(rows.names)) if row not in self._crossed_out]
        coded = self._large(rows.names.beyond, self.dimension)
        coded.reserve(2 * len(left))
        for start in range(0, len(left), AT_ONCE):
            some = left[start : start + AT_ONCE]
            coded.extend(rows.names.ids_of(some), rows.vectors[some])
        coded.names.settle()
        self._become(coded)

    def _become(self, rows: Rows, columns: Columns | None = None) -> None:
        """These rows alone."""
        self._rows = rows
        made = self._columns(rows.names) if self._columns and columns is None else columns
        rows.names.columns = made
        self._crossed_out = set()
        self._view = None
