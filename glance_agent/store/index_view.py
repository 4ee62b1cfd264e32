"""One moment of the index in memory: what is asked of it, answered exactly and by numpy alone."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector, top
from glance_agent.domain.view import OPEN, Gate, Numbers

SMALLEST_CAPACITY = 256
FEW_DIRECTIONS = 4
"""As many are looked at one by one, which BLAS is several times quicker at than at few together."""
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
        self._products = OrderedDict[bytes, NDArray[np.float32]]()

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
        rows = numbers - self._rows.first
        if len(directions) <= FEW_DIRECTIONS and 2 * rows.size >= self._size:
            found = [self.product(direction)[rows] for direction in directions]
            return np.stack(found, axis=1) if found else np.empty((rows.size, 0), np.float32)
        if numbers is self._everything and rows.size == self._size:
            return np.asarray(self.vectors @ directions.T)
        return np.asarray(self.vectors[rows] @ directions.T)

    def vectors_of(self, numbers: Numbers) -> Matrix:
        return np.asarray(self.vectors[numbers - self._rows.first])

    def moments(self) -> IndexMoments:
        return IndexMoments(self)

    def _best(self, direction: Vector, count: int, let_in: Mask | None) -> NDArray[np.intp]:
        scores = self.product(direction)
        if let_in is None:
            return top(scores, count)
        found = top(np.where(let_in, scores, np.float32(-np.inf)), count)
        return found[let_in[found]]

    def product(self, direction: Vector) -> NDArray[np.float32]:
        """The scores of all rows, the crossed out as well; a few directions are remembered."""
        key = direction.tobytes()
        if (known := self._products.get(key)) is None:
            known = self._products[key] = np.asarray(self.vectors @ direction)
            if len(self._products) > REMEMBERED:
                self._products.popitem(last=False)
        return known

    def there(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """Of an array with something for each row, what is of rows that count."""
        return rows if self._crossed_out is None else rows[~self._crossed_out]

    # -- which works --------------------------------------------------------------------------

    def sample(self, count: int, shift: int = 0) -> Numbers:
        everything = self._all()
        step = max(1, -(-everything.size // max(1, count)))
        return everything if step == 1 else everything[shift % step :: step]

    def changes_since(self, number: int) -> Numbers:
        everything = self._all()
        return everything[np.searchsorted(everything, number, side="right") :]

    def let_in(self, numbers: Numbers, gate: Gate) -> Mask:
        rows = numbers - self._rows.first
        there = (rows >= 0) & (rows < self._size)
        let_in = self._let_in(gate)
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
        newest = self._rows.row_of.get
        found = [row for i in artwork_ids if (row := newest(i)) is not None]
        rows = np.array(found, np.int64)
        if (rows >= self._size).any():
            rows = np.array([row for r in found if (row := self._then(r)) is not None], np.int64)
        return rows if self._crossed_out is None else rows[~self._crossed_out[rows]]

    def _then(self, row: int | None) -> int | None:
        """The row that the work with this one had at this moment."""
        while row is not None and row >= self._size:
            row = self._rows.before.get(row)
        return row


class IndexMoments:
    """How the scores of all works lie; see `glance_agent.domain.view.Moments`."""

    def __init__(self, view: IndexView) -> None:
        self._view = view

    @property
    def mean(self) -> Vector:
        there = self._view.there(self._view.vectors)
        if not len(there):
            return np.zeros(there.shape[1], np.float32)
        return np.asarray(there.mean(axis=0), dtype=np.float32)

    def mean_of(self, direction: Vector) -> float:
        scores = self._view.there(self._view.product(direction))
        return float(scores.mean(dtype=np.float32)) if scores.size else 0.0

    def deviation_of(self, direction: Vector) -> float:
        scores = self._view.there(self._view.product(direction))
        return float(scores.std()) if scores.size else 0.0
