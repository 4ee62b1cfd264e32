"""The picture of a work, read where it is and rendered for a panel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import SourceError
from glance_agent.domain.frame import Frame
from glance_agent.domain.items import PictureReader
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.wall_label import LabelText, label_text


class FrameDecoder(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    def frame(self, data: bytes, profile: PanelProfile, text: LabelText | None = None) -> Frame:
        """The picture rendered for a display, labelled where it has labels. Raises BadPicture."""
        ...


class Fitting:
    """Reads originals, and fits them."""

    def __init__(
        self,
        sources: Mapping[str, PictureReader],
        locate: Callable[[str], Awaitable[str | None]],
        *,
        decoder: FrameDecoder,
    ) -> None:
        """`locate` tells where the picture of an artwork id is."""
        self._sources = sources
        self._locate = locate
        self._decoder = decoder

    async def original(self, artwork: Artwork) -> bytes:
        """The picture of a work. Raises BadPicture, and SourceError where it cannot be reached."""
        location = await self._locate(artwork.id)
        source = self._sources.get(artwork.source)
        if source is None or location is None:
            raise no_source(artwork.source)
        return await source.read(location)

    async def fitted(
        self, data: bytes, profile: PanelProfile, artwork: Artwork | None = None
    ) -> Frame:
        """The picture as a panel takes it, labelled where it has labels. Raises BadPicture."""
        text = label_text(artwork, profile.label) if artwork and profile.label else None
        return await asyncio.to_thread(self._decoder.frame, data, profile, text)


def no_source(name: str) -> SourceError:
    """Why a picture cannot be read that may be as good as ever: a work is no worse for it."""
    return SourceError(f"There is no source “{name}” to read it from.")
