"""Open country: hills, fields and their seasons."""

from __future__ import annotations

import numpy as np

from .brush import FINE, LOOSE, OIL, Layer, Touches, contours, repaint, touch
from .colour import picked, ramp
from .easel import Easel, Point
from .noise import Array, curve, displaced, smoothstep
from .scenery import below, branches, clouds, firs, foliage, glow, land, mist, ridge, sky, streaks


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
        (0.50, 0.10, "#9bb9b4 #86aa95"), (0.58, 0.12, "#8bb486 #6f9f6a"),
        (0.70, 0.16, "#a3c35f #5f9848 #4b8440"), (0.92, 0.22, "#c4d363 #7fb146 #4a8a3a #34702f"),
    )
    for number, (base, height, words) in enumerate(plans):
        skyline = ridge(easel, base, height, 1.6, 3)
        land(easel, skyline, words, 0.3)
        if number == 2:
            _hedges(easel, skyline + 0.03, "#264d2a #3c6d33 #7da04a", 16, 0.018)
    repaint(easel, OIL, contours(easel))
    _hedges(easel, ridge(easel, 0.86, 0.1, 2, 2), "#1f4426 #3b7033 #96b84e", 7, 0.035)
    _flecks(easel, 0.8, "#f5ecb0 #ffffff #f2d34a", 260)


def _flecks(easel: Easel, top: float, words: str, count: int, size: float = 0.004) -> None:
    """Flowers as dots, larger towards the bottom edge."""
    rng = easel.rng
    depth = rng.random(count) ** 0.8
    touch(easel, Touches(
        at=np.stack([rng.random(count), top + depth * (1 - top)], axis=1),
        colour=picked(rng, words, count),
        length=size * (0.5 + 1.3 * depth), width=size * (0.45 + 1.1 * depth),
        angle=rng.uniform(0, np.pi, count),
    ))


def _grass(easel: Easel, top: float, words: str, count: int, tall: float = 0.04) -> None:
    """Upright blades, longer towards the bottom edge, the near ones last."""
    rng = easel.rng
    depth = np.sort(rng.random(count))
    touch(easel, Touches(
        at=np.stack([rng.random(count), top + depth * (1.02 - top)], axis=1),
        colour=picked(rng, words, count, 0.05),
        length=tall * (0.3 + 0.9 * depth) * rng.uniform(0.6, 1.2, count),
        width=0.002 + 0.0035 * depth,
        angle=np.pi / 2 + rng.normal(0, 0.22, count),
    ))


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
    _grass(easel, 0.62, "#e9c04a #d9a02f #f4d877 #b98428 #c9b04a", 2600)
    for x, foot, tall in ((0.77, 0.72, 0.56), (0.85, 0.69, 0.36)):
        _cypress(easel, x, foot, tall)
    _flecks(easel, 0.8, "#c9402c #d9573a", 70, 0.006)


def _eddies(easel: Easel, count: int) -> Array:
    """Stroke angles that circle round `count` random points."""
    rng = easel.rng
    angle = np.zeros(easel.shape)
    cosine, sine = np.full(easel.shape, 0.15), np.zeros(easel.shape)
    for x, y in rng.random((count, 2)) * [1.0, 0.5]:
        across, down = easel.x - x, (easel.y - y) * easel.height_px / easel.width_px
        angle = np.arctan2(down, across) + np.pi / 2
        weight = 1 / (across**2 + down**2 + 0.003) / 100
        cosine, sine = cosine + weight * np.cos(2 * angle), sine + weight * np.sin(2 * angle)
    return 0.5 * np.arctan2(sine, cosine)


