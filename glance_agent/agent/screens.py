"""What a display shows, fitted to a screen of another size: pages ask for exactly their own."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from glance_agent.agent.fitting import Fitting
from glance_agent.domain.display import Glance
from glance_agent.domain.errors import (
    BadPicture,
    CommandError,
    ErrorCode,
    SecondLacking,
    SourceError,
)
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import Soon
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.said import say
from glance_agent.domain.timed_profile import TimedProfile

SMALLEST_PX: Final = 64
LARGEST_PX: Final = 4096
FRAMES_KEPT: Final = 12
MOST_WAITING: Final = 16
"""So many screens may wait for their picture; one is made at a time."""
MAX_BYTES: Final = 4_000_000


class Screens:
    """Renders what hangs for the sizes that are asked for; the last few stay ready."""

    def __init__(
        self,
        glances: Mapping[str, Glance],
        soon: Mapping[str, Soon],
        profiles: Mapping[str, TimedProfile],
        fitting: Fitting,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """`glances` are what hangs now, `soon` what is going to hang next."""
        self._glances = glances
        self._soon = soon
        self._profiles = profiles
        self._clock = clock
        self._fitting = fitting
        self._ready: OrderedDict[tuple[object, ...], Frame] = OrderedDict()
        self._turn = asyncio.Lock()
        self._waiting = 0

    async def frame(self, display: str, size_px: tuple[int, int], tag: str = "") -> Frame | None:
        """What the display shows, laid out for so many pixels; None where nothing hangs.

        Where the tag is that of the picture that comes next, it is that one. Raises CommandError
        where the picture cannot be had now.
        """
        soon = self._soon.get(display)
        next_one = soon is not None and tag == soon.frame.tag
        glance = soon.glance if soon and next_one else self._glances.get(display)
        if glance is None:
            return None
        profile = self._profiles[display].on_a_screen(self._clock(), size_px, MAX_BYTES)
        key = (display, profile, *(work.id for work in glance.works))
        if key not in self._ready:
            if self._waiting >= MOST_WAITING:
                raise _later()
            self._waiting += 1
            try:
                async with self._turn:
                    if key not in self._ready:
                        self._ready[key] = await self._made(glance, profile)
            finally:
                self._waiting -= 1
        self._ready.move_to_end(key)
        while len(self._ready) > FRAMES_KEPT:
            self._ready.popitem(last=False)
        return self._ready[key]

    async def _made(self, glance: Glance, profile: PanelProfile) -> Frame:
        try:
            data = await self._fitting.original(glance.artwork)
            beside = await self._fitting.beside(glance.pair, profile)
            return await self._fitting.fitted(data, profile, beside=beside)
        except (BadPicture, SourceError, SecondLacking) as error:
            raise _later() from error


def _later() -> CommandError:
    return CommandError(
        ErrorCode.BUSY, say("The picture cannot be had now."), say("Ask again in a few seconds.")
    )
