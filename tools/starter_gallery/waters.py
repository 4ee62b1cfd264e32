"""Rivers, lakes and ponds."""

from __future__ import annotations

import numpy as np

from .brush import FINE, LOOSE, OIL, Touches, contours, repaint, touch
from .colour import picked, ramp
from .easel import Easel
from .noise import smoothstep
from .scenery import (
    below,
    clouds,
    firs,
    foliage,
    glow,
    land,
    mirrored,
    mist,
    ridge,
    ripples,
    sky,
)


def green_lake(easel: Easel) -> None:
    """A still lake among wooded slopes, every tree seen twice."""
    horizon = 0.52
    sky(easel, "#5f9fcf #a3cbe0 #e3ede6", horizon)
    clouds(easel, "#ffffff", "#b4c6d4", 0.5, 0.45)
    land(easel, ridge(easel, horizon, 0.3, 1.5, 5), "#9db8c4 #86a8a8", 0.2)
    land(easel, ridge(easel, horizon, 0.2, 1.8, 5), "#6f9a84 #4f8068", 0.2)
    shore = ridge(easel, horizon, 0.07, 2.5, 4)
    easel.wash(firs(easel, shore, 140, 0.12), "#2c5a48")
    easel.wash(below(easel, shore), "#3a6a4a")
    mirrored(easel, horizon, "#2c5f6f", 0.3)
    mist(easel, horizon, 0.012, "#dfe9dc", 0.5)
    repaint(easel, FINE, contours(easel))
    ripples(easel, horizon, "#8fb8c0 #3f7a7a #c9dfe0 #2f6660", 240, 0.8)
    _reeds(easel, ((0.06, 0.16), (0.9, 0.97)), 130)


def _reeds(easel: Easel, spans: tuple[tuple[float, float], ...], count: int) -> None:
    """Clumps of reeds at the lower edge, tips bent by the wind."""
    rng = easel.rng
    for low, high in spans:
        x = rng.normal((low + high) / 2, (high - low) / 2, count)
        tall = rng.uniform(0.04, 0.13, count)
        touch(
            easel,
            Touches(
                at=np.stack([x, 1.01 - tall * 0.6], axis=1),
                colour=picked(rng, "#2f4a2c #5f7a3a #8f9a4a #b9b060", count),
                length=tall,
                width=np.full(count, 0.004),
                angle=np.pi / 2 + rng.normal(0.08, 0.12, count),
            ),
        )


def winding_river(easel: Easel) -> None:
    """A river winding through evening meadows towards the hills."""
    horizon = 0.4
    sky(easel, "#6f9cc4 #b3c6d0 #f3dcb4 #f9c98c", horizon)
    clouds(easel, "#ffe9c4", "#a8a4b4", 0.5, 0.38)
    glow(easel, (0.7, 0.38), 0.15, "#ffe0a0", 0.7)
    land(easel, ridge(easel, 0.42, 0.12, 2, 4), "#8fa4b4 #93a89c", 0.1)
    land(easel, ridge(easel, 0.45, 0.03, 2, 3), "#b9bd74 #93a952 #6f9340 #4a7434", 0.5)
    fall = np.clip((easel.y - 0.44) / 0.56, 0, 1)
    middle = 0.64 - 0.42 * fall + 0.30 * np.sin(7.2 * fall**0.62) * (0.25 + 0.75 * fall)
    bank = np.abs(easel.x - middle) / (0.004 + 0.30 * fall**1.7)
    shine = ramp(
        np.clip(fall * 1.3 + (easel.noise(5, 40, 3) - 0.5) * 0.3, 0, 1),
        "#fbdfae #e6cfb4 #a9bccb #6f97bb #4a7aa8",
    )
    easel.wash(smoothstep(1.25, 1.0, bank) * (fall > 0) * 0.9, "#46602f")
    easel.wash(smoothstep(1.04, 0.95, bank) * (fall > 0), shine)
    repaint(easel, OIL, contours(easel))
    for x, y, size in (
        (0.1, 0.47, 0.035),
        (0.2, 0.46, 0.03),
        (0.86, 0.47, 0.04),
        (0.94, 0.49, 0.05),
        (0.33, 0.5, 0.03),
        (0.88, 0.64, 0.085),
        (0.06, 0.62, 0.07),
    ):
        foliage(
            easel,
            (x, y - size * 0.7),
            (size * 0.8, size * 1.2),
            "#2a4428 #4f7434 #9aa84a #e8d080",
            220,
            0.006 + size * 0.1,
        )


