"""Flowers in vases."""

from __future__ import annotations

import numpy as np

from .bouquet import leaf, petal_ring, room, stem, vase
from .brush import FINE, LOOSE, contours, repaint
from .easel import Easel, Point
from .noise import smoothstep
from .scenery import foliage


def _sunflower(easel: Easel, at: Point, radius: float) -> None:
    tilt = float(easel.rng.uniform(0.8, 1.0))
    for scale, count, words in (
        (1.0, 22, "#a8641a #d9942a #f0b83a"),
        (0.86, 22, "#c9801f #f0b52f #ffdc5a"),
        (0.72, 18, "#d9942a #f9c93f #ffe98a"),
    ):
        petal_ring(easel, at, (radius * scale, radius * 0.24, count), words, tilt)
    squash = easel.width_px / easel.height_px
    foliage(
        easel,
        at,
        (radius * 0.62 / min(1, squash), radius * 0.62 * tilt),
        "#24150f #4a2a18 #8a5424",
        150,
        radius * 0.12,
    )
    foliage(easel, at, (radius * 0.28, radius * 0.26), "#3a3418 #6f6a2a #a89a3f", 40, radius * 0.1)


def sunflowers(easel: Easel) -> None:
    """Sunflowers in an earthen vase against a pale blue-green wall."""
    room(easel, "#8fb8ae #a9cbbd #c3d9c4 #9cc0b8", "#d9a441 #e6b955 #c98f34", 0.8)
    heads = (
        (0.5, 0.2, 0.085),
        (0.27, 0.27, 0.08),
        (0.74, 0.26, 0.08),
        (0.2, 0.44, 0.068),
        (0.8, 0.45, 0.072),
        (0.38, 0.4, 0.085),
        (0.63, 0.4, 0.082),
        (0.49, 0.53, 0.07),
    )
    for x, y, _radius in heads:
        stem(easel, (0.5, 0.64), (x, y), "#56703a", 0.009)
    vase(easel, 0.5, 0.58, 0.88, "9 8.5 10 13 14.5 14 12 9.5", "#6f3f24 #b9743a #e0a85a #f2cf8a")
    repaint(easel, LOOSE, contours(easel, 0.6))
    for x, y, heading in (
        (0.36, 0.52, 2.7),
        (0.64, 0.54, 0.4),
        (0.3, 0.36, 3.4),
        (0.7, 0.33, -0.3),
        (0.5, 0.32, -1.2),
        (0.42, 0.58, 2.2),
        (0.6, 0.6, 0.9),
    ):
        leaf(easel, (x, y), 0.12, heading, "#24452a #4a7434 #8fa84a")
    for x, y, radius in sorted(heads, key=lambda head: head[2]):
        _sunflower(easel, (x, y), radius)


def tulips(easel: Easel) -> None:
    """Red tulips in a glass jug by a cool window light."""
    room(easel, "#3f4f66 #56708a #7f97a8 #4a5f78", "#8a6a58 #b08a70 #6a4c44", 0.78)
    heads = [
        (0.5, 0.2),
        (0.34, 0.26),
        (0.67, 0.25),
        (0.22, 0.38),
        (0.79, 0.37),
        (0.42, 0.36),
        (0.59, 0.37),
    ]
    for x, y in heads:
        stem(easel, (0.5, 0.68), (x, y), "#6f9a5a", 0.008)
    vase(easel, 0.5, 0.58, 0.87, "7.5 7 8 10 11 11 10 9", "#2f4f5f #5f8a96 #a9cdd0 #e3f2f0")
    repaint(easel, LOOSE, contours(easel, 1.2))
    for x, y, heading, size in (
        (0.46, 0.6, -2.1, 0.27),
        (0.54, 0.6, -1.05, 0.27),
        (0.45, 0.6, 2.9, 0.17),
        (0.56, 0.6, 0.25, 0.17),
        (0.5, 0.6, -1.6, 0.24),
    ):
        _blade(easel, (x, y), size, heading)
    for x, y in heads:
        _tulip(easel, x, y, 0.075)
    repaint(easel, FINE[1:], contours(easel, 1.2))


