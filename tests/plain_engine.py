"""Another engine for vectors, with nothing of the index in it: slow, and of other numbers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.domain.view import OPEN, Gate, Numbers

FIRST, STEP = 1_000, 7


class PlainView:
    """A dictionary of works by number, asked one by one."""

    def __init__(self, works: dict[int, tuple[str, Vector]], dimension: int, last: int) -> None:
        self._works = works
        self._dimension = dimension
        self._number_of = {artwork: number for number, (artwork, _) in works.items()}
        self.last = last

    def __len__(self) -> int:
        return len(self._works)

    def best(self, directions: Matrix, count: int, gate: Gate = OPEN) -> Numbers:
        passing = [n for n, (artwork, _) in self._works.items() if gate.lets_in(artwork)]
        found: dict[int, None] = {}
        for direction in directions:
            ranked = sorted(passing, key=lambda n: (-self._score(n, direction), n))
            found |= dict.fromkeys(ranked[:count])
        return np.array([*found], np.int64)

    def scores_of(self, directions: Matrix, numbers: Numbers) -> NDArray[np.float32]:
        rows = [[self._score(n, d) for d in directions] for n in numbers.tolist()]
        return np.array(rows, np.float32).reshape(len(numbers), len(directions))

    def vectors_of(self, numbers: Numbers) -> Matrix:
        rows = [self._works[n][1] for n in numbers.tolist()]
        return np.array(rows, np.float32).reshape(len(rows), self._dimension)

    def moments(self) -> PlainMoments:
        return PlainMoments(self.vectors_of(self.sample(len(self))).astype(np.float64))

    def sample(self, count: int, shift: int = 0) -> Numbers:
        everything = np.array(sorted(self._works), np.int64)
        step = max(1, -(-everything.size // max(1, count)))
        return everything[shift % step :: step]

    def changes_since(self, number: int) -> Numbers:
        return np.array(sorted(n for n in self._works if n > number), np.int64)

    def let_in(self, numbers: Numbers, gate: Gate) -> NDArray[np.bool_]:
        return np.array(
            [n in self._works and gate.lets_in(self._works[n][0]) for n in numbers.tolist()],
            np.bool_,
        )

    def all_in(self, gate: Gate) -> Numbers:
        return np.array(
            [n for n in sorted(self._works) if gate.lets_in(self._works[n][0])], np.int64
        )

    def numbers_of(self, artwork_ids: Iterable[str]) -> Numbers:
        known = self._number_of
        return np.array([known[i] for i in artwork_ids if i in known], np.int64)

    def number_of(self, artwork_id: str) -> int | None:
        return self._number_of.get(artwork_id)

    def ids_of(self, numbers: Numbers) -> list[str]:
        return [self._works[n][0] for n in numbers.tolist()]

    def _score(self, number: int, direction: Vector) -> float:
        return float(self._works[number][1] @ direction)


class PlainMoments:
    """The mean and the covariance, from which every direction follows."""

    def __init__(self, vectors: NDArray[np.float64]) -> None:
        dimension = vectors.shape[1]
        self._mean = vectors.mean(axis=0) if len(vectors) else np.zeros(dimension)
        around = vectors - self._mean
        self._covariance = around.T @ around / max(1, len(vectors))

    @property
    def mean(self) -> Vector:
        return self._mean.astype(np.float32)

    def mean_of(self, direction: Vector) -> float:
        return float(self._mean @ direction)

    def deviation_of(self, direction: Vector) -> float:
        variance = float(direction @ self._covariance @ direction)
        return float(np.sqrt(max(0.0, variance)))


class PlainIndex:
    """The works of one space, to be looked at as they are."""

    def __init__(self, dimension: int) -> None:
        self._works: dict[int, tuple[str, Vector]] = {}
        self._dimension = dimension
        self._last = FIRST

    def now(self) -> PlainView:
        return PlainView(dict(self._works), self._dimension, self._last)

    def put(self, artwork_id: str, vector: Vector) -> None:
        self.remove([artwork_id])
        self._last += STEP
        self._works[self._last] = (artwork_id, vector)

    def remove(self, artwork_ids: Iterable[str]) -> None:
        gone = frozenset(artwork_ids)
        self._works = {n: work for n, work in self._works.items() if work[0] not in gone}