def _cypress(easel: Easel, x: float, foot: float, tall: float) -> None:
    """A flame of dark green strokes."""
    rng, count = easel.rng, int(1500 * tall)
    up = rng.random(count)
    half = tall * 0.12 * np.sin(np.pi * np.clip(up * 0.86 + 0.12, 0, 1)) ** 0.8
    side = rng.uniform(-1, 1, count)
    sway = 0.012 * np.sin(up * 7 + x * 40)
    light = np.clip(0.45 - 0.4 * side + rng.normal(0, 0.2, count), 0, 1)
    touch(easel, Touches(
        at=np.stack([x + sway + side * half, foot - up * tall], axis=1),
        colour=ramp(light, "#12291f #1f4428 #3f6a34 #7d8f3f"),
        length=0.035 * rng.uniform(0.6, 1.2, count), width=np.full(count, 0.007),
        angle=np.pi / 2 + side * 0.3 + 0.35 * np.cos(up * 7 + x * 40),
    ))


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
    _grass(easel, 0.5, "#6f8f3e #8fa84c #4f7a38 #b7b765", 1500)
    drift = easel.noise(3, 5, 4)
    _blooms(easel, drift, 0.5, "#d8301f #e8492c #b91f1a #f26a45", 1500)
    _blooms(easel, 1 - drift, 0.6, "#f4efe0 #e8c94a #7d86c4", 160)


def _blooms(easel: Easel, drift: Array, top: float, words: str, count: int) -> None:
    """Flower heads that gather where `drift` is high, the near ones larger."""
    rng = easel.rng
    weight = np.clip(drift - 0.35, 0, 1) ** 1.5 * (easel.y > top)
    spots = np.sort(rng.choice(weight.size, count, p=(weight / weight.sum()).ravel()))
    row, column = np.divmod(spots, easel.width_px)
    depth = (row / easel.height_px - top) / (1 - top)
    touch(easel, Touches(
        at=np.stack([column / easel.width_px, row / easel.height_px], axis=1),
        colour=picked(rng, words, count, 0.05),
        length=0.004 + 0.016 * depth * rng.uniform(0.6, 1.2, count),
        width=0.003 + 0.011 * depth, angle=rng.normal(0, 0.5, count),
    ))


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
    roof = [(x - size * 1.15, foot - size * 0.95), (x - size * 0.75, foot - size * 1.55),
            (x + size * 0.75, foot - size * 1.55), (x + size * 1.15, foot - size * 0.95)]
    easel.wash(easel.polygon(wall), "#e9c7a0")
    easel.wash(easel.polygon(roof), "#a5543c")
    holes = [[(x + dx * size, foot - size * 0.35), (x + dx * size, foot - size * 0.75),
              (x + (dx + 0.22) * size, foot - size * 0.75), (x + (dx + 0.22) * size,
              foot - size * 0.35)] for dx in (-0.6, 0.0, 0.5)]
    easel.wash(easel.polygons(holes), "#4a3a4c")


def autumn_hills(easel: Easel) -> None:
    """Wooded hills in copper and gold, blue distance, morning haze in the valley."""
    sky(easel, "#86a9c6 #c3d2d6 #f1e3c8", 0.45)
    clouds(easel, "#fff8ea", "#b5b9c0", 0.45, 0.42)
    land(easel, ridge(easel, 0.42, 0.13, 2, 5), "#8c9fb8 #a9aeb5", 0.12)
    land(easel, ridge(easel, 0.52, 0.13, 2, 4), "#a98a78 #b98d5e", 0.12)
    mist(easel, 0.52, 0.05, "#f3e2c4", 0.6)
    repaint(easel, OIL, contours(easel))
    crowns = ("#5a2a1c #a8481f #e0812c", "#6a3a1a #c67a22 #f2bd4a", "#4a2a20 #8a2f22 #cf5a34",
              "#3c4424 #7a7a34 #c2b04e")
    for base, height, size in ((0.62, 0.08, 0.02), (0.74, 0.1, 0.032), (0.9, 0.12, 0.05)):
        skyline = ridge(easel, base, height, 2, 3)
        land(easel, skyline, "#7a4526 #5a2f1e #43261c", 0.2)
        for depth in np.linspace(0, 0.18, 6):
            for x in easel.rng.random(int(0.9 / size)):
                y = float(skyline[int(x * easel.width_px)]) + depth
                grown = size * easel.rng.uniform(0.7, 1.3)
                words = crowns[int(easel.rng.integers(0, len(crowns)))]
                foliage(easel, (x, y), (grown, grown * 1.35), words, 46, grown * 0.26)


