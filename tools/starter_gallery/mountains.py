"""Mountains: snow, alpenglow, blue distances, desert rock."""

from __future__ import annotations

import numpy as np

from .brush import FINE, OIL, Layer, contours, repaint
from .colour import mix, ramp
from .easel import Easel
from .noise import Array, blur, displaced, ridged, smoothstep
from .scenery import below, clouds, firs, glow, land, mirrored, mist, ridge, ripples, sky, streaks


def massif(
    easel: Easel, base: float, peaks: list[tuple[float, float, float]], rough: float
) -> Array:
    """The height 0.. of mountains: cones at (x, y of the summit, half width), folded by noise."""
    skyline = np.full(easel.width_px, base)
    for x, top, half in peaks:
        slope = np.abs(easel.x[0] - x) / half
        skyline = np.minimum(skyline, top + (base - top) * slope**0.85)
    jag = (ridged(easel.rng, easel.shape, (9, 3), 5)[2] - 0.5) * rough
    low = np.clip((base - skyline) / 0.2, 0, 1)
    return np.asarray(skyline + jag * low)


def rock_faces(
    easel: Easel, skyline: Array, light: str, shade: str, snow: str, line: float
) -> None:
    """Slopes under a skyline: lit from the left, snow above the height `line`."""
    folds = ridged(easel.rng, easel.shape, (6, 7), 6)
    drop = easel.y - skyline[None, :]
    relief = blur(folds, 1.5) * 0.09 + displaced(folds, drop * 300, np.zeros(easel.shape)) * 0.07
    slope = np.gradient(relief, axis=1) * easel.unit_px
    side = (
        np.gradient(blur(skyline[None, :].repeat(3, 0), 0.012 * easel.unit_px)[1]) * easel.width_px
    )
    lit = smoothstep(-0.7, 0.7, slope * 1.1 - side[None, :] * 0.35)
    rock = ramp(lit, f"{shade} {light}")
    cover = smoothstep(0.06, -0.1, easel.y - line + 0.22 * (folds - 0.5) + 0.1 * (0.5 - lit))
    white = ramp(lit, snow)
    easel.wash(below(easel, skyline), mix(rock, white, cover))


def snowy_peaks(easel: Easel) -> None:
    """Sharp white peaks under a clear blue sky, dark firs at their feet."""
    sky(easel, "#2f72b8 #6aa3d6 #bcd8ea", 0.6)
    clouds(easel, "#ffffff", "#b5c8dc", 0.36, 0.5)
    far = massif(easel, 0.62, [(0.12, 0.34, 0.3), (0.9, 0.3, 0.34), (0.36, 0.4, 0.2)], 0.05)
    rock_faces(easel, far, "#a9bdd4", "#7f97b8", "#a3b8d6 #eef4fa", 0.6)
    mist(easel, 0.6, 0.07, "#cfe0ee", 0.6)
    near = massif(easel, 0.78, [(0.55, 0.15, 0.5), (0.28, 0.36, 0.3), (0.8, 0.42, 0.3)], 0.07)
    rock_faces(easel, near, "#8f8a8c", "#3f4c68", "#7f9cc8 #dce8f5 #ffffff", 0.62)
    mist(easel, 0.76, 0.05, "#dce8f0", 0.6)
    repaint(easel, (*FINE, Layer(2.2, 8, 0.05, 0.01)), contours(easel, 1.1))
    wood = ridge(easel, 0.84, 0.06, 2.5, 3)
    easel.wash(firs(easel, wood, 190, 0.11), "#2a4a52")
    land(easel, wood + 0.015, "#24444a #1d3a38", 0.1)
    wood = ridge(easel, 0.97, 0.06, 2, 3)
    easel.wash(firs(easel, wood, 90, 0.19), "#13292b")
    easel.wash(below(easel, wood), "#10211f")


def alpenglow(easel: Easel) -> None:
    """The last pink light on a summit above a lake that doubles it."""
    horizon = 0.62
    sky(easel, "#2a3f78 #5f6fa8 #b58fb0 #f2b7a0 #f7d3b0", horizon)
    streaks(easel, "#f7a8a0", 0.55, (0.05, 0.4))
    back = massif(easel, 0.62, [(0.1, 0.36, 0.35), (0.86, 0.33, 0.35)], 0.05)
    rock_faces(easel, back, "#b58aa5", "#6a6a9c", "#8a86b8 #f0b8b0", 0.6)
    peak = massif(easel, 0.64, [(0.46, 0.13, 0.42), (0.68, 0.34, 0.24)], 0.06)
    rock_faces(easel, peak, "#d08f7f", "#4a4c7c", "#6a6fa8 #f7a88c #ffe0c0", 0.6)
    mist(easel, horizon, 0.05, "#d8a8b4", 0.55)
    easel.wash(firs(easel, ridge(easel, horizon + 0.01, 0.02, 3, 3), 170, 0.06), "#28345c")
    mirrored(easel, horizon, "#3a4a86", 0.35)
    repaint(easel, FINE, contours(easel))
    ripples(easel, horizon, "#8f86b4 #e8a8a0 #54609a #c498a8", 260, 0.8)


