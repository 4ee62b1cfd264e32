"""Bristle strokes: a colour field becomes paint, large brushes first, small ones where it matters.

The layering follows Hertzmann, "Painterly Rendering with Curved Brush Strokes of Multiple
Sizes" (SIGGRAPH 1998); strokes are stamps with bristle marks, which also write a relief.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image

from .colour import luminance, varied
from .easel import Easel
from .noise import Array, blur

ANGLES = 36
VARIANTS = 4


@dataclass(frozen=True)
class Layer:
    """One pass of a brush: sizes in thousandths of a unit; it mends errors over `threshold`."""

    width: float
    length: float
    threshold: float = 0.0
    spread: float = 0.025
    cover: float = 0.6


OIL = (Layer(22, 70), Layer(12, 44, 0.02), Layer(6, 24, 0.035), Layer(3, 12, 0.06, 0.015))
LOOSE = (Layer(26, 90), Layer(15, 56, 0.02, 0.035), Layer(8, 30, 0.05, 0.03))
FINE = (Layer(14, 50), Layer(7, 26, 0.02, 0.02), Layer(3.2, 13, 0.03, 0.015))


@dataclass(frozen=True)
class Touches:
    """Single strokes: `at` (n, 2) in shares, `colour` (n, 3), the rest (n,): units, radians."""

    at: Array
    colour: Array
    length: Array
    width: Array
    angle: Array


@lru_cache(maxsize=4096)
def _stamp(length: int, width: int, turn: int, variant: int) -> tuple[Image.Image, Image.Image]:
    """Opacity and relief of one stroke, both 8-bit grey and square."""
    rng = np.random.default_rng([length, width, turn, variant])
    half = (length + width) // 2 + 2
    down, across = np.mgrid[-half : half + 1, -half : half + 1].astype(np.float64)
    angle = turn * np.pi / ANGLES
    along = (across * np.cos(angle) + down * np.sin(angle)) / (length / 2)
    side = (down * np.cos(angle) - across * np.sin(angle)) / (width / 2)
    side = side + rng.uniform(-0.5, 0.5) * (along**2 - 0.3) * min(1.0, length / width / 3)
    hairs = rng.random(max(4, width))
    bristle = np.interp(side, np.linspace(-1.1, 1.1, len(hairs)), hairs)
    edge = np.clip((1 - np.abs(side)) * width / 2 + 0.3, 0, 1)
    ends = np.clip((1 - np.abs(along) + 0.3 * (bristle - 0.5)) * length / 4 + 0.2, 0, 1)
    alpha = edge * ends * (0.72 + 0.28 * bristle)
    height = 0.3 + 0.5 * bristle + 0.2 * np.clip(along, -1, 1)
    return _grey(alpha), _grey(height)


def _grey(values: Array) -> Image.Image:
    return Image.fromarray(np.rint(np.clip(values, 0, 1) * 255).astype(np.uint8))


def touch(easel: Easel, touches: Touches) -> None:
    """Lay single strokes on the easel in the order given."""
    picture = Image.fromarray(np.rint(np.clip(easel.colour, 0, 1) * 255).astype(np.uint8))
    relief = _grey(easel.relief)
    unit = easel.unit_px
    places = np.rint(touches.at * [easel.width_px, easel.height_px]).astype(int)
    lengths = np.maximum(2, np.rint(touches.length * unit)).astype(int)
    widths = np.maximum(2, np.rint(touches.width * unit)).astype(int)
    turns = np.rint(touches.angle / np.pi * ANGLES).astype(int) % ANGLES
    inks = np.rint(np.clip(touches.colour, 0, 1) * 255).astype(int)
    variants = easel.rng.integers(0, VARIANTS, len(places))
    for place, length, width, turn, ink, variant in zip(
        places.tolist(),
        lengths.tolist(),
        widths.tolist(),
        turns.tolist(),
        inks.tolist(),
        variants.tolist(),
        strict=True,
    ):
        alpha, height = _stamp(length, width, turn, variant)
        corner = (place[0] - alpha.width // 2, place[1] - alpha.height // 2)
        picture.paste(tuple(ink), corner, alpha)
        relief.paste(height, corner, alpha)
    easel.colour = np.asarray(picture, dtype=np.float64) / 255.0
    easel.relief = np.asarray(relief, dtype=np.float64) / 255.0


def contours(easel: Easel, calm: Array | float = 0.0) -> Array:
    """Stroke angles (height, width) along the picture's edges, `calm` where nothing happens."""
    scale = easel.unit_px / 1000
    grey = blur(luminance(easel.colour), 3 * scale)
    down, across = (np.asarray(part) for part in np.gradient(grey))
    reach = 8 * scale
    xx, yy, xy = (blur(part, reach) for part in (across**2, down**2, across * down))
    weight = 4e-6 / scale**2
    cosine = -(xx - yy) + weight * np.cos(2 * np.asarray(calm))
    sine = -2 * xy + weight * np.sin(2 * np.asarray(calm))
    angles: Array = 0.5 * np.arctan2(sine, cosine)
    return angles


def repaint(easel: Easel, layers: Sequence[Layer], angles: Array | float) -> None:
    """Paint the easel's picture anew in strokes: its present colours are the model."""
    model = easel.colour.copy()
    field = np.broadcast_to(np.asarray(angles, dtype=np.float64), easel.shape)
    for number, layer in enumerate(layers):
        soft = blur(model, layer.width * easel.unit_px / 3500)
        touches = _strokes(easel, layer, soft, field)
        if number == 0:
            easel.colour = soft
        touch(easel, touches)


def _strokes(easel: Easel, layer: Layer, model: Array, field: Array) -> Touches:
    rng = easel.rng
    step = max(1.5, layer.width * easel.unit_px / 1000 * layer.cover)
    rows, columns = np.mgrid[0 : easel.height_px : step, 0 : easel.width_px : step]
    jitter = rng.uniform(-0.6, 0.6, (2, rows.size)) * step
    row = np.clip(rows.ravel() + jitter[0], 0, easel.height_px - 1).astype(int)
    column = np.clip(columns.ravel() + jitter[1], 0, easel.width_px - 1).astype(int)
    if layer.threshold:
        wrong = np.abs(model - easel.colour).mean(axis=2)[row, column] > layer.threshold
        row, column = row[wrong], column[wrong]
    order = rng.permutation(len(row))
    row, column = row[order], column[order]
    sizes = rng.uniform(0.75, 1.2, len(row)) / 1000
    return Touches(
        at=np.stack([column / easel.width_px, row / easel.height_px], axis=1),
        colour=varied(rng, model[row, column], layer.spread),
        length=layer.length * sizes,
        width=layer.width * np.full(len(row), 0.001),
        angle=field[row, column] + rng.normal(0, 0.12, len(row)),
    )
