"""Forests: birches in autumn, firs in mist, a summer path, fresh snow."""

from __future__ import annotations

import numpy as np

from .brush import FINE, LOOSE, OIL, Touches, contours, repaint, touch
from .colour import picked, ramp
from .easel import Easel
from .noise import smoothstep
from .scenery import (
    below,
    branches,
    firs,
    foliage,
    glow,
    land,
    mirrored,
    mist,
    ridge,
    ripples,
    sky,
)


def _leaves(easel: Easel, words: str, count: int, span: tuple[float, float], size: float) -> None:
    """Leaves as short strokes between two heights, gathered in clumps."""
    rng = easel.rng
    low, high = span
    weight = np.clip(easel.noise(6, 6, 4) - 0.35, 0, 1) ** 1.3 * (easel.y > low) * (easel.y < high)
    spots = rng.choice(weight.size, count, p=(weight / weight.sum()).ravel())
    row, column = np.divmod(spots, easel.width_px)
    touch(
        easel,
        Touches(
            at=np.stack([column / easel.width_px, row / easel.height_px], axis=1),
            colour=picked(rng, words, count, 0.06),
            length=size * rng.uniform(0.7, 1.5, count),
            width=size * rng.uniform(0.5, 0.8, count),
            angle=rng.uniform(0, np.pi, count),
        ),
    )


def _birch(easel: Easel, x: float, foot: float, half: float) -> None:
    """A white trunk, shaded at one side, with dark marks."""
    sway = 0.02 * (easel.noise(1, 2, 2)[:, :1] - 0.5)
    across = (easel.x - x - sway) / half
    mask = np.clip((1 - np.abs(across)) * half * easel.width_px, 0, 1) * (easel.y < foot)
    tone = np.clip(0.55 - 0.5 * across + 0.25 * (easel.noise(20, 30, 3) - 0.5), 0, 1)
    easel.wash(mask, ramp(tone, "#6f6a72 #b9b3ac #ece6da #fbf8ee"))
    count, rng = int(foot * 46), easel.rng
    touch(
        easel,
        Touches(
            at=np.stack(
                [x + rng.uniform(-0.8, 0.8, count) * half, rng.random(count) * foot], axis=1
            ),
            colour=picked(rng, "#2a2628 #4a4244", count),
            length=half * rng.uniform(0.3, 0.9, count),
            width=half * rng.uniform(0.06, 0.2, count),
            angle=rng.normal(0.1, 0.2, count),
        ),
    )


def birches(easel: Easel) -> None:
    """White birches in a blaze of gold, a blue stream of shadow on the ground."""
    easel.colour = ramp(
        np.clip(easel.y + (easel.noise(4, 4) - 0.5) * 0.5, 0, 1),
        "#8fb0c4 #e8d9a0 #e0b04a #b8742c #7a4a2a",
    )
    for x in easel.rng.random(26):
        trunk = easel.line([(x, 0.0), (x + easel.rng.normal(0, 0.01), 0.66)], 0.005)
        easel.wash(trunk * 0.6, "#cdbf9f")
    repaint(easel, LOOSE, contours(easel, 1.4))
    _leaves(easel, "#e9b83a #f4d25a #d98f2a #c9a63a", 1500, (0.0, 0.66), 0.011)
    land(easel, ridge(easel, 0.72, 0.05, 2, 3), "#c9893a #a8602a #7a4424 #53301f", 0.3)
    repaint(easel, LOOSE[1:], contours(easel, 0.1))
    for x, foot, half in (
        (0.3, 0.74, 0.012),
        (0.52, 0.73, 0.011),
        (0.7, 0.76, 0.014),
        (0.93, 0.78, 0.016),
        (0.1, 0.86, 0.026),
        (0.42, 0.9, 0.03),
        (0.8, 0.95, 0.036),
    ):
        _birch(easel, x, foot, half)
        foliage(easel, (x, foot + 0.004), (half * 3.2, half), "#53301f #a8602a #e0a03a", 60, 0.011)
    _leaves(easel, "#f9dc6a #f0b030 #e0842a #d9a02f #fbe99a", 1500, (0.0, 0.5), 0.013)
    _leaves(easel, "#e0a03a #c9702a #f0c04a #8a4a26 #5f6a8a", 1700, (0.76, 1.0), 0.012)


