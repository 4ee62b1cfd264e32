"""Blossom and wild flowers out of doors."""

from __future__ import annotations

import numpy as np

from .bouquet import petal_ring
from .brush import LOOSE, Layer, Touches, contours, repaint, touch
from .colour import picked, ramp
from .easel import Easel, Point
from .scenery import branches, foliage


def almond_branch(easel: Easel) -> None:
    """White blossom on dark branches before a turquoise sky."""
    easel.colour = ramp(easel.noise(3, 3, 5), "#4f9fae #6fb4ba #8fc6c4 #5fa8b6")
    repaint(easel, (Layer(20, 60), Layer(11, 40, 0.0, 0.035)), 0.5)
    grown: list[tuple[list[Point], float]] = []
    for root, heading, length, width in (
        ((-0.02, 0.95), -0.55, 0.34, 0.02),
        ((-0.02, 0.45), -0.2, 0.3, 0.013),
        ((0.35, 1.02), -0.95, 0.3, 0.014),
    ):
        grown += branches(easel.rng, root, length, heading, width)
    lines = [(points, width) for points, width in grown if width > 0.0034]
    easel.wash(easel.lines([(points, width * 1.25) for points, width in lines]), "#2f3a3a")
    easel.wash(
        easel.lines(
            [([(x - 0.002, y - 0.003) for x, y in points], width * 0.6) for points, width in lines]
        ),
        "#7a7a5a",
    )
    joints = [points[-1] for points, width in lines if width < 0.0075]
    chosen = easel.rng.permutation(len(joints))[:110]
    for index in chosen.tolist():
        x, y = joints[index]
        _blossom(
            easel,
            (x + easel.rng.normal(0, 0.01), y + easel.rng.normal(0, 0.01)),
            float(easel.rng.uniform(0.019, 0.034)),
        )


def _blossom(easel: Easel, at: Point, radius: float) -> None:
    tilt = float(easel.rng.uniform(0.6, 1.0))
    petal_ring(easel, at, (radius * 0.75, radius * 0.85, 5), "#c9a9b4 #f0dfe0 #ffffff", tilt)
    petal_ring(easel, at, (radius * 0.5, radius * 0.5, 5), "#e9c0c9 #fbeeee #ffffff", tilt)
    petal_ring(easel, at, (radius * 0.22, radius * 0.14, 6), "#b8862a #e6c04a #c9506a", tilt)


def meadow(easel: Easel) -> None:
    """Wild flowers seen from the height of a bee."""
    easel.colour = ramp(
        np.clip(easel.y + (easel.noise(4, 4) - 0.5) * 0.6, 0, 1),
        "#cfe3d9 #a9cf9a #5f9a56 #2f6a3f #1f4a34",
    )
    repaint(easel, LOOSE, contours(easel, 1.4))
    rng = easel.rng
    for depth in np.linspace(0, 1, 6).tolist():
        count = 420
        touch(
            easel,
            Touches(
                at=np.stack(
                    [rng.random(count), 0.45 + 0.5 * depth + rng.normal(0, 0.08, count)], axis=1
                ),
                colour=picked(rng, "#2f6a3a #4f8f44 #86b45a #1f5234 #b9cf7a", count),
                length=0.1 + 0.06 * rng.random(count),
                width=np.full(count, 0.003 + 0.003 * depth),
                angle=np.pi / 2 + rng.normal(0, 0.2, count),
            ),
        )
        for _ in range(15):
            _wild(
                easel,
                (float(rng.random()), 0.24 + 0.6 * depth + float(rng.normal(0, 0.07))),
                0.014 + 0.022 * depth,
            )


def _wild(easel: Easel, at: Point, radius: float) -> None:
    kinds = (
        ("#8f1f1f #d93a2a #f2705a", "#1f1a1a #3a2a2a", 8, 0.62),
        ("#2f4aa8 #5f7fd9 #a9bff2", "#2a2a6a #5a4aa0", 12, 0.3),
        ("#c9cfd9 #f2f2ee #ffffff", "#d9a02a #ffd95a", 13, 0.3),
        ("#c98f1f #f2c93a #ffeb8a", "#a8701a #d99a2a", 10, 0.4),
        ("#a84a8f #d985c0 #f2bfe0", "#7a2a6a #f2e0a0", 9, 0.5),
    )
    petals, heart, count, wide = kinds[int(easel.rng.integers(0, len(kinds)))]
    tilt = float(easel.rng.uniform(0.5, 1))
    for scale in (1.0, 0.65):
        petal_ring(easel, at, (radius * scale, radius * wide, count), petals, tilt)
    foliage(easel, at, (radius * 0.35, radius * 0.35 * tilt), heart, 16, radius * 0.22)
