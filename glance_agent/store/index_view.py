"""One moment of the index in memory: what is asked of it, answered exactly and by numpy alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from itertools import repeat

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector, top
from glance_agent.domain.view import OPEN, Gate, Numbers

SMALLEST_CAPACITY = 256
FEW_DIRECTIONS = 2
"""As many are looked at one by one, which BLAS is quicker at than at few together."""
IN_STEP = 8
"""More are looked at so many at a time: BLAS takes as long for a few less."""
REMEMBERED = 8
"""Of how many directions the scores are remembered: what a command asks it asks several times."""
Mask = NDArray[np.bool_]


@dataclass(slots=True, eq=False)
class Rows:
    """What all views of some time share: rows at the end, and who has which."""

    first: int
    """The number of the first row."""
    vectors: Matrix
    ids: list[str] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)
    """The newest row of each work that was ever there."""
    before: dict[int, int] = field(default_factory=dict)
    """The row that a work had before, by the one it has."""

    def append(self, artwork_id: str, vector: Vector) -> None:
        row = len(self.ids)
        if row >= self.vectors.shape[0]:
            size = max(SMALLEST_CAPACITY, 2 * row)
            larger = np.empty((size, self.vectors.shape[1]), dtype=np.float32)
            larger[:row] = self.vectors[:row]
            self.vectors = larger
        self.vectors[row] = vector
        if (known := self.row_of.get(artwork_id)) is not None:
            self.before[row] = known
        # A row counts as there once the list of ids has it: whoever reads does so without a lock.
        self.ids.append(artwork_id)
        self.row_of[artwork_id] = row


class Line:
    """The scores of all rows in one direction, the crossed out as well, and how the others lie."""

    def __init__(self, scores: NDArray[np.float32], crossed_out: Mask | None) -> None:
        self.scores = scores
        self.scores.flags.writeable = False
        self._crossed_out = crossed_out
        self._best: NDArray[np.intp] = np.empty(0, np.intp)

    @cached_property
    def mean(self) -> float:
        there = self._there
        return float(there.mean(dtype=np.float32)) if there.size else 0.0

    @cached_property
    def deviation(self) -> float:
        there = self._there
        return float(there.std()) if there.size else 0.0

    def top(self, count: int) -> NDArray[np.intp]:
        """The `count` rows that score highest, best first; the crossed out as well."""
        best = self._best
        if count > best.size:
            self._best = best = top(self.scores, count)
        return best[:count]

    @property
    def _there(self) -> NDArray[np.float32]:
        return self.scores if self._crossed_out is None else self.scores[~self._crossed_out]


class IndexView:
    """The vectors of one moment, exactly; see `glance_agent.domain.view.View`."""

    def __init__(self, space: str, rows: Rows, crossed_out: Mask | None, count: int) -> None:
        """`crossed_out` (size,) are the rows that no longer count; None where all do."""
        self.space = space
        self._count = count
        self._rows = rows
        self._size = len(rows.ids)
        self.vectors = rows.vectors[: self._size]
        self.vectors.flags.writeable = False
        self._crossed_out = crossed_out
        self._everything: Numbers | None = None
        self._lines = OrderedDict[bytes, Line]()

    @property
    def last(self) -> int:
        return self._rows.first + self._size - 1

    def __len__(self) -> int:
        return self._count

    # -- scores -------------------------------------------------------------------------------

    def best(self, directions: Matrix, count: int, gate: Gate = OPEN) -> Numbers:
        let_in = self._let_in(gate)
        found = [self._best(direction, count, let_in) for direction in directions]
        united = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        return np.asarray(united + self._rows.first, dtype=np.int64)

    def scores_of(self, directions: Matrix, numbers: Numbers) -> NDArray[np.float32]:
        rows = slice(None) if self._is_whole(numbers) else numbers - self._rows.first
        if lines := self._lines_worth(directions, numbers.size):
            found = [line.scores[rows] for line in lines]
            return found[0][:, None] if len(found) == 1 else np.stack(found, axis=1)
        return _products(self.vectors[rows], directions)

    def vectors_of(self, numbers: Numbers) -> Matrix:
        return np.asarray(self.vectors[numbers - self._rows.first])

    def moments(self) -> IndexMoments:
        return IndexMoments(self)

    def middle(self) -> Vector:
        """The mean of all vectors (d,); zeros where there are none."""
        there = self.vectors if self._crossed_out is None else self.vectors[~self._crossed_out]
        if not len(there):
            return np.zeros(there.shape[1], np.float32)
        return np.asarray(there.mean(axis=0), dtype=np.float32)

    def line(self, direction: Vector) -> Line:
        """The scores of all rows; a few directions are remembered."""
        key = direction.tobytes()
        if (known := self._lines.get(key)) is None:
            scores = np.asarray(self.vectors @ direction)
            known = self._lines[key] = Line(scores, self._crossed_out)
            if len(self._lines) > REMEMBERED:
                self._lines.popitem(last=False)
        return known

    def _lines_worth(self, directions: Matrix, count: int) -> list[Line]:
        """The directions by which `count` works are scored quickest; none where by products."""
        if len(directions) > FEW_DIRECTIONS:
            return []
        if 2 * count >= self._size:
            return [self.line(direction) for direction in directions]
        known = [self._lines.get(direction.tobytes()) for direction in directions]
        return [line for line in known if line] if all(known) else []

    def _best(self, direction: Vector, count: int, let_in: Mask | None) -> NDArray[np.intp]:
        line = self.line(direction)
        if let_in is None:
            return line.top(count)
        found = top(np.where(let_in, line.scores, np.float32(-np.inf)), count)
        return found[let_in[found]]

    # -- which works --------------------------------------------------------------------------

    def sample(self, count: int, shift: int = 0) -> Numbers:
        everything = self._all()
        step = max(1, -(-everything.size // max(1, count)))
        return everything if step == 1 else everything[shift % step :: step]

    def changes_since(self, number: int) -> Numbers:
        everything = self._all()
        return everything[np.searchsorted(everything, number, side="right") :]

    def let_in(self, numbers: Numbers, gate: Gate) -> Mask:
        let_in = self._let_in(gate)
        if self._is_whole(numbers):
            return np.ones(self._size, np.bool_) if let_in is None else let_in
        rows = numbers - self._rows.first
        there = (rows >= 0) & (rows < self._size)
        if let_in is not None:
            there[there] = let_in[rows[there]]
        return there

    def numbers_of(self, artwork_ids: Iterable[str]) -> Numbers:
        return self._rows_of(artwork_ids) + self._rows.first

    def number_of(self, artwork_id: str) -> int | None:
        row = self._then(self._rows.row_of.get(artwork_id))
        gone = row is None or (self._crossed_out is not None and self._crossed_out[row])
        return None if gone or row is None else row + self._rows.first

    def ids_of(self, numbers: Numbers) -> list[str]:
        ids, first = self._rows.ids, self._rows.first
        return [ids[number - first] for number in numbers.tolist()]

    def _all(self) -> Numbers:
        """The numbers of all works, in their order."""
        if self._everything is None:
            gone = self._crossed_out
            rows = np.arange(self._size) if gone is None else np.flatnonzero(~gone)
            self._everything = np.asarray(rows + self._rows.first, dtype=np.int64)
            self._everything.flags.writeable = False
        return self._everything

    def _is_whole(self, numbers: Numbers) -> bool:
        """Whether these are the numbers of all rows, none of them crossed out."""
        return numbers is self._everything and numbers.size == self._size

    def _let_in(self, gate: Gate) -> Mask | None:
        """Which rows pass a gate (size,); None where all do."""
        there = None if self._crossed_out is None else ~self._crossed_out
        if gate.open:
            return there
        if gate.only is not None:
            mask = np.zeros(self._size, np.bool_)
            mask[self._rows_of(gate.only)] = True
        else:
            mask = np.ones(self._size, np.bool_) if there is None else there
        mask[self._rows_of(gate.never)] = False
        return mask

    def _rows_of(self, artwork_ids: Iterable[str]) -> NDArray[np.int64]:
        """The rows that these works had at this moment, of those that had one."""
        rows = np.fromiter(map(self._rows.row_of.get, artwork_ids, repeat(-1)), np.int64)
        if rows.max(initial=0) >= self._size:
            then = [self._then(row) for row in rows.tolist()]
            rows = np.array([-1 if row is None else row for row in then], np.int64)
        there = rows >= 0
        if self._crossed_out is not None:
            there &= ~self._crossed_out[rows]
        return rows if there.all() else rows[there]

    def _then(self, row: int | None) -> int | None:
        """The row that the work with this one had at this moment."""
        while row is not None and row >= self._size:
            row = self._rows.before.get(row)
        return row


def _products(vectors: Matrix, directions: Matrix) -> NDArray[np.float32]:
    """The product of each vector (m, d) with each of the directions (k, d): shape (m, k)."""
    many, dimension = directions.shape
    filled = np.zeros((-(-many // IN_STEP) * IN_STEP, dimension), np.float32)
    filled[:many] = directions
    return np.asarray((vectors @ filled.T)[:, :many])


class IndexMoments:
    """How the scores of all works lie; see `glance_agent.domain.view.Moments`."""

    def __init__(self, view: IndexView) -> None:
        self._view = view

    @property
    def mean(self) -> Vector:
        return self._view.middle()

    def mean_of(self, direction: Vector) -> float:
        return self._view.line(direction).mean

    def deviation_of(self, direction: Vector) -> float:
        return self._view.line(direction).deviation
