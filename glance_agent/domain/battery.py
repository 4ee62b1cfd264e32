"""A battery's past -> how long it will last; and how full one is, by its voltage."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Final, NamedTuple

LIPO: Final = ((3.3, 0.0), (3.5, 10.0), (3.7, 50.0), (4.2, 100.0))
"""Volts of a lithium polymer cell that has nothing to do, and how full it is in percent."""
CHARGED_POINTS: Final = 5.0
"""No battery gets fuller by so many percent without being charged."""
LEAST_DAYS: Final = 1.0
LEAST_POINTS: Final = 3.0
"""Before a day and three percent nothing can be told: a cold room makes as much."""
MOST_DAYS: Final = 999
_DAY_SECONDS: Final = 86_400


class BatterySample(NamedTuple):
    """How full a battery was at one time, in percent."""

    at: datetime
    percent: float


def percent_of(volts: float) -> float:
    """How full a lithium cell of this voltage is, 0-100, between the points of LIPO."""
    if volts <= LIPO[0][0]:
        return 0.0
    for (below, low), (above, high) in pairwise(LIPO):
        if volts <= above:
            return round(low + (volts - below) / (above - below) * (high - low), 1)
    return 100.0


def days_left(samples: Sequence[BatterySample]) -> int | None:
    """In how many days the battery is empty, by the line through its past (least squares), which
    has no charge in it; None as long as that cannot be told."""
    if len(samples) < 2:
        return None
    since = samples[0].at
    days = [(sample.at - since).total_seconds() / _DAY_SECONDS for sample in samples]
    percents = [sample.percent for sample in samples]
    if days[-1] < LEAST_DAYS or max(percents) - percents[-1] < LEAST_POINTS:
        return None
    slope = _slope(days, percents)
    return None if slope >= 0 else min(MOST_DAYS, round(percents[-1] / -slope))


def _slope(days: Sequence[float], percents: Sequence[float]) -> float:
    """Percent a day."""
    middle, mean = sum(days) / len(days), sum(percents) / len(percents)
    moved = sum((d - middle) * (p - mean) for d, p in zip(days, percents, strict=True))
    return moved / sum((d - middle) ** 2 for d in days)