def blue_ranges(easel: Easel) -> None:
    """Ink washes: range behind range, each paler, mist between, a red sun."""
    easel.colour = ramp(
        np.clip(easel.y + (easel.noise(3, 3) - 0.5) * 0.15, 0, 1), "#efe6d2 #f3ead8 #e6e2d6"
    )
    easel.wash(easel.disc(0.68, 0.11, 0.045) * 0.9, "#cf4a3a")
    count = 8
    for number in range(count):
        share = number / (count - 1)
        base = 0.36 + 0.62 * share
        crest = ridge(easel, base, 0.2 - 0.06 * share, 1.6 + 0.4 * number % 2, 6)
        drop = np.clip((easel.y - crest[None, :]) / (0.2 + 0.05 * share), 0, 1)
        ink = ramp(np.full(easel.shape, share), "#a9bcc8 #6f93ad #3f6a8c #1f4263 #12263f")
        strength = (1 - 0.9 * drop**0.8) * (0.8 + 0.2 * easel.noise(6, 10))
        easel.wash(below(easel, crest) * strength, ink)
        if number >= 5:
            easel.wash(firs(easel, crest + 0.005, 26, 0.03 + 0.035 * (share - 0.5)) * 0.8, ink)
    _birds(
        easel, ((0.3, 0.17, 0.014), (0.36, 0.145, 0.011), (0.41, 0.18, 0.009), (0.25, 0.2, 0.008))
    )


def _birds(easel: Easel, flock: tuple[tuple[float, float, float], ...]) -> None:
    for x, y, size in flock:
        wings = [
            (x - size * 1.4, y - size * 0.5),
            (x - size * 0.6, y - size * 0.55),
            (x, y),
            (x + size * 0.6, y - size * 0.55),
            (x + size * 1.4, y - size * 0.4),
        ]
        easel.wash(easel.line(wings, size * 0.16), "#2a3f55")


def red_buttes(easel: Easel) -> None:
    """Red desert buttes in evening light, long blue shadows on the plain."""
    sky(easel, "#4f7fb8 #98b4cc #f0d3b0 #f6b987", 0.62)
    streaks(easel, "#f9cfa5", 0.6, (0.1, 0.5))
    land(easel, ridge(easel, 0.62, 0.03, 3, 4), "#a98fa8 #b58f92", 0.06)
    for x, top, half, foot in (
        (0.84, 0.38, 0.07, 0.63),
        (0.2, 0.27, 0.085, 0.66),
        (0.55, 0.32, 0.13, 0.66),
    ):
        _butte(easel, x, top, half, foot)
    plain = ridge(easel, 0.66, 0.02, 2, 3)
    land(easel, plain, "#d9895a #c4693f #a4502f #7a3a2a", 0.4)
    for x, width in ((0.3, 0.16), (0.68, 0.22), (0.93, 0.1)):
        shade = [(x - width, 0.665), (x + 0.02, 0.665), (x + 0.5, 0.71), (x + 0.42, 0.72)]
        easel.wash(easel.polygon(shade) * 0.55, "#5f3f5a")
    scrub = smoothstep(0.62, 0.72, easel.noise(50, 70, 3)) * smoothstep(0.66, 0.9, easel.y)
    easel.wash(scrub * 0.8, "#5a6a48")
    glow(easel, (0.0, 0.55), 0.3, "#ffb070", 0.35)
    repaint(easel, OIL, contours(easel))


def _butte(easel: Easel, x: float, top: float, half: float, foot: float) -> None:
    """A table of rock on its skirt of scree, banded and fluted, lit from the left."""
    jag = (easel.noise(26, 1, 4)[0] - 0.5) * 0.03
    away = np.abs(easel.x[0] - x) / half
    cliff_foot = top + (foot - top) * 0.62
    skirt = cliff_foot + (foot - cliff_foot) * np.clip((away - 1) / 0.9, 0, 1)
    skyline = np.where(away + jag * 4 < 1, top + jag, skirt)
    flutes = easel.noise(60, 2, 3)
    bands = 0.5 + 0.5 * np.sin(easel.y * 120 + 3 * easel.noise(3, 3))
    side = np.clip((x - easel.x) / half * 0.45 + 0.5, 0, 1)
    tone = np.clip(0.65 * side + 0.35 * flutes + 0.12 * bands - 0.05, 0, 1)
    mask = below(easel, skyline) * (easel.y < foot + 0.02) * (away < 1.95)[None, :]
    easel.wash(mask, ramp(tone, "#4f2a3f #8a3f38 #c9603a #f09a5a #ffc88a"))
