"""A clock that is set is noticed; one that is slewed, or a machine that slept, is none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from glance_agent.domain.clock_steps import ClockSteps, Step

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


class Clocks:
    """A clock on the wall that can be set, and one that only goes on."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.off_by = timedelta()
        self.steps = ClockSteps(self.wall, lambda: self.seconds)

    def wall(self) -> datetime:
        return START + timedelta(seconds=self.seconds) + self.off_by

    def pass_by(self, seconds: float, *, off_by: timedelta = timedelta()) -> Step | None:
        self.seconds += seconds
        self.off_by = off_by
        return self.steps.taken()


def test_time_that_passes_is_no_step() -> None:
    clocks = Clocks()
    assert [clocks.pass_by(seconds) for seconds in (0, 3, 3600, 8 * 3600)] == [None] * 4


def test_a_clock_that_is_slewed_takes_no_step() -> None:
    clocks = Clocks()
    slewed = [clocks.pass_by(3, off_by=timedelta(milliseconds=500 * n)) for n in range(20)]
    assert slewed == [None] * 20


def test_a_step_is_told_once_with_since_when_the_clock_was_off() -> None:
    clocks, day = Clocks(), timedelta(days=1)
    assert clocks.pass_by(600) is None
    assert clocks.pass_by(3, off_by=-day) == Step(START, -day)
    assert clocks.pass_by(3, off_by=-day) is None
    # Set back to what it was: by the clock of now, all this time it had been a day behind.
    assert clocks.pass_by(3) == Step(START - day, day)
    assert clocks.pass_by(3) is None
