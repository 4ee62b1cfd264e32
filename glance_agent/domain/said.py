"""Sentences that can be said in any language: English texts that remember what they are made of.

`say("Showing {label}.", label=…)` is the English text, and keeps the message and its values until
somebody says it in the language of whoever hears it (`domain/languages.py`). Wherever only English
is known, it is a text like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal

Kind = Literal["say", "and", "or", "row", "part", "start", "day"]
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_LISTS = {"and": (" and ", ", and "), "or": (" or ", ", or ")}


class Said(str):
    """An English text, and what it is made of.

    `ids` is the message, or its singular and its plural; `values` are what stands in its
    placeholders. What is listed (`and`, `or`), sentences in a `row`, one that is a `part` of
    another, one at the `start` and a `day` have values alone.
    """

    __slots__ = ("ids", "kind", "values")
    kind: Kind
    ids: tuple[str, ...]
    values: Mapping[str, Any]

    def __reduce__(self) -> tuple[Callable[..., Said], tuple[Any, ...]]:
        return _made, (str(self), self.kind, self.ids, dict(self.values))


def say(message: str, /, **values: Any) -> Said:
    """A message with its values: texts, whole numbers, and what is said itself, as errors are."""
    values = {name: _kept(value) for name, value in values.items()}
    text = message.format_map({name: english(value) for name, value in values.items()})
    return _made(text, "say", (message,), values)


def many(one: str, more: str, /, *, n: int, **values: Any) -> Said:
    """The same of what is counted: `one` where `n` is 1."""
    values = {"n": n, **{name: _kept(value) for name, value in values.items()}}
    said = {name: english(value) for name, value in values.items()}
    return _made((one if n == 1 else more).format_map(said), "say", (one, more), values)


def a_day(day: date) -> Said:
    """A day by the name of its month: “4 July 2019”."""
    values = {"day": str(day.day), "month": str(day.month), "year": str(day.year)}
    return _made(f"{day.day} {MONTHS[day.month - 1]} {day.year}", "day", (), values)


def listed(items: Iterable[str], kind: Literal["and", "or"] = "and") -> str:
    """These, one after the other, as in “a, b and c”; one alone is itself."""
    items = tuple(items)
    if len(items) < 2:
        return items[0] if items else ""
    two, last = _LISTS[kind]
    text = two.join(items) if len(items) == 2 else f"{', '.join(items[:-1])}{last}{items[-1]}"
    return _made(text, kind, (), {str(at): item for at, item in enumerate(items)})


def in_a_row(*sentences: str) -> str:
    """One sentence after the other; empty ones are left out."""
    some = [sentence for sentence in sentences if sentence]
    if len(some) < 2:
        return some[0] if some else ""
    return _made(" ".join(some), "row", (), {str(at): one for at, one in enumerate(some)})


def without_stop(sentence: str) -> str:
    """A sentence as a part of another one, without its full stop, in any language."""
    if not isinstance(sentence, Said):
        return sentence.rstrip(".")
    return _made(sentence.rstrip("."), "part", (), {"whole": sentence})


def at_the_start(sentence: str) -> str:
    """A sentence that others are otherwise put before, as it stands first: with a capital, in any
    language."""
    if not isinstance(sentence, Said):
        return capital(sentence)
    return _made(capital(sentence), "start", (), {"whole": sentence})


def capital(text: str) -> str:
    """A text with a capital first, unless it begins with a name such as `library.url`."""
    first = text.partition(" ")[0].rstrip(".,;:")
    is_name = any(sign in first for sign in "._/=")
    return text if is_name else text[:1].upper() + text[1:]


def _kept(value: Any) -> str | int:
    """A value that can be said in any language, and kept; of an error, what it says."""
    if isinstance(value, str) or type(value) is int:
        return value
    said = getattr(value, "said", None)
    return said if isinstance(said, str) else str(value)


def english(value: Any) -> str:
    """A value as an English sentence has it."""
    return f"{value:,}" if type(value) is int else str(value)


def _made(text: str, kind: Kind, ids: tuple[str, ...], values: Mapping[str, Any]) -> Said:
    said = Said(text)
    said.kind, said.ids, said.values = kind, ids, values
    return said


def kept_of(text: str) -> Any:
    """What JSON keeps of a text, so that `said_of` makes the same of it."""
    if not isinstance(text, Said):
        return text
    values = {
        name: value if type(value) is int else kept_of(value) for name, value in text.values.items()
    }
    return {"text": str(text), "kind": text.kind, "ids": list(text.ids), "values": values}


def said_of(kept: Any) -> Any:
    """A text, or a value of one, as `kept_of` has kept it. Raises ValueError for anything else."""
    if isinstance(kept, str) or type(kept) is int:
        return kept
    try:
        values = {str(name): said_of(value) for name, value in kept["values"].items()}
        return _made(str(kept["text"]), kept["kind"], tuple(kept["ids"]), values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is no kept text") from error
