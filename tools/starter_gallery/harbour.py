"""Houses by the water: a painted canal front, a white village."""

from __future__ import annotations

import numpy as np

from .brush import FINE, contours, repaint
from .city import box
from .colour import ramp
from .easel import Easel, Point
from .noise import Array, smoothstep
from .scenery import clouds, foliage, land, mirrored, ripples, sky


def canal_houses(easel: Easel) -> None:
    """A row of painted houses on a canal, boats moored before them."""
    quay = 0.6
    sky(easel, "#5fa4d9 #a3cdea #e6eee6", quay)
    clouds(easel, "#ffffff", "#bccbd9", 0.5, 0.5)
    rng, x = easel.rng, -0.03
    colours = [
        "#d9583f",
        "#e6b04a",
        "#4f8fa8",
        "#d98fa0",
        "#7fa86a",
        "#e8dcc0",
        "#c9703a",
        "#6a78b0",
    ]
    number = 0
    while x < 1:
        wide = float(rng.uniform(0.085, 0.13))
        _house(
            easel, (x, quay), (wide, float(rng.uniform(0.24, 0.37))), colours[number % len(colours)]
        )
        x, number = x + wide, number + 1
    easel.wash((easel.y > quay - 0.02) * (easel.y < quay) + 0 * easel.x, "#b9ab98")
    mirrored(easel, quay, "#1f5f6f", 0.4)
    repaint(easel, FINE[1:], contours(easel))
    ripples(easel, quay, "#2f7a86 #8fc0c0 #1f5060 #e6dcc0 #d98a6a", 420, 0.8)
    for left, y, half, word in (
        (0.22, 0.68, 0.09, "#2f5a8f"),
        (0.68, 0.72, 0.11, "#a83a34"),
        (0.45, 0.84, 0.14, "#2f6a56"),
    ):
        _skiff(easel, left, y, half, word)


def _house(easel: Easel, corner: Point, size: Point, colour: str) -> None:
    """One front with shutters, door and a tiled roof; `corner` is its lower left."""
    (x, foot), (wide, tall) = corner, size
    easel.wash(easel.polygon(box(x, foot - tall, x + wide, foot)), colour)
    easel.wash(
        easel.polygon(
            [
                (x - 0.004, foot - tall),
                (x + wide * 0.12, foot - tall - 0.04),
                (x + wide * 0.88, foot - tall - 0.04),
                (x + wide + 0.004, foot - tall),
            ]
        ),
        "#a5583f",
    )
    glass, shutters = [], []
    for row in range(int(tall / 0.1)):
        for column in (0.22, 0.62):
            left, top = x + wide * column, foot - tall + 0.03 + row * 0.1
            glass.append(box(left, top, left + wide * 0.18, top + 0.052))
            shutters += [
                box(left - wide * 0.08, top, left, top + 0.052),
                box(left + wide * 0.18, top, left + wide * 0.26, top + 0.052),
            ]
    easel.wash(easel.polygons(glass), "#31465c")
    word = ("#2f6a4a", "#f4f0e4", "#2f4f7f")[int(easel.rng.integers(0, 3))]
    easel.wash(easel.polygons(shutters), word)
    easel.wash(easel.polygon(box(x + wide * 0.42, foot - 0.07, x + wide * 0.6, foot)), "#5a3a2c")


def _skiff(easel: Easel, x: float, y: float, half: float, word: str) -> None:
    hull = [
        (x - half, y - half * 0.12),
        (x + half, y - half * 0.2),
        (x + half * 0.75, y + half * 0.22),
        (x - half * 0.8, y + half * 0.22),
    ]
    under = [(a, y + half * 0.44 - (b - y) * 0.8) for a, b in hull]
    easel.wash(easel.polygon(under) * 0.5, "#123a44")
    easel.wash(easel.polygon(hull), word)
    rail = [(x - half, y - half * 0.12), (x + half, y - half * 0.2)]
    easel.wash(easel.line(rail, 0.006), "#f4ead0")
    easel.wash(
        easel.line([(x - half * 0.9, y + half * 0.02), (x + half * 0.9, y - half * 0.04)], 0.004),
        "#f4ead0",
    )


def white_village(easel: Easel) -> None:
    """White cubes with blue domes and doors stepping down to the sea."""
    horizon = 0.4
    sky(easel, "#3f8fd0 #86bfe6 #d3e8f0", horizon)
    sea = ramp(
        np.clip((easel.y - horizon) * 2 + (easel.noise(4, 30) - 0.5) * 0.5, 0, 1),
        "#5fa9d4 #2a7fc0 #1a5fa8",
    )
    easel.wash((easel.y > horizon) * 1.0 + 0 * easel.x, sea)
    ripples(easel, horizon, "#8fc9e6 #2f86c6 #cfe6f0 #1f66ac", 260)
    slope: Array = 0.98 - 0.62 * smoothstep(0.25, 1.0, easel.x[0])
    land(easel, slope, "#d9b98a #c09a6a #a8805a", 0.3)
    rng = easel.rng
    spots = sorted(
        ((float(rng.uniform(0.3, 1.0)), float(rng.random())) for _ in range(46)),
        key=lambda spot: spot[1],
    )
    for x, down in spots:
        y = float(np.interp(x, easel.x[0], slope)) + 0.02 + down * 0.5
        _cube(easel, x, y, 0.045 + 0.035 * down)
    repaint(easel, FINE[1:], contours(easel))
    for x, y, size in ((0.4, 0.98, 0.07), (0.62, 0.93, 0.06), (0.94, 0.9, 0.07)):
        foliage(easel, (x, y), (size, size * 0.9), "#8f1f5a #c93a86 #f075b0 #2f6a3a", 240, 0.010)


def _cube(easel: Easel, x: float, foot: float, size: float) -> None:
    rng = easel.rng
    tall = size * rng.uniform(0.9, 1.5)
    easel.wash(easel.polygon(box(x - size, foot - tall, x + size * 0.25, foot)), "#fbf8f0")
    easel.wash(easel.polygon(box(x + size * 0.25, foot - tall, x + size, foot)), "#b9c9e0")
    kind = rng.random()
    if kind < 0.22:
        arc = np.linspace(np.pi, 2 * np.pi, 20)
        dome = [
            (x + size * 0.62 * float(np.cos(t)), foot - tall + size * 0.8 * float(np.sin(t)))
            for t in arc
        ]
        easel.wash(
            easel.polygon(dome),
            ramp(
                np.clip((easel.x - x) / size * 0.6 + 0.4, 0, 1) + 0 * easel.y,
                "#5f9fe0 #2a62b8 #173f86",
            ),
        )
    door = box(x - size * 0.55, foot - tall * 0.45, x - size * 0.25, foot)
    pane = box(x - size * 0.05, foot - tall * 0.75, x + size * 0.1, foot - tall * 0.55)
    easel.wash(easel.polygons([door, pane]), "#2a66b8")