def misty_firs(easel: Easel) -> None:
    """Firs in grey-green layers, the nearest dark, fog between them."""
    easel.colour = ramp(
        np.clip(easel.y + (easel.noise(3, 3) - 0.5) * 0.2, 0, 1), "#c3cfcd #dbe2dd #e6e8e0"
    )
    rows = (
        (0.44, 0.2, "#b4c4c2", 26),
        (0.55, 0.24, "#94aba9", 24),
        (0.68, 0.3, "#6b8a88", 20),
        (0.83, 0.36, "#3f625f", 15),
        (1.02, 0.46, "#1a3a3a", 9),
    )
    for foot, tall, colour, count in rows:
        line = ridge(easel, foot, 0.07, 2, 3)
        easel.wash(np.maximum(firs(easel, line, count, tall), below(easel, line)), colour)
        mist(easel, foot + 0.03, 0.06, "#e3e8e2", 0.75 if foot < 0.8 else 0.2)
    repaint(easel, FINE, contours(easel, np.pi / 2))


def summer_path(easel: Easel) -> None:
    """A path into a green wood, sun coming through in patches."""
    vanish = (0.52, 0.47)
    easel.colour = ramp(
        np.clip(easel.distance(*vanish) * 2 + (easel.noise(6, 6) - 0.5) * 0.5, 0, 1),
        "#f4f2b8 #b9cf6a #6f9f48 #3a6a34 #1f4428",
    )
    ground = ridge(easel, 0.58, 0.04, 3, 3)
    land(easel, ground, "#8fae4a #5f8a3a #3f6a30 #2a4f2a", 0.4)
    fall = np.clip((easel.y - 0.5) / 0.5, 0, 1)
    middle = vanish[0] + 0.16 * np.sin(fall * 3.2) * fall
    inside = smoothstep(1.0, 0.8, np.abs(easel.x - middle) / (0.012 + 0.24 * fall**1.4))
    patches = smoothstep(0.42, 0.6, easel.noise(5, 16, 4))
    easel.wash(inside * (easel.y > 0.535), ramp(patches, "#6f5a48 #a88f6a #f0dba0"))
    easel.wash((1 - inside) * patches * smoothstep(0.6, 0.7, easel.y) * 0.5, "#c9d85a")
    repaint(easel, OIL, contours(easel))
    for x, foot, width in (
        (0.42, 0.6, 0.008),
        (0.6, 0.6, 0.009),
        (0.35, 0.63, 0.013),
        (0.68, 0.64, 0.015),
        (0.24, 0.7, 0.024),
        (0.8, 0.72, 0.028),
        (0.07, 0.84, 0.05),
        (0.96, 0.86, 0.055),
    ):
        _trunk(easel, x, foot, width)
    for y, size, count in ((0.36, 0.010, 1200), (0.24, 0.014, 1500), (0.14, 0.02, 900)):
        _leaves(easel, "#2a5a2c #4a8a38 #7fb046 #b9d060 #e3e88a", count, (0.0, y), size)
    _leaves(easel, "#3a6a30 #6f9f40 #a8c850 #f2f0c0", 700, (0.66, 1.0), 0.012)
    glow(easel, vanish, 0.08, "#fff6c0", 0.55)


def _trunk(easel: Easel, x: float, foot: float, width: float) -> None:
    across = (easel.x - x - 0.012 * np.sin(easel.y * 6 + x * 30)) / width
    flare = 1 + 0.6 * smoothstep(foot - 0.1, foot, easel.y)
    mask = smoothstep(1.0, 0.85, np.abs(across) / flare) * (easel.y < foot)
    tone = np.clip(
        0.5 - 0.5 * across * np.sign(x - 0.52) + 0.4 * (easel.noise(40, 6, 3) - 0.5), 0, 1
    )
    easel.wash(mask, ramp(tone, "#241f1e #4a3a2e #7a6244 #c0a468"))


