"""Under which number each row's vector is kept, where vectors are kept elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix
from glance_agent.store.row_names import Names, Places

NUMBERED_AT_ONCE = 5_000
"""Of so many rows the numbers are asked together."""
READ_TOGETHER = 2_000
"""So many vectors are read together: a few megabytes."""
NumbersKept = NDArray[np.int32]
"""Shape (m,): the numbers of vectors where they are kept, not those of a view."""


class VectorFile(Protocol):
    """Where vectors are kept, each under a number of its own for good; any thread may ask."""

    def numbers_of(self, artwork_ids: Sequence[str]) -> Mapping[str, int]:
        """The numbers of the vectors of works, from 1 on; those that have none are left out.
        Raises StoreError.
        """
        ...

    def numbered(self, numbers: Sequence[int]) -> tuple[Sequence[int], Matrix]:
        """The unit rows (m, d) of these numbers, and which they are of; those that are gone are
        left out. Raises StoreError.
        """
        ...


class RowNumbers:
    """The numbers of rows, asked for where they are not known, or known no longer."""

    def __init__(self, names: Names, file: VectorFile) -> None:
        self._names = names
        self._file = file
        self._kept: NumbersKept = np.zeros(0, np.int32)
        """0 where it is not known."""

    def reserve(self, size: int) -> None:
        """There will be so many rows."""
        self._kept = with_room(self._kept, size, 0)

    def know(self, start: int, numbers: Sequence[int]) -> None:
        """The vectors of rows from this one on are kept under these."""
        self._kept[start : start + len(numbers)] = numbers

    def restore(self, numbers: NDArray[Any]) -> None:
        """Know these numbers of all rows (n,), and no others."""
        self._kept = numbers.astype(np.int32, copy=False)

    def all(self) -> NumbersKept:
        """Those of all rows, each asked for where nobody knew it. Raises StoreError."""
        return self.of(np.arange(len(self._names)))

    def known(self, size: int) -> NumbersKept:
        """Those of the first rows; 0 where it is not known."""
        return self._kept[:size]

    def of(self, rows: Places) -> NumbersKept:
        """Those of some rows (m,); 0 for what has no vector any more. Raises StoreError."""
        unknown = rows[self._kept[rows] == 0]
        for start in range(0, unknown.size, NUMBERED_AT_ONCE):
            self.ask(unknown[start : start + NUMBERED_AT_ONCE])
        return np.asarray(self._kept[rows])

    def ask(self, rows: Places) -> None:
        """Know the numbers that the vectors of these rows (m,) have now. Raises StoreError."""
        numbers = self._file.numbers_of(ids := self._names.ids_of(rows.tolist()))
        self._kept[rows] = [numbers.get(artwork, 0) for artwork in ids]

    def told(
        self,
        rows: Places,
        tell: Callable[[list[int]], tuple[Sequence[int], NDArray[np.float32]]],
        width: int,
    ) -> NDArray[np.float32]:
        """What is told of the vectors of rows by their numbers (m, width), zeros where there is
        none any more. Raises StoreError.

        `tell` gives it of the numbers that it knows, and which these are.
        """
        found = np.zeros((rows.size, width), np.float32)
        there = _put(self._kept[rows], tell, found)
        if not there.all():
            others = np.flatnonzero(~there)
            self.ask(rows[others])
            late = np.zeros((others.size, width), np.float32)
            _put(self._kept[rows[others]], tell, late)
            found[others] = late
        return found

    def read(self, rows: Places, dimension: int) -> Matrix:
        """Their vectors (m, d), zeros where there is none any more. Raises StoreError."""
        found = np.empty((rows.size, dimension), np.float32)
        for start in range(0, rows.size, READ_TOGETHER):  # else they would be here three times
            lot = slice(start, start + READ_TOGETHER)
            found[lot] = self.told(rows[lot], self._file.numbered, dimension)
        return found


def _put(
    numbers: NumbersKept,
    tell: Callable[[list[int]], tuple[Sequence[int], NDArray[np.float32]]],
    into: NDArray[np.float32],
) -> NDArray[np.bool_]:
    """Write what is told of numbers (m,) into rows (m, d); which of them are there."""
    known, told = tell(np.unique(numbers[numbers > 0]).tolist())
    there = np.isin(numbers, known)
    order = np.argsort(known)
    into[there] = told[order[np.searchsorted(known, numbers[there], sorter=order)]]
    return there


def with_room(array: NDArray[Any], size: int, empty: float) -> NDArray[Any]:
    """An array (n, …) with room for so many rows, the new ones `empty`; itself where it has it."""
    if size <= len(array):
        return array
    wider = np.full((size, *array.shape[1:]), empty, array.dtype)
    wider[: len(array)] = array
    return wider
