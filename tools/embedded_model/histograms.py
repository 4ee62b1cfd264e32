"""Colour histograms as search by colour has long used them: words become named colours, these a
histogram, and pictures are ranked by how near theirs is.

Two measures: the intersection of Swain and Ballard (1991), and the quadratic form of Hafner et al.
(1995), for which neighbouring colours are alike. They see no label and no measure of `colours.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.embedded_model.baselines import by_chance, implied

SIDE_PX = 64
STEPS = 4  # a channel: 64 bins
TIES = 1e-9
Floats = NDArray[np.float64]
# as CSS defines these colour names
SWATCHES = {
    "black": (0, 0, 0),
    "white": (255, 255, 255),
    "gray": (128, 128, 128),
    "brown": (165, 42, 42),
    "beige": (245, 245, 220),
    "red": (255, 0, 0),
    "orange": (255, 165, 0),
    "yellow": (255, 255, 0),
    "green": (0, 128, 0),
    "turquoise": (64, 224, 208),
    "blue": (0, 0, 255),
    "purple": (128, 0, 128),
    "pink": (255, 192, 203),
}
TO_XYZ = np.array(  # from linear sRGB, white at 1
    [[0.4339, 0.3762, 0.1899], [0.2126, 0.7152, 0.0722], [0.0177, 0.1095, 0.8728]]
)


def by_intersection(texts: list[str], pictures: list[Image.Image], seed: int) -> Floats:
    """Scores (queries, pictures): the share that both histograms have in common."""
    wanted, there = targets(texts), histograms(pictures)
    scores = np.stack([np.minimum(row, there).sum(1) for row in wanted])
    return np.asarray(scores + TIES * by_chance(len(texts), len(pictures), seed))


def by_quadratic_form(texts: list[str], pictures: list[Image.Image], seed: int) -> Floats:
    """Scores (queries, pictures): minus the distance that counts near colours as half right; a
    query that implies no colour ranks at random.
    """
    wanted, there = targets(texts), histograms(pictures)
    places = lab(bin_colours())
    apart = np.linalg.norm(places[:, None] - places[None], axis=-1)
    alike = 1 - apart / apart.max()
    own = np.einsum("pi,ij,pj->p", there, alike, there)
    crossed = 2 * wanted @ alike @ there.T
    scores = (crossed - own) * (wanted.sum(1, keepdims=True) > 0)
    return np.asarray(scores + TIES * by_chance(len(texts), len(pictures), seed))


def histograms(pictures: list[Image.Image]) -> Floats:
    """(N, 64): shares of coarse RGB cells."""
    return np.stack([_histogram(picture) for picture in pictures])


def targets(texts: list[str]) -> Floats:
    """(Q, 64): the colours that each text implies, every one in the cell nearest to its name's
    swatch; zeros where it implies none.
    """
    places = lab(bin_colours())
    rows = np.zeros((len(texts), len(places)))
    for row, text in zip(rows, texts, strict=True):
        for name, weight in implied(text).items():
            row[np.linalg.norm(places - lab(np.array(SWATCHES[name])), axis=1).argmin()] += weight
    return np.asarray(rows / np.maximum(rows.sum(1, keepdims=True), TIES))


def bin_colours() -> Floats:
    """(64, 3): the middle of each cell, 0..255."""
    middles = (np.arange(STEPS) + 0.5) * 256 / STEPS
    return np.stack(np.meshgrid(middles, middles, middles, indexing="ij"), -1).reshape(-1, 3)


def lab(rgb: NDArray[np.number]) -> Floats:
    """CIE L*a*b* of sRGB (..., 3) in 0..255: distances as the eye sees them."""
    part = rgb / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    xyz = linear @ TO_XYZ.T
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], -1)


def _histogram(picture: Image.Image) -> Floats:
    small = picture.resize((SIDE_PX, SIDE_PX), Image.Resampling.BICUBIC)
    cells = np.asarray(small).reshape(-1, 3).astype(int) * STEPS // 256
    numbers = cells @ np.array([STEPS * STEPS, STEPS, 1])
    return np.bincount(numbers, minlength=STEPS**3) / len(numbers)
