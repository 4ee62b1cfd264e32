"""What an index asks of the library's vectors and works while it answers, in any thread."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeVar
from weakref import finalize

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.library_place import LibraryPlace, PostgresPlace
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.store.followed_columns import FollowedColumns
from glance_agent.store.opening import readings_of, vectors_served
from glance_agent.store.row_names import Names
from glance_agent.store.vectors import Vectors
from glance_agent.store.work_facts import WorkFacts
from glance_agent.wiring.leaving import Leaving

READ_AT_ONCE = 200
"""So many vectors are read at a time: from a slow card thousands take longer than a reading may."""
_T = TypeVar("_T")


class VectorsRead:
    """Reads vectors of a space from the library, in any thread."""

    def __init__(self, place: LibraryPlace, space: str, dimension: int) -> None:
        self._readings = readings_of(place, Vectors)
        self._space = space
        self._dimension = dimension
        finalize(self, self._readings.close)

    def numbers_of(self, artwork_ids: Sequence[str]) -> Mapping[str, int]:
        """The numbers of the vectors of these works. Raises StoreError."""
        found: dict[str, int] = {}
        for some in _lots(artwork_ids):
            with self._readings.now() as vectors:
                found |= vectors.numbers_of(self._space, some)
        return found

    def numbered(self, numbers: Sequence[int]) -> tuple[Sequence[int], Matrix]:
        """The vectors of these numbers (m, d), and which they are of. Raises StoreError."""
        known: list[int] = []
        rows = [np.empty((0, self._dimension), np.float32)]
        for some in _lots(numbers):
            with self._readings.now() as vectors:
                there, read = vectors.numbered(self._space, self._dimension, some)
            known += there
            rows.append(read)
        return known, rows[1] if len(rows) == 2 else np.concatenate(rows)


class VectorsServed(VectorsRead):
    """What the server knows of the vectors of a space, asked in any thread. Each call raises
    StoreError."""

    def __init__(self, place: PostgresPlace, space: str, dimension: int) -> None:
        super().__init__(place, space, dimension)
        self._served = vectors_served(place)
        finalize(self, self._served.close)

    def nearest(self, direction: Vector, count: int, among: NDArray[np.int32]) -> Sequence[int]:
        """As `glance_agent.store.served_view.VectorServer` says, like all of these."""
        with self._served.now() as reader:
            return reader.nearest(direction, count, among)

    def near_each(
        self, directions: Matrix, count: int, among: NDArray[np.int32]
    ) -> Sequence[Sequence[int]]:
        with self._served.now() as reader:
            return reader.near_each(directions, count, among)

    def scored(
        self, directions: Matrix, numbers: Sequence[int]
    ) -> tuple[Sequence[int], NDArray[np.float32]]:
        with self._served.now() as reader:
            return reader.scored(directions, numbers)

    def mean(self, numbers: Sequence[int]) -> Vector:
        with self._served.now() as reader:
            return reader.mean(numbers)

    def deviation(self, direction: Vector, numbers: Sequence[int]) -> float:
        with self._served.now() as reader:
            return reader.deviation(direction, numbers)


def _lots(what: Sequence[_T]) -> Iterator[Sequence[_T]]:
    """At most so many at a time as are read at once."""
    for start in range(0, len(what), READ_AT_ONCE):
        yield what[start : start + READ_AT_ONCE]


def columns_of(place: LibraryPlace, leaving: Leaving) -> Callable[[Names], FollowedColumns]:
    """Makes what filters ask of the works of rows, read from the library, in any thread."""
    readings = readings_of(place, WorkFacts)

    def columns(names: Names) -> FollowedColumns:
        return FollowedColumns(names, readings.now, leaving.read_on)

    finalize(columns, readings.close)
    return columns
