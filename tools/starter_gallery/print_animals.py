"""Prints of animals: geese, a crane, koi."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .colour import ramp
from .easel import Easel, Point
from .noise import blur, curve, smoothstep
from .print_marks import INK, dotted, outline, printed, sheet, smooth


def moon_reeds(easel: Easel) -> None:
    """Wild geese cross a full moon above silver reeds."""
    sheet(easel, "#16284f #1f3f72 #4f7396 #93a7ae #c9c4b0")
    easel.wash(np.exp(-easel.distance(0.58, 0.3) / 0.16) * 0.35, "#e9e2c4")
    easel.wash(easel.disc(0.58, 0.3, 0.15), "#f4ebcb")
    for x, y, size in (
        (0.52, 0.27, 0.055),
        (0.66, 0.33, 0.05),
        (0.4, 0.2, 0.045),
        (0.3, 0.13, 0.038),
        (0.77, 0.41, 0.045),
    ):
        _goose(easel, x, y, size)
    water = smoothstep(0.8, 0.83, easel.y + 0.01 * easel.noise(3, 3))
    easel.wash(water * 0.8, ramp(np.clip(easel.noise(3, 30), 0, 1), "#2a4a72 #5f83a0 #8fa9b4"))
    for words, count, tall in (("#5f7f93", 60, 0.3), ("#35577a", 60, 0.36), ("#14284a", 60, 0.42)):
        _reed_bed(easel, words, count, tall)


def _goose(easel: Easel, x: float, y: float, size: float) -> None:
    body = smooth(
        [
            (x - size, y + size * 0.04),
            (x - size * 0.3, y - size * 0.1),
            (x + size * 0.5, y - size * 0.06),
            (x + size * 1.15, y - size * 0.14),
            (x + size * 1.3, y - size * 0.1),
            (x + size * 0.6, y + size * 0.07),
            (x - size * 0.2, y + size * 0.14),
            (x - size, y + size * 0.04),
        ]
    )
    wing = smooth(
        [
            (x + size * 0.25, y - size * 0.05),
            (x + size * 0.1, y - size * 0.5),
            (x - size * 0.35, y - size * 0.85),
            (x - size * 0.3, y - size * 0.35),
            (x - size * 0.25, y),
        ]
    )
    far = smooth(
        [
            (x + size * 0.2, y),
            (x + size * 0.5, y - size * 0.4),
            (x + size * 0.35, y - size * 0.75),
            (x + size * 0.1, y - size * 0.35),
            (x, y),
        ]
    )
    easel.wash(easel.polygons([far, wing, body]), "#22304a")


def _reed_bed(easel: Easel, colour: str, count: int, tall: float) -> None:
    rng = easel.rng
    lines: list[tuple[list[Point], float]] = []
    heads = []
    for x in rng.uniform(-0.05, 1.05, count).tolist():
        high, bend = tall * float(rng.uniform(0.5, 1)), float(rng.uniform(0.02, 0.12))
        blade = smooth([(x, 1.02), (x + bend * 0.25, 1 - high * 0.55), (x + bend, 1 - high)], 8)
        lines.append((blade, 0.0032))
        leaf_y = 1 - high * float(rng.uniform(0.3, 0.7))
        lines.append(
            (
                [
                    (x + bend * 0.3, leaf_y),
                    (x + bend + 0.05, leaf_y - 0.03),
                    (x + bend + 0.11, leaf_y + 0.02),
                ],
                0.0035,
            )
        )
        heads.append(
            (
                [
                    (x + bend, 1 - high),
                    (x + bend + 0.03, 1 - high + 0.012),
                    (x + bend + 0.045, 1 - high + 0.035),
                ],
                0.009,
            )
        )
    easel.wash(easel.lines(lines), colour)
    easel.wash(easel.lines(heads) * 0.9, "#c9bfa0" if count % 2 else colour)


def crane_sun(easel: Easel) -> None:
    """A standing crane before a red sun, pine needles overhead."""
    sheet(easel, "#e6d3a8 #efe2c2 #f3ead2 #d9cfae")
    easel.wash(
        easel.disc(0.56, 0.36, 0.24),
        ramp(np.clip((easel.y - 0.1) / 0.55, 0, 1) + 0 * easel.x, "#a82a20 #d0402c #e8734a"),
    )
    marsh = smoothstep(
        0.83, 0.85, easel.y + 0.015 * (curve(easel.rng, easel.width_px, 3)[None, :] - 0.5)
    )
    easel.wash(marsh, ramp(easel.noise(2, 30, 3), "#7f9f9a #a9bfae #5f8a8f"))
    _pine_bough(easel)
    _crane(easel)


def _pine_bough(easel: Easel) -> None:
    """A branch from the upper right, its needles in fans."""
    limbs = (
        smooth([(1.03, 0.1), (0.86, 0.13), (0.74, 0.1), (0.6, 0.12)]),
        smooth([(0.86, 0.13), (0.8, 0.19), (0.72, 0.2)]),
        smooth([(0.9, 0.12), (0.84, 0.05), (0.76, 0.04)]),
    )
    easel.wash(easel.lines([(limb, 0.011) for limb in limbs]), "#4a3428")
    fans: list[tuple[list[Point], float]] = []
    for limb in limbs:
        for x, y in limb[14::5]:
            for turn in easel.rng.uniform(np.pi, 2 * np.pi, 30).tolist():
                fans.append(
                    (
                        [(x, y), (x + 0.062 * float(np.cos(turn)), y + 0.03 * float(np.sin(turn)))],
                        0.0017,
                    )
                )
    easel.wash(easel.lines(fans), "#2f5a44")


def _crane(easel: Easel) -> None:
    legs = [
        ([(0.47, 0.66), (0.475, 0.76), (0.46, 0.88)], 0.006),
        ([(0.51, 0.66), (0.53, 0.75), (0.52, 0.89)], 0.006),
        ([(0.435, 0.885), (0.46, 0.88), (0.49, 0.888)], 0.004),
        ([(0.495, 0.893), (0.52, 0.89), (0.55, 0.898)], 0.004),
    ]
    easel.wash(easel.lines(legs), "#2a2a30")
    tail = smooth(outline("0.56,0.56 0.66,0.6 0.72,0.7 0.67,0.735 0.6,0.69 0.54,0.64"))
    printed(easel, easel.polygon(tail), "#26262e")
    body = smooth(
        outline(
            "0.37,0.5 0.46,0.47 0.58,0.52 0.66,0.63 0.56,0.66 0.45,0.66 0.37,0.6 "
            "0.355,0.54 0.37,0.5"
        )
    )
    printed(easel, easel.polygon(body), "#f8f5ea")
    feathers = [
        (
            smooth(
                [
                    (0.42 + 0.03 * k, 0.53 + 0.012 * k),
                    (0.5 + 0.03 * k, 0.58 + 0.01 * k),
                    (0.57 + 0.024 * k, 0.63 + 0.006 * k),
                ]
            ),
            0.0022,
        )
        for k in range(-1, 4)
    ]
    easel.wash(easel.lines(feathers) * 0.7, "#8f959c")
    neck = smooth(outline("0.4,0.55 0.345,0.47 0.375,0.37 0.345,0.27 0.36,0.215"))
    easel.wash(easel.line(neck, 0.037), INK)
    easel.wash(easel.line(neck, 0.032), "#f8f5ea")
    easel.wash(easel.line(neck[14:52], 0.027), "#2a2a30")
    printed(easel, dotted(easel, [(0.357, 0.21, 0.02)]), "#f8f5ea")
    easel.wash(dotted(easel, [(0.36, 0.196, 0.011)]), "#c8301f")
    easel.wash(easel.polygon([(0.335, 0.205), (0.24, 0.235), (0.338, 0.222)]), "#5f5a3a")
    easel.wash(dotted(easel, [(0.348, 0.208, 0.0032)]), "#15151a")


def koi(easel: Easel) -> None:
    """Three koi circling in a dark pond under maple leaves."""
    tone = np.clip(0.5 * easel.noise(3, 3, 4) + 0.5 * easel.y, 0, 1)
    easel.colour = ramp(tone, "#123f4f #1f5f6f #3a8086 #6fa8a0")
    rings = [
        (float(easel.rng.random()), float(easel.rng.random()), float(easel.rng.uniform(0.05, 0.14)))
        for _ in range(7)
    ]
    for x, y, radius in rings:
        for share in (1.0, 0.66, 0.33):
            away = np.abs(easel.distance(x, y, 1.5) - radius * share)
            easel.wash(smoothstep(0.0022, 0.0008, away) * 0.55, "#b9dcd4")
    for x, y, turn, size, word in (
        (0.36, 0.36, 0.6, 0.24, "#e0522a"),
        (0.66, 0.62, 3.5, 0.26, "#d93a2a"),
        (0.28, 0.8, -0.5, 0.17, "#e8a03a"),
    ):
        _fish(easel, (x, y), turn, size, word)
    for _ in range(13):
        _maple(
            easel,
            (float(easel.rng.random()), float(easel.rng.random())),
            float(easel.rng.uniform(0.022, 0.045)),
        )


def _placed(at: Point, turn: float, size: float, points: Sequence[Point]) -> list[Point]:
    cosine, sine = float(np.cos(turn)) * size, float(np.sin(turn)) * size
    return [(at[0] + x * cosine - y * sine, at[1] + x * sine + y * cosine) for x, y in points]


def _fish(easel: Easel, at: Point, turn: float, size: float, word: str) -> None:
    """A koi seen from above, swimming towards `turn`, its tail swung."""
    body = smooth(
        outline(
            "0.55,0 0.45,0.12 0.2,0.18 -0.15,0.13 -0.45,0.09 -0.62,0.12 -0.6,0.05 "
            "-0.4,-0.02 -0.15,-0.09 0.2,-0.16 0.45,-0.12 0.55,0"
        )
    )
    tail = smooth(outline("-0.58,0.08 -0.8,0.04 -1,0.1 -0.86,0.17 -0.95,0.3 -0.75,0.24 -0.6,0.11"))
    fins = [
        smooth([(0.28, s * 0.15), (0.16, s * 0.34), (0.02, s * 0.36), (0.12, s * 0.15)])
        for s in (1, -1)
    ]
    shadow = easel.polygon(_placed((at[0] + 0.02, at[1] + 0.03), turn, size, body))
    easel.wash(blur(shadow, 5) * 0.5, "#0a2430")
    printed(
        easel, easel.polygons([_placed(at, turn, size, part) for part in (tail, *fins)]), "#f3dcc8"
    )
    mask = easel.polygon(_placed(at, turn, size, body))
    printed(easel, mask, "#f8f1e4")
    patches = smoothstep(0.52, 0.56, easel.noise(8, 8, 3))
    easel.wash(patches * mask, word)
    spine = _placed(at, turn, size, [(0.2, 0.0), (-0.1, 0.02), (-0.5, 0.08)])
    easel.wash(easel.line(spine, 0.003) * 0.6, INK)
    eyes = _placed(at, turn, size, [(0.43, 0.08), (0.43, -0.08)])
    easel.wash(dotted(easel, [(x, y, size * 0.022) for x, y in eyes]), INK)


def _maple(easel: Easel, at: Point, size: float) -> None:
    turn, points = float(easel.rng.uniform(0, 6.28)), []
    for k in range(14):
        angle = 2 * np.pi * k / 14
        radius = (1.0 - 0.12 * abs(k - 6) / 3) if k % 2 == 0 else 0.38
        points.append((radius * float(np.cos(angle)), radius * float(np.sin(angle))))
    word = ("#c23a2a", "#e0782f", "#d9a53a", "#a82f2a")[int(easel.rng.integers(0, 4))]
    printed(easel, easel.polygon(_placed(at, turn, size, points)), word)
    easel.wash(easel.line(_placed(at, turn, size, [(-1.5, 0.1), (0.8, 0.0)]), 0.0016), "#6a2420")
