"""A way to a server of PostgreSQL that can be cut, or swallow what is sent: a true TCP proxy."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import quote

from glance_agent.domain.library_place import PostgresPlace
from tests.postgres import Server
from tests.spawned import PATIENCE_SECONDS

READ_BYTES = 65_536


@dataclass(eq=False)
class _Passage:
    """One connection, and whether what comes from either side is passed on."""

    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    swallows: bool = False


class Proxy:
    """A port of this machine that leads to the socket of a server."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self._server = server
        self._loop = loop
        self._passages: set[_Passage] = set()
        self._how = "forward"
        self.port = 0

    def place(self, place: PostgresPlace) -> PostgresPlace:
        """The same library by this way."""
        name = place.url.partition("@/")[2].partition("?")[0]
        return PostgresPlace(f"postgresql://glance@127.0.0.1:{self.port}/{quote(name)}")

    def forward(self) -> None:
        """Pass on what comes over new connections."""
        self._do(self._become, "forward")

    def refuse(self) -> None:
        """Cut every connection, and each new one as it comes."""
        self._do(self._become, "refuse")

    def swallow(self, *, new: bool = True) -> None:
        """Take whatever comes and pass nothing on; of `new` connections, too."""
        self._do(self._become, "swallow" if new else "swallow once")

    def _do(self, step: object, *arguments: object) -> None:
        done: Future[None] = Future()

        def do() -> None:
            step(*arguments)  # type: ignore[operator]
            done.set_result(None)

        self._loop.call_soon_threadsafe(do)
        done.result(PATIENCE_SECONDS)

    def _become(self, how: str) -> None:
        for passage in self._passages:
            passage.swallows = passage.swallows or how.startswith("swallow")
            if how == "refuse":
                for writer in passage.writers:
                    writer.transport.abort()
        self._how = "forward" if how == "swallow once" else how

    async def listen(self) -> None:
        """Open the port."""
        self._listening = await asyncio.start_server(self._pass, "127.0.0.1", 0)
        self.port = self._listening.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Close the port, and everything that was passed on by it."""
        self._listening.close()
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        self._become("refuse")
        await asyncio.gather(*tasks, return_exceptions=True)
        for _ in range(3):  # transports that are ended close their sockets with the next turns
            await asyncio.sleep(0)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._how == "refuse":
            writer.transport.abort()
            return
        passage = _Passage([writer], self._how == "swallow")
        self._passages.add(passage)
        try:
            if passage.swallows:
                await self._copy(passage, reader, writer)
                return
            there = str(self._server.folder / ".s.PGSQL.5432")
            with suppress(OSError):  # the server may be away itself
                answers, server = await asyncio.open_unix_connection(there)
                passage.writers.append(server)
                await asyncio.gather(
                    self._copy(passage, reader, server), self._copy(passage, answers, writer)
                )
        finally:
            self._passages.discard(passage)
            for each in passage.writers:
                each.transport.abort()

    async def _copy(
        self, passage: _Passage, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(READ_BYTES):
                if not passage.swallows:
                    writer.write(data)
                    await writer.drain()
        if not passage.swallows:
            for each in passage.writers:
                each.close()


@contextmanager
def way_to(server: Server) -> Iterator[Proxy]:
    """A way to the server, in a thread of its own, until the block ends."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="proxy")
    thread.start()
    proxy = Proxy(server, loop)
    try:
        asyncio.run_coroutine_threadsafe(proxy.listen(), loop).result(PATIENCE_SECONDS)
        yield proxy
    finally:
        asyncio.run_coroutine_threadsafe(proxy.close(), loop).result(PATIENCE_SECONDS)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
