"""Parts of a still life: the room, a vessel, stems, petals and leaves."""

from __future__ import annotations

import numpy as np

from .brush import Touches, touch
from .colour import ramp
from .easel import Easel, Point
from .noise import smoothstep


def room(easel: Easel, wall: str, table: str, edge: float) -> None:
    """A mottled wall and a table top below `edge`, painted loosely."""
    easel.colour = ramp(easel.noise(3, 3, 5), wall)
    top = np.clip((easel.y - edge) / (1 - edge) + (easel.noise(3, 12) - 0.5) * 0.6, 0, 1)
    easel.wash((easel.y > edge + 0.006 * (easel.noise(2, 1)[0] - 0.5)) * 1.0, ramp(top, table))
    shade = np.exp(-np.abs(easel.y - edge) / 0.012) * 0.35
    easel.wash(shade, "#3a2c2a")


def vase(easel: Easel, x: float, rim: float, foot: float, profile: str, words: str) -> None:
    """A turned vessel; `profile` lists half widths in hundredths of y from rim to foot."""
    halves = np.array([float(part) for part in profile.split()]) / 100
    down = np.clip((easel.y - rim) / (foot - rim), 0, 1)
    half = np.interp(down, np.linspace(0, 1, len(halves)), halves)
    half = half * easel.height_px / easel.width_px
    across = (easel.x - x) / half
    mask = np.clip((1 - np.abs(across)) * half * easel.width_px, 0, 1)
    mask = (
        mask
        * smoothstep(rim - 0.002, rim + 0.002, easel.y)
        * smoothstep(foot + 0.004, foot, easel.y)
    )
    shadow = np.exp(-((easel.distance(x + 0.09, foot, 3.2) / 0.05) ** 2)) * (easel.y > foot - 0.05)
    easel.wash(shadow * 0.6, "#2f2428")
    tone = np.clip(0.62 - 0.5 * across - 0.25 * across**2 + 0.15 * (easel.noise(9, 9) - 0.5), 0, 1)
    easel.wash(mask, ramp(tone, words))
    easel.wash(
        mask
        * np.exp(-((easel.distance(x - 0.06, rim + (foot - rim) * 0.4, 0.5) / 0.022) ** 2))
        * 0.8,
        "#ffffff",
    )


def stem(easel: Easel, start: Point, end: Point, colour: str, width: float = 0.007) -> None:
    share = np.linspace(0, 1, 12)
    bend = 0.06 * np.sin(np.pi * share) * np.sign(end[0] - start[0] + 1e-6)
    points = [
        (start[0] + (end[0] - start[0]) * s**1.4 - b * 0.3, start[1] + (end[1] - start[1]) * s)
        for s, b in zip(share.tolist(), bend.tolist(), strict=True)
    ]
    easel.wash(easel.line(points, width), colour)


def petal_ring(
    easel: Easel, at: Point, ring: tuple[float, float, int], words: str, tilt: float = 1.0
) -> None:
    """One ring of petals: `ring` = (radius, petal width, count); `tilt` < 1 turns it away."""
    rng = easel.rng
    radius, width, count = ring
    angle = (
        np.linspace(0, 2 * np.pi, count, endpoint=False)
        + rng.uniform(0, 1)
        + rng.normal(0, 0.07, count)
    )
    squeeze = easel.width_px / easel.unit_px, easel.height_px / easel.unit_px
    dx, dy = np.cos(angle), np.sin(angle) * tilt
    light = np.clip(0.55 - 0.3 * dx - 0.3 * dy + rng.normal(0, 0.14, count), 0, 1)
    touch(
        easel,
        Touches(
            at=np.stack(
                [at[0] + dx * radius / squeeze[0], at[1] + dy * radius / squeeze[1]], axis=1
            ),
            colour=ramp(light, words),
            length=radius * rng.uniform(0.85, 1.15, count),
            width=np.full(count, width),
            angle=np.arctan2(dy, dx),
        ),
    )


def leaf(easel: Easel, at: Point, size: float, heading: float, words: str) -> None:
    rng, count = easel.rng, 16
    along = np.linspace(0.1, 1, count)
    light = np.clip(0.5 + rng.normal(0, 0.22, count), 0, 1)
    touch(
        easel,
        Touches(
            at=np.stack(
                [
                    at[0] + np.cos(heading) * along * size,
                    at[1] + np.sin(heading) * along * size * 0.8,
                ],
                axis=1,
            ),
            colour=ramp(light, words),
            length=size * 0.55 * np.sin(np.pi * along * 0.9) + 0.012,
            width=np.full(count, size * 0.2),
            angle=heading + rng.normal(0, 0.45, count),
        ),
    )
