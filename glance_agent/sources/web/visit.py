"""One source's way to the web: its hosts, its budget, its patience, and what it takes as answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glance_agent.domain.errors import AddressRefused, BadPicture, SourceError
from glance_agent.domain.passing import PASSING_STATUSES
from glance_agent.domain.said import say
from glance_agent.sources.web.answer_cache import Kept
from glance_agent.sources.web.dav import PROPFIND
from glance_agent.sources.web.exchange import Answer, Ask, Passing, TooLarge, Untrusted, writing
from glance_agent.sources.web.manners import DAY_SECONDS
from glance_agent.sources.web.reach import checked
from glance_agent.sources.web.request_log import ASKED_FOR_A_PAUSE, REFUSES_PROGRAMS, Budget
from glance_agent.sources.web.taking import (
    MAX_DATA_BYTES,
    NoAnswer,
    Unreadable,
    check_is_picture,
    host_of,
    is_challenge,
    loaded,
)
from glance_agent.sources.web.web import Web

if TYPE_CHECKING:
    from tenacity import RetryCallState
    from yarl import URL

ATTEMPTS = 3
HOPS = 5
STRIKES = 3
PATIENCE_SECONDS = 60.0
MAX_PICTURE_BYTES = 25_000_000
_PICTURES = "image/jpeg, image/png, image/webp"
_IS_JSON = {"Content-Type": "application/json"}
_REDIRECTS = {301, 302, 303, 307, 308}
_GONE = {404, 410}
_OURS = say("name it as its certificate does, or set check_certificate = false if it is your own")


@dataclass(slots=True)
class Visit:
    """`headers` go with every request. `secrets` are query parameters that go to `secret_host`
    alone, and into no message and no file; `key` is what there is to check where a host lets
    nobody in. A server `at_home`, whose address the household gave,
    may have a private one; it leads nowhere else, and its certificate is checked where
    `checks_certificate` says so. A host that is silent or fails is asked
    `attempts` times, and given up after `seconds` in all where that is a number."""

    web: Web
    hosts: frozenset[str]
    budget: Budget
    headers: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    secret_host: str = ""
    key: str = say("the key")
    max_picture_bytes: int = MAX_PICTURE_BYTES
    at_home: bool = False
    checks_certificate: bool = True
    attempts: int = ATTEMPTS
    seconds: float | None = None

    async def json(self, url: str, *, days: float = 0, accept: str = "application/json") -> Any:
        """The data at an address, None where there is none (404); kept for so many days.

        Raises SourceError.
        """
        kept = self.web.answers.get(url) if days else None
        if kept is not None and self.web.answers.age_seconds(kept) < days * DAY_SECONDS:
            return await loaded(kept.body, url) if kept.status == 200 else None
        body = await self._data(url, kept, keep=days > 0, accept=accept)
        return None if body is None else await loaded(body, url)

    async def posted(self, url: str, data: object) -> Any:
        """The data that answers some data, None where there is none (404). Raises SourceError."""
        asked = Ask({"Accept": "application/json", **_IS_JSON}, MAX_DATA_BYTES, data=_packed(data))
        answer = await self._taken(url, asked)
        if answer.status in _GONE:
            return None
        if answer.status not in (200, 201) or answer.is_web_page:
            raise self._unusable(url, answer)
        self._served(url)
        return await loaded(self._without_secrets(answer.body), url)

    async def folder(self, url: str) -> bytes | None:
        """What a folder on a WebDAV server holds, as RFC 4918 has it; None where there is none.

        Raises Unreadable where this folder cannot be read, and SourceError.
        """
        headers = {"Depth": "1", "Content-Type": "application/xml; charset=utf-8"}
        asked = Ask(headers, MAX_DATA_BYTES, data=PROPFIND, method="PROPFIND")
        try:
            answer = await self._patiently(url, asked)
        except TooLarge as error:
            raise Unreadable(
                say("{host} lists more than is taken: {why}.", host=host_of(url), why=error)
            ) from error
        if answer.status in _GONE:
            return None
        if answer.status in (401, 403):
            raise self.refused_folder(url, answer.status)
        if answer.status != 207:
            page = answer.is_web_page
            said = say("a web page") if page else say("status {status}", status=answer.status)
            raise Unreadable(
                say(
                    "{host} answered a folder with {said}: check the url.",
                    host=host_of(url),
                    said=said,
                )
            )
        self._served(url)
        return answer.body

    def refused_folder(self, url: str, status: int) -> Unreadable:
        """What to raise for a folder that the server does not let the agent read."""
        said = say(
            "{host} refused a folder ({status}); check {key}.",
            host=host_of(url),
            status=status,
            key=self.key,
        )
        return Unreadable(said)

    async def download(self, url: str, path: Path, *, etag: str, max_bytes: int) -> str | None:
        """Write a large file to a path, and return its ETag; None where it is still the same.

        Raises SourceError.
        """
        headers = {"Accept": "text/csv, text/plain", "If-None-Match": etag}
        draft = path.with_suffix(".part")
        with writing():
            draft.parent.mkdir(parents=True, exist_ok=True)
        answer = await self._taken(url, Ask(headers if etag else {}, max_bytes, draft))
        if answer.status == 304:
            return None
        if answer.status != 200 or answer.is_web_page:
            raise self._unusable(url, answer)
        with writing():
            draft.replace(path)
        return answer.etag

    async def picture(self, url: str) -> bytes:
        """The bytes of a JPEG, PNG or WebP; of one's own server, of any file that is no web page.

        Raises BadPicture, and SourceError where the whole host cannot be used.
        """
        answer = await self._file(url, "*/*" if self.at_home else _PICTURES, self.max_picture_bytes)
        check_is_picture(answer, any_kind=self.at_home)
        self._served(url)
        return answer.body

    async def text(self, url: str, *, max_bytes: int) -> bytes:
        """The bytes of a file that tells something, on one's own server.

        Raises BadPicture where it cannot be had, and SourceError as `picture` does.
        """
        answer = await self._file(url, "*/*", max_bytes)
        if answer.is_web_page:
            raise BadPicture("not served", "a web page", passing=True)
        self._served(url)
        return answer.body

    async def _file(self, url: str, accepted: str, max_bytes: int) -> Answer:
        """What a host serves at an address, whatever it is. Raises BadPicture, SourceError."""
        try:
            answer = await self._patiently(url, Ask({"Accept": accepted}, max_bytes))
        except TooLarge as error:
            raise BadPicture("too large", str(error)) from error
        except NoAnswer as error:
            raise self._struck(url, error.why, cut_short=error.cut_short) from error
        if answer.status in _GONE:
            raise BadPicture("not found", f"status {answer.status}")
        if self.at_home and answer.status == 401:
            raise self._unusable(url, answer)
        if answer.status == 403 and answer.is_web_page and not self.at_home:
            raise self._struck(url, "answers with web pages", cut_short=False)
        if answer.status != 200:
            raise BadPicture("not served", f"status {answer.status}")
        return answer

    # -- one address, with redirects and patience ------------------------------------------------

    async def _data(self, url: str, kept: Kept | None, *, keep: bool, accept: str) -> bytes | None:
        headers = {"Accept": accept}
        if kept is not None and kept.etag:
            headers["If-None-Match"] = kept.etag
        answer = await self._taken(url, Ask(headers, MAX_DATA_BYTES))
        if answer.status == 304 and kept is not None:
            self.web.answers.put(url, kept.status, kept.body, kept.etag)
            return kept.body
        if answer.status in _GONE:
            if keep:
                self.web.answers.put(url, 404, b"")
            return None
        if answer.status != 200 or answer.is_web_page:
            raise self._unusable(url, answer)
        self._served(url)
        body = self._without_secrets(answer.body)
        if keep:
            self.web.answers.put(url, 200, body, answer.etag)
        return body

    async def _taken(self, url: str, ask: Ask) -> Answer:
        """The answer, which is data. Raises SourceError, also where it is too much."""
        try:
            return await self._patiently(url, ask)
        except TooLarge as error:
            raise SourceError(
                say("{host} sent more data than is taken: {why}.", host=host_of(url), why=error)
            ) from error

    def _without_secrets(self, body: bytes) -> bytes:
        """Some museums repeat the key in their answers; it must not be kept."""
        for secret in self.secrets.values():
            body = body.replace(secret.encode(), b"-") if secret else body
        return body

    async def _patiently(self, url: str, ask: Ask) -> Answer:
        """The answer, after redirects and a few tries. Raises SourceError, TooLarge."""
        # Most who open a library ask nobody on the web.
        from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt

        retrying = AsyncRetrying(
            retry=retry_if_exception(_may_pass),
            stop=stop_after_attempt(self.attempts),
            wait=_pause,
            sleep=self.web.around.sleep,
            reraise=True,
        )
        try:
            async with asyncio.timeout(self.seconds):
                return await retrying(self._through_redirects, url, ask)
        except TimeoutError as error:
            late = say("did not answer within {seconds} s", seconds=f"{self.seconds:g}")
            raise NoAnswer(host_of(url), late, cut_short=False) from error
        except Passing as failure:
            why: str = failure.said
            if self.at_home and isinstance(failure, Untrusted):
                why = say("{why}; {hint}", why=why, hint=_OURS)
            raise NoAnswer(host_of(url), why, cut_short=failure.cut_short) from failure

    async def _through_redirects(self, url: str, ask: Ask) -> Answer:
        reach = self.web.reach(at_home=self.at_home)
        here = begin = checked(url, self.hosts, reach)
        if self.secrets and here.host == self.secret_host:
            here = here.extend_query(self.secrets)
        for _ in range(HOPS):
            answer = await self._once(here, ask)
            onward = answer.headers.get("location")
            if answer.status not in _REDIRECTS or not onward:
                return answer
            here = checked(_joined(here, onward), self.hosts, reach)
            if self.at_home and here.origin() != begin.origin():
                raise AddressRefused(
                    say("{host} leads to another server; it was not asked.", host=str(here.host))
                )
        raise SourceError(say("{host} redirects in a circle.", host=host_of(url)))

    async def _once(self, url: URL, ask: Ask) -> Answer:
        host = url.host or ""
        self.web.breaker.check(host)
        self.budget.spend_request()
        ask = replace(
            ask,
            headers={**self.headers, **ask.headers},
            at_home=self.at_home,
            checks=self.checks_certificate,
        )
        answer = await self.web.ask(url, ask)
        self.budget.spend_bytes(answer.length)
        if is_challenge(answer):
            self.web.breaker.open(host, self.web.manners_of(host), REFUSES_PROGRAMS)
            self.web.breaker.check(host)
        if answer.status in PASSING_STATUSES:
            raise self._passing(host, answer)
        return answer

    def _passing(self, host: str, answer: Answer) -> Exception:
        wait = answer.retry_after_seconds
        if wait is not None and wait > PATIENCE_SECONDS:
            self.web.breaker.pause(host, wait, ASKED_FOR_A_PAUSE)
            return SourceError(
                say(
                    "{host} asks for a pause of {minutes} minutes.",
                    host=host,
                    minutes=round(wait / 60),
                )
            )
        said = say("status {status}", status=answer.status)
        if answer.status == 429:
            said = say("status {status}, too many requests", status=answer.status)
        return Passing(said, retry_after=wait)

    def _served(self, url: str) -> None:
        self.web.breaker.worked(host_of(url))

    def _struck(self, url: str, why: str, *, cut_short: bool) -> Exception:
        """What to raise for a picture that did not come: the third in a row is the host's fault."""
        host = host_of(url)
        if cut_short:
            return BadPicture("truncated", why)
        if self.web.breaker.strike(host) < STRIKES:
            return BadPicture("not served", why, passing=True)
        said = f"could not be used: {why}"
        self.web.breaker.open(host, self.web.manners_of(host), said)
        return SourceError(say("{host} cannot be used now: {why}.", host=host, why=why))

    def _unusable(self, url: str, answer: Answer) -> SourceError:
        if answer.status == 403 and answer.is_web_page:
            self.web.breaker.open(host_of(url), self.web.manners_of(host_of(url)), REFUSES_PROGRAMS)
        if answer.status in (401, 403):
            hint = (
                say("check {key}", key=self.key)
                if self.secrets or self.headers
                else say("it may refuse programs")
            )
            return SourceError(
                say(
                    "{host} refused the request ({status}); {hint}.",
                    host=host_of(url),
                    status=answer.status,
                    hint=hint,
                )
            )
        if answer.is_web_page:
            return Unreadable(
                say("{host} answered with a web page instead of data.", host=host_of(url))
            )
        return Unreadable(
            say("{host} answered with status {status}.", host=host_of(url), status=answer.status)
        )


def _may_pass(error: BaseException) -> bool:
    """Whether asking again at once may have another end."""
    return isinstance(error, Passing) and not isinstance(error, Untrusted)


def _pause(state: RetryCallState) -> float:
    from tenacity import wait_exponential_jitter

    back_off = wait_exponential_jitter(initial=1, max=30)
    failure = state.outcome.exception() if state.outcome else None
    asked = failure.retry_after if isinstance(failure, Passing) else None
    return max(asked or 0.0, back_off(state))


def _packed(data: object) -> bytes:
    return json.dumps(data).encode()


def _joined(here: URL, onward: str) -> str:
    """Where a redirect leads. Raises AddressRefused."""
    from yarl import URL

    try:
        return str(here.join(URL(onward)))
    except ValueError:
        raise AddressRefused(
            say(
                "{host} redirects to an address that is not valid; it was not asked.",
                host=str(here.host),
            )
        ) from None
