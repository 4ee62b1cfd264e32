"""What of a host's answer is taken, as data or as a picture, and what is raised for any other."""

from __future__ import annotations

import asyncio
from typing import Any, Final

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.foreign import JsonLimits, json_value
from glance_agent.domain.said import say
from glance_agent.sources.web.exchange import Answer

MAX_DATA_BYTES: Final = 16_000_000
_CHALLENGES: Final = (b"_incapsula_resource", b"just a moment", b"request rejected", b"cf-chl")
_JSON: Final = JsonLimits(bytes=MAX_DATA_BYTES)


class Unreadable(SourceError):
    """An answer that is no data, though the host works."""


class NoAnswer(SourceError):
    """A host that gave no usable answer, however often it was asked."""

    def __init__(self, host: str, why: str, *, cut_short: bool) -> None:
        super().__init__(say("{host} cannot be used now: {why}.", host=host, why=why))
        self.why = why
        self.cut_short = cut_short


def is_challenge(answer: Answer) -> bool:
    """Whether the host shows programs a page for people to click on."""
    if answer.headers.get("cf-mitigated", "").casefold() == "challenge":
        return True
    if not answer.is_web_page:
        return False
    return any(mark in answer.body[:20_000].lower() for mark in _CHALLENGES)


def check_is_picture(answer: Answer, *, any_kind: bool) -> None:
    head = answer.body[:12]
    if head.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")):
        return
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return
    if head.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")) and not any_kind:
        raise BadPicture("format refused", "TIFF is not taken from the web")
    if answer.is_web_page or not answer.body:  # that is the server's state, and no picture's
        what = "a web page" if answer.is_web_page else "an empty answer"
        raise BadPicture("not a picture", what, passing=True)
    if any_kind:
        return
    kind = answer.headers.get("content-type", "no content type")[:80]
    raise BadPicture("not a picture", kind)


async def loaded(body: bytes, url: str) -> Any:
    """The data of a body, read beside the loop, which it may take long to read."""
    try:
        return await asyncio.to_thread(json_value, body, _JSON)
    except ValueError as error:
        why = str(error) if type(error) is ValueError else "no JSON"
        raise Unreadable(
            say("{host} sent data that cannot be read ({why}).", host=host_of(url), why=why)
        ) from None


def host_of(url: str) -> str:
    """The host of an address that was found to be valid."""
    from yarl import URL

    return URL(url).host or "the host"
