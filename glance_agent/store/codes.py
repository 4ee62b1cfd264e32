"""Vectors as short codes: two bits a dimension, from which the best of many are found quickly.

A vector is turned by a random rotation, so that all its coordinates are about normal with the same
deviation, and each is rounded to the nearest of the four even levels that lose least of a normal
variable (Max, “Quantizing for minimum distortion”, 1960), much as TurboQuant does (Zandieh et al.,
2025, https://arxiv.org/abs/2504.19874). Each vector's products are scaled so that they are right on
average (RaBitQ, Gao and Long, SIGMOD 2024, https://arxiv.org/abs/2405.12497). What they find is to
be scored again by the vectors themselves.

Here the two bits of each coordinate lie in bit planes of 64 coordinates a word, and a direction is
rounded to 16 steps, so that a product is a sum of counted bits: half of the time of the float32
product, in a sixteenth of its room. Scores add up as directions do: what lies between two that were
asked before follows from their scores.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, fields
from functools import cache, reduce
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.private import opened_private
from glance_agent.domain.vectors import Matrix, Vector, top
from glance_agent.store.row_names import Mask
from glance_agent.store.side_files import AskedFile, GoOn

STEP = 0.9957
"""From one level to the next, in deviations: ±½ and ±1½ of it (Max, 1960, table II)."""
WORD = 64
STEPS = 16
BLOCK = 16_384
"""So many rows are looked at together: their planes stay in the processor's cache."""
SMALLEST = 1_024
NEAR = 1e-4
"""A direction that is off by less than this share of its length is the same."""
MIXED = 4
"""How often coordinates are mixed with others."""

Planes = NDArray[np.uint64]
"""Shape (words, n): a bit for each coordinate of each row."""


