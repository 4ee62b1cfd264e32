"""Tastes and measures of the library, learned beside the commands: none waits for a lesson."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from itertools import islice
from typing import Protocol

from glance_agent.agent.beside import beside
from glance_agent.ingest.worker import in_worker
from glance_agent.search.query_embedding import Measurement
from glance_agent.search.scoring import Background
from glance_agent.taste.profiles import Learned, Lesson

LEARNED_TOGETHER = 20
"""How many tastes are learned from one reading of what was shown."""
RESTS = 9
"""How many times as long as learning took it rests, so that many likes leave time for commands."""


class TasteLearner(Protocol):
    """Knows what is to be learned and measured, and goes by it; in the worker's thread alone."""

    def measurement(self) -> Measurement | None: ...
    def adopt_background(self, measurement: Measurement, background: Background) -> None: ...
    def unlearned(self) -> list[str]: ...
    def lessons(self, users: Sequence[str]) -> list[Lesson]: ...
    def adopt_tastes(self, learned: Iterable[Learned]) -> None: ...


class Learning:
    """The lessons that are under way, and those that are wanted."""

    def __init__(self, showing: Callable[[], TasteLearner], worker: Executor) -> None:
        """`showing` gives the one that chooses now."""
        self._showing = showing
        self._worker = worker
        self._wanted: dict[str, None] = {}
        self._learning: asyncio.Task[None] | None = None
        self._rests_until = 0.0

    def begin(self, user: str) -> None:
        """Learn what a user likes: at once, or soon where learning has taken much time lately.

        Until then what was said counts by a sketch.
        """
        self._wanted[user] = None
        if self._learning is None or self._learning.done():
            self._learning = beside(self._learn_wanted(), "learning what people like")

    async def measure(self) -> None:
        """Measure what ordinary wishes score over the library, after it has changed enough."""
        showing = self._showing()
        measurement = await in_worker(self._worker, showing.measurement)
        if measurement is not None:
            background = await asyncio.to_thread(measurement.measured)
            await in_worker(self._worker, showing.adopt_background, measurement, background)

    async def begin_all(self) -> None:
        """Learn whatever has changed: by signs that nobody gave outright, or by another process."""
        for user in await in_worker(self._worker, self._showing().unlearned):
            self.begin(user)

    def under_way(self) -> list[asyncio.Task[None]]:
        """What may be cancelled at any time."""
        return [self._learning] if self._learning else []

    async def _learn_wanted(self) -> None:
        loop = asyncio.get_running_loop()
        while self._wanted:
            await asyncio.sleep(self._rests_until - loop.time())
            users = list(islice(self._wanted, LEARNED_TOGETHER))
            for user in users:
                del self._wanted[user]
            began = loop.time()
            await self._learn(users)
            self._rests_until = loop.time() + RESTS * (loop.time() - began)

    async def _learn(self, users: Sequence[str]) -> None:
        showing = self._showing()
        lessons = await in_worker(self._worker, showing.lessons, users)
        # One by one: whoever stops the agent waits for one at most, of a large library.
        learned = [await asyncio.to_thread(lesson.learn) for lesson in lessons]
        await in_worker(self._worker, showing.adopt_tastes, learned)
