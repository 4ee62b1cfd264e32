"""A file of vectors by their numbers, in memory, where each new vector gets the next number."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence

import numpy as np

from glance_agent.domain.errors import StoreError
from glance_agent.domain.vectors import Matrix, Vector


class VectorsInMemory:
    """What is asked of the library's file for `vectors`, which may change meanwhile."""

    def __init__(self, vectors: MutableMapping[str, Vector], dimension: int) -> None:
        self.vectors = vectors
        self.read: list[str] = []
        """The works whose vectors were read."""
        self.sought: list[str] = []
        """The works whose numbers were asked for."""
        self.trouble: StoreError | None = None
        self._dimension = dimension
        self._numbered: dict[int, tuple[str, Vector]] = {}
        self._last: dict[str, int] = {}

    def numbers_of(self, artwork_ids: Sequence[str]) -> Mapping[str, int]:
        """As `glance_agent.store.recent_vectors.VectorFile` says."""
        self._may_read()
        self.sought += artwork_ids
        return {i: self._number(i) for i in artwork_ids if i in self.vectors}

    def numbered(self, numbers: Sequence[int]) -> tuple[Sequence[int], Matrix]:
        """As `glance_agent.store.recent_vectors.VectorFile` says."""
        self._may_read()
        there = [n for n in numbers if self._is_there(n)]
        self.read += [self._numbered[n][0] for n in there]
        rows = [self._numbered[n][1] for n in there]
        return there, np.array(rows, np.float32).reshape(len(rows), self._dimension)

    def _number(self, artwork: str) -> int:
        number = self._last.get(artwork, 0)
        if not self._is_there(number):
            number = self._last[artwork] = len(self._numbered) + 1
            self._numbered[number] = artwork, self.vectors[artwork]
        return number

    def _is_there(self, number: int) -> bool:
        artwork, vector = self._numbered.get(number, ("", None))
        return vector is not None and self.vectors.get(artwork) is vector

    def _may_read(self) -> None:
        if self.trouble is not None:
            raise self.trouble
