"""Why items of sources are left out: short, stable phrases, which pages say in other languages."""

from __future__ import annotations

from typing import Final

from glance_agent.domain.said import say

REASONS: Final = (
    "address refused",
    "breaks the decoder",
    "broken",
    "encrypted",
    "file too long",
    "format refused",
    "host not allowed",
    "left out by title",
    "licence not open",
    "licence unknown",
    "link not followed",
    "manifest unreadable",
    "name is not UTF-8",
    "needs a login",
    "no picture",
    "not a picture",
    "not decoded",
    "not downloaded",
    "not found",
    "not served",
    "record unusable",
    "record without id",
    "takes too long",
    "too complex",
    "too large",
    "truncated",
    "unknown kind",
    "unreadable folder",
    "vanished",
)
"""All but `duplicate` and `unreadable`, for which pages have words of their own."""
AT_THE_TERMINAL: Final = ("duplicate", "no such source", "source away", "unreadable")
"""What else programs on the command line count as left out."""
_KNOWN: Final = frozenset((*REASONS, *AT_THE_TERMINAL))


def in_words(reason: str) -> str:
    """The reason as a sentence has it, in any language; an unknown one as it is."""
    return say(reason) if reason in _KNOWN else reason
