"""Vectors as short codes: two bits a dimension, from which the best of many are found quickly.

A vector is turned by a random rotation, so that all its coordinates are about normal with the same
deviation, and each is rounded to the nearest of the four levels that lose least of a normal
variable (Max, “Quantizing for minimum distortion”, 1960), as TurboQuant does (Zandieh et al., 2025,
https://arxiv.org/abs/2504.19874). Each vector's products are scaled so that they are right on
average (RaBitQ, Gao and Long, SIGMOD 2024, https://arxiv.org/abs/2405.12497). What they find is to
be scored again by the vectors themselves.

Here the sign and the size of each coordinate lie in bit planes of 64 coordinates a word, and a
direction is rounded to 16 steps, so that a product is a sum of counted bits: two thirds of the time
of the float32 product, in a sixteenth of its room.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector, top
from glance_agent.store.index_rows import Mask

SMALL, LARGE, BETWEEN = 0.4528, 1.5104, 0.9816
"""The levels on either side of zero and where they part, in deviations (Max, 1960, table I)."""
WORD = 64
STEPS = 16
BLOCK = 8_192
"""So many rows are looked at together: their planes stay in the processor's cache."""
SMALLEST = 1_024
MIXED = 4
"""How often coordinates are mixed with others."""

Planes = NDArray[np.uint64]
"""Shape (words, n): a bit for each coordinate of each row."""


class Codes(Protocol):
    """Codes of vectors, a row for each; safe to use from several threads."""

    def __len__(self) -> int: ...

    def add(self, vectors: Matrix) -> None:
        """Add rows behind the others, from their unit vectors (m, d)."""
        ...

    def reserve(self, size: int) -> None:
        """Make room for so many rows in all."""
        ...

    def best(
        self, direction: Vector, count: int, size: int, let_in: Mask | None = None
    ) -> NDArray[np.intp]:
        """The `count` of the first `size` rows that are let in (size,) and seem to score highest in
        a direction (d,), the best first.
        """
        ...


@dataclass(frozen=True, eq=False, slots=True)
class _Coded:
    """What is kept of n rows, with room for more."""

    positive: Planes
    large: Planes
    counts: NDArray[np.uint16]
    """Shape (3, n): how many coordinates are positive, large, and both."""
    scale: NDArray[np.float32]

    @property
    def room(self) -> int:
        return self.scale.size

    def with_room(self, size: int) -> _Coded:
        """The same with room for so many rows."""
        arrays = (self.positive, self.large, self.counts, self.scale)
        return _Coded(*(_widened(array, size) for array in arrays))


