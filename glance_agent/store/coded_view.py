"""Many vectors in little room: codes find the likely works, their vectors in the file decide.

Of each work there is a code in memory (see `codes.py`); vectors are read from the library's file
where a few hundred works are to be scored exactly, and the last ones that were read are remembered.
"""

from __future__ import annotations

import weakref
import zlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector, top
from glance_agent.domain.view import Numbers
from glance_agent.store.codes import Codes
from glance_agent.store.heads import HeadsView
from glance_agent.store.index_view import products
from glance_agent.store.recent_vectors import RecentVectors, step_of
from glance_agent.store.row_names import Mask, Names, packed_from
from glance_agent.store.row_numbers import VectorFile

RESCORED = 500
"""So many of the works that seem best in a direction are scored again by their vectors."""
FEWEST = 5
OF_RESCORED_FOR_FEWEST = 0.4
"""Of the few best, by which a query is measured, hardly any is found farther behind."""
FEW_GATHERED = 1_000
"""More vectors than these are kept while a command has their numbers: it asks several times."""


class CodedRows:
    """The codes of vectors, a row for each work."""

    coded = True

    def __init__(
        self,
        first: int,
        dimension: int,
        codes: Codes,
        file: VectorFile,
        rescored: int = RESCORED,
    ) -> None:
        """In one direction so many works are `rescored`."""
        self.names = Names(first)
        self._rescored = rescored
        self.codes = codes
        self._dimension = dimension
        self._file = file
        self._vectors = RecentVectors(self.names, dimension, file)
        self._sums = Sums(dimension)
        self._marks = np.empty(0, np.uint32)
        """What tells the vectors of rows from others, as they are kept."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """All but the codes, of which `restore` makes the same; nobody may add rows meanwhile.
        Raises StoreError.
        """
        names = self.names.packed()
        marks = {"marks": self._marks[: names.size]}
        return {**names.arrays(), **marks, **self._sums.arrays(), **self._vectors.arrays()}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Have these rows, whose codes are there already, and nothing else.

        Raises KeyError and ValueError where the arrays are not those of such rows.
        """
        names, marks = Names(self.names.first, packed_from(arrays)), arrays["marks"]
        if not len(names) == marks.size == len(self.codes):
            raise ValueError("there is not one code and one mark for each row")
        self.names, self._marks = names, marks
        self._sums.restore(arrays)
        self._vectors = RecentVectors(names, self._dimension, self._file)
        self._vectors.restore(arrays, marks.size)

    def extend(
        self, artwork_ids: Sequence[str], vectors: Matrix, numbers: Sequence[int] = ()
    ) -> None:
        """Add these works with their unit rows (m, d), which are kept under these numbers."""
        start = len(self.names)
        self.reserve(start + len(artwork_ids))
        self.codes.add(vectors)
        self._sums.add(vectors)
        kept = vectors.astype("<f2")
        self._vectors.remember(np.arange(start, start + len(kept)), kept)
        self._vectors.know_numbers(start, numbers)
        self._marks[start : start + len(kept)] = [zlib.crc32(vector.data) for vector in kept]
        self.names.extend(artwork_ids)

    def reserve(self, size: int) -> None:
        """Make room for so many rows in all."""
        if size > self._marks.size:
            larger = np.zeros(max(size, len(self.names) * 3 // 2), np.uint32)
            larger[: self._marks.size] = self._marks
            self._marks = larger
            self.codes.reserve(larger.size)
            self._vectors.reserve(larger.size)

    def has(self, row: int, vector: Vector) -> bool:
        """Whether this unit vector (d,) is that of a row, as far as it is kept (float16)."""
        return bool(self._marks[row] == zlib.crc32(vector.astype("<f2").data))

    def prepare(self) -> None:
        """Do what the first search would wait for. Raises StoreError."""
        self._vectors.find_ways(len(self.names))

    def cross_out(self, rows: Sequence[int]) -> None:
        """Take rows off the sums, each as one like all others: their vectors may be gone."""
        self._sums.take_off(len(rows))

    def view(self, crossed_out: Mask | None, count: int) -> CodedView:
        """This moment; of the rows `crossed_out` (n,) no longer count, and `count` do."""
        moments = self._sums.moments()
        return CodedView(
            self.names, self.codes, self._vectors, moments, crossed_out, count, self._rescored
        )


class CodedView(HeadsView):
    """The works of one moment by their codes; see `glance_agent.domain.view.View`.

    The vectors are those of the file: of a work that has another one by now, that one, and of one
    that is gone, zeros.
    """

    def __init__(
        self,
        names: Names,
        codes: Codes,
        vectors: RecentVectors,
        moments: CodedMoments,
        crossed_out: Mask | None,
        count: int,
        rescored: int,
    ) -> None:
        super().__init__(names, crossed_out, count)
        self._rescored = rescored
        self._codes = codes
        self._vectors = vectors
        self._moments = moments
        self._gathered: tuple[weakref.ref[Numbers], Matrix] | None = None
        """The vectors of the many works that were asked for last, as long as somebody has these."""

    def sample(self, count: int, shift: int = 0) -> Numbers:
        """Every 2ⁿth row, so that the same ones are taken while works come, and stay in memory.

        The first shifts take those between which the others lie: what is in memory as a sample.
        """
        if count >= len(self):
            return self._all()
        step = step_of(self._size, count)
        rows = np.arange(_mirrored(shift % step, step), self._size, step)
        gone = self._crossed_out
        return self._numbers(rows if gone is None else rows[~gone[rows]])

    def scores_of(self, directions: Matrix, numbers: Numbers) -> NDArray[np.float32]:
        return products(self.vectors_of(numbers), directions)

    def vectors_of(self, numbers: Numbers) -> Matrix:
        gathered = self._gathered
        if gathered is not None and gathered[0]() is numbers:
            return gathered[1]
        vectors = self._vectors.of(self._places(numbers))
        if numbers.size > FEW_GATHERED:
            vectors.flags.writeable = False
            self._gathered = weakref.ref(numbers, self._let_go), vectors
        return vectors

    def _let_go(self, numbers: weakref.ref[Numbers]) -> None:
        gathered = self._gathered
        if gathered is not None and gathered[0] is numbers:
            self._gathered = None

    def moments(self) -> CodedMoments:
        return self._moments

    def _exactly(self, count: int, several: int) -> bool:
        # Among so many of several directions it does not matter which of them is the best.
        return several == 1 or count < self._rescored

    def _grade(self, count: int) -> int:
        """How many are scored by their vectors; beyond them it is as their codes have it."""
        return round((OF_RESCORED_FOR_FEWEST if count <= FEWEST else 1.0) * self._rescored)

    def _found(
        self, direction: Vector, count: int, let_in: Mask | None, grade: int
    ) -> NDArray[np.intp]:
        rows = self._codes.best(direction, max(count, self._rescored), self._size, let_in)
        if not grade:
            return rows
        likely, others = np.split(rows, [grade])
        scores = self._vectors.of(likely.astype(np.int64)) @ direction
        return np.concatenate([likely[top(scores, likely.size)], others])


def _mirrored(shift: int, step: int) -> int:
    """A shift below a power of two with its bits turned round: 0, a half of it, a quarter …"""
    bits = step.bit_length() - 1
    return int(f"{shift:0{bits}b}"[::-1], 2) if bits else 0


class Sums:
    """The sums of vectors and of their products, from which means and deviations follow."""

    def __init__(self, dimension: int) -> None:
        self._count = 0
        self._sum = np.zeros(dimension)
        self._products = np.zeros((dimension, dimension))

    def add(self, vectors: Matrix) -> None:
        """Count these rows (m, d) too."""
        self._count += len(vectors)
        self._sum += vectors.sum(axis=0, dtype=np.float64)
        self._products += vectors.T @ vectors

    def take_off(self, count: int) -> None:
        """Count so many rows less; what is known of the others stays as it is."""
        left = max(0, self._count - count) / max(1, self._count)
        self._count = max(0, self._count - count)
        self._sum *= left
        self._products *= left

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `restore` makes the same of."""
        counted = np.array(self._count)
        return {"count": counted, "sum": self._sum.copy(), "products": self._products.copy()}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Have these sums. Raises ValueError where they are those of other vectors."""
        count, total, products = (arrays[name] for name in ("count", "sum", "products"))
        if total.shape != self._sum.shape or products.shape != self._products.shape:
            raise ValueError("the sums are of other vectors")
        self._count, self._sum, self._products = int(count), total, products

    def moments(self) -> CodedMoments:
        """Of all that are counted now."""
        count = max(1, self._count)
        return CodedMoments(self._sum / count, self._products / count)


class CodedMoments:
    """How the scores of all works lie; see `glance_agent.domain.view.Moments`.

    The mean of v·d is m·d, and its variance d′(C)d, with C the covariance of the vectors.
    """

    def __init__(self, mean: NDArray[np.float64], products: NDArray[np.float64]) -> None:
        """`products` (d, d) is the mean of v v′."""
        self._mean = mean
        self._products = products

    @property
    def mean(self) -> Vector:
        return self._mean.astype(np.float32)

    def mean_of(self, direction: Vector) -> float:
        return float(self._mean @ direction)

    def deviation_of(self, direction: Vector) -> float:
        square = float(direction @ self._products @ direction)
        return float(np.sqrt(max(0.0, square - self.mean_of(direction) ** 2)))
