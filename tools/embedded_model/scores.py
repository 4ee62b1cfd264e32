"""Figures of merit over a matrix of scores (queries, pictures); larger is better everywhere."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Truth = NDArray[np.bool_]
TOP = 10


def precision_at_10(scores: Floats, relevant: Truth, judged: Truth) -> Floats:
    """Share of right pictures among each query's first ten judged ones (or as many as are right,
    if fewer).
    """
    ranked = np.argsort(-np.where(judged, scores, -np.inf), axis=1, kind="stable")
    depth = np.minimum(TOP, relevant.sum(1))
    right = np.take_along_axis(relevant, ranked[:, :TOP], axis=1)
    return np.array([row[:k].mean() if k else np.nan for row, k in zip(right, depth, strict=True)])


def accuracy(scores: Floats, labels: NDArray[np.integer]) -> tuple[float, float]:
    """Plain and class-balanced share of pictures whose best-scored class (classes, pictures) is
    theirs; -1 unknown.
    """
    known = labels >= 0
    right = scores.argmax(0)[known] == labels[known]
    per_class = [right[labels[known] == label].mean() for label in np.unique(labels[known])]
    return float(right.mean()), float(np.mean(per_class))


def recall_at(scores: Floats, k: int) -> float:
    """Share of rows whose own picture (same index) is among the k best."""
    own = np.diag(scores)[:, None]
    return float(((scores > own).sum(1) < k).mean())
