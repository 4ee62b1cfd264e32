"""What can be measured in pixels: shares of colours, lightness, contrast, warmth, busyness."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

COLOURS = (
    "black",
    "white",
    "gray",
    "brown",
    "beige",
    "red",
    "orange",
    "yellow",
    "green",
    "turquoise",
    "blue",
    "purple",
    "pink",
)
MEASURES = ("lightness", "contrast", "chroma", "warm", "cool", "edges")
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Look:
    """The measures of one picture; everything 0..1."""

    shares: dict[str, float]
    lightness: float
    contrast: float
    chroma: float
    warm: float
    cool: float
    edges: float

    @classmethod
    def from_row(cls, row: NDArray[np.floating]) -> Look:
        """From one row of `measure`."""
        named = dict(zip(MEASURES, (float(v) for v in row[len(COLOURS) :]), strict=True))
        shares = dict(zip(COLOURS, (float(v) for v in row[: len(COLOURS)]), strict=True))
        return cls(shares=shares, **named)


def hue_degrees(rgb: Floats) -> tuple[Floats, Floats, Floats]:
    """Hue 0..360, chroma 0..1 (largest minus smallest channel) and value 0..1 of (..., 3) in
    0..1.
    """
    top, low = rgb.max(-1), rgb.min(-1)
    chroma = top - low
    safe = np.where(chroma > 0, chroma, 1)
    red, green, blue = rgb[..., 0], rgb[..., 1], rgb[..., 2]
    sextant = np.select(
        [top == red, top == green],
        [((green - blue) / safe) % 6, (blue - red) / safe + 2],
        (red - green) / safe + 4,
    )
    return np.asarray(sextant * 60, np.float32), chroma, top


def name_pixels(rgb: Floats) -> NDArray[np.int64]:
    """Index into COLOURS for every pixel of (..., 3) in 0..1."""
    hue, chroma, value = hue_degrees(rgb)
    saturation = chroma / np.maximum(value, 1e-6)
    light = rgb.mean(-1)
    reddish = (hue < 18) | (hue >= 335)
    orangish = (hue >= 18) & (hue < 42)
    rules = (
        ("black", value < 0.16),
        ("white", (light > 0.82) & (saturation < 0.14)),
        ("gray", (saturation < 0.16) | (chroma < 0.07)),
        ("pink", (reddish | (hue >= 300)) & (value > 0.7) & (saturation < 0.5)),
        ("beige", (hue < 62) & (value > 0.62) & (saturation < 0.38)),
        (
            "brown",
            (hue < 50) & ((value < 0.5) | (saturation < 0.45)) & (~reddish | (saturation < 0.6)),
        ),
        ("red", reddish),
        ("orange", orangish),
        ("yellow", hue < 68),
        ("green", hue < 160),
        ("turquoise", hue < 190),
        ("blue", hue < 255),
        ("purple", hue < 335),
    )
    indices = [COLOURS.index(name) for name, _ in rules]
    return np.select([mask for _, mask in rules], indices, COLOURS.index("gray")).astype(np.int64)


def measure(pixels: NDArray[np.uint8]) -> Floats:
    """One row of shares (in the order of COLOURS) and measures (MEASURES) for an RGB picture (H,
    W, 3).
    """
    rgb = np.asarray(pixels.astype(np.float32) / 255, np.float32)
    hue, chroma, _ = hue_degrees(rgb)
    shares = np.bincount(name_pixels(rgb).ravel(), minlength=len(COLOURS)) / rgb[..., 0].size
    light = rgb @ np.array([0.299, 0.587, 0.114], np.float32)
    edges = np.abs(np.diff(light, axis=0)).mean() + np.abs(np.diff(light, axis=1)).mean()
    coloured = chroma > 0.1
    warm = (coloured & ((hue < 70) | (hue > 330))).mean()
    cool = (coloured & (hue > 150) & (hue < 280)).mean()
    return np.array(
        [*shares, light.mean(), light.std(), chroma.mean(), warm, cool, edges], np.float32
    )