def lily_pond(easel: Easel) -> None:
    """Water lilies on a pond that holds the sky and the willows."""
    tone = np.clip(0.55 * easel.noise(3, 2, 4) + 0.45 * easel.noise(8, 3, 3) + 0.12 * easel.x, 0, 1)
    easel.colour = ramp(tone, "#1f3f5c #2f6478 #4f8a8a #7fa8b8 #a9a8d0 #c9b9dc")
    willow = smoothstep(0.5, 0.8, easel.noise(9, 1.5, 4)) * smoothstep(0.75, 0.1, easel.y)
    easel.wash(willow * 0.7, "#2f5a3c")
    repaint(easel, LOOSE, np.where(willow > 0.3, np.pi / 2, 0.05))
    rng = easel.rng
    for y in np.sort(rng.random(17) * 0.95 + 0.04):
        x, size = rng.random(), 0.03 + 0.075 * y
        for _ in range(int(rng.integers(3, 8))):
            _lily_pad(
                easel, x + rng.normal(0, size * 1.3), y + rng.normal(0, size * 0.28), size * 0.62
            )
        for _ in range(int(rng.integers(0, 4))):
            _lily(easel, x + rng.normal(0, size), y + rng.normal(0, size * 0.2) - 0.01, size * 0.34)


def _lily_pad(easel: Easel, x: float, y: float, size: float) -> None:
    rng, count = easel.rng, 44
    angle, reach = rng.uniform(0, 2 * np.pi, count), np.sqrt(rng.random(count))
    light = np.clip(0.5 - 0.4 * np.sin(angle) * reach + rng.normal(0, 0.18, count), 0, 1)
    order = np.argsort(light)
    touch(
        easel,
        Touches(
            at=np.stack(
                [x + size * reach * np.cos(angle), y + 0.33 * size * reach * np.sin(angle)], axis=1
            )[order],
            colour=ramp(light, "#1f4a3a #3f7a4a #7fae5a #b9cf80 #d9c4c0")[order],
            length=size * rng.uniform(0.4, 0.8, count),
            width=np.full(count, size * 0.17),
            angle=rng.normal(0, 0.15, count),
        ),
    )


def _lily(easel: Easel, x: float, y: float, size: float) -> None:
    turn = np.linspace(-np.pi * 0.95, -np.pi * 0.05, 11)
    words = ("#b84a7a #f2a9c4 #fde3ea", "#c9a0b0 #f8eef0 #ffffff", "#c98a3a #f6d98a #fff6d0")
    word = words[int(easel.rng.integers(0, 3))]
    for scale, share in ((1.0, 0.15), (0.75, 0.6), (0.45, 1.0)):
        count = len(turn)
        touch(
            easel,
            Touches(
                at=np.stack(
                    [x + size * scale * 0.8 * np.cos(turn), y + size * scale * 0.5 * np.sin(turn)],
                    axis=1,
                ),
                colour=ramp(np.clip(share + easel.rng.normal(0, 0.15, count), 0, 1), word),
                length=np.full(count, size * 0.8),
                width=np.full(count, size * 0.3),
                angle=turn,
            ),
        )


def misty_lake(easel: Easel) -> None:
    """A grey morning lake, one moored boat, reeds, the far shore dissolving."""
    horizon = 0.45
    sky(easel, "#a9b7bf #c9d1d2 #e6e2d6", horizon)
    glow(easel, (0.34, 0.3), 0.2, "#fff2d8", 0.55)
    easel.wash(easel.disc(0.34, 0.26, 0.026) * 0.9, "#fffaf0")
    for base, height, colour in ((0.44, 0.14, "#b4c0c6"), (0.45, 0.08, "#93a5ae")):
        line = ridge(easel, base, height, 2, 5)
        easel.wash(below(easel, line) * (easel.y < horizon + 0.01), colour)
    easel.wash(
        firs(easel, ridge(easel, horizon, 0.02, 3, 3), 60, 0.08) * (easel.x > 0.5), "#70868f"
    )
    mirrored(easel, horizon, "#9aacb4", 0.35)
    mist(easel, horizon + 0.02, 0.05, "#e6e6de", 0.85)
    repaint(easel, OIL, contours(easel))
    ripples(easel, horizon + 0.05, "#c9d3d4 #93a5ac #dfe1da #7f949c", 260)
    _moored_boat(easel, 0.66, 0.72, 0.13)
    _reeds(easel, ((0.02, 0.2), (0.16, 0.24)), 170)


