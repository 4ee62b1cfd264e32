"""What only looks, put together: a thread and connections beside those of the commands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from glance_agent.agent.reach import PictureFinder
from glance_agent.domain.errors import StoreError
from glance_agent.gallery.stores import ReadStores
from glance_agent.ingest.worker import in_worker
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.labels import Labels
from glance_agent.store.listing import Listing
from glance_agent.store.opening import OpenReadings, readings_of
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.store.works import Works
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.kept_pictures import pictures_of
from glance_agent.wiring.rooms import Rooms

_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class OpenedStores(ReadStores):
    """What answers to pages are read from, by a connection of its own."""

    works: Works


@dataclass(slots=True)
class ReadingRoom:
    """Looks things up in a thread of its own, one after the other.

    `answering` are the rooms that answer now: others, once another model does. `pictures` reads
    those of each source.
    """

    readings: OpenReadings[OpenedStores]
    thread: Executor
    answering: Rooms
    pictures: Mapping[str, PictureFinder]

    async def look(self, question: Callable[[OpenedStores], _R]) -> _R:
        """The answer to a question, which waits for no command. Raises StoreError."""

        def answer() -> _R:
            with self.readings.now() as stores:
                return question(stores)

        return await in_worker(self.thread, answer)

    async def facts(self, rooms: Rooms, worker: Executor) -> dict[str, Any]:
        """What everyone may know of the agent; from the commands' thread, the `worker`, where it
        cannot be looked up here."""
        try:
            return await self.look(lambda stores: facts_of(rooms, stores.works))
        except StoreError:
            return await in_worker(worker, facts_of, rooms)


def stores_of(database: Database) -> OpenedStores:
    """What reads by one connection."""
    return OpenedStores(
        Works(database),
        Listing(database),
        History(database),
        Labels(database),
        QueryVectorCache(database),
    )


@contextmanager
def reading_room(rooms: Rooms) -> Iterator[ReadingRoom]:
    """A reading room for the library of these rooms, until the block ends."""
    place, damaged = rooms.config.library.place, rooms.library.suspect
    with (
        closing(readings_of(place, stores_of, damaged)) as readings,
        ThreadPoolExecutor(1, "reading") as thread,
    ):

        async def liked() -> Collection[str]:
            return await room.look(lambda stores: stores.works.liked_locations())

        room = ReadingRoom(readings, thread, rooms, pictures_of(rooms, liked))
        yield room
