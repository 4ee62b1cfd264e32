"""One work and a display in, the frame out: read, decoded and fitted, and kept for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Protocol

from glance_agent.domain.display import Glance
from glance_agent.domain.errors import SourceError
from glance_agent.domain.frame import Frame
from glance_agent.domain.items import PictureReader
from glance_agent.domain.panel import SMALLEST_BYTES, PanelProfile

FRAMES_KEPT = 12


class FrameDecoder(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    def frame(self, data: bytes, profile: PanelProfile) -> Frame:
        """The picture rendered for a display. Raises BadPicture."""
        ...


class FrameRenderer:
    """Prepares pictures for displays; the last few stay ready."""

    def __init__(
        self,
        profiles: Mapping[str, PanelProfile],
        sources: Mapping[str, PictureReader],
        locate: Callable[[str], Awaitable[str | None]],
        *,
        decoder: FrameDecoder,
        room: Callable[[str], int | None] = lambda display: None,
    ) -> None:
        """`locate` tells where the picture of an artwork id is, `room` how many bytes come through
        to a display at the moment, where less than its profile takes."""
        self._profiles = profiles
        self._sources = sources
        self._locate = locate
        self._decoder = decoder
        self._room = room
        self._ready: OrderedDict[tuple[str, str], Frame] = OrderedDict()

    async def frame(self, glance: Glance) -> Frame:
        """The picture for the glance's display.

        Raises BadPicture where the picture cannot be shown, SourceError where its source cannot
        be reached.
        """
        key = (glance.artwork.id, glance.display)
        if key in self._ready and self.fits(glance.display, self._ready[key]):
            self._ready.move_to_end(key)
            return self._ready[key]
        location = await self._locate(glance.artwork.id)
        source = self._sources.get(glance.artwork.source)
        if source is None or location is None:
            raise no_source(glance.artwork.source)
        data = await source.read(location)
        frame = await self._rendered(data, glance.display)
        if not self.fits(glance.display, frame):
            # The broker was found to take less meanwhile.
            frame = await asyncio.to_thread(
                self._decoder.frame, data, self._profile(glance.display)
            )
        self._ready[key] = frame
        while len(self._ready) > FRAMES_KEPT:
            self._ready.popitem(last=False)
        return frame

    async def _rendered(self, data: bytes, display: str) -> Frame:
        return await asyncio.to_thread(self._decoder.frame, data, self._profile(display))

    def fits(self, display: str, frame: Frame) -> bool:
        """Whether this picture still comes through to the display."""
        return len(frame.data) <= self._profile(display).max_bytes

    def _profile(self, display: str) -> PanelProfile:
        """What the display takes, with what comes through to it."""
        profile, room = self._profiles[display], self._room(display)
        if room is None or room >= profile.max_bytes:
            return profile
        return replace(profile, max_bytes=max(room, SMALLEST_BYTES))


def no_source(name: str) -> SourceError:
    """Why a picture cannot be read that may be as good as ever: a work is no worse for it."""
    return SourceError(f"There is no source “{name}” to read it from.")
