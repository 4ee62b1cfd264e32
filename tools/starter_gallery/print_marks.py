"""The marks of a colour print: paper, flat tones with ink lines, smooth outlines, foam."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .colour import ramp
from .easel import Easel, Point
from .noise import Array, blur

INK = "#1c2b3f"


def smooth(points: Sequence[Point], steps: int = 14) -> list[Point]:
    """A Catmull-Rom curve through `points`."""
    padded = np.array([points[0], *points, points[-1]])
    share = np.linspace(0, 1, steps, endpoint=False)[:, None]
    pieces = []
    for a, b, c, d in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        pieces.append(
            0.5
            * (
                2 * b
                + (c - a) * share
                + (2 * a - 5 * b + 4 * c - d) * share**2
                + (3 * b - a - 3 * c + d) * share**3
            )
        )
    track = np.concatenate([*pieces, padded[-1:]])
    return [(float(x), float(y)) for x, y in track]


def outline(text: str) -> list[Point]:
    """Points written as "x,y x,y"."""
    pairs = (pair.split(",") for pair in text.split())
    return [(float(x), float(y)) for x, y in pairs]


def sheet(easel: Easel, words: str, until: float = 1.0) -> None:
    """Paper with a graded sky and the faint grain of the block."""
    easel.colour = ramp(np.clip(easel.y / until, 0, 1) + 0 * easel.x, words)
    grain = easel.noise(2, 90, 3)
    easel.wash((grain - 0.5).clip(0, 1) * 0.18, "#8a7a60")


def printed(easel: Easel, mask: Array, colour: Array | str, line: float = 0.9) -> None:
    """A flat tone with an ink line round it."""
    easel.wash(mask, colour)
    soft = blur(mask, max(1.0, 0.0012 * easel.unit_px))
    easel.wash(np.clip(4 * soft * (1 - soft) * 1.2 - 0.2, 0, 1) * line, INK)


def dotted(easel: Easel, dots: Sequence[tuple[float, float, float]], grow: float = 0.0) -> Array:
    """Many discs (x, y, radius in units) as one mask."""
    turn = np.linspace(0, 2 * np.pi, 22)
    across, down = easel.unit_px / easel.width_px, easel.unit_px / easel.height_px
    return easel.polygons(
        [
            [
                (
                    x + (r + grow) * across * float(np.cos(t)),
                    y + (r + grow) * down * float(np.sin(t)),
                )
                for t in turn
            ]
            for x, y, r in dots
        ]
    )


def foam(easel: Easel, track: Sequence[Point], size: float) -> None:
    """Foam along a crest: outlined clumps, then white."""
    rng = easel.rng
    dots = []
    for x, y in track:
        for _ in range(2):
            dots.append(
                (
                    x + float(rng.normal(0, size * 0.5)),
                    y + float(rng.normal(0, size * 0.5)),
                    size * float(rng.uniform(0.35, 0.9)),
                )
            )
    easel.wash(dotted(easel, dots, 0.0018), INK)
    easel.wash(dotted(easel, dots), "#f6f1e3")
    inner = [(x + r * 0.3, y + r * 0.35, r * 0.4) for x, y, r in dots[::3]]
    easel.wash(dotted(easel, inner) * 0.8, "#b9d0d8")
