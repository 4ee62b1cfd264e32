"""Night skies: stars over hills, the Milky Way, northern lights."""

from __future__ import annotations

import numpy as np

from .brush import LOOSE, OIL, Layer, Touches, contours, repaint, touch
from .colour import picked, ramp
from .easel import Easel
from .noise import Array, blur, smoothstep
from .scenery import (
    below,
    branches,
    clouds,
    firs,
    foliage,
    glow,
    land,
    mirrored,
    ridge,
    ripples,
    sky,
)


def stars(easel: Easel, count: int, below_y: float, size: float = 0.0022) -> None:
    """Points of light, most of them faint, above the height `below_y`."""
    rng = easel.rng
    bright = rng.random(count) ** 4
    touch(
        easel,
        Touches(
            at=np.stack([rng.random(count), rng.random(count) * below_y], axis=1),
            colour=picked(rng, "#ffffff #fff3d0 #dfe9ff #ffe3c2", count)
            * (0.55 + 0.45 * bright[:, None]),
            length=size * (0.8 + 1.3 * bright),
            width=size * (0.8 + 1.2 * bright),
            angle=rng.uniform(0, np.pi, count),
        ),
    )


def _whirls(easel: Easel, spots: list[tuple[float, float, float]]) -> Array:
    """Stroke angles that flow from left to right and curl round each (x, y, strength)."""
    cosine, sine = np.full(easel.shape, 0.35), 0.25 * np.sin(easel.x * 9) * np.ones(easel.shape)
    for x, y, strength in spots:
        across, down = easel.x - x, (easel.y - y) * easel.height_px / easel.width_px
        angle = np.arctan2(down, across) + np.pi / 2 + 0.25
        weight = strength / (across**2 + down**2 + 0.002) / 60
        cosine, sine = cosine + weight * np.cos(2 * angle), sine + weight * np.sin(2 * angle)
    angles: Array = 0.5 * np.arctan2(sine, cosine)
    return angles


def starry_hills(easel: Easel) -> None:
    """A blue night that turns in strokes round its stars, over sleeping hills."""
    sky(easel, "#10204f #1d3f86 #2f66a8 #6f9fbe", 0.72)
    wisps = easel.noise(3, 5, 5)
    easel.wash(smoothstep(0.5, 0.75, wisps) * 0.5 * (easel.y < 0.7), "#8fb8cf")
    spots = [
        (0.84, 0.17, 1.2),
        (0.44, 0.34, 1.6),
        (0.12, 0.2, 0.8),
        (0.3, 0.12, 0.6),
        (0.62, 0.12, 0.7),
        (0.68, 0.42, 0.6),
        (0.08, 0.46, 0.5),
        (0.93, 0.45, 0.5),
    ]
    for number, (x, y, strength) in enumerate(spots):
        if number != 1:
            _halo(easel, x, y, 0.034 * strength + 0.012)
    easel.wash(easel.disc(0.84, 0.17, 0.036), "#fff2b0")
    turning = _whirls(easel, spots)
    land(easel, ridge(easel, 0.72, 0.14, 2, 3), "#2c5586 #1f3f70", 0.12)
    land(easel, ridge(easel, 0.8, 0.12, 2.2, 3), "#254a6a #173455", 0.12)
    near = ridge(easel, 0.93, 0.12, 1.5, 3)
    land(easel, near, "#1f4a4a #123038 #0c1f2c", 0.2)
    field = np.where(easel.y < 0.6, turning, contours(easel))
    repaint(easel, (Layer(20, 70), Layer(10, 50, 0.0, 0.045), Layer(5, 26, 0.03, 0.04)), field)
    _windows(easel, near)


def _halo(easel: Easel, x: float, y: float, radius: float) -> None:
    away = easel.distance(x, y) / radius
    rings = np.exp(-away) * (0.75 + 0.25 * np.cos(away * 7))
    easel.wash(np.clip(rings * 1.2, 0, 1), "#f6e28a")
    easel.wash(easel.disc(x, y, radius * 0.3), "#fffbe0")


def _windows(easel: Easel, skyline: Array) -> None:
    """A hamlet on the near hill: roofs and lit panes."""
    for x in (0.2, 0.245, 0.3, 0.335, 0.39, 0.44):
        foot = float(skyline[int(x * easel.width_px)]) + 0.045
        size = easel.rng.uniform(0.018, 0.027)
        house = [
            (x - size, foot),
            (x - size, foot - size * 1.3),
            (x, foot - size * 2.5),
            (x + size, foot - size * 1.3),
            (x + size, foot),
        ]
        easel.wash(easel.polygon(house), "#0e2236")
        easel.wash(easel.disc(x, foot - size * 0.7, 0.0055), "#ffd873")
    for x in (0.12, 0.5, 0.53, 0.85):
        foot = float(skyline[int(x * easel.width_px)])
        foliage(easel, (x, foot), (0.028, 0.05), "#0b1e28 #12343a #245a56", 150, 0.010)


