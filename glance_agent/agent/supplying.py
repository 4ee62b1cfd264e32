"""Keeps every display supplied with a picture, whatever sources and other programs do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.displays import DisplayUpdater
from glance_agent.agent.tuning import Tuning
from glance_agent.commands.idempotency import BY_ITSELF, Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.display import Glance
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.reply import Reply


class Supplying:
    """Looks at what hangs where, and has what is missing chosen."""

    def __init__(
        self,
        common: Common,
        updater: DisplayUpdater,
        tuning: Tuning,
        handle: Callable[[Command, Delivery], Awaitable[Reply]],
    ) -> None:
        """`handle` carries a command out."""
        self._common = common
        self._updater = updater
        self._tuning = tuning
        self._handle = handle

    async def begin(self) -> None:
        """Put up on every display what was there before."""
        for display in self._common.displays:
            await despite_the_library(self._tuning.learn(display), f"the settings of {display}")
            await despite_the_library(self._resume(display), f"resuming {display}")

    async def go_on(self) -> None:
        """A source is there again: displays that wait for a picture get one, slideshows go on."""
        for display in self._common.displays:
            glance = await self._current(display)
            if glance is None or self._updater.waits(glance):
                await self._resume(display)
            await self._tuning.tell(display)

    async def follow(self) -> None:
        """Take up what other programs have done to displays and the works on them."""
        for display in self._common.displays:
            await self._updater.follow(await self._current(display))
            await self._tuning.follow(display)

    async def fill(self) -> None:
        """Choose a first picture where there has been none."""
        for display in self._common.displays:
            if await self._current(display) is None:
                await self._choose(display)

    async def _resume(self, display: str) -> None:
        """Show what was shown last, or a first picture where there has been none."""
        glance = await self._current(display)
        if glance is not None:
            await self._updater.stay(glance)
            self._updater.begin(glance)
        elif (await self._common.parts.facts())["artworks"]:
            await self._choose(display)

    async def _choose(self, display: str) -> None:
        await self._handle(Next(display=display), BY_ITSELF)

    async def _current(self, display: str) -> Glance | None:
        return await self._common.in_worker(self._common.parts.showing.current, display)
