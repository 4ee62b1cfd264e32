"""A clock that is set while the agent runs: what it told before is set with it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Protocol

from glance_agent.agent.despite import despite_the_library
from glance_agent.domain.clock_steps import ClockSteps, Step
from glance_agent.ingest.worker import in_worker

LOOK_SECONDS = 3.0
"""How long a step of the clock may stay unnoticed."""
_log = logging.getLogger(__name__)


class KeptTimes(Protocol):
    """The kept times; in the worker's thread alone."""

    def follow(self, step: Step) -> None: ...


class ClockWatch:
    """Looks at the clock, again and again."""

    def __init__(
        self,
        steps: ClockSteps,
        times: KeptTimes,
        changed: Callable[[], Awaitable[None]],
        *,
        worker: Executor,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`changed` tells everyone what is kept, after times in it have moved."""
        self._steps = steps
        self._times = times
        self._changed = changed
        self._worker = worker
        self._look_seconds = look_seconds

    async def run(self) -> None:
        """Look, for ever."""
        while True:
            await asyncio.sleep(self._look_seconds)
            if (step := self._steps.taken()) is not None:
                _log.warning("the clock was set by %+.0f s", step.by.total_seconds())
                await despite_the_library(self._follow(step), "setting times with the clock")

    async def _follow(self, step: Step) -> None:
        await in_worker(self._worker, self._times.follow, step)
        await self._changed()
