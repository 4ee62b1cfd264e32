"""Unit vectors: making them, comparing them, blending them. Pure numpy, float32."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]
"""Shape (d,), length 1."""
Matrix = NDArray[np.float32]
"""Shape (n, d), one unit vector a row, C-contiguous."""

NO_SPACE = "none"
"""The space of a missing model, in which nothing lies."""
WORDING = "|"
"""Stands between a space and a text tower that is not the space's own, where vectors are kept."""


def unit(vector: NDArray[np.floating]) -> Vector:
    """The vector scaled to length 1, as float32 of shape (d,).

    Raises ValueError for a vector that has no direction (zero, or not finite).
    """
    wide = np.asarray(vector, dtype=np.float64).reshape(-1)
    length = float(np.linalg.norm(wide))
    if not np.isfinite(length) or length == 0.0:
        raise ValueError("a vector of zeros or of non-finite numbers has no direction")
    return (wide / length).astype(np.float32)


def unit_rows(matrix: NDArray[np.floating]) -> Matrix:
    """Every row scaled to length 1, as float32 (n, d); rows of zeros stay zeros."""
    wide = np.asarray(matrix, dtype=np.float32)
    lengths = np.linalg.norm(wide, axis=1, keepdims=True)
    lengths[lengths == 0.0] = 1.0
    return np.ascontiguousarray(wide / lengths, dtype=np.float32)


def widened(halves: NDArray[np.float16]) -> NDArray[np.float32]:
    """The same finite numbers as float32, of the same shape, in a seventh of numpy's time for it.

    A float16 (IEEE 754 binary16) has the bits of a float32 with a shorter exponent, whose bias is
    112 less.
    """
    bits = halves.view(np.int16).astype(np.int32)  # the sign fills the upper half
    bits <<= 13
    bits &= np.int32(-0x70002000)  # the sign, exponent and fraction
    numbers = bits.view(np.float32)
    numbers *= np.float32(2.0**112)
    return numbers


def as_kept(vector: Vector) -> Vector:
    """The unit vector (d,) as it comes back from where it is kept: as exact as float16."""
    kept: Vector = unit_rows(vector.astype("<f2")[None])[0]
    return kept


def blend(vectors: list[Vector], weights: list[float]) -> Vector:
    """The direction of the weighted sum of unit vectors, shape (d,).

    Raises ValueError where the sum cancels out.
    """
    total = np.zeros_like(vectors[0], dtype=np.float64)
    for vector, weight in zip(vectors, weights, strict=True):
        total += weight * vector.astype(np.float64)
    return unit(total)


def cosines(matrix: Matrix, query: Vector) -> NDArray[np.float32]:
    """The cosine of each row with the query, shape (n,)."""
    return matrix @ query


def top(scores: NDArray[np.float32], count: int) -> NDArray[np.intp]:
    """The indices (m,) of the `count` highest of scores (n,), best first; of equal ones the first.

    All n where there are fewer than `count`. The rest is not sorted.
    """
    count = min(count, scores.shape[0])
    if count <= 0:
        return np.empty(0, dtype=np.intp)
    best = np.argpartition(-scores, count - 1)[:count]
    return best[np.lexsort((best, -scores[best]))]
