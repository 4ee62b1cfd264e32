"""What a source asks for on the web: data, folders, files, pictures; what is made of answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.said import say
from glance_agent.sources.web.answer_cache import Kept
from glance_agent.sources.web.dav import PROPFIND
from glance_agent.sources.web.exchange import Answer, Ask, TooLarge, writing
from glance_agent.sources.web.manners import DAY_SECONDS
from glance_agent.sources.web.patient_client import PatientClient
from glance_agent.sources.web.request_log import REFUSES_PROGRAMS
from glance_agent.sources.web.taking import (
    MAX_DATA_BYTES,
    NoAnswer,
    Unreadable,
    check_is_picture,
    host_of,
    loaded,
)

STRIKES = 3
MAX_PICTURE_BYTES = 25_000_000
MAX_LISTING_BYTES = 32_000_000
"""Of one folder: 80,000 files, as Nextcloud tells of them."""
LISTING_SECONDS = 100.0
"""Until a server begins to tell what a folder holds, which many look through as a whole first."""
_PICTURES = "image/jpeg, image/png, image/webp"
_GONE = {404, 410}


@dataclass(slots=True)
class Visit(PatientClient):
    """What a source asks for, and what it takes as an answer. `key` is what there is to check where
    a host lets nobody in."""

    key: str = say("the key")
    max_picture_bytes: int = MAX_PICTURE_BYTES

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
        headers = {"Accept": "application/json", "Content-Type": "application/json"}
        asked = Ask(headers, MAX_DATA_BYTES, data=json.dumps(data).encode())
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
        asked = Ask(
            headers,
            MAX_LISTING_BYTES,
            data=PROPFIND,
            method="PROPFIND",
            head_seconds=LISTING_SECONDS,
        )
        try:
            answer = await self.ask(url, asked)
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
        if status == 403 and self.headers:  # it knows who asks
            return Unreadable(
                say(
                    "{host} keeps a folder closed to this user (403): allow it there.",
                    host=host_of(url),
                )
            )
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
            answer = await self.ask(url, Ask({"Accept": accepted}, max_bytes))
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
            return await self.ask(url, ask)
        except TooLarge as error:
            raise SourceError(
                say("{host} sent more data than is taken: {why}.", host=host_of(url), why=error)
            ) from error

    def _without_secrets(self, body: bytes) -> bytes:
        """Some museums repeat the key in their answers; it must not be kept."""
        for secret in self.secrets.values():
            body = body.replace(secret.encode(), b"-") if secret else body
        return body

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
