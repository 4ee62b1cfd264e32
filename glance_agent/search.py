"""A query's vector and the library's vectors -> ranked hits with a match that can be compared."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glance_agent.vectors import Matrix, Vector, cosines, top


@dataclass(frozen=True, slots=True)
class Hit:
    """One work that answers a query: its score, and how well it matches (0–1)."""

    artwork_id: str
    score: float
    match: float
    why: str


def rank(
    ids: Sequence[str], matrix: Matrix, query: Vector, *, allowed: NDArray[np.bool_], count: int
) -> list[Hit]:
    """The best works for a query vector among the allowed rows, best first."""
    scores = cosines(matrix, query)
    calibrated = match_of(scores)
    masked = np.where(allowed, scores, np.float32(-np.inf))
    best = [row for row in top(masked, count) if allowed[row]]
    return [
        Hit(ids[row], float(scores[row]), float(calibrated[row]), words_for(float(calibrated[row])))
        for row in best
    ]


def match_of(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far each score stands out from this query's scores over the library, as 0–1.

    A logistic curve over z-scores: the library's average is near 0, three standard
    deviations above it is 0.73, five are 0.98.
    """
    spread = float(scores.std()) or 1.0
    z = (scores - float(scores.mean())) / spread
    match: NDArray[np.float32] = (1.0 / (1.0 + np.exp(-1.5 * (z - 2.33)))).astype(np.float32)
    return match


def words_for(match: float) -> str:
    """A match as one says it."""
    if match >= 0.6:
        return "A strong match for the words"
    return "A fair match for the words" if match >= 0.2 else "A weak match for the words"


def allowed_rows(
    ids: Sequence[str], *, only: Collection[str] | None, never: Collection[str]
) -> NDArray[np.bool_]:
    """Which rows may be answered: all, or those in `only`; never those in `never`. Shape (n,)."""
    if only is None and not never:
        return np.ones(len(ids), dtype=bool)
    return np.fromiter(
        ((only is None or i in only) and i not in never for i in ids), dtype=bool, count=len(ids)
    )
