"""What the plain text behind a verb stands for: the keys of the JSON that says the same."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from glance_agent.domain.artwork import is_artwork_id
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.said import say

AN_ID = "an artwork id, such as “starter:calm-sea”"
BUTTON_WORDS = frozenset({"press", "on", "true", "1", "please"})
"""What phone buttons and Home Assistant send when they have nothing to say."""

SIDES = frozenset({"left", "right", "both", "upper", "lower", "top", "bottom"})
"""Of two works that hang together, one or both."""


class PlainText(Protocol):
    """A form of plain text."""

    @property
    def said(self) -> str:
        """What stands behind the verb, as the documents say it."""

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """The keys that the text stands for. Raises CommandError."""


@dataclass(frozen=True, slots=True)
class Nothing:
    """No text, or what buttons send."""

    said: str = "empty"

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """No keys. Raises CommandError for any other text."""
        if text and text.lower() not in BUTTON_WORDS:
            raise CommandError(
                ErrorCode.BAD_VALUE,
                say("“{verb}” takes no text.", verb=verb),
                say("Send it with an empty payload, or as JSON."),
            )
        return {}


@dataclass(frozen=True, slots=True)
class Text:
    """The whole text is the value of a key."""

    key: str
    said: str = "the words"
    may_be_empty: bool = True
    """Whether no text is a value, too, and not the same as no key."""

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """The text, by its key."""
        return {self.key: text} if text or self.may_be_empty else {}


@dataclass(frozen=True, slots=True)
class Number:
    """A whole number is the value of a key."""

    key: str
    said: str

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """The number, by its key. Raises CommandError."""
        return {self.key: _number(text.rstrip(" %"), verb, say(self.said))}


@dataclass(frozen=True, slots=True)
class OnOffOrSeconds:
    """A switch, or seconds that switch on."""

    said: str = "`on`, `off` or seconds"

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """`on`, and `interval_seconds` where the text is a number. Raises CommandError."""
        word = _said_alone(text)
        if word in {"on", "true", "start"}:
            return {"on": True}
        if word in {"off", "false", "stop"}:
            return {"on": False}
        if not word:
            return {}
        expected = say("“on”, “off” or a number of seconds")
        return {"on": True, "interval_seconds": _number(text.lower(), verb, expected)}


@dataclass(frozen=True, slots=True)
class OnOff:
    """A switch."""

    said: str = "`on` or `off`"

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """`on`, true or false. Raises CommandError."""
        word, hint = _said_alone(text), say("Send “{verb} on” or “{verb} off”.", verb=verb)
        if word in {"on", "true", "1"}:
            return {"on": True}
        if word in {"off", "false", "0"}:
            return {"on": False}
        if not word:
            said = say("“{verb}” needs “on” or “off”.", verb=verb)
            raise CommandError(ErrorCode.MISSING_VALUE, said, hint)
        said = say("“{text}” is neither “on” nor “off”.", text=short(text))
        raise CommandError(ErrorCode.BAD_VALUE, said, hint)


@dataclass(frozen=True, slots=True)
class AnArtwork:
    """An artwork id, or nothing where what is on the display is meant."""

    said: str = "an artwork id; empty = what is on the display"

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """The artwork, if one is named. Raises CommandError."""
        if not text or text.lower() in BUTTON_WORDS:
            return {}
        if not is_artwork_id(text):
            said = say("“{text}” is not {expected}.", text=short(text), expected=say(AN_ID))
            hint = say(
                "Send “{verb}” with an empty payload to mean what is on the display.", verb=verb
            )
            raise CommandError(ErrorCode.BAD_VALUE, said, hint)
        return {"artwork": text}


@dataclass(frozen=True, slots=True)
class AnArtworkOrSide:
    """An artwork id, a side where two works hang, or nothing where all that hangs is meant."""

    said: str = (
        "an artwork id, or `left`, `right` or `both` where two hang; empty = what is on the display"
    )

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """The artwork or the side, if one is named. Raises CommandError."""
        if text.lower() in SIDES:
            return {"side": text.lower()}
        return AnArtwork().keys(verb, text)


@dataclass(frozen=True, slots=True)
class AnArtworkOrWords:
    """An artwork id, or words that are looked for, in titles first."""

    said: str = "an artwork id, or the words of a title"

    def keys(self, verb: str, text: str) -> dict[str, Any]:
        """The artwork that is named, or the words; nothing for what buttons send."""
        if not text or text.lower() in BUTTON_WORDS:
            return {}
        return {"artwork" if is_artwork_id(text) else "query": text}


def _said_alone(text: str) -> str:
    """A word as it is compared, without the stop that people and voice assistants put behind it."""
    return text.lower().rstrip(".!")


def _number(text: str, verb: str, expected: str) -> int:
    if not text:
        raise CommandError(
            ErrorCode.MISSING_VALUE,
            say("“{verb}” needs {expected}.", verb=verb, expected=expected),
            "",
        )
    if not re.fullmatch(r"[+-]?[0-9]{1,12}(\.0+)?", text):
        raise CommandError(
            ErrorCode.BAD_VALUE,
            say("“{text}” is not {expected}.", text=short(text), expected=expected),
            "",
        )
    return int(float(text))


def short(text: str, limit: int = 40) -> str:
    """Strangers' text, cut for quoting in an answer."""
    printable = "".join(c if c.isprintable() else "?" for c in text)
    return printable if len(printable) <= limit else printable[: limit - 1] + "…"
