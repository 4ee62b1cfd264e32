"""Grass, leaves and flower dots, shared by the open-country pictures."""

from __future__ import annotations

import numpy as np

from .brush import Touches, touch
from .colour import picked
from .easel import Easel
from .noise import Array


def flecks(easel: Easel, top: float, words: str, count: int, size: float = 0.004) -> None:
    """Flowers as dots, larger towards the bottom edge."""
    rng = easel.rng
    depth = rng.random(count) ** 0.8
    touch(
        easel,
        Touches(
            at=np.stack([rng.random(count), top + depth * (1 - top)], axis=1),
            colour=picked(rng, words, count),
            length=size * (0.5 + 1.3 * depth),
            width=size * (0.45 + 1.1 * depth),
            angle=rng.uniform(0, np.pi, count),
        ),
    )


def grass(easel: Easel, top: float, words: str, count: int, tall: float = 0.04) -> None:
    """Upright blades, longer towards the bottom edge, the near ones last."""
    rng = easel.rng
    depth = np.sort(rng.random(count))
    touch(
        easel,
        Touches(
            at=np.stack([rng.random(count), top + depth * (1.02 - top)], axis=1),
            colour=picked(rng, words, count, 0.05),
            length=tall * (0.3 + 0.9 * depth) * rng.uniform(0.6, 1.2, count),
            width=0.002 + 0.0035 * depth,
            angle=np.pi / 2 + rng.normal(0, 0.22, count),
        ),
    )


def blooms(easel: Easel, drift: Array, top: float, words: str, count: int) -> None:
    """Flower heads that gather where `drift` is high, the near ones larger."""
    rng = easel.rng
    weight = np.clip(drift - 0.35, 0, 1) ** 1.5 * (easel.y > top)
    spots = np.sort(rng.choice(weight.size, count, p=(weight / weight.sum()).ravel()))
    row, column = np.divmod(spots, easel.width_px)
    depth = (row / easel.height_px - top) / (1 - top)
    touch(
        easel,
        Touches(
            at=np.stack([column / easel.width_px, row / easel.height_px], axis=1),
            colour=picked(rng, words, count, 0.05),
            length=0.004 + 0.016 * depth * rng.uniform(0.6, 1.2, count),
            width=0.003 + 0.011 * depth,
            angle=rng.normal(0, 0.5, count),
        ),
    )
