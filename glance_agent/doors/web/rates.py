"""How often one address may ask: more than that is answered “too many”."""

from __future__ import annotations

import ipaddress
from collections import OrderedDict
from http import HTTPStatus
from typing import Final

from aiohttp import web
from aiolimiter import AsyncLimiter

from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.said import say
from glance_agent.doors.web.peers import Peer
from glance_agent.doors.web.refusing import Refused

MOST_ASKERS: Final = 1024
_IPV6_HOME: Final = 64
"""One household has all IPv6 addresses that begin with the same bits."""


class Rate:
    """So many times within so many seconds, for each that asks; they may come all at once."""

    def __init__(self, times: float, seconds: float, *, most_askers: int = MOST_ASKERS) -> None:
        self._times = times
        self._seconds = seconds
        self._most_askers = most_askers
        self._limiters: OrderedDict[str, AsyncLimiter] = OrderedDict()

    async def spend(self, asker: str) -> None:
        """Count one time more; raises Refused where there have been too many."""
        self.check(asker)
        await self._limiter(asker).acquire()

    def check(self, asker: str) -> None:
        """Raises Refused where there have been too many; counts nothing."""
        if not self._limiter(asker).has_capacity():
            wait = max(1, round(self._seconds / self._times))
            raise Refused(
                CommandError(
                    ErrorCode.TOO_MANY,
                    say("Too much was asked from this address within a short time."),
                    say("Ask again in a moment."),
                ),
                status=HTTPStatus.TOO_MANY_REQUESTS,
                headers={"Retry-After": str(wait)},
            )

    def _limiter(self, asker: str) -> AsyncLimiter:
        """Its own; whoever has not asked for longest is forgotten where there are too many."""
        if asker not in self._limiters:
            self._limiters[asker] = AsyncLimiter(self._times, self._seconds)
        self._limiters.move_to_end(asker)
        if len(self._limiters) > self._most_askers:
            self._limiters.popitem(last=False)
        return self._limiters[asker]


def asker_of(request: web.Request, peer: Peer) -> str:
    """Who shares one allowance: a person behind a trusted proxy, else an address or a household."""
    if peer.trusted and (user := request.headers.get("X-Remote-User-Id")):
        return f"{peer.address} {user[:64]}"
    if ":" in peer.address:
        return str(ipaddress.ip_network((peer.address, _IPV6_HOME), strict=False))
    return peer.address
