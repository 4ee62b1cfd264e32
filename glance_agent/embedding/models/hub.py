"""The hub that models are fetched from: its addresses, its redirects, its errors, our token.

The protocol of the Hugging Face hub: a file is at `<endpoint>/<owner>/<name>/resolve/<revision>/`
and its path; large ones are redirected to another host, and the first answer tells their SHA-256
(`X-Linked-Etag`).
The token goes to the endpoint alone: a redirect to another origin is followed without it.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

import aiohttp
from yarl import URL

from glance_agent.domain.errors import ModelError
from glance_agent.domain.foreign import JsonLimits, json_value, line, whole
from glance_agent.domain.passing import PASSING_STATUSES
from glance_agent.domain.said import say
from glance_agent.domain.spelling import host_and_port

DEFAULT_ENDPOINT: Final = "https://huggingface.co"
MOST_REDIRECTS: Final = 8
PATIENCE_SECONDS: Final = 30.0
LARGEST_FILE_BYTES: Final = 8 * 1024**3
_REVISION: Final = JsonLimits(bytes=4 * 1024**2)
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_SENTENCES: Final = {
    "EntryNotFound": say("there is no such file in this revision"),
    "RevisionNotFound": say("there is no such revision"),
    "RepoNotFound": say("there is no such repository, or it needs a token (HF_TOKEN)"),
    "GatedRepo": say("its owner wants you to accept terms first, and a token (HF_TOKEN)"),
}


class HubBusy(Exception):
    """The hub cannot answer now; `retry_after_seconds` is what it asked for, if anything."""

    def __init__(self, reason: str, retry_after_seconds: float | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


@dataclass(frozen=True, slots=True)
class Hub:
    """Where the hub is, and who we are there."""

    endpoint: str = DEFAULT_ENDPOINT
    token: str | None = field(default=None, repr=False)

    def file_url(self, repository: str, revision: str, path: str) -> URL:
        return URL(
            f"{self.endpoint}/{repository}/resolve/{quote(revision, safe='')}/{quote(path)}",
            encoded=True,
        )

    def revision_url(self, repository: str, revision: str) -> URL:
        where = f"{self.endpoint}/api/models/{repository}/revision/{quote(revision, safe='')}"
        return URL(where, encoded=True)


@dataclass(frozen=True, slots=True)
class Announced:
    """What the hub itself said of a large file before any redirect."""

    bytes: int | None = None
    sha256: str | None = None


def hub_of(environ: Mapping[str, str]) -> Hub:
    """The hub that HF_ENDPOINT and HF_TOKEN name; raises ModelError for a bad address or token."""
    endpoint = (environ.get("HF_ENDPOINT") or DEFAULT_ENDPOINT).rstrip("/")
    if not re.fullmatch(r"https?://[^\s/]+(/[^\s]*)?", endpoint) or _parsed(endpoint) is None:
        raise ModelError(say("HF_ENDPOINT is not an http or https address."))
    token = (environ.get("HF_TOKEN") or "").strip()
    if not re.fullmatch(r"[\x21-\x7e]*", token):
        raise ModelError(say("HF_TOKEN is no token: it holds blanks or letters that none has."))
    return Hub(endpoint, token or None)


def open_session(patience_seconds: float = PATIENCE_SECONDS) -> aiohttp.ClientSession:
    """A client session that waits so long for the next byte, through the environment's proxies."""
    wait = aiohttp.ClientTimeout(
        total=None, sock_connect=patience_seconds, sock_read=patience_seconds
    )
    headers = {"User-Agent": "glance-agent", "Accept-Encoding": "identity"}
    return aiohttp.ClientSession(timeout=wait, trust_env=True, headers=headers)


@asynccontextmanager
async def opened(
    session: aiohttp.ClientSession, hub: Hub, url: URL, *, first_byte: int = 0
) -> AsyncIterator[tuple[aiohttp.ClientResponse, Announced]]:
    """The answer after all redirects: 200, 206 or 416; everything else is raised.

    Raises ModelError for a lasting refusal, HubBusy and aiohttp.ClientError for a passing one.
    """
    headers = {"Range": f"bytes={first_byte}-"} if first_byte else {}
    announced = Announced()
    for _ in range(MOST_REDIRECTS + 1):
        async with AsyncExitStack() as stack:
            with _by_the_rules(url):
                asked = headers | _authorisation(hub, url)
                async with asyncio.timeout(session.timeout.sock_read):
                    got = session.get(url, headers=asked, allow_redirects=False)
                    answer = await stack.enter_async_context(got)
            announced = _merged(announced, answer)
            if answer.status not in _REDIRECTS:
                _refuse(answer, url)
                yield answer, announced
                return
            url = _followed(url, answer)
    raise ModelError(
        say(
            "{address} redirects more than {n} times.",
            address=_shown(url),
            n=MOST_REDIRECTS,
        )
    )


