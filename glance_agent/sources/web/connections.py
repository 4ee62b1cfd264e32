"""The connections to all hosts; the one file here that knows the HTTP library.

It is loaded with the first request, since an agent that shows pictures of a folder never needs it.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from aiohttp import (
    ClientConnectorCertificateError,
    ClientConnectorDNSError,
    ClientConnectorError,
    ClientError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientSSLError,
    ClientTimeout,
    DigestAuthMiddleware,
    DummyCookieJar,
    ServerDisconnectedError,
    TCPConnector,
    ThreadedResolver,
)
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from glance_agent.domain.errors import AddressRefused, SourceError
from glance_agent.domain.foreign import whole
from glance_agent.domain.passing import PASSING_STATUSES
from glance_agent.domain.private import opened_private
from glance_agent.domain.said import say
from glance_agent.domain.web_login import WaysIn, without_login
from glance_agent.sources.web.exchange import (
    Answer,
    Ask,
    Passing,
    TooLarge,
    Untrusted,
    plain_fields,
    writing,
)
from glance_agent.sources.web.reach import Reach

_CHUNK = 1 << 16
_CONNECT_SECONDS = 10.0
_BODY_SECONDS = 90.0
"""For all of an answer behind its head."""


class Connections:
    """A session without cookies, proxies and redirects, that reaches allowed addresses only."""

    def __init__(self, user_agent: str, reach: Reach, resolver: AbstractResolver | None) -> None:
        """To be made in a running loop; `resolver` stands in for the system's."""
        self._session = ClientSession(
            connector=TCPConnector(
                resolver=GuardedResolver(resolver or ThreadedResolver(), reach), limit=20
            ),
            headers={"User-Agent": user_agent},
            cookie_jar=DummyCookieJar(),
            trust_env=False,
        )
        self._ways_in = WaysIn[DigestAuthMiddleware]()

    async def close(self) -> None:
        await self._session.close()

    async def ask(self, url: URL, ask: Ask) -> Answer:
        """One request.

        Raises Passing, TooLarge, AddressRefused for a private one, and SourceError where the
        answer cannot be written to disk.
        """
        try:
            async with asyncio.timeout(ask.head_seconds):
                got = await self._let_in(url, ask)
            async with got:
                return await _answer(got, ask)
        except (Passing, TooLarge, SourceError):
            raise
        except ClientConnectorDNSError as error:
            raise _translated(error, url) from error
        except ClientPayloadError as error:
            raise Passing(say("the answer was cut short"), cut_short=True) from error
        except ClientConnectorCertificateError as error:
            raise Untrusted from error
        except (TimeoutError, ClientError, OSError) as error:
            raise Passing(_why_silent(error)) from error
        except Exception as error:
            # A host decides what the HTTP library meets: whatever it raises is the host's fault.
            raise Passing(say("an answer that breaks the rules of HTTP")) from error

    async def _let_in(self, url: URL, ask: Ask) -> ClientResponse:
        """The answer to who is let in; how that is done is found by asking once without a login."""
        login = ask.headers.get("Authorization", "")
        place = str(url.origin()), login
        if not login or self._ways_in.is_known(*place):
            return await self._sent(url, ask, self._ways_in.digest(*place))
        got = await self._sent(url, of_nobody(ask))
        if got.status in PASSING_STATUSES:
            return got
        got.close()
        challenges = ", ".join(got.headers.getall("WWW-Authenticate", []))
        way = self._ways_in.found(place, got.status, challenges, DigestAuthMiddleware)
        return await self._sent(url, ask, way)

    async def _sent(
        self, url: URL, ask: Ask, digest: DigestAuthMiddleware | None = None
    ) -> ClientResponse:
        return await self._session.request(
            ask.method or ("GET" if ask.data is None else "POST"),
            url,
            data=ask.data,
            headers=ask.headers if digest is None else without_login(ask.headers),
            allow_redirects=False,
            ssl=ask.checks,
            timeout=ClientTimeout(
                total=ask.head_seconds + _BODY_SECONDS,
                sock_connect=_CONNECT_SECONDS,
                sock_read=ask.head_seconds,
            ),
            middlewares=() if digest is None else (digest,),
        )


def of_nobody(ask: Ask) -> Ask:
    """The same request, without a login."""
    return replace(ask, headers=without_login(ask.headers))


class OutOfReach(OSError):
    """A name that stands for an address which may not be connected to."""


class GuardedResolver(AbstractResolver):
    """Resolves names, and refuses those that lead to an address out of reach."""

    def __init__(self, resolver: AbstractResolver, reach: Reach) -> None:
        self._resolver = resolver
        self._reach = reach

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The addresses of a host; raises OutOfReach if any of them is out of reach."""
        found = await self._resolver.resolve(host, port, family)
        if any(not self._reach.allows(entry["host"]) for entry in found):
            raise OutOfReach(f"{host} leads to a private address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


async def _answer(got: ClientResponse, ask: Ask) -> Answer:
    headers = plain_fields(got.headers.items())
    announced = headers.get("content-length", "")
    if announced.isdigit() and whole(announced, ask.max_bytes) is None:
        got.close()
        raise TooLarge(f"{announced[:20]} bytes")
    if ask.into is None or got.status != 200:
        body = bytearray()
        length = await _copied(got, body.extend, ask.max_bytes)
        return Answer(got.status, headers, bytes(body), length)
    with closing(_Draft(ask.into)) as draft:
        length = await _copied(got, draft.write, ask.max_bytes)
    with writing(), ask.into.open("rb") as kept:
        return Answer(got.status, headers, kept.read(_CHUNK), length)


class _Draft:
    """A new file at a path. Raises SourceError where the disk fails."""

    def __init__(self, path: Path) -> None:
        with writing():
            self._file = opened_private(path)

    def write(self, chunk: bytes) -> None:
        with writing():
            self._file.write(chunk)

    def close(self) -> None:
        with writing():
            self._file.close()


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


def _why_silent(error: Exception) -> str:
    """Why a host gave no answer, in a few words."""
    if isinstance(error, TimeoutError):
        return say("it did not answer in time")
    if isinstance(error, ClientSSLError):
        return say("it does not speak TLS as https needs it: check the port, and http or https")
    if isinstance(error, ClientConnectorError):
        return say("it cannot be reached")
    if isinstance(error, ServerDisconnectedError):
        return say("it hung up: check the port, and http or https")
    return say("no answer ({name})", name=type(error).__name__)


def _translated(error: ClientConnectorDNSError, url: URL) -> Exception:
    if isinstance(error.os_error, OutOfReach):
        return AddressRefused(
            say("{host} leads to a private address: those are never asked.", host=str(url.host))
        )
    return Passing(say("its name cannot be resolved"))