def winter_village(easel: Easel) -> None:
    """Snow at blue hour: a church, lit windows, bare trees."""
    sky(easel, "#24365f #4a6496 #8fa0c0 #e2b9a6", 0.5)
    land(easel, ridge(easel, 0.5, 0.14, 2, 5), "#7c8fb8 #93a5c8 #a9b8d4", 0.15)
    woods = firs(easel, ridge(easel, 0.52, 0.05, 3, 3), 130, 0.07)
    easel.wash(woods * 0.85, "#33466e")
    land(easel, ridge(easel, 0.58, 0.05, 2, 3), "#c5d2e6 #b4c5e0 #d9e2ee", 0.3)
    for x, foot, size in ((0.24, 0.6, 0.045), (0.35, 0.62, 0.05), (0.16, 0.64, 0.055),
                          (0.74, 0.6, 0.045), (0.46, 0.66, 0.06), (0.68, 0.67, 0.065), (0.85, 0.65, 0.06)):
        _snowy_house(easel, x, foot, size)
    _church(easel, 0.545, 0.615)
    land(easel, ridge(easel, 0.74, 0.07, 1.6, 3), "#eef2f6 #c9d6ea #aebfe0 #dfe7f2", 0.3)
    repaint(easel, FINE, contours(easel))
    for x, foot, tall in ((0.09, 0.82, 0.13), (0.93, 0.86, 0.16)):
        lines = branches(easel.rng, (x, foot), tall * 0.75, -np.pi / 2, 0.016)
        easel.wash(easel.lines(lines), "#2a2c44")
    _flecks(easel, 0.0, "#ffffff #e4ebf6", 240, 0.003)


def _snowy_house(easel: Easel, x: float, foot: float, size: float) -> None:
    wall = [(x - size, foot), (x - size, foot - size * 0.9), (x + size, foot - size * 0.9),
            (x + size, foot)]
    roof = [(x - size * 1.2, foot - size * 0.8), (x, foot - size * 1.9),
            (x + size * 1.2, foot - size * 0.8)]
    easel.wash(easel.polygon(wall), "#5d5672")
    easel.wash(easel.polygon(roof), "#eef3fa")
    windows = [_pane(x + dx * size, foot - size * 0.5, size * 0.2) for dx in (-0.5, 0.4)]
    easel.wash(easel.polygons(windows), "#ffcf6b")


def _pane(x: float, y: float, half: float) -> list[Point]:
    return [(x - half * 0.8, y - half), (x + half * 0.8, y - half), (x + half * 0.8, y + half),
            (x - half * 0.8, y + half)]


def _church(easel: Easel, x: float, foot: float) -> None:
    tower = [(x - 0.02, foot), (x - 0.02, 0.45), (x + 0.02, 0.45), (x + 0.02, foot)]
    nave = [(x, foot), (x, foot - 0.07), (x + 0.09, foot - 0.07), (x + 0.09, foot)]
    easel.wash(easel.polygons([tower, nave]), "#6b6480")
    spire = [(x - 0.025, 0.455), (x, 0.29), (x + 0.025, 0.455)]
    roof = [(x + 0.01, foot - 0.065), (x + 0.03, foot - 0.12), (x + 0.085, foot - 0.12),
            (x + 0.105, foot - 0.065)]
    easel.wash(easel.polygon(spire), "#39466e")
    easel.wash(easel.polygon(roof), "#dbe5f1")
    panes = [_pane(x, 0.5, 0.012)] + [_pane(x + dx, foot - 0.035, 0.012) for dx in (0.035, 0.06)]
    easel.wash(easel.polygons(panes), "#ffd77a")


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
    _grass(easel, 0.78, "#2a1c2c #4a2a34 #7a4236 #b0663c", 1300)
    lines = branches(easel.rng, (0.66, 0.82), 0.13, -np.pi / 2 + 0.05, 0.03)
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
    for base, height, cells in ((0.46, 0.09, 3.0), (0.6, 0.17, 2.0), (0.82, 0.26, 1.3), (1.1, 0.3, 1)):
        _dune(easel, base, height, cells)
        mist(easel, base - height, 0.03, "#f6d9a5", 0.2)
    repaint(easel, OIL, contours(easel))