class Codes(Protocol):
    """Codes of vectors, a row for each; safe to use from several threads."""

    @property
    def kind(self) -> str:
        """What made them, with its version: codes of another kind mean something else."""
        ...

    def __len__(self) -> int: ...

    def write(self, path: Path, go_on: GoOn = lambda: None) -> None:
        """Write them into a file that is there, or a new one. Raises OSError; and what `go_on`
        does, which is asked again and again, whatever is written by then.
        """
        ...

    def read(self, path: Path) -> None:
        """Have the codes of a file that such codes of this kind have written, and no others.

        Raises OSError, ValueError and KeyError where it is none.
        """
        ...

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

    upper: Planes
    lower: Planes
    """The bits of the level that each coordinate has, 0 to 3."""
    counts: NDArray[np.uint16]
    """Shape (2, n): how many of the bits are set, of either."""
    scale: NDArray[np.float32]

    @property
    def room(self) -> int:
        return self.scale.size

    def fits(self, words: int) -> bool:
        """Whether these are the codes of rows of so many words."""
        shapes = [self.upper.shape, self.lower.shape, self.counts.shape]
        return shapes == [(words, self.room), (words, self.room), (2, self.room)]

    def with_room(self, size: int) -> _Coded:
        """The same with room for so many rows."""
        arrays = (self.upper, self.lower, self.counts, self.scale)
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
        counts, scale = np.zeros((2, 0), np.uint16), np.zeros(0, np.float32)
        self._coded = _Coded(planes[0], planes[1], counts, scale)
        self._asked = _Asked(dimension)

    def __len__(self) -> int:
        return self._size

    @property
    def kind(self) -> str:
        """The rotation comes from numpy, which may draw other numbers in another version."""
        return f"planes 1 of numpy {np.__version__}"

    def write(self, path: Path, go_on: GoOn = lambda: None) -> None:
        size, coded = self._size, self._coded
        names = [field.name for field in fields(_Coded)]
        with opened_private(path) as file:
            arrays = {name: getattr(coded, name)[..., :size] for name in names}
            np.savez(AskedFile(file, go_on), **arrays)

    def read(self, path: Path) -> None:
        with np.load(path, allow_pickle=False) as arrays:
            coded = _Coded(*(arrays[field.name] for field in fields(_Coded)))
        if not coded.fits(words=len(self._coded.upper)):
            raise ValueError("the codes are of other vectors")
        with self._lock:
            self._coded, self._size = coded, coded.room
            self._asked = _Asked(len(self._rotation))

    def add(self, vectors: Matrix) -> None:
        turned = vectors @ self._rotation
        step = np.float32(STEP) * self._level
        upper, outer = turned > 0, np.abs(turned) > step
        lower = upper == outer
        levels = np.where(outer, 1.5 * step, 0.5 * step).astype(np.float32)
        projected = np.einsum("ij,ij->i", levels, np.abs(turned))
        with self._lock:
            start, size = self._size, self._size + len(vectors)
            if size > self._coded.room:
                self._coded = self._coded.with_room(max(SMALLEST, size + start // 2))
            rows, coded = slice(start, size), self._coded
            coded.upper[:, rows], coded.lower[:, rows] = _packed(upper), _packed(lower)
            coded.counts[:, rows] = [bits.sum(axis=1) for bits in (upper, lower)]
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
        with self._lock:
            known = self._asked.scores(direction, size)
        if known is None:
            known = self._looked_through(direction, size)
            known.flags.writeable = False
            with self._lock:
                self._asked.remember(direction, known)
        return known

    def _looked_through(self, direction: Vector, size: int) -> NDArray[np.float32]:
        sought, coded = _sought(direction @ self._rotation), self._coded
        scores = np.empty(size, np.float32)
        for start in range(0, size, BLOCK):
            rows = slice(start, min(start + BLOCK, size))
            total = 2 * sought.products(coded.upper[:, rows], coded.counts[0, rows])
            total += sought.products(coded.lower[:, rows], coded.counts[1, rows])
            total -= np.float32(1.5 * sought.total)
            total *= np.float32(STEP) * self._level
            scores[rows] = total * coded.scale[rows]
        return scores


def _widened(array: NDArray[Any], size: int) -> NDArray[Any]:
    """The same numbers in an array with a longer last axis."""
    wider = np.zeros((*array.shape[:-1], size), array.dtype)
    wider[..., : array.shape[-1]] = array
    return wider


class _Asked:
    """The scores of the last two directions that were asked; one thread at a time.

    A command looks in one through several gates, or from one to the other.
    """

    def __init__(self, dimension: int) -> None:
        self._directions = np.empty((0, dimension), np.float32)
        self._scores: list[NDArray[np.float32]] = []

    def scores(self, direction: Vector, size: int) -> NDArray[np.float32] | None:
        """How the first `size` rows score in a direction that is one of those, or lies between
        some of them; None where that is not known.
        """
        if not self._scores or min(scores.size for scores in self._scores) < size:
            return None
        shares = np.linalg.lstsq(self._directions.T, direction)[0].astype(np.float32)
        missed = np.linalg.norm(shares @ self._directions - direction)
        # Beyond them errors would grow, between them they do not.
        if missed > NEAR * np.linalg.norm(direction) or np.abs(shares).sum() > 1 + NEAR:
            return None
        found = np.zeros(size, np.float32)
        for share, scores in zip(shares, self._scores, strict=True):
            if abs(share) > NEAR:
                found += share * scores[:size]
        return found

    def remember(self, direction: Vector, scores: NDArray[np.float32]) -> None:
        """Know these scores, and no longer those before the last."""
        self._directions = np.vstack([self._directions[-1:], direction])
        self._scores = [*self._scores[-1:], scores]


@dataclass(frozen=True, eq=False, slots=True)
class _Sought:
    """A turned direction, rounded to steps: `lowest` and so many `step`s, in planes of bits."""

    total: float
    """The sum of its rounded coordinates."""
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
    total = lowest * steps.size + step * float(steps.sum())
    return _Sought(total, lowest, step, planes)


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