def _blade(easel: Easel, at: Point, size: float, heading: float) -> None:
    """A long leaf with a bend, its two halves in two greens."""
    along = np.linspace(0, 1, 20)
    turn = heading + 0.5 * along * np.sign(np.cos(heading))
    x, y = at[0] + size * along * np.cos(turn), at[1] + size * along * np.sin(turn) * 0.75
    half = 0.13 * size * np.sin(np.pi * along**0.8)
    for side, colour in ((-1, "#3f7a4a"), (1, "#86b06a")):
        dx, dy = -np.sin(turn) * half * side, np.cos(turn) * half * side
        rim = zip((x + dx).tolist(), (y + dy).tolist(), strict=True)
        spine = zip(x[::-1].tolist(), y[::-1].tolist(), strict=True)
        easel.wash(easel.polygon([*rim, *spine]), colour)


def _tulip(easel: Easel, x: float, y: float, size: float) -> None:
    """A cup of five pointed petals, those behind darker."""
    lean = (x - 0.5) * 0.7
    for shift, wide, word in (
        (-0.45, 0.34, "#8f1a24"),
        (0.45, 0.34, "#a3222a"),
        (0.0, 0.4, "#7a1420"),
        (-0.26, 0.46, "#d23c34"),
        (0.3, 0.42, "#b92a2c"),
        (0.02, 0.4, "#ec6450"),
    ):
        share = np.linspace(0, 1, 14)
        half = wide * np.sin(np.pi * share**0.75) ** 0.8 * (1 - 0.15 * share)
        middle = shift * np.sin(np.pi * np.clip(share * 0.8, 0, 1))
        up = 0.75 - 1.7 * share
        left = [
            (m - h, u) for m, h, u in zip(middle.tolist(), half.tolist(), up.tolist(), strict=True)
        ]
        right = [
            (m + h, u) for m, h, u in zip(middle.tolist(), half.tolist(), up.tolist(), strict=True)
        ]
        points = [
            (x + size * (px - py * lean), y + size * 0.75 * (py + px * lean))
            for px, py in [*left, *right[::-1]]
        ]
        mask = easel.polygon(points)
        easel.wash(mask, word)
        easel.wash(mask * smoothstep(0.02, -0.05, easel.x - x) * 0.25, "#ffb090")


def daisies(easel: Easel) -> None:
    """White daisies crowded in a blue jug."""
    room(easel, "#d9b98a #e6caa0 #c9a878 #ead7b4", "#7f9cb4 #a3b9c9 #6a86a0", 0.76)
    vase(easel, 0.5, 0.55, 0.86, "11 10 11 14 16 15.5 14 11", "#16305f #2a569a #5f8fc9 #c0dcf2")
    easel.wash(easel.line([(0.63, 0.58), (0.71, 0.6), (0.72, 0.7), (0.65, 0.76)], 0.018), "#2a569a")
    repaint(easel, LOOSE, contours(easel, 0.3))
    rng = easel.rng
    for _ in range(26):
        at = (0.5 + rng.normal(0, 0.13), 0.4 + rng.normal(0, 0.1))
        leaf(easel, at, 0.1, float(rng.uniform(0, 6.3)), "#24452f #3f7044 #86a85a")
    spots = [
        (0.5 + r * np.cos(a) * 0.3, 0.34 + r * np.sin(a) * 0.21)
        for r, a in zip(
            np.sqrt(rng.random(30)).tolist(), (np.arange(30) * 2.4).tolist(), strict=True
        )
    ]
    for x, y in sorted(spots, key=lambda spot: spot[1]):
        radius = float(rng.uniform(0.028, 0.04))
        for scale in (1.0, 0.7):
            petal_ring(
                easel,
                (x, y),
                (radius * scale, radius * 0.36, 15),
                "#9fb0c8 #e3e6ec #ffffff",
                float(rng.uniform(0.65, 1)),
            )
        foliage(
            easel,
            (x, y),
            (radius * 0.4, radius * 0.36),
            "#a8681a #e0a52a #ffd95a",
            26,
            radius * 0.26,
        )
