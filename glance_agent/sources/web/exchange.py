"""What is asked of a host, and what comes of it: an answer, whatever it is, or a failure.

Behind this file an answer is plain: every field of its head is one line that can be stored.
"""

from __future__ import annotations

import email.utils
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from glance_agent.domain.errors import SourceError
from glance_agent.domain.foreign import line
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system

LONGEST_FIELD: Final = 4000
_ETAG: Final = re.compile(r'(W/)?"[\x21\x23-\x7e]{0,200}"')
"""An entity tag (RFC 9110, 8.8.3) that may be sent back; those outside of ASCII are not kept."""


class Passing(Exception):
    """A failure that may be over soon; `retry_after` is what the server asked for, in seconds."""

    def __init__(self, why: str, *, retry_after: float | None = None, cut_short: bool = False):
        super().__init__(why)
        self.said = why
        self.retry_after = retry_after
        self.cut_short = cut_short


class Untrusted(Passing):
    """A certificate that is not trusted here: asking again at once changes nothing."""

    def __init__(self) -> None:
        super().__init__(say("its certificate is not trusted here"))


class TooLarge(Exception):
    """A body that is longer than the caller takes."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What to say and what to take: the answer's body goes `into` a file where one is given.

    With `data` it is a POST, unless it says by which `method` it is asked. The host may have a
    private address `at_home` alone, and `checks` says whether its certificate has to be good.
    """

    headers: Mapping[str, str]
    max_bytes: int
    into: Path | None = None
    data: bytes | None = None
    method: str = ""
    head_seconds: float = 30.0
    """For the head of an answer, however much of one comes; and between two pieces of its body."""
    at_home: bool = False
    checks: bool = True


@dataclass(frozen=True, slots=True)
class Answer:
    """What a host answered; `headers` by lower-case name; `body` only its begin where the rest
    went into a file."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    length: int

    @property
    def etag(self) -> str:
        """The entity tag that may be sent back; empty where there is none of the right form."""
        found = self.headers.get("etag", "")
        return found if _ETAG.fullmatch(found) else ""

    @property
    def is_web_page(self) -> bool:
        """Whether it is HTML: how hosts answer when they refuse programs."""
        kind = self.headers.get("content-type", "").casefold()
        return "html" in kind or self.body[:64].lstrip().lower().startswith((b"<!doc", b"<html"))

    @property
    def retry_after_seconds(self) -> float | None:
        """What Retry-After says, as a number of seconds or a date; at most an hour."""
        return retry_after_seconds(self.headers.get("retry-after", ""), time.time())


def plain_fields(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The fields of a head by lower-case name, each made one line of text."""
    return {line(name.lower()): line(value, LONGEST_FIELD) for name, value in headers}


@contextmanager
def writing() -> Iterator[None]:
    """Tells a disk that fails from a host that does. Raises SourceError."""
    try:
        yield
    except OSError as error:
        raise SourceError(
            say("What a host sends cannot be kept: {why}.", why=said_by_system(error))
        ) from error


def retry_after_seconds(value: str, now: float) -> float | None:
    """The seconds that a Retry-After header asks for: 0 to 3600, None where it says nothing."""
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(value).timestamp() - now
        except (ValueError, TypeError, OverflowError, IndexError, OSError):
            return None
    return min(max(seconds, 0.0), 3600.0) if seconds == seconds else None