def _moored_boat(easel: Easel, x: float, y: float, half: float) -> None:
    deep = half * 0.3
    under = [
        (x - half, y + deep * 0.9),
        (x + half, y + deep * 0.9),
        (x + half * 0.6, y + deep * 2),
        (x - half * 0.7, y + deep * 2),
    ]
    easel.wash(easel.polygon(under) * 0.5, "#4a5c62")
    hull = [
        (x - half * 1.1, y - deep * 0.35),
        (x - half * 0.5, y + 0.0),
        (x + half * 0.5, y),
        (x + half, y - deep * 0.2),
        (x + half * 0.8, y + deep),
        (x - half * 0.8, y + deep),
    ]
    inner = [
        (x - half * 1.1, y - deep * 0.35),
        (x - half * 0.4, y - deep * 0.2),
        (x + half * 0.5, y - deep * 0.25),
        (x + half, y - deep * 0.2),
        (x + half * 0.5, y + 0.01),
        (x - half * 0.5, y + 0.01),
    ]
    easel.wash(
        easel.polygon(hull),
        ramp(np.clip((easel.y - y) / deep, 0, 1) + 0 * easel.x, "#6f7f86 #3f4f5a #2a3842"),
    )
    easel.wash(easel.polygon(inner), "#8a6a50")
    easel.wash(
        easel.line([(x - half * 0.2, y - deep * 0.2), (x + half * 0.1, y + 0.01)], 0.006), "#c9a880"
    )


def waterfall(easel: Easel) -> None:
    """A waterfall between mossy rocks, spray at its foot."""
    face = easel.noise(9, 4, 5)
    easel.colour = ramp(
        np.clip(face * 0.8 + 0.25 * (1 - easel.y), 0, 1), "#16231f #2c3f34 #4f6a44 #7f9450 #a9a888"
    )
    top, foot = 0.16, 0.76
    sky_part = smoothstep(top + 0.02, top - 0.06, easel.y + 0.1 * (easel.noise(4, 1, 4)[0] - 0.5))
    easel.wash(sky_part, ramp(easel.noise(3, 5), "#a9cfe0 #e6f0ee"))
    half = (
        0.10
        + 0.06 * np.clip((easel.y - top) / 0.6, 0, 1)
        + 0.05 * (easel.noise(1, 5, 3)[:, :1] - 0.5)
    )
    fall = smoothstep(1.0, 0.8, np.abs(easel.x - 0.5) / half) * (easel.y > top) * (easel.y < foot)
    threads = ramp(easel.noise(50, 1.2, 3), "#8fb4c0 #cfe3e6 #ffffff")
    easel.wash(fall, threads)
    pool = smoothstep(foot - 0.005, foot + 0.01, easel.y + 0 * easel.x)
    easel.wash(
        pool,
        ramp(
            np.clip(easel.noise(4, 14) + 0.3 * (easel.y - 0.8), 0, 1),
            "#163a3c #2f6a68 #6fa8a4 #d0e6e0",
        ),
    )
    spray = np.exp(-((easel.distance(0.5, foot, 2.2) / 0.07) ** 2)) * (
        0.5 + 0.5 * easel.noise(8, 8)
    )
    easel.wash(np.clip(spray * 1.3, 0, 1), "#f4faf8")
    repaint(easel, OIL, np.where(fall > 0.3, np.pi / 2, contours(easel)))
    _banks(easel, top)


def _banks(easel: Easel, top: float) -> None:
    for x, y, size in (
        (0.08, top, 0.1),
        (0.26, top - 0.02, 0.08),
        (0.76, top - 0.02, 0.09),
        (0.93, top, 0.11),
        (0.04, 0.5, 0.1),
        (0.97, 0.45, 0.11),
        (0.12, 0.68, 0.09),
        (0.9, 0.7, 0.1),
        (0.06, 0.92, 0.12),
        (0.95, 0.94, 0.12),
    ):
        foliage(easel, (x, y), (size * 1.3, size), "#14301f #2f5a2c #6f9440 #c0cf6a", 260, 0.014)
