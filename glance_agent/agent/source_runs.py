"""Runs over sources in the background, one after the other, told of as they go on."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.wanted import WantedSources
from glance_agent.ingest.progress import Progress

PROGRESS_SECONDS = 1.0
CATCH_UP_SECONDS = 10.0
"""How long it may stay unknown to a running agent what another process has written."""
AGAIN_SECONDS = 300.0
"""How long a library that hindered a run over a source may need until it can be written again."""
SOON_SECONDS = 10.0
"""The same the first time: a connection that broke is mostly there again."""
ELSEWHERE_SECONDS = 10.0
"""How often it is looked whether another program still brings in a source."""
_log = logging.getLogger(__name__)


class SourceRuns:
    """Brings in what sources have; between runs, and within long ones, takes up what is new."""

    def __init__(
        self,
        common: Common,
        tell: Callable[[Progress], Awaitable[None]],
        catch_up: Callable[[], Awaitable[None]],
        again_seconds: float = AGAIN_SECONDS,
    ) -> None:
        """`tell` is told how far a run is, once a second and at its end; `catch_up` takes up what
        is new, which a run that takes hours would else leave for long.

        A run that the library has hindered is tried again soon, then after `again_seconds`.
        """
        self.bringing: str | None = None
        """The source from which pictures are being brought in just now."""
        self._common = common
        self._tell = tell
        self._catch_up = catch_up
        self._again_seconds = again_seconds
        self._wanted = WantedSources()
        self._stopped: set[str] = set()
        self._hindered: dict[str, tuple[int | None, asyncio.TimerHandle]] = {}
        """Runs that the library has hindered: of how many works, and when they are tried again."""
        self._is_back = False
        """Whether the library can be used again since the run under way has begun."""
        self._elsewhere: dict[str, str] = {}
        """What was said of sources that other programs are bringing in."""

    def want(self, source: str, limit: int | None = None) -> None:
        """Bring in what is new of a source, or embed what lacks a vector, before long."""
        self._wanted.put(source, limit)

    def look(self) -> None:
        """Take up what is new now, or after the run that is under way."""
        self._wanted.wake()

    def want_again(self, source: str) -> None:
        """Look a source through again where the last run over it could not go on."""
        if source in self._stopped:
            self.want(source)

    def go_on(self) -> None:
        """The library can be used again: try now what it has hindered."""
        self._is_back = True
        for source, (limit, _) in self._hindered.items():
            self.want(source, limit)

    async def run(self) -> None:
        """Bring in what is wanted, for ever."""
        while True:
            wanted = await self._wanted.next(CATCH_UP_SECONDS)
            if wanted is None:
                await despite_the_library(self._catch_up(), "taking up what is new")
                await asyncio.to_thread(self._common.parts.keep)
            else:
                bringing = self._over(wanted.source, wanted.limit)
                await despite_the_library(bringing, f"bringing in {wanted.source}")
                self.bringing = None

    async def _over(self, source: str, limit: int | None) -> None:
        self._is_back = False
        loop = asyncio.get_running_loop()
        told_at = caught_up_at = loop.time()
        progress: Progress | None = None
        async with aclosing(self._common.parts.ingest(source, limit)) as steps:
            async for progress in steps:
                if progress.left_to is not None:
                    self._leave(progress, limit)
                    return
                if progress.finished or loop.time() - told_at >= PROGRESS_SECONDS:
                    told_at = loop.time()
                    self.bringing = None if progress.finished else progress.source
                    if progress.stopped_by:
                        doubting = self._common.parts.reach.doubt(progress.source)
                        await despite_the_library(doubting, f"looking for {progress.source}")
                    await self._tell(progress)
                if loop.time() - caught_up_at >= CATCH_UP_SECONDS:
                    await despite_the_library(self._catch_up(), "taking up what is new")
                    caught_up_at = loop.time()
        if progress is not None:
            await self._ended(progress, source, limit)

    def _leave(self, progress: Progress, limit: int | None) -> None:
        """Leave a source to another program for as long as that is at it."""
        source, said = progress.source, progress.summary()
        if self._elsewhere.get(source) != said:
            self._elsewhere[source] = said
            _log.warning("%s", said)
        if progress.finished:
            del self._elsewhere[source]
        else:
            loop = asyncio.get_running_loop()
            loop.call_later(ELSEWHERE_SECONDS, self.want, source, limit)

    async def _ended(self, progress: Progress, source: str, limit: int | None) -> None:
        self._elsewhere.pop(source, None)
        level = logging.WARNING if progress.stopped_by else logging.INFO
        _log.log(level, "%s", progress.summary())
        if progress.stopped_by:
            self._stopped.add(source)
        else:
            self._stopped.discard(source)
            await self._common.parts.reach.came_back(source)
        before = self._hindered.pop(source, None)
        if before is not None:
            before[1].cancel()
        if progress.hindered:
            soon = 0.0 if self._is_back else min(SOON_SECONDS, self._again_seconds)
            seconds = soon if before is None or self._is_back else self._again_seconds
            loop = asyncio.get_running_loop()
            self._hindered[source] = limit, loop.call_later(seconds, self.want, source, limit)
