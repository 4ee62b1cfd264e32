"""One HTTP client for all sources: one request, one answer, whatever the answer is."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Self

from glance_agent.sources.web.answer_cache import AnswerCache
from glance_agent.sources.web.exchange import Answer, Ask
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.reach import AT_HOME, Reach
from glance_agent.sources.web.request_log import Away, Breaker, Clock, RequestLog

if TYPE_CHECKING:
    from aiohttp.abc import AbstractResolver
    from yarl import URL

    from glance_agent.sources.web.connections import Connections


def _by_bucket(manners: Manners) -> AbstractAsyncContextManager[None]:
    from aiolimiter import AsyncLimiter

    return AsyncLimiter(1, manners.interval_seconds)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a client needs of the world besides the network: time, patience, disk."""

    directory: Path | None = None
    max_answer_bytes: int = 200_000_000
    reach: Reach = field(default_factory=Reach)
    clock: Clock = time.time
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    limiter: Callable[[Manners], AbstractAsyncContextManager[None]] = _by_bucket


@dataclass(slots=True)
class _Lane:
    """The way to one host: so many at once, so often."""

    limiter: AbstractAsyncContextManager[None]
    seats: asyncio.Semaphore


class Web:
    """The client; opens when first used, and closes with `close`."""

    def __init__(
        self,
        *,
        version: str,
        contact: str | None = None,
        surroundings: Surroundings | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self.around = surroundings or Surroundings()
        self.contact = contact
        self.user_agent = (
            f"glance-agent/{version} (+{contact})" if contact else f"glance-agent/{version}"
        )
        directory = self.around.directory
        self.request_log = RequestLog(directory / "notebook.json" if directory else None)
        self.breaker = Breaker(self.request_log, self.around.clock)
        self.answers = AnswerCache(
            directory / "answers" if directory else None,
            self.around.clock,
            max_bytes=self.around.max_answer_bytes,
        )
        self.manners: dict[str, Manners] = {}
        """How hosts like to be asked, where a museum knows it of its own."""
        self._resolver = resolver
        self._lanes: dict[str, _Lane] = {}
        self._connections: dict[bool, Connections] = {}
        """Those to public addresses, and those at home, each where it was needed."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections, and write down what was counted."""
        self.request_log.flush()
        while self._connections:
            await self._connections.popitem()[1].close()

    def away(self) -> list[Away]:
        """The hosts that are left alone now, and why."""
        return self.breaker.away()

    async def ask(self, url: URL, ask: Ask) -> Answer:
        """One request in the host's turn; redirects are not followed.

        Raises Passing, TooLarge, and SourceError where a host may not be asked.
        """
        lane = self._lane(url.host or "")
        async with lane.seats, lane.limiter:
            # The request before this one may have been refused while this one waited.
            self.breaker.check(url.host or "")
            return await self._opened(at_home=ask.at_home).ask(url, ask)

    def manners_of(self, host: str) -> Manners:
        """The manners for a host; one request per second where nothing else is known."""
        return self.manners.get(host, Manners())

    def _lane(self, host: str) -> _Lane:
        if host not in self._lanes:
            manners = self.manners_of(host)
            limiter = self.around.limiter(manners)
            self._lanes[host] = _Lane(limiter, asyncio.Semaphore(manners.at_once))
        return self._lanes[host]

    def reach(self, *, at_home: bool) -> Reach:
        """Which network addresses may be connected to."""
        return AT_HOME if at_home else self.around.reach

    def _opened(self, *, at_home: bool) -> Connections:
        if at_home not in self._connections:
            from glance_agent.sources.web.connections import Connections

            reach = self.reach(at_home=at_home)
            self._connections[at_home] = Connections(self.user_agent, reach, self._resolver)
        return self._connections[at_home]
