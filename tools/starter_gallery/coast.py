"""The coast: a summer beach, a lighthouse after sunset."""

from __future__ import annotations

import numpy as np

from .brush import FINE, OIL, Layer, contours, repaint
from .colour import ramp
from .easel import Easel
from .noise import curve, smoothstep
from .scenery import below, clouds, glow, land, mirrored, ripples, sky, streaks


def beach(easel: Easel) -> None:
    """Warm sand, a turquoise shallow, and the white edge of a wave."""
    horizon = 0.3
    sky(easel, "#4b9bd0 #86c1e2 #d2e8ee #f5f0e2", horizon)
    clouds(easel, "#ffffff", "#bcd0de", 0.4, 0.3)
    shore = (
        0.62 + 0.13 * (easel.x[0] - 0.5) + 0.07 * (curve(easel.rng, easel.width_px, 2.5, 3) - 0.5)
    )
    depth = np.clip((easel.y - horizon) / (shore[None, :] - horizon), 0, 1)
    swell = (easel.noise(3, 30, 4) - 0.5) * 0.35 * (1 - depth * 0.5)
    sea = ramp(np.clip(depth + swell, 0, 1), "#2375ae #1f8fb8 #35b3bf #86d6c9 #d3efdc")
    easel.wash((easel.y >= horizon) * np.ones(easel.shape), sea)
    sand = ramp(
        np.clip((easel.y - shore[None, :]) * 3 + (easel.noise(9, 26) - 0.5) * 0.4, 0, 1),
        "#b99d78 #dcc39a #ecd9b2 #f0dfbd",
    )
    easel.wash(below(easel, shore), sand)
    for offset, thick, strength in (
        (-0.012, 0.016, 1.0),
        (-0.075, 0.008, 0.8),
        (-0.14, 0.005, 0.6),
    ):
        lap = shore + offset + 0.02 * (curve(easel.rng, easel.width_px, 7, 4) - 0.5)
        foam = np.exp(-(((easel.y - lap[None, :]) / thick) ** 2)) * (
            0.5 + 0.5 * easel.noise(20, 20)
        )
        easel.wash(np.clip(foam * 1.5, 0, 1) * strength, "#fdfdf6")
    _parasol(easel, 0.72, 0.86)
    repaint(easel, FINE, contours(easel))


def _parasol(easel: Easel, x: float, foot: float) -> None:
    """A red and white sunshade with its shadow and a towel beside it."""
    shade = np.exp(-((easel.distance(x + 0.09, foot + 0.02, 3.5) / 0.026) ** 4))
    easel.wash(shade * 0.45, "#a98a68")
    towel = [
        (x - 0.12, foot + 0.02),
        (x - 0.03, foot + 0.01),
        (x, foot + 0.06),
        (x - 0.1, foot + 0.07),
    ]
    easel.wash(easel.polygon(towel), "#3f7fb0")
    easel.wash(easel.line([(x + 0.012, foot + 0.02), (x - 0.02, foot - 0.24)], 0.005), "#efe6d6")
    rim = [(x - 0.13 + 0.026 * i, foot - 0.115 - 0.012 * i + 0.012 * (i % 2)) for i in range(11)]
    dome = [
        (x - 0.026 + 0.115 * np.cos(t) * 1.13, foot - 0.175 - 0.11 * np.sin(t) - 0.06 * np.cos(t))
        for t in np.linspace(0, np.pi, 24)
    ]
    easel.wash(easel.polygon([*rim, *dome]), "#d8402f")
    for left in (1, 5, 8):
        slice_ = [rim[left], rim[left + 1], (x - 0.026, foot - 0.287)]
        easel.wash(easel.polygon(slice_), "#fbf3e6")


def lighthouse(easel: Easel) -> None:
    """A white lighthouse on a dark headland after sunset, its lamp lit."""
    horizon = 0.66
    sky(easel, "#1f2f5c #4a4f86 #a5668c #ee8f6c #fbc780", horizon)
    clouds(easel, "#f0997d", "#5a4a7c", 0.45, 0.6)
    streaks(easel, "#ffc48a", 0.5, (0.4, 0.66))
    mirrored(easel, horizon, "#2c3566", 0.55)
    ripples(easel, horizon + 0.02, "#e08a78 #6b5a8c #39406f #f0a888", 260)
    cliff = (
        1.05 - 0.47 * smoothstep(0.3, 0.62, easel.x[0]) - 0.06 * curve(easel.rng, easel.width_px, 6)
    )
    land(easel, cliff, "#5c5a58 #3a3a4a #22263a #161a2c", 0.3)
    _tower(easel, 0.72, float(cliff[int(0.72 * easel.width_px)]) + 0.02)
    repaint(easel, (*OIL, Layer(2.2, 8, 0.05, 0.01)), contours(easel))
    glow(easel, (0.72, 0.235), 0.05, "#fff0b0", 0.95)


def _tower(easel: Easel, x: float, foot: float) -> None:
    top = 0.26
    body = easel.polygon([(x - 0.034, foot), (x - 0.022, top), (x + 0.022, top), (x + 0.034, foot)])
    shade = ramp(np.clip((easel.x - x) / 0.06 + 0.5, 0, 1) + 0 * easel.y, "#f6e6d6 #d8bfc0 #7f7396")
    easel.wash(body, shade)
    for low in (0.33, 0.44, 0.55):
        stripe = body * (easel.y > low) * (easel.y < low + 0.05)
        easel.wash(stripe, "#a63a38")
    gallery = [
        (x - 0.032, top),
        (x + 0.032, top),
        (x + 0.032, top + 0.012),
        (x - 0.032, top + 0.012),
    ]
    roof = [(x - 0.024, 0.22), (x, 0.185), (x + 0.024, 0.22)]
    easel.wash(easel.polygons([gallery, roof]), "#2a2238")
    easel.wash(
        easel.polygon([(x - 0.017, top), (x - 0.017, 0.22), (x + 0.017, 0.22), (x + 0.017, top)]),
        "#fff3bd",
    )
