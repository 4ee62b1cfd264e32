"""The next picture of displays that somebody watches on a screen, ready before it hangs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from glance_agent.agent.beside import beside
from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.frames import FrameRenderer
from glance_agent.domain.errors import BadPicture, SecondLacking, SourceError
from glance_agent.domain.news import Soon

SETTLE_SECONDS = 2.0
"""So long nothing may have happened: likes come in rows, and the picture that hangs goes first."""


class Foreseeing:
    """Has it chosen and rendered while nobody waits; whatever happens meanwhile begins anew."""

    def __init__(self, common: Common, renderer: FrameRenderer) -> None:
        self.watched: Callable[[], frozenset[str]] = frozenset
        """The displays that a screen shows now."""
        self._common = common
        self._renderer = renderer
        self._told: dict[str, str] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def begin(self, display: str) -> None:
        """Find what comes next on a display, before long."""
        if display not in self._common.displays:
            return
        if (before := self._tasks.get(display)) is not None:
            before.cancel()
        self._tasks[display] = beside(self._foresee(display), f"foreseeing what {display} shows")

    def begin_anew(self) -> None:
        """The same for every display that is watched."""
        for display in self.watched():
            self.begin(display)

    def under_way(self) -> list[asyncio.Task[None]]:
        """What is being foreseen."""
        return list(self._tasks.values())

    async def _foresee(self, display: str) -> None:
        await asyncio.sleep(SETTLE_SECONDS)
        choosing = self._common.in_worker(self._common.parts.showing.foresee, display)
        glance = await despite_the_library(choosing, f"foreseeing what {display} shows")
        if glance is None:
            return
        profile = self._renderer.profile(glance, None)
        # What cannot be had is said where it is to hang.
        with suppress(BadPicture, SourceError, SecondLacking):
            soon = Soon(glance, await self._renderer.frame(glance, profile))
            if self._told.get(display) != soon.frame.tag:
                self._told[display] = soon.frame.tag
                await self._common.tell(soon)
