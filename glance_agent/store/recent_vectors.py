"""Vectors of a large library: a sample and the last that were read in memory, the rest on disk."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, widened
from glance_agent.store.row_names import Mask, Names, Places

SAMPLE = 10_000
"""So many rows at most, evenly taken, stay in memory: the library is measured on them."""
LAST_READ = 8_192
"""So do so many of the others. Both are kept as float16: with 512 numbers each, 18 MB at most."""
MANY = 200_000
LAST_READ_OF_MANY = 16_384
"""Of more rows than that so many do: a choice weighs up to 12,000 works, few of them of the sample,
and would else read most of them anew each time."""

PAGE_BYTES = 4_096
BESIDE_VECTOR_BYTES = 70
PAGES_LED_TO = 400
"""So many pages of vectors one page of SQLite's leads to, at least."""
NUMBERED_AT_ONCE = 5_000
"""Of so many rows the numbers are asked together."""


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


def step_of(size: int, count: int) -> int:
    """The power of two of which every row is taken, for at most `count` of so many rows."""
    return 1 << max(0, -(-size // max(1, count)) - 1).bit_length()


class RecentVectors:
    """The vectors of rows by the library's file; safe to use from several threads."""

    def __init__(self, names: Names, dimension: int, file: VectorFile) -> None:
        self._names = names
        self._dimension = dimension
        self._file = file
        self._lock = threading.Lock()
        self._step = 1
        self._sample = np.zeros((0, dimension), np.float16)
        self._sampled: Mask = np.zeros(0, np.bool_)
        self._last = np.zeros((LAST_READ, dimension), np.float16)
        self._row_at = np.full(LAST_READ, -1, np.int64)
        self._place_of: NDArray[np.int32] = np.zeros(0, np.int32)
        self._next = 0
        self._ways_found = False
        self._numbers: NDArray[np.int32] = np.zeros(0, np.int32)
        """Under which number the vector of each row is kept; 0 where that is not known."""

    def reserve(self, size: int) -> None:
        """There will be so many rows."""
        with self._lock:
            if size > MANY:
                self._last = _widened(self._last, LAST_READ_OF_MANY, 0)
                self._row_at = _widened(self._row_at, LAST_READ_OF_MANY, -1)
            self._place_of = _widened(self._place_of, size, -1)
            self._numbers = _widened(self._numbers, size, 0)
            while self._step < step_of(size, SAMPLE):
                self._step *= 2
                self._sample, self._sampled = self._sample[::2], self._sampled[::2]
            places = -(-size // self._step)
            self._sample = _widened(self._sample, places, 0)
            self._sampled = _widened(self._sampled, places, False)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The sample and the numbers, of which `restore` makes the same. Raises StoreError."""
        unknown = np.flatnonzero(self._numbers[: len(self._names)] == 0)
        for start in range(0, unknown.size, NUMBERED_AT_ONCE):
            self._ask_numbers(unknown[start : start + NUMBERED_AT_ONCE])
        with self._lock:
            sampled, numbers = self._sampled.copy(), self._numbers[: len(self._names)].copy()
            sample = {"step": np.array(self._step), "sampled": sampled, "sample": self._sample}
            return {**sample, "numbers": numbers}

    def restore(self, arrays: Mapping[str, NDArray[Any]], size: int) -> None:
        """Have that sample of so many rows. Raises ValueError where it is none."""
        step, sampled, sample = int(arrays["step"]), arrays["sampled"], arrays["sample"]
        numbers = arrays["numbers"].astype(np.int32, copy=False)
        if sample.shape != (sampled.size, self._dimension) or sampled.size * step < size:
            raise ValueError("the sample is of other vectors")
        if numbers.shape != (size,):
            raise ValueError("there is not one number for each row")
        with self._lock:
            self._step, self._sampled, self._sample = step, sampled, sample
            self._numbers = numbers
        self.reserve(size)

    def of(self, rows: Places) -> Matrix:
        """Their unit vectors (m, d), as exact as float16, and zeros where there is none any more.
        Raises StoreError.
        """
        kept = np.zeros((rows.size, self._dimension), np.float16)
        with self._lock:
            unknown = self._known(rows, kept)
        found = widened(kept)
        if unknown.size:
            found[unknown] = self._read(rows[unknown])
            self.remember(rows[unknown], found[unknown])
        return found

    def remember(self, rows: Places, vectors: NDArray[np.floating]) -> None:
        """Keep these in memory: those of the sample for good, others until newer ones come."""
        with self._lock:
            sampled = rows % self._step == 0
            places = rows[sampled] // self._step
            self._sample[places], self._sampled[places] = vectors[sampled], True
            room = self._row_at.size
            self._keep(rows[~sampled][-room:], vectors[~sampled][-room:])

    def know_numbers(self, start: int, numbers: Sequence[int]) -> None:
        """The vectors of rows from this one on are kept under these numbers."""
        self._numbers[start : start + len(numbers)] = numbers

    def find_ways(self, size: int) -> None:
        """Have read the pages that lead to the vectors of the first rows, once: a third of what a
        search asks a disk for, and few enough to stay in the system's memory. Raises StoreError.
        """
        if self._ways_found:
            return
        on_page = max(1, PAGE_BYTES // (2 * self._dimension + BESIDE_VECTOR_BYTES))
        some = self._numbers[: size : PAGES_LED_TO * on_page]
        self._file.numbered(some[some > 0].tolist())
        self._ways_found = True

    def _known(self, rows: Places, into: NDArray[np.float16]) -> Places:
        """Write the vectors that are in memory; the places of the others."""
        sampled = rows % self._step == 0
        sampled[sampled] = self._sampled[rows[sampled] // self._step]
        into[sampled] = self._sample[rows[sampled] // self._step]
        places = self._place_of[rows]
        kept = ~sampled & (places >= 0)
        into[kept] = self._last[places[kept]]
        return np.flatnonzero(~(sampled | kept))

    def _read(self, rows: Places) -> Matrix:
        """Their vectors (m, d) in the file, zeros where there is none any more: by their numbers,
        which are asked for where they are not known, or known no longer.
        """
        found = np.zeros((rows.size, self._dimension), np.float32)
        there = self._read_numbered(self._numbers[rows], found)
        if not there.all():
            others = np.flatnonzero(~there)
            self._ask_numbers(rows[others])
            read = np.zeros((others.size, self._dimension), np.float32)
            self._read_numbered(self._numbers[rows[others]], read)
            found[others] = read
        return found

    def _read_numbered(self, numbers: NDArray[np.int32], into: Matrix) -> Mask:
        """Write the vectors of numbers (m,) into rows (m, d); which of them are there."""
        read, vectors = self._file.numbered(np.unique(numbers[numbers > 0]).tolist())
        there = np.isin(numbers, read)
        order = np.argsort(read)
        into[there] = vectors[order[np.searchsorted(read, numbers[there], sorter=order)]]
        return there

    def _ask_numbers(self, rows: Places) -> None:
        """Know the numbers that the vectors of these rows have now."""
        ids = self._names.ids_of(rows.tolist())
        numbers = self._file.numbers_of(ids)
        self._numbers[rows] = [numbers.get(artwork, 0) for artwork in ids]

    def _keep(self, rows: Places, vectors: NDArray[np.floating]) -> None:
        """Put these in the places of those that came first."""
        room = self._row_at.size
        places = (self._next + np.arange(rows.size)) % room
        self._next = (self._next + rows.size) % room
        gone = self._row_at[places]
        gone, at = gone[gone >= 0], places[gone >= 0]
        # A row that was read twice at a time has two places, of which the newer one counts.
        self._place_of[gone[self._place_of[gone] == at]] = -1
        self._last[places], self._row_at[places] = vectors, rows
        self._place_of[rows] = places


def _widened(array: NDArray[Any], size: int, empty: float) -> NDArray[Any]:
    """The same with room for so many rows, the new ones empty."""
    if size <= len(array):
        return array
    wider = np.full((size, *array.shape[1:]), empty, array.dtype)
    wider[: len(array)] = array
    return wider
