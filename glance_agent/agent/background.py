"""What the agent does beside the commands: it brings in what sources have, and follows others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.devices import Devices
from glance_agent.agent.learning import Learning
from glance_agent.agent.retained import Retained
from glance_agent.agent.source_runs import SourceRuns
from glance_agent.agent.supplying import Supplying
from glance_agent.agent.words import QueryReader
from glance_agent.domain.news import Failed, News
from glance_agent.ingest.progress import Progress
from glance_agent.ingest.reembed import REEMBEDDING


class BackgroundWork:
    """Puts up what was there before, runs over sources, and takes up what others have written."""

    def __init__(
        self,
        common: Common,
        supplying: Supplying,
        *,
        devices: Devices,
        learning: Learning,
        words: QueryReader,
        retained: Retained,
        again_seconds: float,
    ) -> None:
        """A run that the library has hindered is tried again after `again_seconds`."""
        self._common = common
        self._supplying = supplying
        self._devices = devices
        self._learning = learning
        self._words = words
        self._retained = retained
        self._runs = SourceRuns(common, self._tell_progress, self._catch_up, again_seconds)

    @property
    def bringing(self) -> str | None:
        """The source from which pictures are being brought in just now."""
        return self._runs.bringing

    async def run(self, duties: Callable[[], Sequence[str]]) -> None:
        """Put up what was there before, then bring in what the sources have, for ever.

        `duties` tells what there is to run over, in the worker's thread.
        """
        taking_in = self._common.in_worker(self._common.parts.answers.take_in)
        await despite_the_library(taking_in, "taking in what was said meanwhile")
        await self._devices.begin()
        await self._supplying.begin()
        await despite_the_library(self._retained.tell_settings(), "how the displays are set")
        restocking = self._common.in_worker(self._common.parts.restock)
        await despite_the_library(restocking, "what there is to show")
        await despite_the_library(self._prepare(), "preparing searches")
        wanted = self._common.in_worker(duties)
        for source in await despite_the_library(wanted, "what there is to bring in") or ():
            self._runs.want(source)
        await self._runs.run()

    async def await_model(self) -> None:
        """Get the configured model where it is not here, and let it take over."""
        fetching = self._common.parts.fetching
        if fetching is not None:
            wanted = await fetching.run(self._tell_of_model)
            await despite_the_library(self._common.parts.expect(wanted), "changing the model")
            await self._retained.tell_facts()
            self._runs.want(REEMBEDDING)

    async def _tell_of_model(self, news: News) -> None:
        await self._common.tell(news)
        if isinstance(news, Failed):
            await self._retained.tell_facts()

    async def _prepare(self) -> None:
        """Do what later commands would wait for, in slices that let commands in between."""
        await self._words.prepare()
        await asyncio.to_thread(self._common.parts.prepare)
        await self._learning.measure()
        await self._learning.begin_all()

    def want(self, source: str, limit: int | None = None) -> None:
        """Bring in what is new of a source, `limit` works at most, or embed what lacks a vector,
        before long."""
        self._runs.want(source, limit)

    async def tell_away(self) -> None:
        """The library cannot be reached any more: everyone is told."""
        await self._retained.tell_facts()

    async def take_in(self) -> None:
        """The library can be reached again: what was said meanwhile is in it from now on."""
        await despite_the_library(self._take_in(), "taking in what was said meanwhile")
        await self._retained.tell_facts()
        self._runs.go_on()
        self._runs.look()

    async def _take_in(self) -> None:
        away = self._common.parts.while_away
        if away is None:
            return
        await self._common.in_worker(self._common.parts.answers.take_in)
        for user in await self._common.in_worker(away.reacted):
            self._learning.begin(user)
        await self._supplying.follow()

    def look(self) -> None:
        """Another process has written: take that up before long."""
        self._runs.look()

    async def _catch_up(self) -> None:
        """Take up what other processes did, and what was said when the library was away."""
        if (away := self._common.parts.while_away) is not None and away.waiting:
            await self._take_in()
        if await self._common.in_worker(self._common.parts.changed_elsewhere):
            await asyncio.to_thread(self._common.parts.catch_up)
            if await self._common.in_worker(self._common.parts.others_have_embedded):
                self._runs.want(REEMBEDDING)
            await self._retained.tell_facts()
            await self._supplying.follow()
        await self._prepare()
        await self._common.in_worker(self._common.parts.restock)

    async def go_on(self, source: str) -> None:
        """A source is there again; it is looked through where it could not be the last time."""
        self._runs.want_again(source)
        await self._retained.tell_facts()
        await self._supplying.go_on()

    async def _tell_progress(self, progress: Progress) -> None:
        await self._common.tell(progress.event())
        await self._retained.tell_facts()
        if progress.added:
            # Where the library was in the way, the run is still to be ended as that.
            await despite_the_library(self._supplying.fill(), "putting up first pictures")
