"""Towns: a skyline at dusk, a rainy street, houses on a canal, a white village."""

from __future__ import annotations

import numpy as np

from .brush import FINE, OIL, Touches, contours, repaint, touch
from .colour import ramp
from .easel import Easel, Point
from .noise import smoothstep
from .scenery import glitter, glow, mirrored, mist, ripples, sky, streaks


def box(left: float, top: float, right: float, foot: float) -> list[Point]:
    return [(left, top), (right, top), (right, foot), (left, foot)]


def _towers(easel: Easel, foot: float, tall: float, colour: str, lit: float) -> list[list[Point]]:
    """A row of buildings; returns their shining windows, a share `lit` of all."""
    rng, x = easel.rng, -0.02
    boxes: list[list[Point]] = []
    panes: list[list[Point]] = []
    while x < 1:
        wide, high = rng.uniform(0.025, 0.07), tall * rng.uniform(0.35, 1.0) ** 1.3
        boxes.append(box(x, foot - high, x + wide, foot))
        if rng.random() < 0.3:
            boxes.append(box(x + wide * 0.35, foot - high - 0.03, x + wide * 0.65, foot - high))
        panes += _panes(rng, (x, foot - high), (wide, high), lit)
        x += wide * rng.uniform(0.9, 1.15)
    easel.wash(easel.polygons(boxes), colour)
    return panes


def _panes(rng: np.random.Generator, corner: Point, size: Point, lit: float) -> list[list[Point]]:
    found: list[list[Point]] = []
    for column in np.arange(corner[0] + 0.006, corner[0] + size[0] - 0.006, 0.0095):
        for row in np.arange(corner[1] + 0.012, corner[1] + size[1] - 0.01, 0.017):
            if rng.random() < lit:
                found.append(box(column, row, column + 0.0048, row + 0.009))
    return found


def dusk_skyline(easel: Easel) -> None:
    """A city across the water as its windows light up."""
    horizon = 0.62
    sky(easel, "#232a5c #4f4585 #a3648f #ec9a7c #fbc98a", horizon)
    streaks(easel, "#f9b08a", 0.55, (0.15, 0.55))
    glow(easel, (0.3, 0.6), 0.22, "#ffc88a", 0.6)
    _towers(easel, horizon, 0.24, "#8a6690", 0.0)
    mist(easel, horizon, 0.08, "#e09a8c", 0.5)
    far = _towers(easel, horizon, 0.4, "#473f70", 0.2)
    before = easel.colour.copy()
    near = _towers(easel, horizon, 0.17, "#211f42", 0.3)
    hidden = np.abs(easel.colour - before).sum(axis=2) > 0.02
    mirrored(easel, horizon, "#232a5c", 0.4)
    repaint(easel, FINE[1:], contours(easel))
    warm = ramp(easel.noise(60, 60, 1), "#ffb95a #ffe0a0 #fff3d0 #ffc878")
    easel.wash(easel.polygons(far) * ~hidden * 0.75, warm)
    easel.wash(easel.polygons(near) * 0.95, warm)
    ripples(easel, horizon, "#e8a088 #6a5590 #2f2f62 #b97a94", 420)
    for x in easel.rng.random(14).tolist():
        glitter(easel, (x, horizon), "#ffd890 #ffb860 #fff0c0", 14, 0.003)


def rainy_street(easel: Easel) -> None:
    """A boulevard after rain: lamps, umbrellas, all of it doubled on the wet stones."""
    vanish, street = 0.5, 0.52
    sky(easel, "#26345a #4a5f86 #8f93a6 #d9b090", street)
    for side in (-1, 1):
        _facades(easel, vanish, side, street)
    glow(easel, (vanish, 0.47), 0.12, "#ffd9a0", 0.8)
    wet = ramp(
        np.clip((easel.y - street) * 2 + (easel.noise(6, 20) - 0.5) * 0.6, 0, 1),
        "#b99a88 #5f6a86 #2f3f62 #1f2a4a",
    )
    easel.wash((easel.y > street) * 1.0 + 0 * easel.x, wet)
    for row in range(5):
        reach = 0.07 + 0.42 * (row / 4) ** 1.6
        for side in (-1, 1):
            _lamp(
                easel,
                vanish + side * reach,
                street + 0.02 + 0.28 * (row / 4) ** 1.6,
                0.09 + 0.36 * (row / 4) ** 1.5,
            )
    repaint(easel, OIL, np.where(easel.y > street, np.pi / 2, contours(easel, np.pi / 2)))
    _reflections(easel, vanish, street)
    for x, foot, size in (
        (0.44, 0.6, 0.05),
        (0.57, 0.62, 0.055),
        (0.36, 0.7, 0.085),
        (0.66, 0.76, 0.11),
        (0.45, 0.86, 0.16),
    ):
        _walker(easel, x, foot, size)