async def resolve_revision(session: aiohttp.ClientSession, hub: Hub, repository: str) -> str:
    """The commit that the branch main is at now; raises as `opened` does."""
    url = hub.revision_url(repository, "main")
    async with opened(session, hub, url) as (answer, _):
        try:
            commit = json_value(await _body(answer), _REVISION)["sha"]
        except (ValueError, KeyError, TypeError) as error:
            raise ModelError(
                say("{address} did not answer with a revision.", address=_shown(url))
            ) from error
    if not isinstance(commit, str) or not re.fullmatch(r"[0-9a-f]{40}", commit):
        raise ModelError(say("{address} did not answer with a revision.", address=_shown(url)))
    return commit


def reason_of(error: BaseException) -> str:
    """Why nothing came, in words that may be published: no exception's text."""
    match error:
        case HubBusy():
            return str(error.args[0])
        case aiohttp.ClientConnectorDNSError():
            return say("the name {host} is not known here (is the network up?)", host=error.host)
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError():
            return say("the certificate of {host} is not trusted", host=error.host)
        case aiohttp.ClientConnectorError():
            return say("{where} cannot be reached", where=host_and_port(error.host, error.port))
        case TimeoutError():
            return say("nothing came for too long")
        case _:
            return say("the connection broke off")


def retry_after_seconds(value: str | None) -> float | None:
    """The seconds of a Retry-After header; None for a date or for none."""
    seconds = whole(value)
    return None if seconds is None else float(seconds)


def _authorisation(hub: Hub, url: URL) -> dict[str, str]:
    at_home = url.origin() == URL(hub.endpoint).origin()
    return {"Authorization": f"Bearer {hub.token}"} if hub.token and at_home else {}


def _followed(url: URL, answer: aiohttp.ClientResponse) -> URL:
    """Where a redirect leads; raises ModelError where it leads out of HTTP or encryption."""
    location = answer.headers.get("Location", "")
    target = _parsed(location, url) if location else None
    if target is None or target.scheme not in ("http", "https") or not target.host:
        raise ModelError(
            say("{address} redirects to no address that can be followed.", address=_shown(url))
        )
    if url.scheme == "https" and target.scheme == "http":
        raise ModelError(
            say("{address} redirects to an unencrypted address; not followed.", address=_shown(url))
        )
    return target


def _merged(known: Announced, answer: aiohttp.ClientResponse) -> Announced:
    """What is known of the file, with what this answer adds: the first word counts."""
    tag = answer.headers.get("X-Linked-Etag", "").removeprefix("W/").strip('"')
    size = whole(answer.headers.get("X-Linked-Size"), LARGEST_FILE_BYTES)
    return Announced(
        known.bytes or size or None,
        known.sha256 or (tag if re.fullmatch(r"[0-9a-f]{64}", tag) else None),
    )


def _refuse(answer: aiohttp.ClientResponse, url: URL) -> None:
    """Raises unless the answer carries the file."""
    if answer.status == 200 and "html" in answer.headers.get("Content-Type", "").casefold():
        raise HubBusy(f"{_shown(url)} answered with a web page")  # that of a hotel's network
    if answer.status in (200, 206, 416):
        return
    if answer.status in PASSING_STATUSES:
        asked = retry_after_seconds(answer.headers.get("Retry-After"))
        raise HubBusy(f"{_shown(url)} answered {answer.status}", asked)
    code = answer.headers.get("X-Error-Code", "")
    reason = _SENTENCES.get(code, say("the answer was {status}", status=answer.status))
    if answer.status in (401, 403) and code not in _SENTENCES:
        reason = say("access is refused; set HF_TOKEN to a token that may read it")
    raise ModelError(
        say("{address} cannot be fetched: {reason}.", address=_shown(url), reason=reason)
    )


def _shown(url: URL) -> str:
    """The address without query and user: signed addresses are secrets."""
    return line(str(url.with_user(None).with_query(None)))


def _parsed(address: str, base: URL | None = None) -> URL | None:
    """The address, seen from another where one is given; None for what is none."""
    try:
        found = URL(address, encoded=True)
        found = base.join(found) if base is not None else found
        str(found).encode("ascii"), found.host, found.port, found.user
    except ValueError:
        return None
    return found


async def _body(answer: aiohttp.ClientResponse) -> bytes:
    """The body as far as anything could be in it that is wanted."""
    found = bytearray()
    async for chunk in answer.content.iter_chunked(1 << 16):
        found += chunk
        if len(found) > _REVISION.bytes:
            break
    return bytes(found)


@contextmanager
def _by_the_rules(url: URL) -> Iterator[None]:
    """Lets pass what a network can do; all else that a host makes the library raise is HubBusy."""
    try:
        yield
    except (aiohttp.ClientError, TimeoutError, ConnectionError):
        raise
    except Exception as error:  # a host decides what the HTTP library meets
        raise HubBusy(f"{_shown(url)} does not answer by the rules of HTTP") from error
