"""The clock door: slideshows go on, moods end, sources are looked through again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from operator import itemgetter

from glance_agent.domain.command import Command, Ingest, Mood
from glance_agent.domain.display import DisplaySettings, Glance
from glance_agent.domain.outcome import News, Tuned
from glance_agent.domain.picture_verbs import Next
from glance_agent.doors.handler import CommandHandler
from glance_agent.doors.health import Health

MOOD_AGAIN_SECONDS = 60.0
"""When the end of a mood is tried again where it could not be kept."""

_Key = tuple[str, str]


class ClockDoor:
    """Sends a command when its time has come; `wall` is the time of day, waiting is monotonic."""

    def __init__(
        self,
        agent: CommandHandler,
        *,
        displays: Iterable[str],
        rhythms: Mapping[str, float],
        wall: Callable[[], datetime],
    ) -> None:
        """`rhythms` are the seconds between two listings of a source, by its name."""
        self._agent = agent
        self._wall = wall
        self._rhythms = dict(rhythms)
        self._settings: dict[str, DisplaySettings] = {}
        self._shown_at: dict[str, datetime] = dict.fromkeys(displays, wall())
        self._mood_until: dict[str, datetime | None] = {}
        self._due: dict[_Key, tuple[float, Command]] = {}
        self._changed = asyncio.Event()
        self._health = Health()

    async def alive(self) -> None:
        """Return once no command, or another one, is being carried out; hangs where one does."""
        await self._health.alive()

    async def run(self) -> None:
        """Wait for what is due next, for ever."""
        loop = asyncio.get_running_loop()
        for source, seconds in self._rhythms.items():
            self._due["ingest", source] = (loop.time() + seconds, Ingest(source=source))
        while True:
            self._changed.clear()
            earliest = min((when for when, _ in self._due.values()), default=None)
            try:
                async with asyncio.timeout_at(earliest):
                    await self._changed.wait()
            except TimeoutError:
                await self._carry_out_due(loop.time())

    async def announce(self, news: News) -> None:
        """Take note of what decides when something is due."""
        if isinstance(news, Glance):
            self._shown_at[news.display] = news.shown_at
            self._plan(news.display)
        elif isinstance(news, Tuned):
            self._settings[news.display] = news.settings
            self._plan(news.display)

    def _plan(self, display: str) -> None:
        """Put the display's next picture and the end of its mood in the calendar."""
        settings = self._settings.get(display)
        if settings is None:
            return
        now, wall = asyncio.get_running_loop().time(), self._wall()
        self._due.pop(("next", display), None)
        if settings.slideshow:
            shown_for = (wall - self._shown_at[display]).total_seconds()
            # A clock that was set in between neither hurries nor holds up the slideshow.
            rest = min(max(settings.interval_seconds - shown_for, 0), settings.interval_seconds)
            self._due["next", display] = (now + rest, Next(display=display))
        if settings.mood_until != self._mood_until.get(display):
            # Once it is known how long a mood lasts, the clock on the wall may be set meanwhile.
            self._mood_until[display] = settings.mood_until
            self._due.pop(("mood", display), None)
            if settings.mood_until is not None:
                rest = max((settings.mood_until - wall).total_seconds(), 0)
                self._due["mood", display] = (now + rest, Mood(display=display))
        self._changed.set()

    async def _carry_out_due(self, now: float) -> None:
        """Carry out what is due by now; each may change what is due after it."""
        while (key := self._first_due(now)) is not None:
            _, command = self._due.pop(key)
            if key[0] == "ingest":
                self._due[key] = (now + self._rhythms[key[1]], command)
            with self._health.at_work():
                reply = await self._agent.handle(command)
            if not reply.ok and (after := self._again_after(key)) is not None:
                self._due.setdefault(key, (now + after, command))

    def _first_due(self, now: float) -> _Key | None:
        """What has been due for longest, or None where nothing is."""
        due = [(when, key) for key, (when, _) in self._due.items() if when <= now]
        return min(due, key=itemgetter(0))[1] if due else None

    def _again_after(self, key: _Key) -> float | None:
        """After how many seconds what could not be done is tried again; None where it is over."""
        what, display = key
        settings = self._settings.get(display)
        if settings is None:
            return None
        if what == "mood":
            return MOOD_AGAIN_SECONDS if settings.mood_until is not None else None
        return settings.interval_seconds if settings.slideshow else None
