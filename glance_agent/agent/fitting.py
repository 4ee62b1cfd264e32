"""The picture of a work, read where it is and rendered for a panel."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Protocol

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, SecondLacking, SourceError
from glance_agent.domain.frame import Beside, Frame
from glance_agent.domain.items import PictureReader
from glance_agent.domain.languages import in_language
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.said import say
from glance_agent.domain.wall_label import LabelText, label_text

if TYPE_CHECKING:
    from PIL import Image


class FrameDecoder(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    def frame(
        self,
        data: bytes,
        profile: PanelProfile,
        text: LabelText | None = None,
        beside: Beside | None = None,
    ) -> Frame:
        """The picture rendered for a display, labelled where it has labels. Raises BadPicture."""
        ...

    def small(self, data: bytes, wanted_px: int) -> Image.Image:
        """The picture, its long side about `wanted_px`. Raises BadPicture."""
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
        self,
        data: bytes,
        profile: PanelProfile,
        artwork: Artwork | None = None,
        beside: Beside | None = None,
    ) -> Frame:
        """The picture as a panel takes it, labelled where it has labels. Raises BadPicture."""
        text = _text(artwork, profile) if artwork else None
        return await asyncio.to_thread(self._decoder.frame, data, profile, text, beside)

    async def beside(self, artwork: Artwork | None, profile: PanelProfile) -> Beside | None:
        """The picture of a work that is to hang beside another one; None for none.

        Raises SecondLacking.
        """
        if artwork is None:
            return None
        try:
            data = await self.original(artwork)
            image = await asyncio.to_thread(self._decoder.small, data, profile.beside_px)
        except (BadPicture, SourceError) as error:
            raise SecondLacking(error) from error
        return Beside(image.tobytes(), image.size, _text(artwork, profile))


def _text(artwork: Artwork, profile: PanelProfile) -> LabelText | None:
    if profile.label is None:
        return None
    return label_text(artwork, profile.label, partial(in_language, language=profile.label.language))


def no_source(name: str) -> SourceError:
    """Why a picture cannot be read that may be as good as ever: a work is no worse for it."""
    return SourceError(say("There is no source “{name}” to read it from.", name=name))
