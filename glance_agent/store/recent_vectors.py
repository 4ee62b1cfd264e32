"""Vectors of a large library: a sample and the last that were read in memory, the rest on disk."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, widened
from glance_agent.store.row_names import Mask, Names, Places
from glance_agent.store.row_numbers import RowNumbers, VectorFile, with_room

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
        self._numbers = RowNumbers(names, file)

    def reserve(self, size: int) -> None:
        """There will be so many rows."""
        with self._lock:
            if size > MANY:
                self._last = with_room(self._last, LAST_READ_OF_MANY, 0)
                self._row_at = with_room(self._row_at, LAST_READ_OF_MANY, -1)
            self._place_of = with_room(self._place_of, size, -1)
            self._numbers.reserve(size)
            while self._step < step_of(size, SAMPLE):
                self._step *= 2
                self._sample, self._sampled = self._sample[::2], self._sampled[::2]
            places = -(-size // self._step)
            self._sample = with_room(self._sample, places, 0)
            self._sampled = with_room(self._sampled, places, False)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """The sample and the numbers, of which `restore` makes the same. Raises StoreError."""
        numbers = self._numbers.all()
        with self._lock:
            sampled = self._sampled.copy()
            sample = {"step": np.array(self._step), "sampled": sampled, "sample": self._sample}
            return {**sample, "numbers": numbers}

    def restore(self, arrays: Mapping[str, NDArray[Any]], size: int) -> None:
        """Have that sample of so many rows. Raises ValueError where it is none."""
        step, sampled, sample = int(arrays["step"]), arrays["sampled"], arrays["sample"]
        numbers = arrays["numbers"]
        if sample.shape != (sampled.size, self._dimension) or sampled.size * step < size:
            raise ValueError("the sample is of other vectors")
        if numbers.shape != (size,):
            raise ValueError("there is not one number for each row")
        with self._lock:
            self._step, self._sampled, self._sample = step, sampled, sample
            self._numbers.restore(numbers)
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
            found[unknown] = self._numbers.read(rows[unknown], self._dimension)
            self.remember(rows[unknown], found[unknown])
        return found

    def remember(self, rows: Places, vectors: NDArray[np.floating]) -> None:
        """Keep the vectors (m, d) of rows (m,) in memory: those of the sample for good, others
        until newer ones come."""
        with self._lock:
            sampled = rows % self._step == 0
            places = rows[sampled] // self._step
            self._sample[places], self._sampled[places] = vectors[sampled], True
            room = self._row_at.size
            self._keep(rows[~sampled][-room:], vectors[~sampled][-room:])

    def know_numbers(self, start: int, numbers: Sequence[int]) -> None:
        """The vectors of rows from this one on are kept under these numbers."""
        self._numbers.know(start, numbers)

    def find_ways(self, size: int) -> None:
        """Have read the pages that lead to the vectors of the first rows, once: a third of what a
        search asks a disk for, and few enough to stay in the system's memory. Raises StoreError.
        """
        if self._ways_found:
            return
        on_page = max(1, PAGE_BYTES // (2 * self._dimension + BESIDE_VECTOR_BYTES))
        some = self._numbers.known(size)[:: PAGES_LED_TO * on_page]
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
