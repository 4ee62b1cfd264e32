"""The clock door, in a loop whose time leaps: what is due happens then, and only then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import pairwise
from typing import Any

from glance_agent.commands.idempotency import Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.display import DisplaySettings, Glance, ShownArtwork
from glance_agent.domain.outcome import Tuned
from glance_agent.domain.reply import Reply
from glance_agent.doors.clock import ClockDoor
from tests import leap

START = datetime(2026, 6, 1, 12, tzinfo=UTC)


def leaping(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    """Run the test in a loop whose time leaps."""

    @wraps(test)
    def leapt() -> None:
        leap.run(test)

    # pytest would find the coroutine behind the wrapper, and run it in a loop of its own.
    del leapt.__wrapped__
    return leapt


class Household:
    """An agent that notes when it was told what, and tells the clock what came of it."""

    def __init__(self, *, rhythms: dict[str, float] | None = None) -> None:
        self.told: list[tuple[float, str, str | None]] = []
        self.has_pictures = True
        self.wall_is_off_by = timedelta()
        self.door = ClockDoor(
            self, displays=["wall", "hall"], rhythms=rhythms or {}, wall=self.wall
        )

    def wall(self) -> datetime:
        now = asyncio.get_running_loop().time()
        return START + timedelta(seconds=now) + self.wall_is_off_by

    async def handle(self, command: Command, delivery: Delivery | None = None) -> Reply:
        now = asyncio.get_running_loop().time()
        about = command.source if command.verb == "ingest" else command.display
        self.told.append((now, command.verb, about))
        if command.verb == "next" and self.has_pictures and command.display:
            await self.show(command.display)
        if command.verb == "mood" and command.display:
            await self.tune(command.display)
        return Reply(verb=command.verb, ok=self.has_pictures, message="")

    async def show(self, display: str) -> None:
        work = ShownArtwork(id="a:1")
        await self.door.announce(
            Glance(display=display, artwork=work, shown_at=self.wall(), why="", position=1)
        )

    async def tune(self, display: str, **settings: Any) -> None:
        await self.door.announce(Tuned(display, DisplaySettings(**settings)))


@asynccontextmanager
async def running(household: Household) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(household.door.run())
    try:
        yield task
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@leaping
async def test_a_slideshow_goes_on_in_its_rhythm() -> None:
    household = Household()
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await household.tune("hall", slideshow=True, interval_seconds=100)
        await asyncio.sleep(310)
    told = {d: [w for w, _, display in household.told if display == d] for d in ("wall", "hall")}
    assert told == {"wall": [60, 120, 180, 240, 300], "hall": [100, 200, 300]}


@leaping
async def test_a_picture_that_someone_asked_for_stays_its_whole_time() -> None:
    household = Household()
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(50)
        await household.show("wall")
        await asyncio.sleep(100)
    assert [when for when, _, _ in household.told] == [110]


@leaping
async def test_a_slideshow_ends_when_it_is_switched_off() -> None:
    household = Household()
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(70)
        await household.tune("wall", slideshow=False)
        await asyncio.sleep(1000)
    assert [when for when, _, _ in household.told] == [60]


@leaping
async def test_a_new_rhythm_counts_from_when_the_picture_was_put_up() -> None:
    household = Household()
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=600)
        await asyncio.sleep(100)
        await household.tune("wall", slideshow=True, interval_seconds=120)
        await asyncio.sleep(30)
    assert [when for when, _, _ in household.told] == [120]


@leaping
async def test_a_slideshow_without_pictures_tries_again_after_an_interval() -> None:
    household = Household()
    household.has_pictures = False
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(190)
    assert [when for when, _, _ in household.told] == [60, 120, 180]


@leaping
async def test_a_slideshow_that_ends_while_another_goes_on_ends_nothing_else() -> None:
    household = Household()

    async def handle(command: Command, delivery: Delivery | None = None) -> Reply:
        reply = await Household.handle(household, command, delivery)
        await household.tune("hall", slideshow=False)
        return reply

    household.handle = handle  # type: ignore[method-assign]
    async with running(household) as door:
        for display in ("wall", "hall"):
            await household.tune(display, slideshow=True, interval_seconds=60)
        await asyncio.sleep(190)
        assert not door.done()
    assert household.told == [(60, "next", "wall"), (120, "next", "wall"), (180, "next", "wall")]


@leaping
async def test_a_picture_that_could_not_be_shown_is_not_tried_again_once_it_is_off() -> None:
    household = Household()
    household.has_pictures = False

    async def handle(command: Command, delivery: Delivery | None = None) -> Reply:
        await household.tune("wall", slideshow=False)
        return await Household.handle(household, command, delivery)

    household.handle = handle  # type: ignore[method-assign]
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(190)
    assert [when for when, _, _ in household.told] == [60]


@leaping
async def test_the_door_is_alive_between_two_commands_and_not_within_a_long_one() -> None:
    household, released = Household(), asyncio.Event()

    async def handle(command: Command, delivery: Delivery | None = None) -> Reply:
        await released.wait()
        return await Household.handle(household, command, delivery)

    household.handle = handle  # type: ignore[method-assign]
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await household.door.alive()
        await asyncio.sleep(61)
        asked = asyncio.create_task(household.door.alive())
        await asyncio.sleep(1)
        assert not asked.done()
        released.set()
        await asked


@leaping
async def test_a_clock_that_is_set_neither_hurries_nor_stops_a_slideshow() -> None:
    for hours in (-24, 24):
        household = Household()
        async with running(household):
            start = asyncio.get_running_loop().time()
            household.wall_is_off_by = timedelta(hours=hours)
            await household.tune("wall", slideshow=True, interval_seconds=60)
            await asyncio.sleep(150)
        first = household.told[0][0] - start
        assert 0 <= first <= 60
        rest = [when for when, _, _ in household.told]
        assert [b - a for a, b in pairwise(rest)] == [60] * (len(rest) - 1)


@leaping
async def test_a_mood_ends_at_its_time() -> None:
    household = Household()
    async with running(household):
        until = START + timedelta(minutes=30)
        await household.tune("hall", mood="calm", mood_until=until)
        await asyncio.sleep(4000)
    assert household.told == [(1800, "mood", "hall")]


@leaping
async def test_a_mood_ends_at_its_time_although_the_clock_is_set_meanwhile() -> None:
    for hours in (-24, 24):
        household = Household()
        async with running(household):
            start = asyncio.get_running_loop().time()
            until = household.wall() + timedelta(minutes=30)
            await household.tune("hall", mood="calm", mood_until=until)
            await asyncio.sleep(600)
            household.wall_is_off_by = timedelta(hours=hours)
            await household.show("hall")
            await household.tune("hall", mood="calm", mood_until=until, discovery=70)
            await asyncio.sleep(2000)
        assert [(when - start, verb) for when, verb, _ in household.told] == [(1800, "mood")]


@leaping
async def test_sources_are_looked_through_in_their_rhythm() -> None:
    household = Household(rhythms={"aic": 3600, "met": 5000})
    async with running(household):
        await asyncio.sleep(10_900)
    assert [(w, about) for w, verb, about in household.told if verb == "ingest"] == [
        (3600, "aic"), (5000, "met"), (7200, "aic"), (10_000, "met"), (10_800, "aic"),
    ]  # fmt: skip
