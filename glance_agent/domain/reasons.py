"""Why items of sources are left out: short, stable phrases, which pages say in other languages."""

from __future__ import annotations

import re
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
HINTS: Final = (
    "a camera's raw file; export it as JPEG",
    "allow it to the user that the agent runs as",
    "decrypt it where the agent can read it",
    "follow_links names the folders that links may lead to",
    "have your cloud keep it on this machine",
    "HEIC: pip install 'glance-agent[heic]', or have it exported as JPEG",
    "it became shorter while it was read",
    "it ends before there is all of it to be seen",
    "it is no regular file",
    "it leads nowhere: mount the disk that it leads to, or remove it",
    "it may not be complete yet",
    "its file ends early",
    "its way there leads nowhere",
    "not a regular file",
    "not enough memory allowed",
    "outside the folder",
    "rename it",
    "rename it: its path is too long, or not to be read",
    "save it as JPEG, PNG or WebP beside it",
    "the file is empty",
    "the program is stopping",
    "what is in its file cannot be decoded",
)
"""What is told beside a reason: what to do about it, or what exactly it is."""
_ROWS: Final = re.compile(r"(\d{1,3}) % of its rows are there")
_KNOWN: Final = frozenset((*REASONS, *AT_THE_TERMINAL))


def in_words(reason: str) -> str:
    """The reason as a sentence has it, in any language; an unknown one as it is."""
    return say(reason) if reason in _KNOWN else reason


def hint_in_words(detail: str) -> str | None:
    """The hint in any language; None for what is told of one item alone, or by a system."""
    if (rows := _ROWS.fullmatch(detail)) is not None:
        return say("{percent} % of its rows are there", percent=rows[1])
    return say(detail) if detail in HINTS else None
