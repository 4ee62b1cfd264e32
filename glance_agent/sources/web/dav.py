"""What a folder on a WebDAV server holds, as its answer to PROPFIND tells (RFC 4918)."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from glance_agent.domain.foreign import line, whole

PROPFIND: Final = (
    b'<?xml version="1.0" encoding="utf-8"?><d:propfind xmlns:d="DAV:"><d:prop><d:resourcetype/>'
    b"<d:getetag/><d:getlastmodified/><d:getcontentlength/></d:prop></d:propfind>"
)
"""What is asked of everything in a folder."""
MOST_TAGS: Final = 2_000_000
_PIECE_BYTES: Final = 1 << 16
_DAV: Final = "{DAV:}"
_ORIGIN: Final = re.compile(r"^([a-z][a-z0-9+.-]*:)?//[^/]*", re.IGNORECASE)


class DavEntry(NamedTuple):
    """A file or folder; `mark` changes with it, `modified` is in seconds since 1970."""

    name: str
    is_folder: bool
    mark: str = ""
    size: int | None = None
    modified: float | None = None


class FolderRefused(ValueError):
    """A folder that may not be read, though the answer is a listing."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


def entries(body: bytes, url: str) -> list[DavEntry]:
    """What lies directly in the folder that was asked for at this address.

    Only names are taken: servers behind another one tell addresses that lead elsewhere. What of a
    name is not UTF-8 becomes U+FFFD. Raises FolderRefused where the answer tells of the folder
    itself that it may not be read, as lighttpd's does, and ValueError where it is no such answer.
    """
    found = [_told(response) for response in _responses(body)]
    if not any(one.path is not None for one in found):
        raise ValueError("it names not even the folder itself")
    asked = unquote(urlsplit(url).path).rstrip("/")
    paths = {one.path for one in found if one.path is not None}
    own = asked if asked in paths else min(paths, key=len)
    for path, refused, _ in found:
        if path == own and refused:
            raise FolderRefused(refused)
    inside = (
        (path.removeprefix(f"{own}/"), entry)
        for path, _, entry in found
        if path is not None and path != own
    )
    return [entry._replace(name=name) for name, entry in inside if name and "/" not in name]


class _Told(NamedTuple):
    """What is told of one thing: its path, the status by which it is refused (0 where anything is
    told of it), and what it is, without its name."""

    path: str | None
    refused: int
    entry: DavEntry


def _told(response: ElementTree.Element) -> _Told:
    return _Told(_path(response), _refusal(response), _entry(response))


def _refusal(response: ElementTree.Element) -> int:
    told = [line(found.text or "").split() for found in response.iter(f"{_DAV}status")]
    numbers = [whole(words[1]) or 0 for words in told if len(words) > 1]
    refused = [number for number in numbers if number >= 400 and number != 404]
    return refused[0] if refused and not any(200 <= number < 300 for number in numbers) else 0


def _responses(body: bytes) -> Iterator[ElementTree.Element]:
    """One after the other, each empty once the next one is asked for: all together take many times
    the memory of the answer. Raises ValueError."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body or body.count(b"<") > MOST_TAGS:
        raise ValueError("it declares entities, or is too long")
    root = ""
    try:
        for element in _elements(body):
            root = element.tag
            if root == f"{_DAV}response":
                yield element
                element.clear()
    except ElementTree.ParseError as error:
        raise ValueError("no XML") from error
    if root != f"{_DAV}multistatus":
        raise ValueError("no multi-status")


def _elements(body: bytes) -> Iterator[ElementTree.Element]:
    """All elements of a document as they end, the whole of it last. Raises ParseError."""
    parser: ElementTree.XMLPullParser[Any] = ElementTree.XMLPullParser(["end"])
    read = codecs.getincrementaldecoder("utf-8")("replace").decode
    for start in range(0, len(body), _PIECE_BYTES):
        text = read(body[start : start + _PIECE_BYTES], start + _PIECE_BYTES >= len(body))
        parser.feed(text if start else text.lstrip("\ufeff \r\n\t"))
        yield from _ended(parser)
    parser.close()
    yield from _ended(parser)


def _ended(parser: ElementTree.XMLPullParser[Any]) -> Iterator[ElementTree.Element]:
    events: Any = parser.read_events()
    return (element for _, element in events)


def _path(response: ElementTree.Element) -> str | None:
    """The path of what is told; None where there is none, as chezdav tells of some names with `%`.

    A listing tells of no queries and fragments: where there are `?` and `#` they belong to names,
    which chezdav does not encode.
    """
    href = (response.findtext(f"{_DAV}href") or "").strip()
    return unquote(_ORIGIN.sub("", href)).rstrip("/") if href else None


def _entry(response: ElementTree.Element) -> DavEntry:
    def told(what: str) -> str:
        found = response.findtext(f"{_DAV}propstat/{_DAV}prop/{_DAV}{what}")
        return line(found or "")

    kind = f"{_DAV}propstat/{_DAV}prop/{_DAV}resourcetype/{_DAV}collection"
    is_folder = response.find(kind) is not None
    changed, size = told("getlastmodified"), told("getcontentlength")
    return DavEntry(
        "", is_folder, told("getetag") or f"{size} {changed}", whole(size), _seconds(changed)
    )


def _seconds(date: str) -> float | None:
    """The time of a date of HTTP, or of one of ISO 8601, which libphodav tells instead."""
    for read in (parsedate_to_datetime, datetime.fromisoformat):
        try:
            found = read(date)
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
        except (ValueError, TypeError, OverflowError, IndexError):
            continue
    return None
