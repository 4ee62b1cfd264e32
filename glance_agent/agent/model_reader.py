"""Words put to the model beside the commands: one reading at a time, each with a deadline.

A model may be on another machine, and silent. It is asked in a thread that nobody has to wait
for, neither the commands nor the end of the program.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TypeVar

from glance_agent.agent.beside import beside
from glance_agent.domain.errors import ModelLate
from glance_agent.domain.said import say
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.reading import ReadWords, Unread

_T = TypeVar("_T")
Later = Callable[[Understanding, ReadWords], Awaitable[None]]


class ModelReader:
    """Has the model of the day read what it is given."""

    def __init__(self, later: Later) -> None:
        """`later` takes what came after its deadline, for the next time."""
        self._later = later
        self._under_way: asyncio.Future[ReadWords] | None = None
        self._since = 0.0
        self._late: set[asyncio.Task[None]] = set()

    async def read(
        self, understanding: Understanding, unread: Unread, seconds: float | None = None
    ) -> ReadWords:
        """What the model made of it; nothing, and ModelLate, where the time is up.

        Where an earlier reading is still under way, its time counts: nobody waits for the same
        silence twice.
        """
        started = asyncio.get_running_loop().time()
        mine: asyncio.Future[ReadWords] | None = None
        try:
            async with asyncio.timeout_at(self._until(seconds)):
                while self._under_way is not None:
                    await asyncio.wait([self._under_way])
                mine = self._begin(understanding, unread)
                read = await asyncio.shield(mine)
        except TimeoutError:
            if mine is not None:
                self._deliver_late(understanding, mine)
            read = ReadWords(missed=ModelLate(say("The model did not answer in time.")))
        read.waited_seconds = asyncio.get_running_loop().time() - started
        return read

    def _until(self, seconds: float | None) -> float | None:
        """When, by the loop's clock, nobody waits any more."""
        if seconds is None:
            return None
        now = asyncio.get_running_loop().time()
        return (now if self._under_way is None else self._since) + seconds

    def _begin(self, understanding: Understanding, unread: Unread) -> asyncio.Future[ReadWords]:
        self._since = asyncio.get_running_loop().time()
        self._under_way = future = in_a_thread(lambda: understanding.read(unread))
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _future: asyncio.Future[ReadWords]) -> None:
        self._under_way = None

    def under_way(self) -> list[asyncio.Task[None]]:
        """What waits for readings that are late; may be cancelled at any time."""
        return list(self._late)

    def _deliver_late(self, understanding: Understanding, late: asyncio.Future[ReadWords]) -> None:
        task = beside(self._deliver(understanding, late), "reading words")
        self._late.add(task)
        task.add_done_callback(self._late.discard)

    async def _deliver(self, understanding: Understanding, late: asyncio.Future[ReadWords]) -> None:
        await self._later(understanding, await late)


def in_a_thread(work: Callable[[], _T]) -> asyncio.Future[_T]:
    """What the work returns or raises; its thread ends with the program, whatever it waits for."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[_T] = loop.create_future()

    def settle(outcome: Callable[[], None]) -> None:
        if not done.done():
            outcome()

    def run() -> None:
        try:
            outcome = partial(done.set_result, work())
        except Exception as error:
            # Every error goes to the one who waits.
            outcome = partial(done.set_exception, error)
        with contextlib.suppress(RuntimeError):
            # The loop may be closed by now.
            loop.call_soon_threadsafe(settle, outcome)

    threading.Thread(target=run, name="model", daemon=True).start()
    return done
