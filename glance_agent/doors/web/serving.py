"""A server of HTTP in the agent's own loop, open for as long as the agent runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, cast

from aiohttp import web

from glance_agent.doors.web.connection import Crowd, WebConnection

SHUTDOWN_SECONDS: Final = 2.0
_log = logging.getLogger(__name__)


class Listened(NamedTuple):
    """Where a server listens, and how it is spoken of in the log."""

    host: str
    port: int
    what: str
    """What is served, as in “the pages”."""
    setting: str
    """What says the port."""
    at: Callable[[str, int], str]
    """The address for people, of the host and the port."""


class HttpServer:
    """Serves an application. Where its address cannot be had, it says so and the agent goes on."""

    def __init__(
        self,
        listened: Listened,
        headers: Mapping[str, str],
        crowd: Crowd,
        closing: Sequence[Callable[[], None]] = (),
    ) -> None:
        """`headers` are of every answer, also to what could not be read; `closing` are called
        first when the agent stops, so that streams end."""
        self._listened = listened
        self._headers = headers
        self._crowd = crowd
        self._closing = closing
        self._opened: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def opened(self) -> int | None:
        """The port, once there is one; None where there cannot be."""
        return await asyncio.shield(self._opened)

    async def run(self, application: web.Application) -> None:
        """Serve until cancelled."""
        runner = web.AppRunner(application, shutdown_timeout=SHUTDOWN_SECONDS)
        await runner.setup()
        try:
            server = await self._listen(runner)
            if server is not None:
                async with server:
                    await server.serve_forever()
        finally:
            if not self._opened.done():
                self._opened.set_result(None)
            for close in self._closing:
                close()
            await runner.cleanup()

    async def _listen(self, runner: web.AppRunner) -> asyncio.Server | None:
        """The open server; None, with a sentence in the log, where there can be none."""
        host, port, what, setting, address_of = self._listened
        loop, served = asyncio.get_running_loop(), cast(web.Server, runner.server)

        def accept() -> WebConnection:
            return WebConnection(served, self._crowd, self._headers, loop=loop)

        try:
            server = await loop.create_server(accept, host, port, reuse_address=True)
        except OSError as error:
            self._opened.set_result(None)
            _log.error(
                "%s cannot be served at %s port %d: %s. Set %s to another one, or end what "
                "listens there; the agent goes on without them",
                what,
                host,
                port,
                error.strerror or error,
                setting,
            )
            return None
        port = server.sockets[0].getsockname()[1]
        self._opened.set_result(port)
        _log.info("%s are served at %s", what, address_of(host, port))
        return server
