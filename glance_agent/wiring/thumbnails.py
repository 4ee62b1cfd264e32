"""The thumbnails of an agent: what reads originals, what decodes them, where they are kept."""

from __future__ import annotations

import asyncio

from glance_agent.agent.fitting import Fitting, no_source
from glance_agent.agent.looking import Looking
from glance_agent.agent.present import Present
from glance_agent.agent.screens import Screens
from glance_agent.agent.thumbnails import Thumbnails
from glance_agent.domain.errors import BadPicture, CommandError, ErrorCode
from glance_agent.domain.frame import Frame
from glance_agent.domain.listing import ListedWork
from glance_agent.domain.said import say
from glance_agent.pictures.prepare import EMBEDDED_PX
from glance_agent.sources.web.museum import Museum
from glance_agent.store.picture_cache import PictureCache
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.displays import timed_profiles_of
from glance_agent.wiring.gathering import web_directory
from glance_agent.wiring.reading import ReadingRoom
from glance_agent.wiring.rooms import Rooms


def thumbnails_of(rooms: Rooms, reading: ReadingRoom, looking: Looking) -> Thumbnails:
    """What gives thumbnails, kept beside what is fetched from the web."""
    store = PictureCache(
        web_directory(rooms.config) / "thumbs",
        max_bytes=rooms.config.web.max_thumbs_megabytes * 1_000_000,
    )
    return Thumbnails(
        looking.listed,
        _Originals(rooms, reading),
        store=store,
        maker=rooms.decoders.for_people,
    )


def screens_of(rooms: Rooms, reading: ReadingRoom, looking: Looking, present: Present) -> Screens:
    """What gives the pictures of displays to screens of other sizes."""

    async def locate(artwork_id: str) -> str | None:
        try:
            work = await looking.listed(artwork_id)
        except CommandError:  # the library cannot be asked: where it was
            place = rooms.while_away and rooms.while_away.stock.place(artwork_id)
            if not place:
                raise
            return place
        return None if work is None else work.location

    fitting = Fitting(reading.pictures, locate, decoder=rooms.decoders.for_people)
    profiles = timed_profiles_of(rooms.config)
    return Screens(present.glances, present.soon, profiles, fitting, clock=utc_now)


async def png_of(rooms: Rooms, frame: Frame) -> bytes:
    """A display's picture as a PNG of the same size. Raises CommandError."""
    decoder, size = rooms.decoders.for_people, max(frame.width_px, frame.height_px)
    try:
        return await asyncio.to_thread(decoder.thumbnail, frame.data, size, "png")
    except BadPicture as bad:
        raise CommandError(
            ErrorCode.BUSY,
            say("The picture cannot be made a PNG now."),
            say("Ask again in a moment."),
        ) from bad


class _Originals:
    """Reads the pictures of works; of a museum's, the small one that was embedded is enough."""

    def __init__(self, rooms: Rooms, reading: ReadingRoom) -> None:
        self._sources = rooms.sources
        self._pictures = reading.pictures

    async def read(self, work: ListedWork, wanted_px: int) -> bytes:
        name = work.artwork.source
        source, small = self._sources.get(name), work.location.rpartition(" ")[2]
        if isinstance(source, Museum) and wanted_px <= EMBEDDED_PX and small != work.location:
            # It is not kept: what a display showed would have to leave for it.
            return await source.read(small)
        reader = self._pictures.get(name)
        if reader is None:
            raise no_source(name)
        return await reader.read(work.location)