def snow_wood(easel: Easel) -> None:
    """Firs bent under fresh snow, violet shadows, a low winter sun."""
    sky(easel, "#8fb0d8 #c3d0e2 #f6dcc4 #fbe6c6", 0.7)
    glow(easel, (0.35, 0.5), 0.16, "#fff0c8", 0.8)
    easel.wash(firs(easel, ridge(easel, 0.64, 0.05, 3, 3), 90, 0.2) * 0.7, "#9fb2cc")
    land(easel, ridge(easel, 0.66, 0.04, 2, 3), "#e6ebf4 #cfd9ec #b4c2e0 #dfe6f2", 0.4)
    stripes = smoothstep(0.55, 0.7, easel.noise(14, 3, 3)) * smoothstep(0.66, 0.75, easel.y)
    easel.wash(stripes * 0.55, "#93a3d0")
    repaint(easel, LOOSE, contours(easel))
    for x, foot, tall in (
        (0.2, 0.74, 0.34),
        (0.52, 0.72, 0.3),
        (0.66, 0.75, 0.4),
        (0.9, 0.8, 0.55),
        (0.06, 0.86, 0.62),
        (0.36, 0.88, 0.5),
    ):
        _snowy_fir(easel, x, foot, tall)


def _snowy_fir(easel: Easel, x: float, foot: float, tall: float) -> None:
    """Tiers of drooping strokes: dark green below, snow on top."""
    rng, count = easel.rng, int(1500 * tall)
    up = np.sort(rng.random(count))
    tier = 1 - ((up * 9) % 1.0)
    half = tall * 0.24 * (1.02 - up) * (0.45 + 0.55 * tier)
    side = rng.uniform(-1, 1, count)
    light = np.clip(0.75 - 0.75 * tier - 0.2 * side + rng.normal(0, 0.16, count), 0, 1)
    touch(
        easel,
        Touches(
            at=np.stack([x + side * half, foot - up * tall + np.abs(side) * 0.02], axis=1),
            colour=ramp(light, "#1d3640 #355460 #8fa4c8 #e3ebf6 #ffffff"),
            length=0.022 * (0.5 + tall) * rng.uniform(0.6, 1.3, count),
            width=np.full(count, 0.007),
            angle=side * 0.7,
        ),
    )


def cherry_avenue(easel: Easel) -> None:
    """Blossoming cherry trees over a canal, petals on the water."""
    horizon = 0.6
    sky(easel, "#9cc6e2 #c9dfea #f3ece6", horizon)
    land(easel, ridge(easel, horizon, 0.06, 3, 3), "#b9c9a0 #8fae74 #6f9458", 0.08)
    for x, foot, tall in (
        (0.4, 0.59, 0.05),
        (0.56, 0.59, 0.05),
        (0.7, 0.6, 0.07),
        (0.2, 0.6, 0.08),
        (0.88, 0.61, 0.1),
        (0.03, 0.61, 0.11),
    ):
        easel.wash(
            easel.lines(branches(easel.rng, (x, foot), tall, -np.pi / 2, 0.09 * tall)), "#4a3638"
        )
        for _ in range(7):
            dx, dy = easel.rng.normal(0, tall * 0.75), easel.rng.uniform(-3.6, -1.3) * tall
            foliage(
                easel,
                (x + dx, foot + dy),
                (tall * 0.8, tall * 0.85),
                "#b06a86 #e39ab4 #f7c6d4 #fdeaf0",
                90,
                0.011,
            )
    mirrored(easel, horizon, "#6f93a8", 0.4)
    repaint(easel, FINE[1:], contours(easel))
    ripples(easel, horizon, "#f3c6d4 #8fb0c0 #b9cdd4 #e3a4ba #fdeaf0", 500, 0.8)
    _leaves(easel, "#fbdde6 #f3b9cb #ffffff", 300, (0.62, 1.0), 0.008)
