"""A clock that was wrong for a while: durations stay true, and nothing was done after now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from glance_agent.agent.clock_watch import ClockWatch
from glance_agent.domain.clock_steps import ClockSteps
from glance_agent.store.times import Times
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.rooms import Rooms
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import rooms_in, said
from tests.home import Home
from tests.spawned import PATIENCE_SECONDS

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
DAY = timedelta(days=1)


class Clock:
    """The clock on the wall, which tests set; time passes in it when they say so."""

    def __init__(self) -> None:
        self.passed = timedelta()
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return NOON + self.passed + self.ahead

    def steady(self) -> float:
        return self.passed.total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(wired, "utc_now", clock)
    return clock


@pytest.fixture
def rooms(home: Home, clock: Clock) -> Iterator[Rooms]:
    with rooms_in(home, ColourEncoder()) as opened:
        yield opened


def signs(rooms: Rooms) -> dict[str, float]:
    """What the household seems to like, going by what happened on the displays."""
    return {sign.artwork_id: sign.value for sign in rooms.showing.lessons(["household"])[0].signs}


@pytest.fixture(params=["while the agent runs", "before it starts again"])
def correct(request: pytest.FixtureRequest, rooms: Rooms, clock: Clock) -> Callable[[], None]:
    """A clock that is a day ahead; calling this sets it right, and what is kept with it."""
    steps, times = ClockSteps(clock, clock.steady), Times(rooms.library.db)
    clock.ahead = DAY
    assert steps.taken() is not None

    def set_right() -> None:
        clock.ahead = timedelta()
        if request.param == "before it starts again":
            times.bound(clock())
        elif (step := steps.taken()) is not None:
            times.follow(step)

    return set_right


def test_a_transaction_is_new_again_after_ten_minutes_not_after_a_day(
    rooms: Rooms, home: Home, clock: Clock, correct: Callable[[], None]
) -> None:
    said(rooms, "next", transaction=7)
    clock.passed += timedelta(minutes=1)
    correct()
    assert len(home.showings()) == 1
    said(rooms, "next", transaction=7)
    assert len(home.showings()) == 1
    clock.passed += timedelta(minutes=11)
    said(rooms, "next", transaction=7)
    assert len(home.showings()) == 2


def test_a_mood_ends_when_its_time_is_over(
    rooms: Rooms, clock: Clock, correct: Callable[[], None]
) -> None:
    said(rooms, "mood", mood="calm", minutes=30)
    clock.passed += timedelta(minutes=10)
    correct()
    assert rooms.showing.settings("wall").mood == "calm"
    clock.passed += timedelta(minutes=31)
    assert rooms.showing.settings("wall").mood is None


def test_a_picture_is_not_liked_because_the_clock_was_set(
    rooms: Rooms, home: Home, clock: Clock, correct: Callable[[], None]
) -> None:
    for colour in ("red", "green", "blue"):
        said(rooms, "show", artwork=home.work(colour))
        clock.passed += timedelta(minutes=1)
    correct()
    for _ in range(3):
        said(rooms, "next")
        clock.passed += timedelta(minutes=1)
    assert signs(rooms) == {}


def test_a_clock_that_was_behind_ends_no_mood_early_and_makes_no_sign(
    rooms: Rooms, home: Home, clock: Clock
) -> None:
    clock.ahead = -DAY
    steps, times = ClockSteps(clock, clock.steady), Times(rooms.library.db)
    said(rooms, "mood", mood="calm", minutes=30)
    said(rooms, "show", artwork=home.work("red"))
    clock.passed += timedelta(minutes=11)
    clock.ahead = timedelta()
    step = steps.taken()
    assert step is not None
    times.follow(step)
    assert rooms.showing.settings("wall").mood == "calm"
    assert rooms.history.showings("wall", 1)[0].shown_at == clock() - timedelta(minutes=11)


def test_times_that_are_right_are_left_alone(rooms: Rooms, home: Home, clock: Clock) -> None:
    said(rooms, "like", artwork=home.work("red"), transaction=1)
    said(rooms, "mood", mood="calm", minutes=30)
    said(rooms, "next")

    def kept() -> list[object]:
        tables = ("reactions", "showings", "answers", "display_settings")
        return [home.rows(f"SELECT * FROM {table}") for table in tables]

    before = kept()
    Times(rooms.library.db).bound(clock())
    assert kept() == before


async def test_the_watch_follows_the_clock_and_tells(rooms: Rooms, clock: Clock) -> None:
    said(rooms, "mood", mood="calm", minutes=30)
    told = asyncio.Event()

    async def changed() -> None:
        told.set()

    with ThreadPoolExecutor(1) as worker:
        steps, times = ClockSteps(clock, clock.steady), Times(rooms.library.db)
        watch = ClockWatch(steps, times, changed, worker=worker, look_seconds=0.001)
        task = asyncio.create_task(watch.run())
        clock.ahead = DAY
        async with asyncio.timeout(PATIENCE_SECONDS):
            await told.wait()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert rooms.showing.settings("wall").mood_until == NOON + DAY + timedelta(minutes=30)
