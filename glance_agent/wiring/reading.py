"""What only looks, put together: a thread and connections beside those of the commands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from glance_agent.domain.errors import StoreError
from glance_agent.ingest.worker import in_worker
from glance_agent.store.reading import Readings
from glance_agent.store.works import Works
from glance_agent.wiring.rooms import Rooms

_R = TypeVar("_R")


@dataclass(frozen=True, slots=True)
class ReadingRoom:
    """Looks things up in a thread of its own, one after the other."""

    readings: Readings[Works]
    thread: Executor

    async def look(self, question: Callable[[Works], _R]) -> _R:
        """The answer to a question, which waits for no command. Raises StoreError."""

        def answer() -> _R:
            with self.readings.now() as works:
                return question(works)

        return await in_worker(self.thread, answer)

    async def facts(self, rooms: Rooms, worker: Executor) -> dict[str, Any]:
        """What everyone may know of the agent; from the commands' thread, the `worker`, where it
        cannot be looked up here."""
        try:
            return await self.look(rooms.facts)
        except StoreError:
            return await in_worker(worker, rooms.facts)


@contextmanager
def reading_room(rooms: Rooms) -> Iterator[ReadingRoom]:
    """A reading room for the library of these rooms, until the block ends."""
    path, damaged = rooms.config.library.path, rooms.library.suspect
    with (
        closing(Readings(path, Works, damaged=damaged)) as readings,
        ThreadPoolExecutor(1, "reading") as thread,
    ):
        yield ReadingRoom(readings, thread)
