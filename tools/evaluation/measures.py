"""How good a ranking is: precision and discounted gain of its first ten."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import log2

FIRST = 10


def precision(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """The share of the first ten that is relevant; places left empty count as wrong."""
    return sum(i in relevant for i in ranked[:FIRST]) / min(FIRST, max(len(relevant), 1))


def gain(ranked: Sequence[str], relevant: Collection[str]) -> float:
    """nDCG of the first ten with relevance 0 or 1: 1 where all that can be relevant is in front."""
    found = sum(1.0 / log2(place + 2) for place, i in enumerate(ranked[:FIRST]) if i in relevant)
    best = sum(1.0 / log2(place + 2) for place in range(min(FIRST, len(relevant))))
    return found / best if best else 0.0


def mean(values: Sequence[float]) -> float:
    """The mean, or 0 of nothing."""
    return sum(values) / len(values) if values else 0.0
