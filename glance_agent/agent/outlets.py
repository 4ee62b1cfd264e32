"""Telling does not wait: each outlet has a bounded queue of news and a task that empties it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter, deque
from collections.abc import Callable
from typing import Protocol

from glance_agent.domain.display import Glance
from glance_agent.domain.event import Event
from glance_agent.domain.news import DeviceHeard, Hung, News, Powered, Tuned

MOST_WAITING = 100
"""Pieces of news that one outlet may be behind with; of each topic the newest always stays."""
LAST_WORDS_SECONDS = 1.0
"""How long an outlet may take, at the end, for the news that waits."""
_log = logging.getLogger(__name__)


class Outlet(Protocol):
    """A door that tells the world."""

    async def announce(self, news: News) -> None: ...


class Telling:
    """One outlet and the news that it has not told yet, in order."""

    def __init__(
        self,
        outlet: Outlet,
        *,
        most: int = MOST_WAITING,
        may_tell: Callable[[News], bool] = lambda news: True,
    ) -> None:
        """What it may not tell when its turn comes is dropped."""
        self._outlet = outlet
        self._may_tell = may_tell
        self._most = most
        self._waiting: deque[News] = deque()
        self._changed = asyncio.Event()
        self._rests = asyncio.Event()
        self._rests.set()

    def put(self, news: News) -> None:
        """Have this told when its turn comes; waits for nothing."""
        self._waiting.append(news)
        if len(self._waiting) > self._most:
            self._make_room()
        self._changed.set()

    async def run(self) -> None:
        """Tell one piece of news after the other, for ever; at the end, quickly, what is left."""
        try:
            while True:
                await self._tell_all()
                self._changed.clear()
                await self._changed.wait()
        finally:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    await self._tell_all()

    async def alive(self) -> None:
        """Return once nothing, or the next piece of news, is being told; hangs where one does."""
        await self._rests.wait()

    async def _tell_all(self) -> None:
        while self._waiting:
            news = self._waiting.popleft()
            if not self._may_tell(news):
                continue
            self._rests.clear()
            try:
                await self._outlet.announce(news)
            except Exception:
                # What one piece of news breaks in one outlet keeps no other from being told.
                _log.exception("%s could not tell of %s", self._outlet, type(news).__name__)
            finally:
                self._rests.set()

    def _make_room(self) -> None:
        """Drop the oldest news that is out of date: its topic has newer ones that wait.

        Where there is none, all stays: there are only so many topics.
        """
        counts = Counter(topic_of(news) for news in self._waiting)
        at = next((i for i, n in enumerate(self._waiting) if counts[topic_of(n)] > 1), None)
        if at is not None:
            del self._waiting[at]


def topic_of(news: News) -> tuple[str, str]:
    """What the news is about: of two with the same topic, the newer one is enough."""
    match news:
        case Glance() | Hung() | Tuned() | Powered() | DeviceHeard():
            about = news.display
        case Event():
            about = news.name
        case _:
            about = ""
    return type(news).__name__, about


def is_of_a_display(news: News) -> bool:
    """Whether it says what a display shows, or how it is set."""
    return isinstance(news, Glance | Hung | Tuned | Powered | DeviceHeard)


class Everyone:
    """All outlets: what is told to everyone is put before each, and waits for none."""

    def __init__(self, may_tell: Callable[[News], bool] = lambda news: True) -> None:
        self._tellings: list[Telling] = []
        self._may_tell = may_tell

    def add(self, outlet: Outlet) -> Telling:
        """Tell this outlet all news from now on; what does so is to be run."""
        telling = Telling(outlet, may_tell=self._may_tell)
        self._tellings.append(telling)
        return telling

    async def tell(self, news: News) -> None:
        """Tell everyone."""
        for telling in self._tellings:
            telling.put(news)
