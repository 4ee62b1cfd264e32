"""How each host likes to be asked: how often, how many at once, and how long to stay away."""

from __future__ import annotations

from dataclasses import dataclass

HOUR = 3600.0
DAY_SECONDS = 24 * HOUR


@dataclass(frozen=True, slots=True)
class Manners:
    """`away_*_seconds`: how long a host that refused programs is left alone, first and at most."""

    interval_seconds: float = 1.0
    at_once: int = 1
    away_first_seconds: float = 60.0
    away_longest_seconds: float = 6 * HOUR
    away_factor: float = 2.0


TWO_A_SECOND = Manners(interval_seconds=0.5, at_once=2)
