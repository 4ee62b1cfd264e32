"""Open country: hills, fields and their seasons."""

from __future__ import annotations

import numpy as np

from .brush import OIL, contours, repaint
from .colour import ramp
from .easel import Easel, Point
from .grassland import flecks, grass
from .noise import Array, curve, displaced, smoothstep
from .scenery import below, branches, clouds, foliage, glow, land, mist, ridge, sky, streaks


def _hedges(easel: Easel, skyline: Array, words: str, count: int, size: float) -> None:
    """Small round trees scattered along a skyline."""
    for x in easel.rng.random(count):
        foot = float(skyline[min(int(x * easel.width_px), easel.width_px - 1)])
        grown = size * easel.rng.uniform(0.6, 1.3)
        foliage(easel, (x, foot - grown * 0.4), (grown * 0.9, grown), words, 60, grown * 0.28)


def green_hills(easel: Easel) -> None:
    """Rolling green hills in spring light, hedges and cloud shadows."""
    sky(easel, "#4f95cf #8dc0e2 #d8e8ea", 0.5)
    clouds(easel, "#ffffff", "#a4b8ca", 0.55, 0.5)
    plans = (
        (0.50, 0.10, "#9bb9b4 #86aa95"),
        (0.58, 0.12, "#8bb486 #6f9f6a"),
        (0.70, 0.16, "#a3c35f #5f9848 #4b8440"),
        (0.92, 0.22, "#c4d363 #7fb146 #4a8a3a #34702f"),
    )
    for number, (base, height, words) in enumerate(plans):
        skyline = ridge(easel, base, height, 1.6, 3)
        land(easel, skyline, words, 0.3)
        if number == 2:
            _hedges(easel, skyline + 0.03, "#264d2a #3c6d33 #7da04a", 16, 0.018)
    repaint(easel, OIL, contours(easel))
    _hedges(easel, ridge(easel, 0.86, 0.1, 2, 2), "#1f4426 #3b7033 #96b84e", 7, 0.035)
    flecks(easel, 0.8, "#f5ecb0 #ffffff #f2d34a", 260)


def autumn_hills(easel: Easel) -> None:
    """Wooded hills in copper and gold, blue distance, morning haze in the valley."""
    sky(easel, "#86a9c6 #c3d2d6 #f1e3c8", 0.45)
    clouds(easel, "#fff8ea", "#b5b9c0", 0.45, 0.42)
    land(easel, ridge(easel, 0.42, 0.13, 2, 5), "#8c9fb8 #a9aeb5", 0.12)
    land(easel, ridge(easel, 0.52, 0.13, 2, 4), "#a98a78 #b98d5e", 0.12)
    mist(easel, 0.52, 0.05, "#f3e2c4", 0.6)
    repaint(easel, OIL, contours(easel))
    crowns = (
        "#5a2a1c #a8481f #e0812c",
        "#6a3a1a #c67a22 #f2bd4a",
        "#4a2a20 #8a2f22 #cf5a34",
        "#3c4424 #7a7a34 #c2b04e",
    )
    for base, height, size in ((0.62, 0.08, 0.02), (0.74, 0.1, 0.032), (0.9, 0.12, 0.05)):
        skyline = ridge(easel, base, height, 2, 3)
        land(easel, skyline, "#7a4526 #5a2f1e #43261c", 0.2)
        for depth in np.linspace(0, 0.18, 6):
            for x in easel.rng.random(int(0.9 / size)):
                y = float(skyline[int(x * easel.width_px)]) + depth
                grown = size * easel.rng.uniform(0.7, 1.3)
                words = crowns[int(easel.rng.integers(0, len(crowns)))]
                foliage(easel, (x, y), (grown, grown * 1.35), words, 46, grown * 0.26)


def lone_tree(easel: Easel) -> None:
    """A single oak against a burning evening sky."""
    sky(easel, "#39326b #8a3f78 #d95b56 #f79a4c #ffd97e", 0.74)
    clouds(easel, "#ff9a5e", "#6a2f66", 0.5, 0.7)
    streaks(easel, "#ffcf7a", 0.62, (0.4, 0.72))
    glow(easel, (0.36, 0.7), 0.16, "#ffe08a", 0.85)
    easel.wash(easel.disc(0.36, 0.69, 0.032), "#fff2c0")
    plain = ridge(easel, 0.76, 0.04, 1.4, 3)
    land(easel, plain, "#8a4a3a #4a2a34 #2a1c2c", 0.25)
    repaint(easel, OIL, contours(easel))
    grass(easel, 0.78, "#2a1c2c #4a2a34 #7a4236 #b0663c", 1300)
    grower = np.random.default_rng(easel.seed + 109)  # a tree with a round crown
    lines = branches(grower, (0.64, 0.82), 0.13, -np.pi / 2 + 0.05, 0.03)
    easel.wash(easel.lines(lines), "#1f1524")
    _leaves(easel, lines, "#1c1422 #3a2030 #7a3a34 #d9773f")


def _leaves(easel: Easel, lines: list[tuple[list[Point], float]], words: str) -> None:
    """Leaves in tufts round the thin ends of a bare tree."""
    rng = easel.rng
    tips = [points[-1] for points, width in lines if width < 0.0042]
    for x, y in tips:
        reach = rng.uniform(0.018, 0.034)
        foliage(easel, (x, y), (reach, reach * 1.1), words, 22, 0.010)


def _dune(easel: Easel, base: float, height: float, cells: float) -> None:
    """One dune: sharp-crested, its lee faces falling away to the right in shade."""
    folds = np.abs(2 * curve(easel.rng, easel.width_px, cells, 2) - 1)
    crest = base - height * (1 - folds)
    drop = easel.y - crest[None, :]
    bend = (0.9 + 0.5 * easel.noise(2, 3, 2)) * drop * easel.width_px
    slope = np.broadcast_to(np.gradient(crest)[None, :], easel.shape)
    face = displaced(slope, -bend, np.zeros(easel.shape)) * easel.width_px
    shade = smoothstep(-0.05, 0.12, face) * smoothstep(height * 1.4, 0, drop)
    waves = 0.05 * np.sin(easel.noise(2.5, 4, 2) * 60 + drop * 130)
    tone = np.clip(0.92 - 0.75 * shade + waves * (1 - shade) - drop * 0.25, 0, 1)
    easel.wash(below(easel, crest), ramp(tone, "#6f4238 #a8653c #dd9a50 #f4c679 #fbe0a6"))


def dunes(easel: Easel) -> None:
    """Desert dunes with sharp crests, one side in light, one in shade."""
    sky(easel, "#3f7fb5 #85b4d2 #e6dcc4", 0.4)
    mist(easel, 0.38, 0.05, "#f3dfba", 0.6)
    for base, height, cells in (
        (0.46, 0.09, 3.0),
        (0.6, 0.17, 2.0),
        (0.82, 0.26, 1.3),
        (1.1, 0.3, 1),
    ):
        _dune(easel, base, height, cells)
        mist(easel, base - height, 0.03, "#f6d9a5", 0.2)
    repaint(easel, OIL, contours(easel))