class PlaneCodes:
    """Codes in bit planes, by numpy alone."""

    def __init__(self, dimension: int) -> None:
        words = -(-dimension // WORD)
        self._lock = threading.Lock()
        self._rotation = _rotation(dimension, words * WORD)
        self._level = np.float32(1.0 / np.sqrt(words * WORD))
        self._size = 0
        planes = np.zeros((2, words, 0), np.uint64)
        counts, scale = np.zeros((3, 0), np.uint16), np.zeros(0, np.float32)
        self._coded = _Coded(planes[0], planes[1], counts, scale)

    def __len__(self) -> int:
        return self._size

    def add(self, vectors: Matrix) -> None:
        turned = vectors @ self._rotation
        positive, large = turned > 0, np.abs(turned) > BETWEEN * self._level
        levels = np.where(large, np.float32(LARGE), np.float32(SMALL)) * self._level
        projected = np.einsum("ij,ij->i", levels, np.abs(turned))
        with self._lock:
            start, size = self._size, self._size + len(vectors)
            if size > self._coded.room:
                self._coded = self._coded.with_room(max(SMALLEST, size + start // 2))
            rows, coded = slice(start, size), self._coded
            coded.positive[:, rows], coded.large[:, rows] = _packed(positive), _packed(large)
            coded.counts[:, rows] = [b.sum(axis=1) for b in (positive, large, positive & large)]
            coded.scale[rows] = 1.0 / np.maximum(projected, 1e-6)
            self._size = size

    def reserve(self, size: int) -> None:
        with self._lock:
            if size > self._coded.room:
                self._coded = self._coded.with_room(size)

    def best(
        self, direction: Vector, count: int, size: int, let_in: Mask | None = None
    ) -> NDArray[np.intp]:
        scores = self.scores(direction, size)
        if let_in is None:
            return top(scores, count)
        found = top(np.where(let_in, scores, np.float32(-np.inf)), count)
        return found[let_in[found]]

    def scores(self, direction: Vector, size: int) -> NDArray[np.float32]:
        """About how the first `size` rows score in a direction (d,): shape (size,)."""
        sought, coded = _sought(direction @ self._rotation), self._coded
        scores = np.empty(size, np.float32)
        for start in range(0, size, BLOCK):
            rows = slice(start, min(start + BLOCK, size))
            positive, large = coded.positive[:, rows], coded.large[:, rows]
            total = np.full(positive.shape[1], -SMALL * sought.total, np.float32)
            planes = zip(_WEIGHTS, (positive, large, positive & large), coded.counts, strict=True)
            for weight, plane, counts in planes:
                total += np.float32(weight) * sought.products(plane, counts[rows])
            scores[rows] = total * self._level * coded.scale[rows]
        return scores


def _widened(array: NDArray[Any], size: int) -> NDArray[Any]:
    """The same numbers in an array with a longer last axis."""
    wider = np.zeros((*array.shape[:-1], size), array.dtype)
    wider[..., : array.shape[-1]] = array
    return wider


_WEIGHTS = (2 * SMALL, -(LARGE - SMALL), 2 * (LARGE - SMALL))
"""What the coordinates count that are positive, large, and both: (2p - 1)(s + (l - s)g)."""


@dataclass(frozen=True, eq=False, slots=True)
class _Sought:
    """A turned direction, rounded to steps: `lowest` and so many `step`s, in planes of bits."""

    total: float
    """The sum of its coordinates."""
    lowest: float
    step: float
    planes: list[Planes]

    def products(self, plane: Planes, counts: NDArray[np.uint16]) -> NDArray[np.float32]:
        """The sum of the coordinates where the rows of a plane (words, m) have a bit: (m,)."""
        steps = np.zeros(plane.shape[1], np.float32)
        for bit, of_direction in enumerate(self.planes):
            both = np.bitwise_count(plane & of_direction).sum(axis=0, dtype=np.uint16)
            steps += np.float32(1 << bit) * both
        steps *= np.float32(self.step)
        steps += np.float32(self.lowest) * counts
        return steps


def _sought(turned: Vector) -> _Sought:
    lowest = float(turned.min())
    step = max((float(turned.max()) - lowest) / (STEPS - 1), 1e-12)
    steps = np.rint((turned - lowest) / step).astype(np.uint8)
    bits = range((STEPS - 1).bit_length())
    planes = [_packed((steps[None] >> bit & 1).astype(np.bool_)) for bit in bits]
    return _Sought(float(turned.sum()), lowest, step, planes)


def _packed(bits: Mask) -> Planes:
    """Rows of bits (m, 64 w) as planes (w, m)."""
    return np.packbits(bits, axis=1, bitorder="little").view(np.uint64).T


@cache
def _rotation(dimension: int, wide: int) -> Matrix:
    """The first rows of an orthogonal matrix (dimension, wide), the same each time.

    Random permutations and signs between Hadamard matrices, which mix like a rotation that is
    drawn at random (Ailon and Chazelle, 2009) and are orthogonal without a decomposition.
    """
    chance = np.random.default_rng(dimension)
    mixing = reduce(np.kron, [np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2)] * 6)
    turned = np.eye(dimension, wide)
    for _ in range(MIXED):
        turned = turned[:, chance.permutation(wide)] * chance.choice([-1.0, 1.0], wide)
        turned = (turned.reshape(dimension, -1, WORD) @ mixing).reshape(dimension, wide)
    return np.ascontiguousarray(turned, dtype=np.float32)
