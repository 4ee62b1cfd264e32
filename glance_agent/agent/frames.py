"""One Glance in, its picture on the display: read, decoded and fitted; or another work's."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

from glance_agent.agent.beside import beside
from glance_agent.domain.display import Glance
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.frame import Frame, Surface
from glance_agent.domain.outcome import Hung, News

FRAMES_KEPT = 12
REPLACEMENTS = 5
"""How many pictures in a row may turn out to be unreadable before a display is left alone."""

Tell = Callable[[News], Awaitable[None]]
Another = Callable[[Glance, BadPicture | SourceError], Awaitable[Glance | None]]


class Pictures(Protocol):
    """Reads a picture again from where it was found; raises BadPicture or SourceError."""

    async def read(self, location: str) -> bytes: ...


class Decoder(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    def frame(self, data: bytes, surface: Surface) -> Frame:
        """The picture rendered for a display. Raises BadPicture."""
        ...


class Easel:
    """Prepares pictures for displays; the last few stay ready."""

    def __init__(
        self,
        surfaces: Mapping[str, Surface],
        sources: Mapping[str, Pictures],
        locate: Callable[[str], Awaitable[str | None]],
        *,
        decoder: Decoder,
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
        source = self._sources.get(glance.artwork.source)
        location = await self._locate(glance.artwork.id)
        if source is None or location is None:
            raise BadPicture("source not configured", glance.artwork.source)
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


class Hanging:
    """The pictures on the displays, and those that are on their way there."""

    def __init__(self, easel: Easel, *, tell: Tell, another: Another) -> None:
        """`another` puts up another work where the picture of the one given cannot be shown."""
        self._easel = easel
        self._tell = tell
        self._another = another
        self._shown: dict[str, Glance] = {}
        self._frames: dict[str, Frame] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    async def put_up(self, glance: Glance) -> None:
        """Tell what a display shows; its picture is prepared where it is another showing."""
        before = self._shown.get(glance.display)
        self._shown[glance.display] = glance
        await self._tell(glance)
        if before is None or before.position != glance.position:
            self.begin(glance)

    async def follow(self, glance: Glance | None) -> None:
        """The same where a display does not show this yet, or somebody likes it since."""
        if glance is not None and glance != self._shown.get(glance.display):
            await self.put_up(glance)

    def begin(self, glance: Glance) -> None:
        """Prepare the picture beside everything else; a newer one for the display wins."""
        self._shown[glance.display] = glance
        if (before := self._tasks.get(glance.display)) is not None:
            before.cancel()
        self._tasks[glance.display] = beside(
            self._hang(glance), f"preparing the picture for {glance.display}"
        )

    def done(self) -> list[Hung]:
        """Every picture that is on its display."""
        return [Hung(display, frame) for display, frame in self._frames.items()]

    def under_way(self) -> list[asyncio.Task[None]]:
        """What prepares pictures; a display whose task is cancelled stays as it is."""
        return list(self._tasks.values())

    async def _hang(self, glance: Glance) -> None:
        for _ in range(REPLACEMENTS):
            try:
                frame = await self._easel.frame(glance)
            except (BadPicture, SourceError) as error:
                replaced = await self._another(glance, error)
                if replaced is None:
                    return
                glance = self._shown[glance.display] = replaced
            else:
                self._frames[glance.display] = frame
                await self._tell(Hung(glance.display, frame))
                return
