"""The gallery of an agent: what pages ask, thought with what answers now."""

from __future__ import annotations

import secrets
import time

from glance_agent.agent.looking import Looking
from glance_agent.agent.seeing import SEE_SECONDS, Seeing
from glance_agent.embedding.dictionary import is_word
from glance_agent.gallery.lately import Lately, nothing_yet
from glance_agent.gallery.room import Gallery
from glance_agent.gallery.stores import House, Mind, Wall
from glance_agent.search.borrowing import BorrowingUnderstanding
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.clockwork import timings_of
from glance_agent.wiring.hanging import defaults_of
from glance_agent.wiring.reading import ReadingRoom
from glance_agent.wiring.rooms import Rooms


def looking_of(reading: ReadingRoom) -> Looking:
    """What answers pages, in a reading room."""
    answering = _Answering(reading)
    decoder = reading.answering.decoders.for_people
    seeing = Seeing(lambda: reading.answering.encoder, decoder, seconds=SEE_SECONDS)
    return Looking(reading, answering.gallery, seeing)


class _Answering:
    """The gallery of the rooms that answer now."""

    def __init__(self, reading: ReadingRoom) -> None:
        self._reading = reading
        self._lately = nothing_yet(time.monotonic, lambda: secrets.token_hex(8))
        self._rooms = reading.answering
        self._gallery = _gallery_of(self._rooms, self._lately)

    def gallery(self) -> Gallery:
        """That of the last time, unless another model answers by now."""
        if self._rooms is not self._reading.answering:
            self._rooms = self._reading.answering
            self._gallery = _gallery_of(self._rooms, self._lately)
        return self._gallery


def _gallery_of(rooms: Rooms, lately: Lately) -> Gallery:
    measured = rooms.showing.understanding
    understanding = BorrowingUnderstanding(rooms.encoder, lambda: measured.measured)
    mind = Mind(rooms.index, rooms.encoder, understanding, is_word, lambda: rooms.follower.unread)
    return Gallery(mind, lambda: _house_of(rooms), lately, clock=utc_now)


def _house_of(rooms: Rooms) -> House:
    config, timings = rooms.config, timings_of(rooms.config)
    kinds = {source.name: source.kind for source in config.sources}
    return House(
        walls=[
            Wall(d.name, d.title or d.name, d.width_px, d.height_px, timings[d.name])
            for d in config.displays
        ],
        defaults=defaults_of(config),
        # A folder that was brought in by hand stands in no configuration.
        sources={name: kinds.get(name, "folder") for name in list(rooms.sources)},
        away=rooms.away(),
    )
