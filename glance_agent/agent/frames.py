"""One work and a display in, the frame out: read, decoded and fitted, and kept for a while."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from glance_agent.domain.display import Glance
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.frame import Frame, Surface

FRAMES_KEPT = 12


class PictureReader(Protocol):
    """Reads a picture again from where it was found; raises BadPicture or SourceError."""

    async def read(self, location: str) -> bytes: ...


class FrameDecoder(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    def frame(self, data: bytes, surface: Surface) -> Frame:
        """The picture rendered for a display. Raises BadPicture."""
        ...


class FrameRenderer:
    """Prepares pictures for displays; the last few stay ready."""

    def __init__(
        self,
        surfaces: Mapping[str, Surface],
        sources: Mapping[str, PictureReader],
        locate: Callable[[str], Awaitable[str | None]],
        *,
        decoder: FrameDecoder,
    ) -> None:
        """`locate` tells where the picture of an artwork id is."""
        self._surfaces = surfaces
        self._sources = sources
        self._locate = locate
        self._decoder = decoder
        self._ready: OrderedDict[tuple[str, str], Frame] = OrderedDict()

    async def frame(self, glance: Glance) -> Frame:
        """The picture for the glance's display.

        Raises BadPicture where the picture can never be shown, SourceError where its source
        cannot be reached, or the picture not be decoded now.
        """
        key = (glance.artwork.id, glance.display)
        if key in self._ready:
            self._ready.move_to_end(key)
            return self._ready[key]
        location = await self._locate(glance.artwork.id)
        source = self._sources.get(glance.artwork.source)
        if source is None or location is None:
            # The picture may be as good as ever: a work is never marked for its source.
            raise SourceError(f"There is no source “{glance.artwork.source}” to read it from.")
        data = await source.read(location)
        frame = await self._rendered(data, self._surfaces[glance.display])
        self._ready[key] = frame
        while len(self._ready) > FRAMES_KEPT:
            self._ready.popitem(last=False)
        return frame

    async def _rendered(self, data: bytes, surface: Surface) -> Frame:
        try:
            return await asyncio.to_thread(self._decoder.frame, data, surface)
        except BadPicture as bad:
            if bad.passing:
                raise SourceError(f"The picture cannot be decoded now: {bad}.") from bad
            raise
