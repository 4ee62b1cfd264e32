"""The clock door: slideshows go on, moods end, wishes hang, sources are looked through again.

In quiet hours and pauses it changes no picture, nor on displays that are off; when quiet hours
begin and end it has that told.
Where labels leave, and night begins or ends for a screen, what is up is rendered again.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Protocol

from glance_agent.commands.idempotency import BY_ITSELF
from glance_agent.domain.command import Command, Ingest, Mood
from glance_agent.domain.display import Glance, TimedSettings
from glance_agent.domain.news import Hung, News, Tuned
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.timing import ANYTIME, Timing
from glance_agent.doors.handler import CommandHandler
from glance_agent.doors.health import Health

AGAIN_SECONDS = 60.0
"""When what could not be kept, such as the end of a mood, is tried again."""
LEAST_SECONDS = 0.5
"""Clocks on walls and in machines drift apart; so much too early is early enough."""

LONGEST_PAUSE_SECONDS = 600.0
"""Until which pause a slideshow that gets no picture tries again, each time after twice as long."""
DOUBLED_AT_MOST = 6
"""Then any interval has reached that pause."""

_Key = tuple[str, str]


class DisplayKeeper(CommandHandler, Protocol):
    """Carries commands out, and does what is due on a display without one."""

    async def tune(self, display: str) -> None: ...
    async def hang_wish(self, display: str) -> bool: ...
    def renewed_at(self, display: str) -> datetime | None: ...
    def renew(self, display: str) -> None: ...


class ClockDoor:
    """Does what is due when its time has come; `wall` is the time of day, waiting is monotonic."""

    def __init__(
        self,
        agent: DisplayKeeper,
        *,
        displays: Iterable[str],
        rhythms: Mapping[str, float],
        wall: Callable[[], datetime],
        timings: Mapping[str, Timing] | None = None,
    ) -> None:
        """`rhythms` are the seconds between two listings of a source, by its name.

        `timings` say when displays may change, by their names.
        """
        self._agent = agent
        self._wall = wall
        self._rhythms = dict(rhythms)
        self._timings = timings or {}
        self._settings: dict[str, TimedSettings] = {}
        self._shown_at: dict[str, datetime] = dict.fromkeys(displays, wall())
        self._mood_until: dict[str, datetime | None] = {}
        self._due: dict[_Key, float] = {}
        self._in_vain: Counter[_Key] = Counter()
        self._changed = asyncio.Event()
        self._health = Health()

    async def alive(self) -> None:
        """Return once nothing, or the next thing, is being done; hangs where one does."""
        await self._health.alive()

    async def run(self) -> None:
        """Wait for what is due next, for ever."""
        loop = asyncio.get_running_loop()
        for source, seconds in self._rhythms.items():
            self._due["ingest", source] = loop.time() + seconds
        while True:
            self._changed.clear()
            earliest = min(self._due.values(), default=None)
            try:
                async with asyncio.timeout_at(earliest):
                    await self._changed.wait()
            except TimeoutError:
                await self._do_what_is_due(loop.time())

    async def announce(self, news: News) -> None:
        """Take note of what decides when something is due."""
        if isinstance(news, Glance):
            self._shown_at[news.display] = news.shown_at
            self._plan(news.display)
        elif isinstance(news, Tuned):
            self._settings[news.display] = news.settings
            self._plan(news.display)
        elif isinstance(news, Hung):
            self._set_due(("look", news.display), self._agent.renewed_at(news.display))
            self._changed.set()

    # -- the calendar -----------------------------------------------------------------------

    def _plan(self, display: str) -> None:
        """Put what is next on a display in the calendar: its picture, its mood's end, quiet."""
        settings = self._settings.get(display)
        if settings is None:
            return
        for what, at in (
            ("next", self._next_at(display, settings)),
            ("wish", settings.next_change_at if settings.waiting else None),
            ("quiet", self._timing(display).quiet.changes_at(self._wall())),
        ):
            self._set_due((what, display), at)
        if settings.mood_until != self._mood_until.get(display):
            # Once it is known how long a mood lasts, the clock on the wall may be set meanwhile.
            self._mood_until[display] = settings.mood_until
            self._set_due(("mood", display), settings.mood_until)
        self._changed.set()

    def _next_at(self, display: str, settings: TimedSettings) -> datetime | None:
        """When the next picture of a slideshow is due."""
        if settings.waiting or not settings.changes_by_itself:
            return None
        interval = timedelta(seconds=settings.interval_seconds)
        timing, seen_since = self._timing(display), settings.seen_since(self._shown_at[display])
        return timing.by_itself_at(self._wall(), seen_since, interval)

    def _set_due(self, key: _Key, at: datetime | None) -> None:
        """Have it done at this time, or not at all."""
        self._due.pop(key, None)
        if at is not None:
            rest = max((at - self._wall()).total_seconds(), 0)
            self._due[key] = asyncio.get_running_loop().time() + rest

    def _timing(self, display: str) -> Timing:
        return self._timings.get(display, ANYTIME)

    # -- what is due --------------------------------------------------------------------------

    async def _do_what_is_due(self, now: float) -> None:
        """Do what is due by now; each may change what is due after it."""
        while (key := self._first_due(now)) is not None:
            del self._due[key]
            if self._is_early(key):
                self._plan(key[1])
                continue
            if key[0] == "ingest":
                self._due[key] = now + self._rhythms[key[1]]
            with self._health.at_work():
                done = await self._do(key)
            self._in_vain[key] = 0 if done else self._in_vain[key] + 1
            if not done and (after := self._again_after(key)) is not None:
                self._due.setdefault(key, now + after)

    def _first_due(self, now: float) -> _Key | None:
        """What has been due for longest, or None where nothing is."""
        due = [(when, key) for key, when in self._due.items() if when <= now]
        return min(due, key=itemgetter(0))[1] if due else None

    def _is_early(self, key: _Key) -> bool:
        """Whether quiet hours still last, or begin later, by the clock on the wall."""
        what, display = key
        settings, quiet = self._settings.get(display), self._timing(display).quiet
        if what != "next" or settings is None or not quiet.windows:
            return False
        at = self._next_at(display, settings)
        return at is None or (at - self._wall()).total_seconds() > LEAST_SECONDS

    async def _do(self, key: _Key) -> bool:
        """Do what is due; whether it is done."""
        what, name = key
        if what == "wish":
            return await self._agent.hang_wish(name)
        if what == "look":
            self._agent.renew(name)
            # It is looked at again when it is told, or in a while where it could not be had.
            later = self._wall() + timedelta(seconds=AGAIN_SECONDS)
            again = self._agent.renewed_at(name)
            self._set_due(key, again and max(again, later))
            return True
        if what == "quiet":
            await self._agent.tune(name)
            self._set_due(key, self._timing(name).quiet.changes_at(self._wall()))
            return True
        reply = await self._agent.handle(_command(what, name), BY_ITSELF)
        return reply.ok

    def _again_after(self, key: _Key) -> float | None:
        """After how many seconds what could not be done is tried again; None where it is over."""
        what, display = key
        settings = self._settings.get(display)
        if settings is None:
            return None
        if what == "mood":
            return AGAIN_SECONDS if settings.mood_until is not None else None
        if what == "wish":
            return AGAIN_SECONDS
        if not settings.slideshow:
            return None
        interval, doubled = settings.interval_seconds, min(self._in_vain[key] - 1, DOUBLED_AT_MOST)
        return min(interval * 2.0**doubled, max(interval, LONGEST_PAUSE_SECONDS))


def _command(what: str, name: str) -> Command:
    match what:
        case "ingest":
            return Ingest(source=name)
        case "mood":
            return Mood(display=name)
        case _:
            return Next(display=name)
