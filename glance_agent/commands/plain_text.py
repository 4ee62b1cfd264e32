"""The plain text behind a verb -> the keys of the JSON that it stands for."""

from __future__ import annotations

import re
from typing import Any

from glance_agent.domain.artwork import is_artwork_id
from glance_agent.domain.command import AN_ID
from glance_agent.domain.errors import CommandError, ErrorCode

BUTTON_WORDS = frozenset({"press", "on", "true", "1", "please"})
"""What phone buttons and Home Assistant send when they have nothing to say."""


def plain_keys(verb: str, text: str) -> dict[str, Any]:
    """The keys that a plain-text payload stands for. Raises CommandError."""
    match verb:
        case "search":
            return {"query": text}
        case "mood":
            return {"mood": text}
        case "ingest":
            return {"source": text} if text else {}
        case "slideshow":
            return _slideshow(text)
        case "discovery":
            return {"percent": _number(text.rstrip(" %"), "discovery", "a number from 0 to 100")}
        case "next" | "previous" | "status":
            return _nothing(verb, text)
        case _:
            return _artwork(verb, text)


def _slideshow(text: str) -> dict[str, Any]:
    word = text.lower()
    if word in {"on", "true", "start"}:
        return {"on": True}
    if word in {"off", "false", "stop"}:
        return {"on": False}
    if not word:
        return {}
    expected = "“on”, “off” or a number of seconds"
    return {"on": True, "interval_seconds": _number(word, "slideshow", expected)}


def _number(text: str, verb: str, expected: str) -> int:
    if not text:
        raise CommandError(ErrorCode.MISSING_VALUE, f"“{verb}” needs {expected}.", "")
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.0+)?", text):
        raise CommandError(ErrorCode.BAD_VALUE, f"“{short(text)}” is not {expected}.", "")
    return int(float(text))


def _nothing(verb: str, text: str) -> dict[str, Any]:
    if text and text.lower() not in BUTTON_WORDS:
        raise CommandError(
            ErrorCode.BAD_VALUE,
            f"“{verb}” takes no text.",
            "Send it with an empty payload, or as JSON.",
        )
    return {}


def _artwork(verb: str, text: str) -> dict[str, Any]:
    if not text or text.lower() in BUTTON_WORDS:
        return {}
    if not is_artwork_id(text):
        hint = f"Send “{verb}” with an empty payload to mean what is on the display."
        if verb == "show":
            hint = "Send the words with “search” to find a work by them."
        raise CommandError(ErrorCode.BAD_VALUE, f"“{short(text)}” is not {AN_ID}.", hint)
    return {"artwork": text}


def short(text: str, limit: int = 40) -> str:
    """Strangers' text, cut for quoting in an answer."""
    printable = "".join(c if c.isprintable() else "?" for c in text)
    return printable if len(printable) <= limit else printable[: limit - 1] + "…"
