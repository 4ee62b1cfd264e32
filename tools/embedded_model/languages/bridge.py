"""From a teacher's space into the English tower's: what a word of any language ought to mean.

It means what the ten nearest English words mean, the nearest by far the most: a softmax over their
cosines. Every language is centred by the mean of its own words, since teachers keep languages
apart. A map that is fitted over the whole space (ridge regression) blurs what the tower, which
knows no teacher, tells apart: of words of no table it kept half as many pictures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
NEAREST = 10
TEMPERATURE = 0.02  # of cosines


def centred(vectors: Floats, middle: Floats) -> Floats:
    """Unit vectors of what is left when the language's mean is taken away."""
    return _unit(vectors - middle)


class Bridge:
    """English words as a teacher sees them (N, W), centred, and what they mean (N, 256), units."""

    def __init__(self, points: Floats, meanings: Floats) -> None:
        self._points = points
        self._meanings = meanings

    def across(self, vectors: Floats, *, rows: int = 2000) -> Floats:
        """Centred vectors (N, W) -> unit vectors (N, 256) of the English tower's space."""
        parts = [vectors[start : start + rows] for start in range(0, len(vectors), rows)]
        return np.concatenate([self._part(part) for part in parts])

    def _part(self, vectors: Floats) -> Floats:
        cosines = vectors @ self._points.T
        few = min(NEAREST, len(self._points))
        nearest = np.argpartition(-cosines, few - 1, axis=1)[:, :few]
        close = np.take_along_axis(cosines, nearest, axis=1)
        weights = np.exp((close - close.max(1, keepdims=True)) / TEMPERATURE)
        return _unit((self._meanings[nearest] * weights[..., None]).sum(1))


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-6), np.float32)