def milky_way(easel: Easel) -> None:
    """The Milky Way rising over dark firs and a mountain ridge."""
    sky(easel, "#070b22 #0d1838 #1a2f5c #3a5a86 #7f8fa0", 0.85)
    lean = (easel.x - 0.28) * 0.9 + (easel.y - 1.0) * 0.62
    cloud = easel.noise(4, 6, 6)
    band = np.exp(-((lean + 0.12 * (cloud - 0.5)) ** 2) / 0.018)
    dust = smoothstep(0.5, 0.72, easel.noise(5, 8, 6)) * np.exp(-(lean**2) / 0.004)
    easel.lighten(band * (0.25 + 0.75 * cloud) * 0.8, "#8f9fd0")
    easel.lighten(band**2 * cloud * 0.5, "#e8b9c0")
    easel.wash(dust * 0.6, "#141735")
    repaint(easel, LOOSE, contours(easel, 1.0))
    stars(easel, 1500, 0.85, 0.0016)
    _dense_stars(easel, 1500)
    land(easel, ridge(easel, 0.86, 0.16, 3, 6), "#1c2a4a #131d36", 0.15)
    easel.wash(firs(easel, ridge(easel, 0.97, 0.03, 2, 3), 60, 0.15), "#080d1c")
    easel.wash(below(easel, np.full(easel.width_px, 0.97)), "#060a16")


def _dense_stars(easel: Easel, count: int) -> None:
    """More faint stars along the Milky Way's band."""
    rng = easel.rng
    y = rng.random(count) * 0.85
    x = 0.28 - (y - 1.0) * 0.62 / 0.9 + rng.normal(0, 0.11, count)
    touch(
        easel,
        Touches(
            at=np.stack([x, y], axis=1),
            colour=picked(rng, "#ffffff #ffeed8 #cfdcff #b9c4ee", count),
            length=np.full(count, 0.0018),
            width=np.full(count, 0.0018),
            angle=np.zeros(count),
        ),
    )


def aurora(easel: Easel) -> None:
    """Green and violet northern lights over a lake with snowy banks."""
    horizon = 0.66
    sky(easel, "#081026 #0c1c3a #12304c #1f4a5a", horizon)
    for base, height, colour in (
        (0.42, 0.35, "#3fe8a0"),
        (0.5, 0.22, "#58f0c0"),
        (0.36, 0.42, "#9a6be0"),
    ):
        _curtain(easel, base, height, colour)
    repaint(easel, (Layer(16, 70), Layer(8, 44, 0.015), Layer(4, 22, 0.03)), np.pi / 2 + 0.12)
    stars(easel, 340, 0.6, 0.002)
    land(easel, ridge(easel, horizon, 0.12, 3, 5), "#8fb0c8 #4f7590 #2f4a66", 0.1)
    easel.wash(firs(easel, ridge(easel, horizon, 0.02, 3, 3), 110, 0.09), "#0a1a26")
    mirrored(easel, horizon, "#0a2236", 0.45)
    ripples(easel, horizon, "#123a4a #1d5a5e #2f8a78 #0b2233", 420)
    bank = ridge(easel, 0.97, 0.09, 1.5, 4)
    land(easel, bank, "#b9d4de #8fb4c8 #6f94b0", 0.15)
    easel.wash(firs(easel, bank + 0.02, 9, 0.22), "#07131e")


def _curtain(easel: Easel, base: float, height: float, colour: str) -> None:
    """One folded sheet of light: sharp at its foot, rayed, fading upwards."""
    wave = easel.noise(2.2, 1, 3)[:1]
    foot = base + 0.28 * (wave - 0.5)
    rays = 0.45 + 0.55 * easel.noise(40, 1, 3)[:1]
    up = (foot - easel.y) / height
    light = np.where(up > 0, np.exp(-up * 2.6), np.exp(up * 22)) * rays
    power = 0.4 + 0.6 * easel.noise(2, 1, 2)[:1]
    easel.lighten(blur(light * power, 2), colour)


def full_moon_forest(easel: Easel) -> None:
    """A great moon behind bare branches and drifting cloud."""
    sky(easel, "#0c1733 #1c3157 #41608a #8aa0b4", 1.0)
    clouds(easel, "#9fb3c8", "#223456", 0.5, 1.0)
    glow(easel, (0.55, 0.4), 0.2, "#d8dcc8", 0.85)
    easel.wash(easel.disc(0.55, 0.4, 0.15), ramp(easel.noise(4, 4, 4), "#e2d9b4 #fdf7dc #fffbea"))
    repaint(easel, OIL, contours(easel))
    for x, foot, tall, heading, width in (
        (0.1, 1.05, 0.24, -1.35, 0.034),
        (0.93, 1.05, 0.2, -1.75, 0.026),
    ):
        lines = branches(easel.rng, (x, foot), tall, heading, width)
        easel.wash(easel.lines(lines), "#0a1020")
