"""A bowl of fruit."""

from __future__ import annotations

import numpy as np

from .bouquet import room
from .brush import Layer, contours, repaint
from .colour import ramp
from .easel import Easel, Point
from .noise import smoothstep


def _fruit(easel: Easel, at: Point, radius: float, words: str) -> None:
    """A round fruit, lit from the upper left, with its cast shadow."""
    x, y = at
    low = y + radius * easel.unit_px / easel.height_px
    cast = np.exp(-((easel.distance(x + radius * 0.6, low - 0.01, 2.4) / (radius * 0.5)) ** 2))
    easel.wash(cast * 0.6 * (easel.y > y), "#2f2026")
    across = (easel.x - x) * easel.width_px / easel.unit_px / radius
    down = (easel.y - y) * easel.height_px / easel.unit_px / radius
    tone = np.clip(0.62 - 0.45 * across - 0.45 * down + 0.25 * (easel.noise(16, 16) - 0.5), 0, 1)
    easel.wash(easel.disc(x, y, radius), ramp(tone, words))
    shine = np.exp(-((across + 0.38) ** 2 + (down + 0.42) ** 2) / 0.035)
    easel.wash(shine * 0.75, "#fffdf0")


def fruit_bowl(easel: Easel) -> None:
    """Oranges, apples and lemons in and beside a white bowl on a blue cloth."""
    room(easel, "#5a4436 #7a5c44 #94704f #4a382f", "#2f5a7f #4a7fa6 #3a6a90 #6f9fbe", 0.6)
    folds = smoothstep(
        0.5, 0.8, np.abs(np.sin((easel.x * 7 + easel.y * 3 + easel.noise(2, 2)) * 2.2))
    )
    easel.wash(folds * (easel.y > 0.62) * 0.3, "#a9c9dc")
    orange, apple = "#8f3a14 #d9701f #f59a34 #ffc96a", "#4f0f1a #a82028 #d94a3a #f5a05a"
    lemon, green = "#8f7a1a #d9b92f #f5e05a #fff4a0", "#3f5a1f #7f9f34 #b9cf5a #e8edaa"
    for x, y, radius, words in (
        (0.36, 0.46, 0.07, orange),
        (0.5, 0.42, 0.075, apple),
        (0.63, 0.47, 0.068, green),
        (0.43, 0.53, 0.068, lemon),
        (0.56, 0.54, 0.07, orange),
    ):
        _fruit(easel, (x, y), radius, words)
    _bowl(easel, 0.5, 0.57, 0.8)
    for x, y, radius, words in (
        (0.83, 0.76, 0.068, orange),
        (0.17, 0.78, 0.064, apple),
        (0.72, 0.85, 0.06, lemon),
    ):
        _fruit(easel, (x, y), radius, words)
    repaint(
        easel, (Layer(16, 50), Layer(9, 30, 0.015, 0.03), Layer(4, 16, 0.03)), contours(easel, 0.2)
    )


def _bowl(easel: Easel, x: float, rim: float, foot: float) -> None:
    cast = np.exp(-((easel.distance(x + 0.06, foot, 3.4) / 0.05) ** 2)) * (easel.y > rim)
    easel.wash(cast * 0.7, "#16283f")
    down = np.clip((easel.y - rim) / (foot - rim), 0, 1)
    half = 0.26 * np.sqrt(np.clip(1 - down**2.2 * 0.86, 0, 1))
    across = (easel.x - x) / half
    mask = (
        smoothstep(1.0, 0.985, np.abs(across))
        * (easel.y > rim + 0.025 * across**2 - 0.02)
        * (easel.y < foot)
    )
    tone = np.clip(0.7 - 0.4 * across - 0.35 * down, 0, 1)
    easel.wash(mask, ramp(tone, "#5f6f8f #9fb0c6 #dfe3e6 #fffdf6"))
    stripe = mask * (np.abs(down - 0.22) < 0.035)
    easel.wash(stripe * 0.85, "#2f5a9f")
