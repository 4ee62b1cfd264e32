"""The language of a page: that of its address, else the one that the browser asks for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from typing import Final

from aiohttp import web

from glance_agent.domain.languages import ENGLISH, known_languages

ASKED_FOR: Final = "lang"
"""The parameter that names a language, for what has no settings to set one in."""
_RANGE: Final = re.compile(
    r"\s*(?P<tag>\*|[A-Za-z]{1,8})(?:-[A-Za-z0-9-]+)?\s*(?:;\s*q=(?P<q>[01](?:\.\d{0,3})?)\s*)?"
)


def language_of(request: web.Request, known: Sequence[str]) -> str:
    """One of the `known` languages (codes as `de`); the first of them for whoever wants none."""
    named = request.query.get(ASKED_FOR, "").lower()
    if named in known:
        return named
    return best_language(request.headers.get("Accept-Language", ""), known)


SPOKEN: Final[ContextVar[str]] = ContextVar("the language of an answer", default=ENGLISH)
"""That of the request which is being answered."""


def asked_language(request: web.Request) -> str | None:
    """The language in which a request wants its answer; None where it says none."""
    if not request.query.get(ASKED_FOR) and "Accept-Language" not in request.headers:
        return None
    return language_of(request, known_languages())


def best_language(accepted: str, known: Sequence[str]) -> str:
    """What fits an `Accept-Language` best (RFC 9110, section 12.5.4), whatever the region."""
    for tag in (tag for _, tag in sorted(_ranges(accepted), key=lambda one: -one[0])):
        if tag == "*":
            return known[0]
        if tag in known:
            return tag
    return known[0]


def _ranges(accepted: str) -> Iterator[tuple[float, str]]:
    """Each language that is wanted at all, with how much."""
    for part in accepted.split(","):
        found = _RANGE.fullmatch(part)
        if found and (weight := float(found["q"] or 1)) > 0:
            yield weight, found["tag"].lower()