def _facades(easel: Easel, vanish: float, side: int, street: float) -> None:
    away = np.clip((easel.x - vanish) * side, 0, 1)
    roof = street - 0.10 - 0.95 * away + 0.02 * np.sign(np.sin(1 / (away + 0.06) * 9))
    mask = smoothstep(0.0, 0.004, easel.y - roof) * (easel.y < street + 0.3 * away) * (away > 0.045)
    depth = 1 / (away + 0.05)
    tone = np.clip(away * 1.9 + (easel.noise(10, 10) - 0.5) * 0.3, 0, 1)
    easel.wash(mask, ramp(tone, "#c9a08a #7f6a7a #4a4566 #2a2a4a"))
    level = (easel.y - street) / (away + 0.1)
    panes = (np.sin(depth * 8) > 0.1) * (np.sin(level * 30) > 0.15) * (easel.y < street - 0.02)
    lit = smoothstep(0.45, 0.6, easel.noise(14, 14, 2))
    easel.wash(mask * panes * (0.25 + 0.65 * lit), "#ffc870")
    shops = mask * (level > -0.13) * (level < 0.15)
    easel.wash(shops * 0.75, ramp(easel.noise(16, 3, 2), "#ffdf9a #ff9f5a #f2c060 #d96a4a"))


def _lamp(easel: Easel, x: float, foot: float, tall: float) -> None:
    easel.wash(easel.line([(x, foot), (x, foot - tall)], 0.004 + tall * 0.012), "#1f2238")
    away = easel.distance(x, foot - tall)
    easel.lighten(np.exp(-away / (0.02 + tall * 0.1)) * 0.95, "#ffd890")
    easel.wash(easel.disc(x, foot - tall, 0.006 + tall * 0.035), "#fff6d8")


def _reflections(easel: Easel, vanish: float, street: float) -> None:
    rng, count = easel.rng, 750
    depth = rng.random(count)
    x = vanish + rng.normal(0, 0.09 + 0.26 * depth)
    warm = np.clip(1.15 - np.abs(x - vanish) * 1.6 + rng.normal(0, 0.3, count), 0, 1)
    touch(
        easel,
        Touches(
            at=np.stack([x, street + 0.02 + depth * (1 - street)], axis=1),
            colour=ramp(warm, "#2a3a62 #5f6f96 #d9906a #ffc870 #ffe8b0"),
            length=0.014 + 0.045 * depth * rng.random(count),
            width=0.004 + 0.006 * depth,
            angle=np.where(rng.random(count) < 0.15, np.pi / 2, 0) + rng.normal(0, 0.06, count),
        ),
    )


def _walker(easel: Easel, x: float, foot: float, size: float) -> None:
    """A figure under an umbrella, with its reflection."""
    coat = [
        (x - size * 0.13, foot - size * 0.72),
        (x + size * 0.13, foot - size * 0.72),
        (x + size * 0.19, foot - size * 0.2),
        (x + size * 0.08, foot),
        (x, foot - size * 0.14),
        (x - size * 0.08, foot),
        (x - size * 0.19, foot - size * 0.2),
    ]
    shape = [[(a, b) for a, b in coat], [(a, 2 * foot - b) for a, b in coat]]
    easel.wash(easel.polygon(shape[1]) * 0.45, "#141a30")
    easel.wash(easel.polygon(shape[0]), "#171a2e")
    arc = np.linspace(np.pi, 2 * np.pi, 18)
    dome = [
        (x + size * 0.5 * float(np.cos(t)), foot - size * 0.85 + size * 0.34 * float(np.sin(t)))
        for t in arc
    ]
    word = ("#b8323a", "#22304f", "#c98a3a", "#3f5f86")[int(easel.rng.integers(0, 4))]
    easel.wash(easel.polygon(dome), word)
    easel.wash(easel.polygon([(a, 2 * foot - b) for a, b in dome]) * 0.35, word)
