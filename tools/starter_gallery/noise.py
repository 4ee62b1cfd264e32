"""Smooth random fields: what clouds, ridges and pigment are made of."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from PIL import Image

Array: TypeAlias = npt.NDArray[np.float64]
Rng: TypeAlias = np.random.Generator
Shape: TypeAlias = tuple[int, int]


def _resized(grid: Array, shape: Shape) -> Array:
    """`grid` blown up to (height, width), without the half-cell flats at its rim."""
    rows, columns = grid.shape
    picture = Image.fromarray(grid.astype(np.float32))
    box = (1.0, 1.0, columns - 1.0, rows - 1.0)
    scaled = picture.resize((shape[1], shape[0]), Image.Resampling.BICUBIC, box=box)
    return np.asarray(scaled, dtype=np.float64)


def stretched(field: Array) -> Array:
    """`field` scaled linearly so that it spans 0..1."""
    low, high = float(field.min()), float(field.max())
    return (field - low) / max(high - low, 1e-9)


def fbm(rng: Rng, shape: Shape, cells: tuple[float, float], octaves: int = 5) -> Array:
    """Fractal noise (height, width) in 0..1; `cells` = (across, down) of the coarsest octave."""
    total = np.zeros(shape)
    for octave in range(octaves):
        across = max(1, round(cells[0] * 2**octave))
        down = max(1, round(cells[1] * 2**octave))
        total += _resized(rng.random((down + 3, across + 3)), shape) * 0.5**octave
    return stretched(total)


def ridged(rng: Rng, shape: Shape, cells: tuple[float, float], octaves: int = 5) -> Array:
    """Fractal noise folded at its middle: sharp crests, in 0..1."""
    total = np.zeros(shape)
    for octave in range(octaves):
        size = (cells[0] * 2**octave, cells[1] * 2**octave)
        total += (1.0 - np.abs(2.0 * fbm(rng, shape, size, 1) - 1.0)) * 0.5**octave
    return stretched(total)


def curve(rng: Rng, length: int, cells: float, octaves: int = 5) -> Array:
    """One-dimensional fractal noise of `length` samples in 0..1."""
    middle: Array = fbm(rng, (3, length), (cells, 1), octaves)[1]
    return middle


def blur(field: Array, radius_px: float) -> Array:
    """`field` (height, width[, channels]) smoothed by three box passes, about a Gaussian."""
    size = max(1, round(radius_px))
    if radius_px < 0.5:
        return field
    for _ in range(3):
        for axis in (0, 1):
            field = _box(field, size, axis)
    return field


def _box(field: Array, size: int, axis: int) -> Array:
    pad = [(0, 0)] * field.ndim
    pad[axis] = (size + 1, size)
    sums = np.cumsum(np.pad(field, pad, mode="edge"), axis=axis)
    length = field.shape[axis]
    upper = np.take(sums, np.arange(2 * size + 1, 2 * size + 1 + length), axis=axis)
    lower = np.take(sums, np.arange(length), axis=axis)
    mean: Array = (upper - lower) / (2 * size + 1)
    return mean


def displaced(field: Array, right_px: Array, down_px: Array) -> Array:
    """`field` read at positions moved by the offsets (nearest sample, clamped at the rim)."""
    height, width = field.shape[:2]
    rows = np.arange(height)[:, None] + np.rint(down_px).astype(np.int64)
    columns = np.arange(width)[None, :] + np.rint(right_px).astype(np.int64)
    picked: Array = field[np.clip(rows, 0, height - 1), np.clip(columns, 0, width - 1)]
    return picked


def smoothstep(low: float, high: float, value: Array) -> Array:
    """0 below `low`, 1 above `high`, an S between; `low` > `high` turns it round."""
    t = np.clip((value - low) / (high - low), 0.0, 1.0)
    return t * t * (3.0 - 2.0 * t)
