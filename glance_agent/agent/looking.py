"""What pages ask, answered beside the commands: neither waits for the other."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol, TypeVar

from glance_agent.agent.model_reader import ModelReader
from glance_agent.agent.seeing import Seeing
from glance_agent.domain.encoder import READ_SECONDS
from glance_agent.domain.errors import StoreError
from glance_agent.domain.listing import ListedWork
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.gallery.answers import ArtworkPage, MappedWorks, PictureSeen
from glance_agent.gallery.questions import ArtworksQuestion, MapQuestion
from glance_agent.gallery.room import Gallery
from glance_agent.gallery.stores import ReadStores
from glance_agent.gallery.unreadable import not_read
from glance_agent.ingest.worker import in_worker
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.reading import ReadWords

_log = logging.getLogger(__name__)
_R = TypeVar("_R")


class LookingUp(Protocol):
    """Looks things up, one after the other, in a thread of its own."""

    @property
    def thread(self) -> Executor: ...
    async def look(self, question: Callable[[ReadStores], _R], /) -> _R: ...


class Looking:
    """Answers the questions of pages. Each raises CommandError, and nothing else on purpose."""

    def __init__(
        self,
        room: LookingUp,
        gallery: Callable[[], Gallery],
        seeing: Seeing,
    ) -> None:
        """`gallery` gives what answers now; `seeing` looks at pictures."""
        self._room = room
        self._gallery = gallery
        self._seeing = seeing
        self._drawing = asyncio.Lock()
        self._words = ModelReader(self._take_in)

    async def look(self, question: Callable[[Gallery, ReadStores], _R], /) -> _R:
        """The answer to a question that neither a model nor a picture is needed for."""
        gallery = self._gallery()
        return await self._look(lambda stores: question(gallery, stores))

    async def artworks(self, question: ArtworksQuestion) -> ArtworkPage:
        """A part of a list of works; the words of a search are read by the model before."""
        gallery = self._gallery()
        unread = await self._look(lambda stores: gallery.unread(question, stores))
        read = ReadWords()
        if unread:
            read = await self._words.read(gallery.understanding, unread, READ_SECONDS)
        return await self._look(lambda stores: gallery.artworks(question, read, stores))

    async def picture(self, data: bytes) -> PictureSeen:
        """A picture to search by; of it, only what it means is kept."""
        space, vector = await self._seeing.see(data)
        gallery = self._gallery()
        return await in_worker(self._room.thread, gallery.keep_sent, space, vector)

    async def taste_map(self, question: MapQuestion) -> MappedWorks:
        """The library as a map, drawn first where it is another one by now."""
        gallery = self._gallery()
        async with self._drawing:
            draw = await self._look(gallery.to_draw)
            if draw is not None:
                await asyncio.to_thread(draw)
        return await self._look(lambda stores: gallery.taste_map(question, stores))

    async def listed(self, artwork_id: str) -> ListedWork | None:
        """A work with where its picture is; None where there is none of this id."""
        found = await self._look(lambda stores: stores.lists.by_id([artwork_id], HOUSEHOLD))
        return next(iter(found), None)

    def close(self) -> None:
        """Wait for no model any more."""
        for task in self._words.under_way():
            task.cancel()

    async def _look(self, question: Callable[[ReadStores], _R]) -> _R:
        try:
            return await self._room.look(question)
        except StoreError as error:
            _log.log(error.log_level, "what a page asks cannot be looked up: %s", error)
            raise not_read(error) from error

    async def _take_in(self, understanding: Understanding, read: ReadWords) -> None:
        """What the model has read too late, for the next time."""
        await in_worker(self._room.thread, understanding.learn, read)
