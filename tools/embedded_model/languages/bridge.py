"""From the teacher's space into the English tower's: what a word of any language ought to mean.

Kernel ridge regression on centred unit vectors with the kernel exp(4 (cos - 1)) and ridge 0.3.
Every language is centred by the mean of its own words, since the teacher keeps languages apart.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

Floats = NDArray[np.float32]
SHARPNESS = 4.0
RIDGE = 0.3


def centred(vectors: Floats, middle: Floats) -> Floats:
    """Unit vectors of what is left when the language's mean is taken away."""
    moved = vectors - middle
    return np.asarray(moved / np.maximum(np.linalg.norm(moved, axis=1, keepdims=True), 1e-6), "f4")


def kernel(one: Floats, other: Floats) -> Floats:
    """(N, 384) and (M, 384), unit -> (N, M)."""
    return np.exp(SHARPNESS * (one @ other.T - 1), dtype=np.float32)


class Bridge:
    """Learned from points (N, 384), centred, and what they mean (N, 256)."""

    def __init__(self, points: Floats, meanings: Floats) -> None:
        self._points = points
        gram = kernel(points, points)
        gram[np.diag_indices_from(gram)] += RIDGE
        self._middle = meanings.mean(0)
        triangle = torch.linalg.cholesky(torch.from_numpy(gram))
        wanted = torch.from_numpy(meanings - self._middle)
        self._weights = torch.cholesky_solve(wanted, triangle).numpy()

    def across(self, vectors: Floats, *, rows: int = 2000) -> Floats:
        """Centred vectors (N, 384) -> unit vectors (N, 256) of the English tower's space."""
        parts = [vectors[start : start + rows] for start in range(0, len(vectors), rows)]
        made = np.concatenate([kernel(part, self._points) @ self._weights for part in parts])
        made += self._middle
        return np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32)
