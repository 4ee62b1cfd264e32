"""Which likes belong together: Ward's clustering, and how many clusters there are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.intp]
"""Shape (k,): the cluster of each row, from 0."""
Distances = NDArray[np.float64]
"""Shape (k, k): squared Euclidean distances, symmetric, 0 on the diagonal."""

CLEARLY_APART = 0.1
"""The mean silhouette from which several clusters describe the rows better than one."""


def clusters(rows: NDArray[np.floating], most: int) -> Labels:
    """The cluster of each row (k, d): the cut of Ward's tree, at most `most` parts, with the best
    mean silhouette, or one cluster where no cut is clear."""
    count = rows.shape[0]
    everything: Labels = np.zeros(count, dtype=np.intp)
    if count < 3:
        return everything
    distances = squared_distances(rows)
    best, best_silhouette = everything, CLEARLY_APART
    for labels in _ward_cuts(distances, most):
        found = silhouette(distances, labels)
        if found > best_silhouette:
            best, best_silhouette = labels, found
    return best


def medoid(rows: NDArray[np.floating], weights: NDArray[np.floating]) -> int:
    """The row that is nearest to all others, by their weights (k,)."""
    return int((squared_distances(rows) @ weights).argmin())


def squared_distances(rows: NDArray[np.floating]) -> Distances:
    """Squared Euclidean distances between rows (k, d)."""
    wide = rows.astype(np.float64)
    squares = (wide**2).sum(axis=1)
    distances = squares[:, None] + squares[None, :] - 2.0 * (wide @ wide.T)
    np.fill_diagonal(distances, 0.0)
    return np.asarray(np.maximum(distances, 0.0))


def silhouette(distances: Distances, labels: Labels) -> float:
    """The mean silhouette (Rousseeuw 1987) of rows in at least two clusters; -1 to 1."""
    member = np.eye(int(labels.max()) + 1)[labels]
    sizes = member.sum(axis=0)
    sums = np.sqrt(distances) @ member
    own = sizes[labels]
    within = sums[np.arange(labels.size), labels] / np.maximum(own - 1, 1)
    means = sums / sizes
    means[np.arange(labels.size), labels] = np.inf
    nearest = means.min(axis=1)
    score = (nearest - within) / np.maximum(np.maximum(nearest, within), 1e-12)
    return float(np.where(own > 1, score, 0.0).mean())


def _ward_cuts(distances: Distances, most: int) -> list[Labels]:
    """The cuts of Ward's tree into `most`, …, 3, 2 clusters, by the Lance-Williams update."""
    count = distances.shape[0]
    cost = distances.copy()
    np.fill_diagonal(cost, np.inf)
    sizes = np.ones(count)
    root = np.arange(count)
    cuts: list[Labels] = []
    for left in range(count - 1, 1, -1):
        i, j = divmod(int(cost.argmin()), count)
        merged = (
            (sizes + sizes[i]) * cost[i] + (sizes + sizes[j]) * cost[j] - sizes * cost[i, j]
        ) / (sizes + sizes[i] + sizes[j])
        cost[i, :] = cost[:, i] = merged
        cost[i, i] = np.inf
        cost[j, :] = cost[:, j] = np.inf
        sizes[i] += sizes[j]
        root[root == j] = i
        if left <= most:
            cuts.append(np.unique(root, return_inverse=True)[1])
    return cuts
