"""The kinds of values that commands carry: words, names and numbers, as they are sent."""

from __future__ import annotations

import unicodedata
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BeforeValidator,
    StringConstraints,
)
from pydantic_core import PydanticCustomError

MAX_QUERY_CHARS = 500
MAX_SENTENCE_CHARS = 600
DISPLAY_PATTERN = r"^[a-z0-9_-]{1,32}$"
HOUSEHOLD = "household"
NO_VALUE = frozenset({"unknown", "unavailable"})
"""States of an entity of Home Assistant that has no value now; templates send them on."""
_EMPTY = frozenset({"none", "null"})
"""What templates make of nothing."""
_PUNCTUATION = " .,;:!?…'\"“”„"
"""What people and voice assistants put around a word."""
NO_MOOD = _EMPTY | {"off", "no", "false", "0", "reset", "clear", "no mood", "aus", "keine"}
NO_MOOD |= {"éteint", "aucune", "apagado", "ninguno", "spento", "nessuna", "uit", "geen"}
"""What ends a mood, beside no words at all."""


def _words(value: Any) -> Any:
    """Control characters out, white space folded; anything but text is left to be refused."""
    if not isinstance(value, str):
        return value
    printable = "".join(c if c.isprintable() else " " for c in value)
    return " ".join(printable.split())


def _no_boolean(value: Any) -> Any:
    """True is not the number 1; text such as "30" is left to become one."""
    if isinstance(value, bool):
        raise ValueError("a boolean is not a number")
    return value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _meant(value: str) -> str:
    """Refuse what Home Assistant says of an entity that has no value: nobody looks for that."""
    if value.casefold().strip(_PUNCTUATION) in NO_VALUE:
        raise PydanticCustomError("no_value", "“{said}” is no wish", {"said": value})
    return value


def _mood_meant(value: str) -> str:
    """No words where a template, a button or a person means the end of a mood; refuse what has
    none: “[[[[”."""
    if value and not any(map(_says_something, value)):
        raise ValueError("has no letter, digit or picture")
    return "" if value.casefold().strip(_PUNCTUATION) in NO_MOOD else value


def _says_something(character: str) -> bool:
    """Whether a character is a letter, a digit, or an emoji, which is a mood as well."""
    return character.isalnum() or unicodedata.category(character) == "So"


def _user_meant(value: Any) -> Any:
    """Whoever a template cannot name is somebody of the household: no like is lost by it."""
    if not isinstance(value, str):
        return value
    name = user_name(value)
    return HOUSEHOLD if name.strip() in NO_VALUE | _EMPTY else name


def user_name(said: str) -> str:
    """The name of a user as it is kept, however it is written: “Mia” is “mia”."""
    return unicodedata.normalize("NFC", said).casefold()


Words = Annotated[str, BeforeValidator(_words), StringConstraints(max_length=MAX_QUERY_CHARS)]
Wish = Annotated[Words, AfterValidator(_meant)]
Spoken = Annotated[
    str,
    BeforeValidator(_words),
    StringConstraints(max_length=MAX_SENTENCE_CHARS),
    AfterValidator(_meant),
]
MoodWords = Annotated[Wish, AfterValidator(_mood_meant)]
Name = Annotated[str, BeforeValidator(_words), StringConstraints(min_length=1, max_length=64)]
User = Annotated[Name, BeforeValidator(_user_meant)]
SourceName = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_-]{1,32}$")]
DisplayName = Annotated[str, StringConstraints(pattern=DISPLAY_PATTERN)]
Url = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^https?://")]
Whole = Annotated[int, BeforeValidator(_no_boolean)]
Orientation = Annotated[Literal["landscape", "portrait", "square"], BeforeValidator(_lower)]

_SIDES = {"upper": "left", "top": "left", "lower": "right", "bottom": "right"}


def _side(value: Any) -> Any:
    """Of two works that hang one above the other, the upper one is the first, as is the left."""
    said = _lower(value)
    return _SIDES.get(said, said) if isinstance(said, str) else value


Side = Annotated[Literal["left", "right", "both"], BeforeValidator(_side)]
A_SIDE = "left, right or both, where two works hang (upper is left, lower is right)"
A_URL = "an http or https address of a picture"
A_YEAR = "a year, such as 1906 (negative for BC)"
SOME_WORDS = f"text of at most {MAX_QUERY_CHARS} characters"
SOME_MOOD = f"text with a letter, a digit or an emoji, of at most {MAX_QUERY_CHARS} characters"
A_SENTENCE = f"text of at most {MAX_SENTENCE_CHARS} characters"
