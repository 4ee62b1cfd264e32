"""Which colours a picture is made of."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glance_agent.pictures.oklab import oklab


def dominant_colours(image: Image.Image, count: int = 5) -> tuple[str, ...]:
    """Up to `count` clearly different colours as `#rrggbb`, the most widespread first.

    Fewer where the picture has fewer. The same picture always gives the same answer.
    Weighted k-means in OKLab (Ottosson 2020) over a 5-bit histogram of 64 x 64 pixels.
    """
    rgb, weight = _histogram(image)
    lab = oklab(rgb)
    nearest = _grouped(lab, weight, _spread_out(lab, weight, count + 3))
    return _ranked(rgb, weight, nearest)[:count]


def _histogram(image: Image.Image) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The mean colour (n, 3) in 0-1 and the share (n,) of every filled 5-bit bin."""
    colour = image if image.mode == "RGB" else image.convert("RGB")
    small = colour.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0)
    pixels = np.asarray(small, dtype=np.int64).reshape(-1, 3)
    bins = (pixels >> 3) @ np.array([1024, 32, 1])
    counts = np.bincount(bins)
    filled = np.flatnonzero(counts > 0)
    sums = np.stack([np.bincount(bins, pixels[:, c])[filled] for c in range(3)], axis=1)
    return sums / counts[filled, None] / 255.0, counts[filled] / len(pixels)


def _grouped(
    lab: NDArray[np.float64], weight: NDArray[np.float64], centres: NDArray[np.float64]
) -> NDArray[np.intp]:
    """The centre (n,) that each colour belongs to, after at most seven rounds of k-means.

    A work of many costs this once, so calls count: `spots` (n, 4) are the colours and a 1, so that
    one product with `lines` (k, 4), -2c and c squared, ranks the distances, and one with the
    members of each group sums colours and weights. A centre without a group stays where it is.
    """
    spots = np.concatenate((lab, np.ones((len(lab), 1))), axis=1)
    weighted, numbers = spots * weight[:, None], np.arange(len(centres))[:, None]
    before = b""
    for _ in range(8):
        lines = np.concatenate((-2.0 * centres, (centres * centres).sum(axis=1)[:, None]), axis=1)
        nearest: NDArray[np.intp] = (spots @ lines.T).argmin(axis=1)
        if before == (before := nearest.tobytes()):
            break
        sums = (numbers == nearest) @ weighted
        total = sums[:, 3:]
        np.divide(sums[:, :3], total, out=centres, where=total > 0)
    return nearest


def _spread_out(
    lab: NDArray[np.float64], weight: NDArray[np.float64], count: int
) -> NDArray[np.float64]:
    """First centres: the fullest bin, then whichever is both full and far from those taken."""
    taken = [int(weight.argmax())]
    far = np.full(len(lab), np.inf)
    while len(taken) < min(count, len(lab)):
        away = lab - lab[taken[-1]]
        np.minimum(far, np.einsum("ij,ij->i", away, away), out=far)
        taken.append(int((weight * far).argmax()))
    return lab[taken]


def _ranked(
    rgb: NDArray[np.float64], weight: NDArray[np.float64], nearest: NDArray[np.intp]
) -> tuple[str, ...]:
    """The groups' mean colours by share, without those under 2 % and near repeats (OKLab 0.05)."""
    share = np.bincount(nearest, weights=weight)
    sums = [np.bincount(nearest, weights=weight * rgb[:, c]) for c in range(3)]
    means = np.stack(sums, axis=1) / np.maximum(share, 1e-12)[:, None]
    places = oklab(means)
    apart = places[:, None] - places
    repeats = (apart * apart).sum(axis=2) < 0.05**2
    kept: list[int] = []
    for k in np.argsort(-share, kind="stable").tolist():
        if not kept or (share[k] >= 0.02 and not repeats[k, kept].any()):
            kept.append(k)
    return tuple("#" + bytes(np.round(means[k] * 255).astype(np.uint8)).hex() for k in kept)
