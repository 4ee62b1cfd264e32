"""One connection of the pages' server: how many there may be, and what is no HTTP at all."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from glance_agent.domain.errors import ErrorCode, our_fault
from glance_agent.domain.said import say
from glance_agent.doors.web.peers import plain_address
from glance_agent.doors.web.refusing import Refused, refuse

UNREAD_SECONDS: Final = 30.0
"""How long the other end may take nothing of what it is sent."""
LIMITS: Final[dict[str, Any]] = {
    "access_log": None,
    # Also how long a connection may be open without the whole head of a request.
    "keepalive_timeout": 30.0,
    "max_line_size": 8190,
    "max_field_size": 8190,
    "max_headers": 64,
    "lingering_time": 2.0,
    "auto_decompress": False,
}


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many connections there may be at once, in all and from one address; proxies that are
    trusted bring many people's."""

    most: int = 256
    most_of_one: int = 64
    trusted: Collection[str] = field(default=())

    def has_room(self, address: str, all_there_are: Collection[str]) -> bool:
        """Whether one more from this address may stay, beside these addresses of the others."""
        if len(all_there_are) >= self.most:
            return False
        return address in self.trusted or list(all_there_are).count(address) < self.most_of_one


class WebConnection(web.RequestHandler):
    """Reads requests, one after the other, and has each answered."""

    __slots__ = ("_crowd", "_headers", "_server")

    def __init__(
        self,
        server: web.Server,
        crowd: Crowd,
        headers: Mapping[str, str],
        *,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        """`headers` are of every answer, also to what could not be read."""
        super().__init__(server, loop=loop, logger=_quiet(), **LIMITS)
        self._server = server
        self._crowd = crowd
        self._headers = headers

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to read; where there are too many connections, end it instead."""
        super().connection_made(transport)
        _give_up_on_who_does_not_read(transport)
        others = [_address(other) for other in self._server.connections if other is not self]
        if not self._crowd.has_room(_address(self), others):
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = HTTPStatus.INTERNAL_SERVER_ERROR,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what breaks the rules of HTTP; nothing of it is repeated."""
        super().handle_error(request, status, exc, message)
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            refused = Refused(our_fault())
        else:
            refused = refuse(
                ErrorCode.BAD_VALUE,
                say("The request is not what HTTP says that requests are."),
                say("A line and a head may have 8 kB, and a request 64 lines of head."),
                status=status,
            )
        response = refused.response()
        response.headers.update(self._headers)
        response.force_close()
        return response


def _give_up_on_who_does_not_read(transport: asyncio.BaseTransport) -> None:
    """Have the system end a connection whose other end takes nothing for so long (tcp(7))."""
    option = getattr(socket, "TCP_USER_TIMEOUT", None)
    if option is not None:
        own = transport.get_extra_info("socket")
        own.setsockopt(socket.IPPROTO_TCP, option, int(UNREAD_SECONDS * 1000))


def _address(connection: web.RequestHandler) -> str:
    peer = connection.peername
    return plain_address(peer[0]) if isinstance(peer, tuple) else ""


def _quiet() -> logging.Logger:
    """A log for what breaks the rules of HTTP: it is answered 400, and a line each would fill
    the real one."""
    quiet = logging.getLogger(f"{__name__}.requests")
    quiet.setLevel(logging.CRITICAL)
    return quiet
