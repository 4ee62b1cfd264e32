"""A clock on the wall that is set: noticed, since it then disagrees with one that only goes on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

LEAST_STEP = timedelta(seconds=2)
"""What disagrees by less between two looks is a clock that is slewed, or a look that took long."""


@dataclass(frozen=True, slots=True)
class Step:
    """By how much the clock was set, and since when, as it told then, it had been off by that."""

    since: datetime
    by: timedelta


class ClockSteps:
    """Compares two clocks from the start of the program on."""

    def __init__(self, wall: Callable[[], datetime], steady: Callable[[], float]) -> None:
        """`wall` tells the time of day; `steady` counts seconds, through sleep and every step."""
        self._wall = wall
        self._steady = steady
        self._seen = self._since = wall()
        self._at_seconds = steady()

    def taken(self) -> Step | None:
        """The step since the last look, or None where there was none."""
        now, seconds = self._wall(), self._steady()
        by = (now - self._seen) - timedelta(seconds=seconds - self._at_seconds)
        self._seen, self._at_seconds = now, seconds
        if abs(by) < LEAST_STEP:
            return None
        step = Step(self._since, by)
        self._since += by
        return step
