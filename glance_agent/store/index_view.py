"""One moment of the index in memory: what is asked of it, answered exactly and by numpy alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector, top
from glance_agent.domain.view import OPEN, Gate, Numbers
from glance_agent.store.index_rows import RowsView
from glance_agent.store.row_names import Mask, Names

SMALLEST_CAPACITY = 256
FEW_DIRECTIONS = 2
"""As many are looked at one by one, which BLAS is quicker at than at few together."""
IN_STEP = 8
"""More are looked at so many at a time: BLAS takes as long for a few less."""
REMEMBERED = 8
"""Of how many directions the scores are remembered: what a command asks it asks several times."""


class ExactRows:
    """The vectors themselves, as the rows of one float32 matrix."""

    coded = False

    def __init__(self, names: Names, vectors: Matrix) -> None:
        """`vectors` (n, d) are those of the names that are there already."""
        self.names = names
        self.vectors = vectors

    def extend(
        self, artwork_ids: Sequence[str], vectors: Matrix, numbers: Sequence[int] = ()
    ) -> None:
        """Add these works with their unit rows (m, d); nobody asks where these are kept."""
        row, size = len(self.names), len(self.names) + len(artwork_ids)
        if size > self.vectors.shape[0]:
            self.reserve(max(SMALLEST_CAPACITY, 2 * row, size))
        self.vectors[row:size] = vectors
        self.names.extend(artwork_ids)

    def reserve(self, size: int) -> None:
        """Make room for so many rows in all."""
        row = len(self.names)
        if size > self.vectors.shape[0]:
            larger = np.empty((size, self.vectors.shape[1]), dtype=np.float32)
            larger[:row] = self.vectors[:row]
            self.vectors = larger

    def has(self, row: int, vector: Vector) -> bool:
        """Whether this unit vector (d,) is that of a row."""
        return np.array_equal(self.vectors[row], vector)

    def prepare(self) -> None:
        """All is there."""

    def cross_out(self, rows: Sequence[int]) -> None:
        """Nothing is kept of them beside the rows."""

    def without(self, crossed_out: set[int]) -> ExactRows:
        """The rows that still count, alone, under numbers that none has had before."""
        left = [row for row in range(len(self.names)) if row not in crossed_out]
        found = ExactRows(Names(self.names.beyond), self.vectors[:0])
        found.extend(self.names.ids_of(left), self.vectors[left])
        return found

    def view(self, crossed_out: Mask | None, count: int) -> IndexView:
        """This moment; of the rows `crossed_out` (n,) no longer count, and `count` do."""
        return IndexView(self.names, self.vectors, crossed_out, count)


class Line:
    """The scores of all rows in one direction, the crossed out as well, and how the others lie."""

    def __init__(self, scores: NDArray[np.float32], crossed_out: Mask | None) -> None:
        self.scores = scores
        self.scores.flags.writeable = False
        self._crossed_out = crossed_out
        self._best: NDArray[np.intp] = np.empty(0, np.intp)

    @cached_property
    def mean(self) -> float:
        """The mean of the scores that count; 0 where there are none."""
        there = self._there
        return float(there.mean(dtype=np.float32)) if there.size else 0.0

    @cached_property
    def deviation(self) -> float:
        """Their standard deviation (of the population); 0 where there are none."""
        there = self._there
        return float(there.std()) if there.size else 0.0

    def top(self, count: int) -> NDArray[np.intp]:
        """The `count` rows (m,) that score highest, best first; the crossed out as well."""
        best = self._best
        if count > best.size:
            self._best = best = top(self.scores, count)
        return best[:count]

    @property
    def _there(self) -> NDArray[np.float32]:
        return self.scores if self._crossed_out is None else self.scores[~self._crossed_out]


class IndexView(RowsView):
    """The vectors of one moment, exactly; see `glance_agent.domain.view.View`."""

    def __init__(self, names: Names, vectors: Matrix, crossed_out: Mask | None, count: int) -> None:
        """`crossed_out` (size,) are the rows that no longer count; None where all do."""
        super().__init__(names, crossed_out, count)
        self.vectors = vectors[: self._size]
        self.vectors.flags.writeable = False
        self._lines = OrderedDict[bytes, Line]()

    def best(self, directions: Matrix, count: int, gate: Gate = OPEN) -> Numbers:
        let_in = self._let_in(gate)
        found = [self._best(direction, count, let_in) for direction in directions]
        united = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        return self._numbers(united)

    def scores_of(self, directions: Matrix, numbers: Numbers) -> NDArray[np.float32]:
        rows = slice(None) if self._is_whole(numbers) else self._places(numbers)
        if lines := self._lines_worth(directions, numbers.size):
            found = [line.scores[rows] for line in lines]
            return found[0][:, None] if len(found) == 1 else np.stack(found, axis=1)
        return products(self.vectors[rows], directions)

    def vectors_of(self, numbers: Numbers) -> Matrix:
        return np.asarray(self.vectors[self._places(numbers)])

    def moments(self) -> IndexMoments:
        return IndexMoments(self)

    def middle(self) -> Vector:
        """The mean of all vectors (d,); zeros where there are none."""
        there = self.vectors if self._crossed_out is None else self.vectors[~self._crossed_out]
        if not len(there):
            return np.zeros(there.shape[1], np.float32)
        return np.asarray(there.mean(axis=0), dtype=np.float32)

    def line(self, direction: Vector) -> Line:
        """The scores of all rows in a direction (d,); a few directions are remembered."""
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


def products(vectors: Matrix, directions: Matrix) -> NDArray[np.float32]:
    """The product of each vector (m, d) with each of the directions (k, d): shape (m, k)."""
    many, dimension = directions.shape
    if 0 < many <= FEW_DIRECTIONS:
        return np.stack([vectors @ direction for direction in directions], axis=1)
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
