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
from glance_agent.domain.display import Glance, ShownArtwork, TimedSettings
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import Hung, Tuned
from glance_agent.domain.quiet import QuietHours, quiet_window
from glance_agent.domain.reply import Reply
from glance_agent.domain.timing import Timing
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

    def __init__(
        self, *, rhythms: dict[str, float] | None = None, timings: dict[str, Timing] | None = None
    ) -> None:
        self.told: list[tuple[float, str, str | None]] = []
        self.settings = dict.fromkeys(("wall", "hall"), TimedSettings())
        self.has_pictures = True
        self.looks: list[datetime] = []
        self.wall_is_off_by = timedelta()
        self.door = ClockDoor(
            self, displays=["wall", "hall"], rhythms=rhythms or {}, wall=self.wall, timings=timings
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
            await self.settle(command.display)
        return Reply(verb=command.verb, ok=self.has_pictures, message="")

    def renewed_at(self, display: str) -> datetime | None:
        return next((at for at in self.looks if at > self.wall()), None)

    def renew(self, display: str) -> None:
        self.told.append((asyncio.get_running_loop().time(), "renew", display))

    async def show(self, display: str) -> None:
        work = ShownArtwork(id="a:1")
        await self.door.announce(
            Glance(display=display, artwork=work, shown_at=self.wall(), why="", position=1)
        )

    async def tune(self, display: str, **settings: Any) -> None:
        """What a person sets; without anything, what is set is told again."""
        if settings:
            self.settings[display] = TimedSettings(**settings)
        await self.door.announce(Tuned(display, self.settings[display]))

    async def settle(self, display: str) -> None:
        """Nothing is set any more."""
        self.settings[display] = TimedSettings()
        await self.tune(display)

    async def hang_wish(self, display: str) -> bool:
        self.told.append((asyncio.get_running_loop().time(), "wish", display))
        if self.has_pictures:
            await self.show(display)
            await self.settle(display)
        return self.has_pictures


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
async def test_what_is_up_is_rendered_again_when_its_look_changes() -> None:
    """A label leaves after 20 seconds, night begins after an hour; nothing new is shown."""
    household = Household()
    household.looks = [START + timedelta(seconds=s) for s in (20, 3600)]
    async with running(household):
        await household.door.announce(Hung("wall", Frame(b"", "image/jpeg", 1, 1)))
        await asyncio.sleep(5000)
    assert household.told == [(20, "renew", "wall"), (3600, "renew", "wall")]


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
async def test_a_slideshow_without_pictures_tries_again_ever_more_seldom() -> None:
    household = Household()
    household.has_pictures = False
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(3000)
        pauses = [b - a for (a, *_), (b, *_) in pairwise(household.told)]
        assert pauses == [60, 120, 240, 480, 600, 600, 600]
        household.has_pictures, mark = True, len(household.told)
        await asyncio.sleep(1000)
    told = [when for when, _, _ in household.told[mark:]]
    assert [b - a for a, b in pairwise(told)] == [60] * (len(told) - 1)


@leaping
async def test_a_slideshow_that_waits_goes_on_at_once_when_it_is_told_to() -> None:
    household = Household()
    household.has_pictures = False
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(1000)
        household.has_pictures, mark = True, len(household.told)
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(1)
    assert [when for when, _, _ in household.told[mark:]] == [1000]


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


# -- when nothing may change by itself -------------------------------------------------------


def quiet(*texts: str, minimum: int = 0) -> dict[str, Timing]:
    windows = tuple(map(quiet_window, texts))
    return {"wall": Timing(timedelta(seconds=minimum), QuietHours(windows, UTC))}


def pictures(household: Household) -> list[float]:
    return [when for when, verb, _ in household.told if verb == "next"]


@leaping
async def test_in_quiet_hours_a_slideshow_waits_for_their_end() -> None:
    household = Household(timings=quiet("12:10-13:00"))
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=240)
        await asyncio.sleep(3900)
    assert pictures(household) == [240, 480, 3600, 3840]


@leaping
async def test_what_someone_asks_for_in_quiet_hours_stays_for_them() -> None:
    household = Household(timings=quiet("12:10-13:00"))
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=600)
        await asyncio.sleep(3500)
        await household.show("wall")
        await asyncio.sleep(1000)
    assert pictures(household) == [4100]


@leaping
async def test_the_beginning_and_the_end_of_quiet_hours_are_told() -> None:
    household = Household(timings=quiet("12:10-13:00"))
    told = []

    async def tune(display: str) -> None:
        told.append((asyncio.get_running_loop().time(), display))

    async with running(household):
        await household.tune("wall")
        household.tune = tune  # type: ignore[method-assign, assignment]
        await asyncio.sleep(4000)
    assert told == [(600, "wall"), (3600, "wall")]


@leaping
async def test_a_pause_lasts_until_it_is_taken_back() -> None:
    household = Household()
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(70)
        await household.tune("wall", slideshow=True, interval_seconds=60, paused=True)
        await asyncio.sleep(1000)
        assert pictures(household) == [60]
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(30)
    assert pictures(household) == [60, 1070]


@leaping
async def test_a_mood_ends_also_in_a_pause() -> None:
    household = Household()
    async with running(household):
        until = START + timedelta(minutes=30)
        await household.tune("wall", paused=True, mood="calm", mood_until=until)
        await asyncio.sleep(4000)
    assert household.told == [(1800, "mood", "wall")]


@leaping
async def test_a_slideshow_is_no_quicker_than_its_panel() -> None:
    household = Household(timings=quiet(minimum=900))
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=60)
        await asyncio.sleep(2000)
    assert pictures(household) == [900, 1800]


@leaping
async def test_what_waits_hangs_in_its_time_also_in_a_pause() -> None:
    household = Household()
    async with running(household):
        at = START + timedelta(seconds=300)
        waits = {"waiting": "a:1", "next_change_at": at, "paused": True, "slideshow": True}
        await household.tune("wall", **waits)
        await asyncio.sleep(4000)
    assert household.told == [(300, "wish", "wall")]


@leaping
async def test_what_could_not_be_hung_is_tried_again() -> None:
    household = Household()
    household.has_pictures = False
    async with running(household):
        at = START + timedelta(seconds=300)
        await household.tune("wall", waiting="a:1", next_change_at=at)
        await asyncio.sleep(450)
    assert household.told == [(300, "wish", "wall"), (360, "wish", "wall"), (420, "wish", "wall")]


@leaping
async def test_a_clock_that_drifts_ends_no_quiet_hours_early() -> None:
    household = Household(timings=quiet("12:10-13:00"))
    async with running(household):
        await household.tune("wall", slideshow=True, interval_seconds=600)
        await asyncio.sleep(700)
        household.wall_is_off_by = timedelta(seconds=-20)
        await asyncio.sleep(2910)
        assert pictures(household) == []
        await asyncio.sleep(20)
    assert pictures(household) == [3620]
