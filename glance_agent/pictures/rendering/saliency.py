"""What matters in a picture, as far as that shows without knowing what it is: where to crop it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glance_agent.pictures.oklab import oklab

LOOKED_AT_PX: Final = 96
"""The long side of the picture that is looked at."""
MOST_LOST: Final = 0.000_5
"""A crop may take this share of what matters: the end of a shadow, not of a subject."""

Map = NDArray[np.float64]


def best_crop(image: Image.Image, size: tuple[float, float]) -> tuple[float, float] | None:
    """Where a window of `size` (width, height) that is as wide or as high as the picture keeps what
    matters: its left and upper edge. None where it cannot."""
    matters = what_matters(image)
    left = _kept(_along(matters, 0), size[0] / image.width)
    upper = _kept(_along(matters, 1), size[1] / image.height)
    return None if left is None or upper is None else (left * image.width, upper * image.height)


def what_matters(image: Image.Image) -> Map:
    """How much each spot of a small copy matters, (height, width); 0 for what only surrounds it.

    What differs in colour from most of the picture stands out (Achanta 2009), and so does detail in
    a quiet place.
    """
    small = image.convert("RGB") if image.mode != "RGB" else image.copy()
    small.thumbnail((LOOKED_AT_PX, LOOKED_AT_PX), Image.Resampling.BOX, reducing_gap=2.0)
    lab = oklab(np.asarray(small, dtype=np.float64) / 255.0)
    spots = _smooth(0.5 * _even(_rarity(lab)) + _even(_detail(lab)), 3)
    least = spots.mean() + 0.3 * spots.std()
    return np.where(spots > least, spots - 0.5 * least, 0.0)


def _along(matters: Map, axis: int) -> Map:
    """How much each column (0) or row (1) matters; together 1, or 0 where nothing does.

    One bright spot counts beside much that is dim: the tip of a wing is a part of the bird.
    """
    profile: Map = np.sqrt(matters.sum(axis=axis) * matters.max(axis=axis))
    return profile / max(float(profile.sum()), 1e-12)


def _rarity(lab: Map) -> Map:
    """How far each spot's colour is from the picture's mean."""
    smooth = np.stack([_smooth(lab[..., c], 1) for c in range(3)], axis=-1)
    away: Map = np.sqrt(((smooth - smooth.mean(axis=(0, 1))) ** 2).sum(axis=-1))
    return away


def _detail(lab: Map) -> Map:
    """How much happens at each spot, less what happens all around it."""
    down = np.diff(lab, axis=0, append=lab[-1:])
    across = np.diff(lab, axis=1, append=lab[:, -1:])
    edges: Map = np.sqrt((down**2 + across**2).sum(axis=-1))
    near, far = _smooth(edges, 2), _smooth(edges, LOOKED_AT_PX // 5)
    return np.maximum(near - far, 0.0)


def _even(values: Map) -> Map:
    """The same with a mean of 1, so that two maps can be added; nothing where they are flat."""
    mean = float(values.mean())
    return values / mean if mean > 1e-6 else np.zeros_like(values)


def _smooth(values: Map, radius: int) -> Map:
    """Each value averaged with its neighbours in a square; the edges are continued."""
    for axis in (0, 1):
        padded = np.pad(values, [(radius + 1, radius) if a == axis else (0, 0) for a in (0, 1)],
                        mode="edge")  # fmt: skip
        sums = np.cumsum(padded, axis=axis)
        ends = np.take(sums, range(2 * radius + 1, sums.shape[axis]), axis=axis)
        starts = np.take(sums, range(sums.shape[axis] - 2 * radius - 1), axis=axis)
        values = (ends - starts) / (2 * radius + 1)
    return values


def _kept(profile: Map, share: float) -> float | None:
    """Where, in 0-1, a window that is this share of a line loses the least; None for too much.

    Of several places that lose as little it is the one in the middle.
    """
    if share >= 1.0:
        return 0.0
    edges = np.concatenate(([0.0], np.cumsum(profile)))
    spots, starts = np.linspace(0.0, 1.0, len(edges)), np.linspace(0.0, 1.0 - share, 65)
    lost = np.interp(starts, spots, edges) + edges[-1] - np.interp(starts + share, spots, edges)
    if lost.min() > MOST_LOST:
        return None
    good = starts[lost <= lost.min() + 1e-9]
    return float(good[len(good) // 2])
