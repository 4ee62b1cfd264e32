"""One HTTP client for all sources: one request, one answer, whatever the answer is."""

from __future__ import annotations

import asyncio
import email.utils
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from aiohttp import (
    ClientConnectorDNSError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    DummyCookieJar,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver
from aiolimiter import AsyncLimiter
from yarl import URL

from glance_agent.errors import SourceError
from glance_agent.sources.answers import Answers
from glance_agent.sources.manners import Manners, manners_of
from glance_agent.sources.notebook import Away, Breaker, Clock, Notebook
from glance_agent.sources.reach import AddressRefused, GuardedResolver, Reach

PROJECT = "https://github.com/glance-agent/glance-agent"
_CHUNK = 1 << 16
_TIMEOUT = ClientTimeout(total=120, sock_connect=10, sock_read=30)


class Passing(Exception):
    """A failure that may be over soon; `retry_after` is what the server asked for, in seconds."""

    def __init__(self, why: str, *, retry_after: float | None = None, cut_short: bool = False):
        super().__init__(why)
        self.retry_after = retry_after
        self.cut_short = cut_short


class TooLarge(Exception):
    """A body that is longer than the caller takes."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What to say and what to take: the body goes `into` a file where one is given."""

    headers: Mapping[str, str]
    max_bytes: int
    into: Path | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered; `headers` by lower-case name; `body` only its begin where the rest
    went into a file."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    length: int

    @property
    def is_web_page(self) -> bool:
        """Whether it is HTML: how hosts answer when they refuse programs."""
        kind = self.headers.get("content-type", "").casefold()
        return "html" in kind or self.body[:64].lstrip().lower().startswith((b"<!doc", b"<html"))

    @property
    def retry_after_seconds(self) -> float | None:
        """What Retry-After says, as a number of seconds or a date; at most an hour."""
        return retry_after_seconds(self.headers.get("retry-after", ""), time.time())


def _by_bucket(manners: Manners) -> AbstractAsyncContextManager[None]:
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
        self.user_agent = f"glance-agent/{version} (+{'; '.join(filter(None, (PROJECT, contact)))})"
        directory = self.around.directory
        self.notebook = Notebook(directory / "notebook.json" if directory else None)
        self.breaker = Breaker(self.notebook, self.around.clock)
        self.answers = Answers(
            directory / "answers" if directory else None,
            self.around.clock,
            max_bytes=self.around.max_answer_bytes,
        )
        self._resolver = resolver
        self._lanes: dict[str, _Lane] = {}
        self._session: ClientSession | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections, and write down what was counted."""
        self.notebook.flush()
        if self._session is not None:
            await self._session.close()
            self._session = None

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
            try:
                session = self._opened()
                async with session.get(url, headers=ask.headers, allow_redirects=False) as got:
                    return await _answer(got, ask)
            except ClientConnectorDNSError as error:
                raise _translated(error, url) from error
            except ClientPayloadError as error:
                raise Passing("the answer was cut short", cut_short=True) from error
            except (TimeoutError, ClientError, OSError) as error:
                raise Passing(f"no answer ({type(error).__name__})") from error

    def _lane(self, host: str) -> _Lane:
        if host not in self._lanes:
            manners = manners_of(host)
            limiter = self.around.limiter(manners)
            self._lanes[host] = _Lane(limiter, asyncio.Semaphore(manners.at_once))
        return self._lanes[host]

    def _opened(self) -> ClientSession:
        if self._session is None:
            resolver = GuardedResolver(self._resolver or ThreadedResolver(), self.around.reach)
            self._session = ClientSession(
                connector=TCPConnector(resolver=resolver, limit=20),
                headers={"User-Agent": self.user_agent},
                cookie_jar=DummyCookieJar(),
                timeout=_TIMEOUT,
                trust_env=False,
            )
        return self._session


def retry_after_seconds(value: str, now: float) -> float | None:
    """The seconds that a Retry-After header asks for: 0 to 3600, None where it says nothing."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(seconds, 0.0), 3600.0) if seconds == seconds else None


async def _answer(got: ClientResponse, ask: Ask) -> Answer:
    if (got.content_length or 0) > ask.max_bytes:
        got.close()
        raise TooLarge(f"{got.content_length} bytes")
    headers = {name.lower(): value for name, value in got.headers.items()}
    if ask.into is None or got.status != 200:
        body = bytearray()
        length = await _copied(got, body.extend, ask.max_bytes)
        return Answer(got.status, headers, bytes(body), length)
    with ask.into.open("wb") as file:
        length = await _copied(got, file.write, ask.max_bytes)
    with ask.into.open("rb") as file:
        return Answer(got.status, headers, file.read(_CHUNK), length)


async def _copied(got: ClientResponse, put: Callable[[bytes], object], max_bytes: int) -> int:
    """Hand over the body piece by piece; returns its length."""
    length = 0
    async for chunk in got.content.iter_chunked(_CHUNK):
        length += len(chunk)
        if length > max_bytes:
            got.close()
            raise TooLarge(f"more than {max_bytes} bytes")
        put(chunk)
    return length


def _translated(error: ClientConnectorDNSError, url: URL) -> Exception:
    if isinstance(error.os_error, AddressRefused):
        return SourceError(f"{url.host} leads to a private address and was not asked.")
    return Passing("its name cannot be resolved")
