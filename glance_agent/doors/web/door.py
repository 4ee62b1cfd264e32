"""The pages' door: a server of HTTP in the agent's own loop, open for as long as the agent runs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Final, cast

from aiohttp import web

from glance_agent.doors.web.access import Access
from glance_agent.doors.web.application import application
from glance_agent.doors.web.checks import checks_of
from glance_agent.doors.web.connection import Crowd, WebConnection
from glance_agent.doors.web.headers import safety_headers
from glance_agent.doors.web.hosts import HostNames
from glance_agent.doors.web.rates import Rate
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.settings import WebSettings, address_of

SHUTDOWN_SECONDS: Final = 2.0
_log = logging.getLogger(__name__)


class WebDoor:
    """Serves routes. Where its address cannot be had, it says so and the agent goes on."""

    def __init__(
        self,
        settings: WebSettings,
        routes: Sequence[Route],
        access: Access,
        *,
        closing: Sequence[Callable[[], None]] = (),
        crowd: Crowd | None = None,
    ) -> None:
        """`closing` are called first when the agent stops, so that streams end. `crowd` says how
        many connections there may be."""
        self._settings = settings
        self.routes = routes
        self._access = access
        self._closing = closing
        self._crowd = crowd or Crowd(trusted=settings.trusted)
        self._headers = safety_headers(settings.frame_ancestors)
        self._opened: asyncio.Future[int | None] = asyncio.get_running_loop().create_future()

    async def opened(self) -> int | None:
        """The port, once the pages are served; None where they cannot be."""
        return await asyncio.shield(self._opened)

    async def run(self) -> None:
        """Serve until cancelled."""
        runner = web.AppRunner(self._application(), shutdown_timeout=SHUTDOWN_SECONDS)
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

    def _application(self) -> web.Application:
        names, wrong_tokens = HostNames.of(self._settings), Rate(10, 60)
        checks = checks_of(self._settings, self._access, names, wrong_tokens)
        return application(self.routes, checks, self._headers)

    async def _listen(self, runner: web.AppRunner) -> asyncio.Server | None:
        """The open server; None, with a sentence in the log, where there can be none."""
        host, port = self._settings.host, self._settings.port
        loop, served = asyncio.get_running_loop(), cast(web.Server, runner.server)

        def accept() -> WebConnection:
            return WebConnection(served, self._crowd, self._headers, loop=loop)

        try:
            server = await loop.create_server(accept, host, port, reuse_address=True)
        except OSError as error:
            self._opened.set_result(None)
            _log.error(
                "the pages cannot be served at %s port %d: %s. Set web.port to another one, or end "
                "what listens there; the agent goes on without pages",
                host,
                port,
                error.strerror or error,
            )
            return None
        port = server.sockets[0].getsockname()[1]
        self._opened.set_result(port)
        _log.info("the pages are at %s", self._settings.url or address_of(host, port))
        return server
