"""Fields: wheat, poppies, lavender."""

from __future__ import annotations

import numpy as np

from .brush import LOOSE, OIL, Layer, Touches, contours, repaint, touch
from .colour import ramp
from .easel import Easel
from .grassland import blooms, flecks, grass
from .noise import Array, curve
from .scenery import clouds, foliage, glow, land, mist, ridge, sky, streaks


def wheat(easel: Easel) -> None:
    """A yellow wheat field, a dark cypress, a sky that turns in long strokes."""
    sky(easel, "#2f6fae #5d9bca #9cc6d6 #dfe6c8", 0.52)
    clouds(easel, "#fdf8e6", "#8fb4cc", 0.5, 0.5)
    turning = _eddies(easel, 7)
    far = ridge(easel, 0.53, 0.1, 3, 4)
    land(easel, far, "#5a86a8 #6f97a0", 0.1)
    near = ridge(easel, 0.6, 0.05, 2.5, 3)
    land(easel, near, "#7f9a4c #c9a93c #e3b73a #d99f2c", 0.3)
    field = np.where(easel.y > near[None, :], np.pi / 2 + 0.4 * (easel.noise(3, 3) - 0.3), turning)
    repaint(easel, (Layer(20, 80), Layer(11, 50, 0.01, 0.04), Layer(6, 28, 0.03, 0.04)), field)
    grass(easel, 0.62, "#e9c04a #d9a02f #f4d877 #b98428 #c9b04a", 2600)
    for x, foot, tall in ((0.77, 0.72, 0.56), (0.85, 0.69, 0.36)):
        _cypress(easel, x, foot, tall)
    flecks(easel, 0.8, "#c9402c #d9573a", 70, 0.006)


def _eddies(easel: Easel, count: int) -> Array:
    """Stroke angles that circle round `count` random points."""
    rng = easel.rng
    angle = np.zeros(easel.shape)
    cosine, sine = np.full(easel.shape, 0.6), np.zeros(easel.shape)
    for x, y in rng.random((count, 2)) * [1.0, 0.5]:
        across, down = easel.x - x, (easel.y - y) * easel.height_px / easel.width_px
        angle = np.arctan2(down, across) + np.pi / 2
        weight = 1 / (across**2 + down**2 + 0.003) / 100
        cosine, sine = cosine + weight * np.cos(2 * angle), sine + weight * np.sin(2 * angle)
    angles: Array = 0.5 * np.arctan2(sine, cosine)
    return angles


def _cypress(easel: Easel, x: float, foot: float, tall: float) -> None:
    """A flame of dark green strokes."""
    rng, count = easel.rng, int(1500 * tall)
    up = rng.random(count)
    half = tall * 0.12 * np.sin(np.pi * np.clip(up * 0.86 + 0.12, 0, 1)) ** 0.8
    side = rng.uniform(-1, 1, count)
    sway = 0.012 * np.sin(up * 7 + x * 40)
    light = np.clip(0.45 - 0.4 * side + rng.normal(0, 0.2, count), 0, 1)
    touch(
        easel,
        Touches(
            at=np.stack([x + sway + side * half, foot - up * tall], axis=1),
            colour=ramp(light, "#12291f #1f4428 #3f6a34 #7d8f3f"),
            length=0.035 * rng.uniform(0.6, 1.2, count),
            width=np.full(count, 0.007),
            angle=np.pi / 2 + side * 0.3 + 0.35 * np.cos(up * 7 + x * 40),
        ),
    )


def poppies(easel: Easel) -> None:
    """A slope of red poppies, a line of trees, a light summer sky."""
    sky(easel, "#7fb2d9 #b3d3e6 #eef0e4", 0.42)
    clouds(easel, "#fffdf6", "#b9c8d4", 0.55, 0.42)
    far = ridge(easel, 0.42, 0.06, 2, 4)
    land(easel, far, "#8fae9d #7f9f7a", 0.1)
    slope = 0.44 + 0.05 * easel.x[0] + 0.02 * curve(easel.rng, easel.width_px, 3, 3)
    land(easel, slope, "#b7bd6c #93a951 #6f9342 #55803a", 0.5)
    repaint(easel, LOOSE, contours(easel))
    for x in (0.05, 0.13, 0.24, 0.31, 0.62, 0.7, 0.8, 0.93):
        tall = easel.rng.uniform(0.05, 0.1)
        foliage(easel, (x, 0.46 - tall * 0.6), (tall * 0.62, tall), "#24432b #3f6a3a #8aa352", 170)
    grass(easel, 0.5, "#6f8f3e #8fa84c #4f7a38 #b7b765", 1500)
    drift = easel.noise(3, 5, 4)
    blooms(easel, drift, 0.5, "#d8301f #e8492c #b91f1a #f26a45", 1500)
    blooms(easel, 1 - drift, 0.6, "#f4efe0 #e8c94a #7d86c4", 160)


def lavender(easel: Easel) -> None:
    """Rows of lavender running to a low sun, a stone house on the rise."""
    horizon = 0.4
    sky(easel, "#6d79b8 #b48bb5 #f0a58f #fbd08c", horizon)
    streaks(easel, "#ffd7a0", 0.6, (0.15, 0.4))
    glow(easel, (0.3, 0.38), 0.15, "#ffdf9a", 0.8)
    land(easel, ridge(easel, 0.41, 0.08, 2.5, 4), "#8f86b5 #9a8fae", 0.1)
    depth = np.clip((easel.y - horizon) / (1 - horizon), 1e-3, 1)
    rows = (easel.x - 0.42) / (0.06 + depth) * 9 + 0.04 * (easel.noise(8, 8) - 0.5)
    crest = 0.5 + 0.5 * np.cos(2 * np.pi * rows)
    mottle = (easel.noise(30, 40, 4) - 0.5) * 0.5
    colours = ramp(np.clip(crest + mottle, 0, 1), "#5a5a3a #4a3f74 #6f55a8 #9a7cc9 #c9a2d6")
    easel.wash((easel.y >= horizon) * np.ones(easel.shape), colours)
    mist(easel, horizon + 0.03, 0.05, "#f0b49a", 0.55)
    _cottage(easel, 0.68, 0.41, 0.06)
    along = np.arctan2(1.0, (easel.x - 0.42) * 1.4 / (0.06 + depth))
    repaint(easel, OIL, np.where(easel.y > horizon, along, contours(easel)))
    for x in (0.6, 0.77, 0.8):
        foliage(easel, (x, 0.37), (0.018, 0.05), "#2c3a3a #4a5a44 #a08a55", 130, 0.008)


def _cottage(easel: Easel, x: float, foot: float, size: float) -> None:
    wall = [(x - size, foot), (x - size, foot - size), (x + size, foot - size), (x + size, foot)]
    roof = [
        (x - size * 1.15, foot - size * 0.95),
        (x - size * 0.75, foot - size * 1.55),
        (x + size * 0.75, foot - size * 1.55),
        (x + size * 1.15, foot - size * 0.95),
    ]
    easel.wash(easel.polygon(wall), "#e9c7a0")
    easel.wash(easel.polygon(roof), "#a5543c")
    holes = [
        [
            (x + dx * size, foot - size * 0.35),
            (x + dx * size, foot - size * 0.75),
            (x + (dx + 0.22) * size, foot - size * 0.75),
            (x + (dx + 0.22) * size, foot - size * 0.35),
        ]
        for dx in (-0.6, 0.0, 0.5)
    ]
    easel.wash(easel.polygons(holes), "#4a3a4c")
