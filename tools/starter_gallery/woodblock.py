"""Compositions after the manner of colour woodblock prints: flat tones, graded skies, ink lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .colour import ramp
from .easel import Easel, Point
from .print_marks import INK, dotted, foam, outline, printed, sheet, smooth
from .scenery import below, firs, ridge


def _rib(face: Sequence[Point], step: int) -> list[Point]:
    """A line inside the wave that leaves its face at the lip and meets it again far out."""
    apart = np.sin(np.pi * np.linspace(0, 1, len(face))) ** 0.8 * step
    return [
        (x - 0.034 * away, y + 0.03 * away)
        for (x, y), away in zip(face, apart.tolist(), strict=True)
    ]


def great_wave(easel: Easel) -> None:
    """A towering wave with clawed foam above a small far mountain."""
    sheet(easel, "#b9a98c #dccbaa #efe2c6 #efe6d2", 0.8)
    peak = outline("0.58,0.7 0.7,0.585 0.745,0.53 0.775,0.525 0.82,0.58 0.95,0.7")
    printed(easel, easel.polygon(peak), "#5f7f98", 0.7)
    cap = outline(
        "0.7,0.585 0.745,0.53 0.775,0.525 0.82,0.58 0.795,0.575 0.775,0.6 0.755,0.57 0.735,0.6"
    )
    easel.wash(easel.polygon(cap), "#f6f1e3")
    back = smooth(
        outline("-0.05,0.66 0.04,0.5 0.13,0.35 0.24,0.22 0.37,0.13 0.5,0.12 0.6,0.18 0.64,0.28")
    )
    face = smooth(
        outline(
            "0.64,0.28 0.56,0.27 0.48,0.31 0.43,0.4 0.43,0.52 0.48,0.64 0.58,0.73 "
            "0.72,0.765 0.87,0.73 1.05,0.62"
        )
    )
    body = easel.polygon([*back, *face, (1.05, 1.05), (-0.05, 1.05)])
    printed(
        easel,
        body,
        ramp(np.clip(easel.y * 1.1, 0, 1) + 0 * easel.x, "#3f7aa0 #1f4f80 #163a66 #102c52"),
    )
    ribs = [(_rib(face[12:], step), 0.0028 + 0.0007 * step) for step in range(1, 10)]
    easel.wash(easel.lines(ribs) * body, "#a9c9d6")
    foam(easel, [*back[30::2], *face[:18:2]], 0.026)
    foam(easel, [(x + 0.01, y + 0.035) for x, y in face[2:30:3]], 0.014)
    near = smooth(outline("-0.05,0.8 0.1,0.78 0.25,0.86 0.45,0.93 0.65,0.9 0.85,0.82 1.05,0.84"))
    printed(easel, easel.polygon([*near, (1.05, 1.05), (-0.05, 1.05)]), "#2a6288")
    lines = [([(x, y + 0.035 * k) for x, y in near], 0.003) for k in range(1, 5)]
    easel.wash(easel.lines(lines), "#8fb9cc")
    foam(easel, near[2:26:3] + near[-30::3], 0.014)
    _spray(easel, 0.66, 0.3)


def _spray(easel: Easel, x: float, y: float) -> None:
    rng = easel.rng
    dots = [
        (
            x + abs(float(rng.normal(0, 0.07))) - 0.05,
            y + float(rng.normal(-0.02, 0.09)),
            float(rng.uniform(0.0015, 0.0042)),
        )
        for _ in range(90)
    ]
    easel.wash(dotted(easel, dots, 0.001) * 0.5, INK)
    easel.wash(dotted(easel, dots), "#fdfaf0")


def red_mountain(easel: Easel) -> None:
    """A red volcano on a morning of small clouds, a green wood at its foot."""
    sheet(easel, "#1f4f8f #4f86b4 #a9c4c8 #e3dcc4", 0.9)
    for row in range(7):
        for _ in range(4):
            _cloud_bar(easel, float(easel.rng.random()), 0.16 + 0.075 * row)
    left = smooth(outline("-0.05,0.93 0.2,0.78 0.4,0.55 0.53,0.33 0.575,0.24 0.6,0.25 0.63,0.235"))
    right = smooth(outline("0.63,0.235 0.67,0.31 0.75,0.46 0.88,0.63 1.05,0.78"))
    cone = easel.polygon([*left, *right, (1.05, 1.05), (-0.05, 1.05)])
    tone = np.clip((easel.y - 0.23) / 0.65 + 0.06 * (easel.noise(30, 2, 3) - 0.5), 0, 1)
    printed(easel, cone, ramp(tone, "#4a2a2a #8f3f2a #c9583a #d9804f #a89a5a #5f8a5a"))
    streams = []
    for x in easel.rng.uniform(0.53, 0.68, 13).tolist():
        drift = (x - 0.6) * 2.2
        streams.append(
            (
                [
                    (x, 0.25),
                    (x + drift * 0.4, 0.34),
                    (x + drift, 0.34 + float(easel.rng.uniform(0.05, 0.16))),
                ],
                0.006,
            )
        )
    easel.wash(easel.lines(streams) * cone, "#f6f0e2")
    wood = ridge(easel, 0.93, 0.07, 3, 4)
    easel.wash(firs(easel, wood, 260, 0.05), "#2f5a44")
    printed(easel, below(easel, wood + 0.01), "#2a5240", 0.3)


def _cloud_bar(easel: Easel, x: float, y: float) -> None:
    rng = easel.rng
    reach = float(rng.uniform(0.08, 0.2))
    dots = [
        (x + t * reach, y + float(rng.normal(0, 0.003)), 0.011 * (1 - t * t) + 0.003)
        for t in np.linspace(-1, 1, 22).tolist()
    ]
    easel.wash(dotted(easel, dots) * 0.85, "#f4f0e4")


def rain_bridge(easel: Easel) -> None:
    """Sudden rain over a wooden bridge, people hurrying under straw and paper."""
    sheet(easel, "#2a2f3a #6f7f8a #b4bcb4 #cfcfbc", 0.6)
    far = ridge(easel, 0.42, 0.05, 4, 4)
    easel.wash(below(easel, far) * (easel.y < 0.47) * 0.8, "#7f9294")
    river = np.clip((easel.y - 0.44) / 0.56, 0, 1) + 0 * easel.x
    easel.wash(
        (easel.y > 0.44) * np.ones(easel.shape), ramp(river, "#9fb4b8 #5f8aa4 #2f6490 #1f4a78")
    )
    arc = np.linspace(-0.05, 1.05, 30)
    deck = [(float(x), float(0.70 + 0.14 * (x - 0.35) ** 2 - 0.05 * x)) for x in arc]
    piles = [([(x, 0.7), (x, 1.05)], 0.014) for x in (0.08, 0.16, 0.44, 0.52, 0.8, 0.88)]
    braces = [([(x, 0.83), (x + 0.08, 0.83)], 0.009) for x in (0.08, 0.44, 0.8)]
    easel.wash(easel.lines([*piles, *braces]), "#4a4440")
    printed(easel, easel.polygon([*deck, *[(x, y + 0.05) for x, y in reversed(deck)]]), "#c9a05f")
    for x, size, word in (
        (0.16, 0.1, "#b8443a"),
        (0.36, 0.11, "#2f5a7f"),
        (0.55, 0.105, "#d9b25a"),
        (0.78, 0.11, "#5f7a5a"),
    ):
        _traveller(easel, x, float(np.interp(x, arc, [y for _, y in deck])) + 0.012, size, word)
    rails = [([(x, y - 0.02) for x, y in deck], 0.005), ([(x, y + 0.014) for x, y in deck], 0.006)]
    posts = [([(x, y - 0.03), (x, y + 0.03)], 0.006) for x, y in deck[::3]]
    easel.wash(easel.lines([*rails, *posts]), "#6a4a34")
    _rain(easel, 300)


def _traveller(easel: Easel, x: float, foot: float, size: float, word: str) -> None:
    robe = [
        (x - size * 0.2, foot - size * 0.62),
        (x + size * 0.2, foot - size * 0.62),
        (x + size * 0.26, foot - size * 0.12),
        (x + size * 0.12, foot),
        (x - size * 0.02, foot - size * 0.1),
        (x - size * 0.18, foot),
        (x - size * 0.26, foot - size * 0.15),
    ]
    shade = [
        (x - size * 0.62, foot - size * 0.62),
        (x - size * 0.05, foot - size * 0.98),
        (x + size * 0.05, foot - size * 0.98),
        (x + size * 0.62, foot - size * 0.62),
    ]
    printed(easel, easel.polygon(robe), "#46506a")
    printed(easel, easel.polygon(shade), word)
    ribs = [
        ([(x, foot - size * 0.97), (x + d * size, foot - size * 0.63)], 0.0016)
        for d in (-0.4, -0.15, 0.15, 0.4)
    ]
    easel.wash(easel.lines(ribs) * 0.7, INK)


def _rain(easel: Easel, count: int) -> None:
    rng = easel.rng
    starts = rng.uniform(-0.2, 1.2, (count, 2)).tolist()
    lean = 0.06
    streaks = [
        ([(x, y), (x + lean * t, y + t)], 0.0011)
        for (x, y), t in zip(starts, rng.uniform(0.2, 0.5, count).tolist(), strict=True)
    ]
    easel.wash(easel.lines(streaks[: count // 2]) * 0.55, "#26303c")
    easel.wash(easel.lines(streaks[count // 2 :]) * 0.4, "#e9e9dc")


def shrine_snow(easel: Easel) -> None:
    """A red gate in falling snow, pines bowed white on either side."""
    sheet(easel, "#3f4f66 #76879a #aab4b8 #d9d9d0", 0.85)
    for base, tone in ((0.55, "#8f9ca6"), (0.66, "#6f8190")):
        hill = ridge(easel, base, 0.12, 2, 4)
        easel.wash(np.maximum(firs(easel, hill, 40, 0.12), below(easel, hill)) * 0.9, tone)
    printed(easel, below(easel, ridge(easel, 0.78, 0.03, 2, 2)), "#f1efe6", 0.6)
    path = smooth([(0.44, 0.76), (0.42, 0.84), (0.3, 1.05)]) + smooth(
        [(0.74, 1.05), (0.6, 0.84), (0.56, 0.76)]
    )
    easel.wash(easel.polygon(path) * 0.7, "#c3ccd4")
    _gate(easel)
    for x, foot, tall in ((0.1, 0.9, 0.6), (0.92, 0.94, 0.68)):
        _snow_pine(easel, x, foot, tall)
    rng = easel.rng
    flakes = [
        (float(rng.random()), float(rng.random()), float(rng.uniform(0.0015, 0.0052)))
        for _ in range(420)
    ]
    easel.wash(dotted(easel, flakes), "#fbfaf4")


def _gate(easel: Easel) -> None:
    red = "#c23a2a"
    pillars = [
        [(x - 0.022, 0.84), (x - 0.017, 0.4), (x + 0.017, 0.4), (x + 0.022, 0.84)]
        for x in (0.33, 0.67)
    ]
    tie = [(0.25, 0.5), (0.75, 0.5), (0.75, 0.53), (0.25, 0.53)]
    printed(easel, easel.polygons([*pillars, tie]), red)
    beam = [
        *smooth([(0.19, 0.37), (0.35, 0.4), (0.65, 0.4), (0.81, 0.37)]),
        *outline("0.79,0.425 0.65,0.44 0.35,0.44 0.21,0.425"),
    ]
    printed(easel, easel.polygon(beam), "#a82f24")
    snow = [
        *smooth(outline("0.18,0.365 0.3,0.37 0.5,0.378 0.7,0.37 0.82,0.365")),
        *outline("0.81,0.385 0.65,0.403 0.35,0.403 0.19,0.385"),
    ]
    printed(easel, easel.polygon(snow), "#fbfaf4", 0.7)
    tablet = [(0.475, 0.44), (0.525, 0.44), (0.525, 0.5), (0.475, 0.5)]
    printed(easel, easel.polygon(tablet), "#3a2a2a")
    feet = [
        [(x - 0.035, 0.86), (x - 0.028, 0.82), (x + 0.028, 0.82), (x + 0.035, 0.86)]
        for x in (0.33, 0.67)
    ]
    easel.wash(easel.polygons(feet), "#2a2a30")


def _snow_pine(easel: Easel, x: float, foot: float, tall: float) -> None:
    easel.wash(easel.lines([([(x, foot), (x + 0.01, foot - tall * 0.9)], 0.016)]), "#3f3230")
    for tier in range(7):
        y, half = foot - tall * (0.28 + 0.1 * tier), tall * (0.3 - 0.036 * tier)
        bough = smooth(
            [
                (x - half, y + 0.045),
                (x - half * 0.5, y + 0.03),
                (x, y - 0.055),
                (x + half * 0.5, y + 0.03),
                (x + half, y + 0.045),
            ]
        )
        green = [*bough, (x + half * 0.5, y + 0.062), (x, y + 0.035), (x - half * 0.5, y + 0.062)]
        printed(easel, easel.polygon(green), "#3a5a52")
        cover = [*bough, (x + half * 0.5, y + 0.04), (x, y - 0.005), (x - half * 0.5, y + 0.04)]
        printed(easel, easel.polygon(cover), "#f6f4ec", 0.4)
