"""The pages' door: what serves them, and for whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from glance_agent.domain.languages import ENGLISH
from glance_agent.doors.web.access import Access
from glance_agent.doors.web.application import application
from glance_agent.doors.web.checks import checks_of
from glance_agent.doors.web.connection import Crowd
from glance_agent.doors.web.headers import safety_headers
from glance_agent.doors.web.hosts import HostNames
from glance_agent.doors.web.rates import Rate
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.serving import HttpServer, Listened
from glance_agent.doors.web.settings import WebSettings, address_of


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
        language: str = ENGLISH,
    ) -> None:
        """`closing` are called first when the agent stops, so that streams end. `crowd` says how
        many connections there may be."""
        self._settings = settings
        self._language = language
        self.routes = routes
        self._access = access
        self._headers = safety_headers(settings.frame_ancestors)
        self._server = HttpServer(
            Listened(
                settings.host,
                settings.port,
                "the pages",
                "web.port",
                lambda host, port: settings.url or address_of(host, port),
            ),
            self._headers,
            crowd or Crowd(trusted=settings.trusted),
            closing,
        )

    async def opened(self) -> int | None:
        """The port, once the pages are served; None where they cannot be."""
        return await self._server.opened()

    async def run(self) -> None:
        """Serve until cancelled."""
        names, wrong_tokens = HostNames.of(self._settings), Rate(10, 60)
        checks = checks_of(self._settings, self._access, names, wrong_tokens)
        await self._server.run(application(self.routes, checks, self._headers, self._language))
