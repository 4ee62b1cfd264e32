"""Which colours a picture is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def dominant_colours(image: Image.Image, count: int = 5) -> tuple[str, ...]:
    """Up to `count` clearly different colours as `#rrggbb`, the most widespread first.

    Fewer where the picture has fewer. The same picture always gives the same answer.
    Weighted k-means in OKLab (Ottosson 2020) over a 5-bit histogram of 64 x 64 pixels.
    """
    rgb, weight = _histogram(image)
    lab = _oklab(rgb)
    centres = _spread_out(lab, weight, count + 3)
    nearest = _distances(lab, centres).argmin(axis=1)
    for _ in range(7):
        centres = _means(lab, weight, nearest, centres)
        before, nearest = nearest, _distances(lab, centres).argmin(axis=1)
        if np.array_equal(before, nearest):
            break
    return _ranked(rgb, weight, nearest)[:count]


def _histogram(image: Image.Image) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean colour (n, 3) in 0-1 and the share (n,) of every filled 5-bit bin."""
    colour = image if image.mode == "RGB" else image.convert("RGB")
    small = colour.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0)
    pixels = np.asarray(small, dtype=np.int64).reshape(-1, 3)
    bins = (pixels >> 3) @ np.array([1024, 32, 1])
    _, where, counts = np.unique(bins, return_inverse=True, return_counts=True)
    where = where.reshape(-1)
    sums = np.stack([np.bincount(where, weights=pixels[:, c]) for c in range(3)], axis=1)
    return sums / counts[:, None] / 255.0, counts / len(pixels)


def _oklab(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    to_lms = np.array(
        [[0.41222147, 0.53633254, 0.05144599], [0.2119035, 0.6806995, 0.10739696],
         [0.08830246, 0.28171884, 0.6299787]]
    )  # fmt: skip
    to_lab = np.array(
        [[0.21045426, 0.7936178, -0.00407205], [1.9779985, -2.4285922, 0.45059371],
         [0.02590404, 0.78277177, -0.80867577]]
    )  # fmt: skip
    lab: NDArray[np.float64] = np.cbrt(linear @ to_lms.T) @ to_lab.T
    return lab


def _distances(lab: NDArray[np.float64], centres: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared distances (n, k) of colours (n, 3) to centres (k, 3)."""
    lengths = (lab**2).sum(axis=1)[:, None] + (centres**2).sum(axis=1)[None, :]
    squares: NDArray[np.float64] = np.maximum(lengths - 2.0 * (lab @ centres.T), 0.0)
    return squares


def _means(
    lab: NDArray[np.float64],
    weight: NDArray[np.float64],
    nearest: NDArray[np.intp],
    centres: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The mean colour of each centre's group; a centre without one stays where it is."""
    share = (nearest[:, None] == np.arange(len(centres))) * weight[:, None]
    total = share.sum(axis=0)[:, None]
    return np.where(total > 0, share.T @ lab / np.maximum(total, 1e-12), centres)


def _spread_out(
    lab: NDArray[np.float64], weight: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """First centres: the fullest bin, then whichever is both full and far from those taken."""
    taken = [int(weight.argmax())]
    far = _distances(lab, lab[taken])[:, 0]
    while len(taken) < min(count, len(lab)):
        taken.append(int((weight * far).argmax()))
        far = np.minimum(far, _distances(lab, lab[taken[-1:]])[:, 0])
    return lab[taken].copy()


def _ranked(
    rgb: NDArray[np.float64], weight: NDArray[np.float64], nearest: NDArray[np.intp]
) -> tuple[str, ...]:
    """The groups' mean colours by share, without those under 2 % and near repeats (OKLab 0.05)."""
    share = np.bincount(nearest, weights=weight)
    means = _means(rgb, weight, nearest, np.zeros((len(share), 3)))
    places = _oklab(means)
    kept: list[int] = []
    for k in sorted(np.flatnonzero(share), key=lambda k: (-share[k], -k)):
        repeats = kept and _distances(places[[k]], places[kept]).min() < 0.05**2
        if not kept or (share[k] >= 0.02 and not repeats):
            kept.append(int(k))
    return tuple("#" + bytes(np.round(c * 255).astype(np.uint8)).hex() for c in means[kept])
