"""No vectors in memory: the server that keeps them looks through them, exactly.

Here is which works there are, and what filters ask of them. Who may be answered with is decided
here, too, so that it means the same as with every other engine, and told to the server as numbers.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cached_property
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.domain.view import OPEN, Numbers
from glance_agent.store.heads import HeadsView
from glance_agent.store.index_view import products
from glance_agent.store.row_names import Mask, Names, Places
from glance_agent.store.row_numbers import (
    READ_TOGETHER,
    NumbersKept,
    RowNumbers,
    VectorFile,
    with_room,
)

LEAST_FOUND = 500
"""So many at least are looked for at a time, which takes as long as to look for one."""
SHARE_SEARCHED: Final = 8
"""Where more than an eighth of the works pass, they are taken from the best of all, by which a
query is measured anyway."""
FEW_DIRECTIONS: Final = 16
"""In so many directions the server scores; for more, it is quicker to have the vectors."""
MEASURED_ON = 10_000
"""Means and deviations are those of at most so many works, evenly taken."""


class VectorServer(VectorFile, Protocol):
    """Where vectors are looked through; any thread may ask, and each call raises StoreError."""

    def nearest(self, direction: Vector, count: int, among: NDArray[np.int32]) -> Sequence[int]:
        """Those of the numbers `among` (m,) whose vectors score best in a direction (d,), best
        first."""
        ...

    def near_each(
        self, directions: Matrix, count: int, among: NDArray[np.int32]
    ) -> Sequence[Sequence[int]]:
        """The same for each of several directions (k, d), as nearly as 16 bits tell; all are gone
        through once."""
        ...

    def scored(
        self, directions: Matrix, numbers: Sequence[int]
    ) -> tuple[Sequence[int], NDArray[np.float32]]:
        """How these score in the directions (k, d): (m, k), and which they are of; those that are
        gone are left out.
        """
        ...

    def mean(self, numbers: Sequence[int]) -> Vector:
        """The mean of their vectors (d,); zeros where there are none."""
        ...

    def deviation(self, direction: Vector, numbers: Sequence[int]) -> float:
        """The standard deviation of their scores in a direction (d,); 0 where there are none."""
        ...


class ServedRows:
    """Which works there are, a row for each, and under which numbers a server has their vectors."""

    coded = False

    def __init__(self, first: int, dimension: int, server: VectorServer) -> None:
        self.names = Names(first)
        self.server = server
        self.dimension = dimension
        self.numbers = RowNumbers(self.names, server)
        self._marks = np.empty(0, np.uint32)
        """What tells vectors that were put here from others; 0 of those that were not."""

    def extend(
        self, artwork_ids: Sequence[str], vectors: Matrix, numbers: Sequence[int] = ()
    ) -> None:
        """Add these works, which are kept under these numbers; of their vectors (m, d) nothing is
        held but what tells them from others, and none need be told, (0, d).
        """
        start, size = len(self.names), len(self.names) + len(artwork_ids)
        self.reserve(size)
        self._marks[start:size] = [_mark(vector) for vector in vectors] if len(vectors) else 0
        self.numbers.know(start, numbers)
        self.names.extend(artwork_ids)

    def reserve(self, size: int) -> None:
        """Make room for so many rows in all."""
        if size > self._marks.size:
            room = max(size, self._marks.size * 3 // 2)
            self._marks = with_room(self._marks, room, 0)
            self.numbers.reserve(room)

    def has(self, row: int, vector: Vector) -> bool:
        """Whether this unit vector (d,) is known to be that of a row."""
        return bool(self._marks[row] == _mark(vector))

    def prepare(self) -> None:
        """Know under which numbers all vectors are kept. Raises StoreError."""
        self.numbers.all()

    def cross_out(self, rows: Sequence[int]) -> None:
        """Nothing is kept of them beside the rows."""

    def view(self, crossed_out: Mask | None, count: int) -> ServedView:
        """This moment; of the rows `crossed_out` (n,) no longer count, and `count` do."""
        return ServedView(self, crossed_out, count)


def _mark(vector: Vector) -> int:
    return zlib.crc32(vector.astype("<f2").data)


class ServedView(HeadsView):
    """The works of one moment; see `glance_agent.domain.view.View`.

    The vectors are those of the server: of a work that has another one by now, that one, and of
    one that is gone, zeros.
    """

    def __init__(self, rows: ServedRows, crossed_out: Mask | None, count: int) -> None:
        super().__init__(rows.names, crossed_out, count)
        self._server = rows.server
        self._dimension = rows.dimension
        self._numbers_there = rows.numbers

    def scores_of(self, directions: Matrix, numbers: Numbers) -> NDArray[np.float32]:
        rows = self._places(numbers)
        if len(directions) <= FEW_DIRECTIONS:

            def scored(some: list[int]) -> tuple[Sequence[int], NDArray[np.float32]]:
                return self._server.scored(directions, some)

            return self._numbers_there.told(rows, scored, len(directions))
        lots = [rows[at : at + READ_TOGETHER] for at in range(0, rows.size, READ_TOGETHER)]
        empty = np.empty((0, len(directions)), np.float32)
        return np.concatenate([empty, *(products(self._read(lot), directions) for lot in lots)])

    def vectors_of(self, numbers: Numbers) -> Matrix:
        return self._read(self._places(numbers))

    def moments(self) -> ServedMoments:
        return self._moments

    @cached_property
    def _moments(self) -> ServedMoments:
        rows = self._places(self.sample(MEASURED_ON))
        return ServedMoments(self._server, self._dimension, rows, self._numbers_there)

    def _read(self, rows: Places) -> Matrix:
        return self._numbers_there.read(rows, self._dimension)

    @property
    def _findable(self) -> int:
        return self._count

    def _exactly(self, count: int, several: int) -> bool:
        # Of several directions it does not matter which of their works is the best.
        return several == 1

    def _grade(self, count: int) -> int:
        return 1

    def _best(
        self, direction: Vector, count: int, let_in: Mask | None, exactly: bool
    ) -> NDArray[np.intp]:
        if (enough := self._enough(count, let_in)) is not None and let_in is not None:
            rows = self._head(direction, enough, exactly)
            passing = rows[let_in[rows]]
            if passing.size >= count:
                return passing[:count]
        return super()._best(direction, count, let_in, exactly)

    def _look_ahead(self, directions: Matrix, count: int, let_in: Mask | None) -> None:
        if len(directions) == 1 or (enough := self._enough(count, let_in)) is None:
            return
        known = (self._heads.get((direction.tobytes(), 0)) for direction in directions)
        if all(head is not None and head.size >= min(enough, self._findable) for head in known):
            return
        rows, numbers = self._numbered(None)
        found = self._server.near_each(directions, enough, numbers)
        for direction, near in zip(directions, found, strict=True):
            self._remember(direction.tobytes(), 0, _rows_of(near, rows, numbers))

    def _enough(self, count: int, let_in: Mask | None) -> int | None:
        """Among so many of the best, as a rule, there are `count` that pass; None where too few
        pass for that."""
        passing = self._size if let_in is None else int(np.count_nonzero(let_in))
        if passing * SHARE_SEARCHED <= self._size:
            return None
        return max(LEAST_FOUND, count * self._size * 5 // (passing * 4))

    def _found(
        self, direction: Vector, count: int, let_in: Mask | None, grade: int
    ) -> NDArray[np.intp]:
        rows, numbers = self._numbered(let_in)
        found = self._server.nearest(direction, max(count, LEAST_FOUND), numbers)
        return _rows_of(found, rows, numbers)

    def _numbered(self, let_in: Mask | None) -> tuple[Places, NumbersKept]:
        """The rows that are let in and have a vector (m,), and the numbers of these."""
        # None that was crossed out: its number may be that of the row that its work has now.
        let_in = self._let_in(OPEN) if let_in is None else let_in
        rows = np.arange(self._size) if let_in is None else np.flatnonzero(let_in)
        numbers = self._numbers_there.of(rows)
        there = numbers > 0
        return rows[there], numbers[there]


def _rows_of(found: Sequence[int], rows: Places, numbers: NumbersKept) -> Places:
    """The rows of these numbers, of rows with numbers (m,)."""
    order = np.argsort(numbers, kind="stable")
    places = np.searchsorted(numbers, np.array(found, np.int32), sorter=order)
    return np.asarray(rows[order[places]])


class ServedMoments:
    """How the scores of the works lie; see `glance_agent.domain.view.Moments`."""

    def __init__(
        self, server: VectorServer, dimension: int, rows: Places, numbers: RowNumbers
    ) -> None:
        """Of these rows, which stand for all."""
        self._server = server
        self._dimension = dimension
        self._rows = rows
        self._of_rows = numbers
        self._deviations: dict[bytes, float] = {}

    @cached_property
    def mean(self) -> Vector:
        if not self._numbers:
            return np.zeros(self._dimension, np.float32)
        return self._server.mean(self._numbers)

    def mean_of(self, direction: Vector) -> float:
        return float(self.mean @ direction)

    def deviation_of(self, direction: Vector) -> float:
        key = direction.tobytes()
        if key not in self._deviations:
            found = self._server.deviation(direction, self._numbers) if self._numbers else 0.0
            self._deviations[key] = found
        return self._deviations[key]

    @cached_property
    def _numbers(self) -> list[int]:
        numbers = self._of_rows.of(self._rows)
        return [int(number) for number in numbers[numbers > 0]]
