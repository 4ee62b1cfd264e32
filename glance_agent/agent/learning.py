"""Tastes and measures of the library, learned beside the commands: none waits for a lesson."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

from glance_agent.agent.beside import beside
from glance_agent.ingest.worker import in_worker
from glance_agent.search.query_embedding import Measurement
from glance_agent.search.scoring import Background
from glance_agent.taste.profiles import Learned, Lesson


class TasteLearner(Protocol):
    """Knows what is to be learned and measured, and goes by it; in the worker's thread alone."""

    def measurement(self) -> Measurement | None: ...
    def adopt_background(self, measurement: Measurement, background: Background) -> None: ...
    def unlearned(self) -> str | None: ...
    def lesson(self, user: str) -> Lesson: ...
    def adopt_taste(self, learned: Learned) -> None: ...


class Learning:
    """The lessons that are under way."""

    def __init__(self, showing: Callable[[], TasteLearner], worker: Executor) -> None:
        """`showing` gives the one that chooses now."""
        self._showing = showing
        self._worker = worker
        self._tasks: set[asyncio.Task[None]] = set()

    def begin(self, user: str) -> None:
        """Learn what a user likes, after the reaction has been answered."""
        task = beside(self._learn(user), f"learning what {user} likes")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def measure(self) -> None:
        """Measure what ordinary wishes score over the library, after it has changed enough."""
        showing = self._showing()
        measurement = await in_worker(self._worker, showing.measurement)
        if measurement is not None:
            background = await asyncio.to_thread(measurement.measured)
            await in_worker(self._worker, showing.adopt_background, measurement, background)

    async def finish(self) -> None:
        """Learn whatever has changed: by signs that nobody gave outright, or by another process."""
        while (user := await self._unlearned()) is not None:
            await self._learn(user)

    def under_way(self) -> list[asyncio.Task[None]]:
        """What may be cancelled at any time."""
        return list(self._tasks)

    async def _unlearned(self) -> str | None:
        return await in_worker(self._worker, self._showing().unlearned)

    async def _learn(self, user: str) -> None:
        showing = self._showing()
        lesson = await in_worker(self._worker, showing.lesson, user)
        learned = await asyncio.to_thread(lesson.learn)
        await in_worker(self._worker, showing.adopt_taste, learned)
