"""The one HTTP client of displays: asks what the configuration names, and nobody else.

Redirects are not followed and no proxy is used; an answer takes its time and has its size at most.
Devices at home show certificates of their own making, if any.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from pydantic import BaseModel

from glance_agent.domain.errors import DisplayError
from glance_agent.domain.passing import PASSING_STATUSES
from glance_agent.domain.said import say
from glance_agent.domain.spelling import host_and_port
from glance_agent.domain.web_login import WaysIn, without_login

if TYPE_CHECKING:
    import aiohttp

CONNECT_SECONDS: Final = 10.0
ANSWER_SECONDS: Final = 60.0
MOST_ANSWER_BYTES: Final = 64 * 1024


class HttpUnreachable(Exception):
    """Nobody answered, or not by the rules; `said` is why, in a few words of ours."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """What is asked; `checks` whether the certificate of an https address has to be good."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] | None = None
    checks: bool = True
    seconds: float = ANSWER_SECONDS
    most_bytes: int = MOST_ANSWER_BYTES
    """So much of the answer is read."""
    ways_in: WaysIn[Any] | None = None
    """How its login is to be shown; None where that is said by its head alone."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """A status and the beginning of what was said with it."""

    status: int
    body: bytes


class SentLast(BaseModel):
    """What a display was sent last, and where to; kept by digests alone."""

    picture: str = ""
    to: str = ""


def refusal_of(
    host: str, status: int, troubles: Mapping[int, tuple[str, str]], otherwise: str
) -> DisplayError:
    """Why a server does not take a picture: what its status says, and what to do about it."""
    detail = f"{host} answered {status}"
    if 300 <= status < 400:
        elsewhere = say("Write the address that it leads to into “url”.")
        return DisplayError(say("its address leads to another one"), elsewhere, detail)
    why, hint = troubles.get(status, (otherwise, say("Its log says more.")))
    return DisplayError(why, hint, detail)


def host_of(url: str) -> str:
    """Host and port of an address, of which nothing else may be told."""
    parts = urlsplit(url)
    return host_and_port(parts.hostname or "", parts.port)


async def http_answer(request: HttpRequest) -> HttpAnswer:
    """The answer to a request. Raises HttpUnreachable."""
    # It is loaded where it is needed, and takes a second on a small machine.
    client: Any = await asyncio.to_thread(import_module, "aiohttp")
    wait = client.ClientTimeout(total=request.seconds, sock_connect=CONNECT_SECONDS)
    try:
        async with (
            client.ClientSession(timeout=wait) as session,
            await _let_in(session, request, client.DigestAuthMiddleware) as answer,
        ):
            return HttpAnswer(answer.status, await _beginning(answer, request.most_bytes))
    except TimeoutError as error:
        raise HttpUnreachable(say("it did not answer in time")) from error
    except client.ClientConnectorDNSError as error:
        raise HttpUnreachable(say("the name of its host is not known here")) from error
    except client.ClientSSLError as error:
        raise HttpUnreachable(say("its certificate is not trusted here")) from error
    except client.ClientConnectorError as error:
        raise HttpUnreachable(say("it cannot be reached")) from error
    except (client.ClientError, OSError) as error:
        raise HttpUnreachable(say("the connection broke off")) from error
    except Exception as error:
        # Whoever answers decides what the library meets, and what it raises.
        raise HttpUnreachable(say("it does not answer by the rules of HTTP")) from error


async def _let_in(
    session: aiohttp.ClientSession, request: HttpRequest, digest: Callable[[str, str], Any]
) -> aiohttp.ClientResponse:
    """The answer to who is let in; how that is done is found by asking once without a login."""
    headers, ways = request.headers or {}, request.ways_in
    parts = urlsplit(request.url)
    place = f"{parts.scheme}://{parts.netloc}", headers.get("Authorization", "")
    if ways is None or not place[1]:
        return await _sent(session, request, headers)
    if ways.is_known(*place):
        return await _shown(session, request, ways.digest(*place))
    got = await _sent(session, request, without_login(headers))
    if got.status in PASSING_STATUSES:
        return got
    got.close()
    challenges = ", ".join(got.headers.getall("WWW-Authenticate", []))
    return await _shown(session, request, ways.found(place, got.status, challenges, digest))


async def _shown(
    session: aiohttp.ClientSession, request: HttpRequest, digest: Any
) -> aiohttp.ClientResponse:
    """The answer to a login, shown by this digest or as it is."""
    headers = request.headers or {}
    if digest is None:
        return await _sent(session, request, headers)
    return await _sent(session, request, without_login(headers), digest)


async def _sent(
    session: aiohttp.ClientSession, request: HttpRequest, headers: Mapping[str, str], *digests: Any
) -> aiohttp.ClientResponse:
    return await session.request(
        request.method,
        request.url,
        data=request.body,
        headers=headers,
        allow_redirects=False,
        ssl=request.checks,
        middlewares=digests,
    )


async def _beginning(answer: aiohttp.ClientResponse, most_bytes: int) -> bytes:
    body = bytearray()
    async for chunk in answer.content.iter_chunked(1 << 14):
        body += chunk
        if len(body) > most_bytes:
            break
    return bytes(body[:most_bytes])
