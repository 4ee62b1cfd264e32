"""In which language somebody is answered, and what sentences are in it.

The catalogues of `locale/` are read when a language other than English is asked for, and then once.
What of CLDR sentences need is in them: lists, numbers, days and plurals.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, StringConstraints, WrapValidator

from glance_agent.domain.said import Said, capital, english
from glance_agent.domain.topics import EVERYWHERE

ENGLISH: Final = "en"
LATELY_SECONDS: Final = 3600.0
MOST_LATELY: Final = 256
LOCALE: Final = Path(__file__).parent.parent / "locale"
_TAG: Final = re.compile(r"([A-Za-z]{2,3})([-_][A-Za-z0-9]{1,8})*")
_OF_TWO_LETTERS: Final = (
    " aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy "
    "da de dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu "
    "hy hz ia id ie ig ii ik in io is it iu iw ja ji jv jw ka kg ki kj kk kl km kn ko kr ks ku kv "
    "kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mo mr ms mt my na nb nd ne ng nl nn no nr "
    "nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg sh si sk sl sm sn so sq "
    "sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi "
    "yo za zh zu "
)
"""The codes of ISO 639-1, those that were given up among them; of three letters there are 8,000."""


def _tag(said: str) -> str:
    # A pattern of pydantic's would be built anew for each of the verbs, which takes as long as all.
    tag = _TAG.fullmatch(said)
    if not tag or (len(tag[1]) == 2 and f" {tag[1].lower()} " not in _OF_TWO_LETTERS):
        raise ValueError("is no code of a language")
    return said


LanguageTag = Annotated[str, StringConstraints(max_length=35), AfterValidator(_tag)]
"""A language as others name it: `de`, `de-AT`, `pt_BR`."""
A_LANGUAGE: Final = "the code of a language, such as “de”"


def _as_it_is(value: Any, check: Callable[[Any], str]) -> str:
    return value if isinstance(value, Said) else check(value)


Sentence = Annotated[str, WrapValidator(_as_it_is)]
"""A field of a model that holds a text which may be said in other languages."""


@cache
def known_languages() -> tuple[str, ...]:
    """The codes of the languages that sentences are said in, English first."""
    return (ENGLISH, *sorted(path.parent.name for path in LOCALE.glob("*/agent.json")))


def spoken_language(tag: str | None) -> str | None:
    """The language of a tag such as `de-AT`, where it is spoken here."""
    code = (tag or "").lower().replace("_", "-").partition("-")[0]
    return code if code in known_languages() else None


class LatelySpoken:
    """In which language each of the people of a house has spoken last, at each display.

    What several languages have (“ok”, “pause”) is answered in that one, for `LATELY_SECONDS`.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        """`clock` gives seconds that never go back."""
        self._clock = clock
        self._last: dict[tuple[str, str | None], tuple[float, str]] = {}

    def spoke(self, user: str, display: str | None, language: str) -> None:
        """Remember the language of a sentence that no other has."""
        self._last.pop((user, display), None)
        self._last[user, display] = (self._clock(), language)
        while len(self._last) > MOST_LATELY:
            del self._last[next(iter(self._last))]

    def of(self, user: str, display: str | None) -> str | None:
        """The language that was spoken there last; None where nobody has, or long ago.

        What is said to all displays is said to each, and what is said to any counts for all.
        """
        last = [
            said
            for (whose, where), said in self._last.items()
            if whose == user and (where == display or EVERYWHERE in (where, display))
        ]
        at, language = last[-1] if last else (-LATELY_SECONDS, None)
        return language if self._clock() - at < LATELY_SECONDS else None


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a house: everybody's, and those of users who want another one."""

    everybody: str | None = None
    users: Mapping[str, str] = field(default_factory=dict)
    lately: LatelySpoken | None = field(default=None, compare=False)
    """What is spoken, where nothing else says a language."""

    def of(self, user: str) -> str | None:
        """The language that a user is answered in; None where nothing says it."""
        return spoken_language(self.users.get(user)) or spoken_language(self.everybody)

    @property
    def told(self) -> str:
        """The language of what is told to all."""
        return spoken_language(self.everybody) or ENGLISH


ENGLISH_ALONE: Final = Languages()


def in_language(value: Any, language: str | None) -> Any:
    """A text, or what holds texts (models, dictionaries, lists), with all in this language."""
    if language in (None, ENGLISH):
        return value
    words = words_of(language or ENGLISH)
    return value if words is None else _in(value, words)


def _in(value: Any, words: Words) -> Any:
    match value:
        case Said():
            return words.said(value)
        case BaseModel():
            return _in(value.model_dump(), words)
        case Mapping():
            return {key: _in(one, words) for key, one in value.items()}
        case list() | tuple():
            return [_in(one, words) for one in value]
    return value


@cache
def words_of(language: str) -> Words | None:
    """The catalogue of a language; None where there is none, as for English."""
    path = LOCALE / language / "agent.json"
    if language == ENGLISH or language not in known_languages():
        return None
    return Words(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Words:
    """What is said in one language."""

    plural: str
    """Which form of a plural, counted from 0, as gettext writes it: `n != 1`."""
    group: str
    """What stands between thousands, in numbers of `grouped` digits and more."""
    grouped: int
    decimal: str
    """What stands before the decimals of a number."""
    percent: str
    """A share: `{n} %`."""
    lists: dict[str, list[str]]
    """By `and` and `or`: of two, then the start, the middle and the end of more."""
    months: list[str]
    """As they stand in a day, January first."""
    day: str
    """A day: `{day}. {month} {year}`."""
    said_in: dict[str, str | list[str]]
    """Messages, or the plural forms of messages, by the message in English."""

    def said(self, text: Said) -> str:
        """A sentence in this language; in English what the catalogue lacks."""
        values = {name: self._value(value) for name, value in text.values.items()}
        match text.kind:
            case "say":
                return self._message(text).format_map(values)
            case "row":
                return " ".join(values.values())
            case "part":
                return "".join(values.values()).rstrip(".")
            case "start":
                return capital("".join(values.values()))
            case "day":
                month = self.months[int(values["month"]) - 1]
                return self.day.format_map({**values, "month": month})
        return self._listed(text.kind, list(values.values()))

    def _message(self, text: Said) -> str:
        forms, count = self.said_in.get(text.ids[0]), text.values.get("n", 1)
        if forms is None:
            return text.ids[0] if len(text.ids) == 1 or count == 1 else text.ids[-1]
        return forms if isinstance(forms, str) else forms[int(_plural(self.plural)(count))]

    def _value(self, value: Any) -> str:
        if isinstance(value, Said):
            return self.said(value)
        if type(value) is not int:
            return english(value)
        return (
            f"{value:,}".replace(",", self.group)
            if value >= 10 ** (self.grouped - 1)
            else str(value)
        )

    def _listed(self, kind: str, items: list[str]) -> str:
        two, start, middle, end = self.lists[kind]
        if len(items) == 2:
            return _joined(two, *items)
        text = _joined(end, items[-2], items[-1])
        for item in items[-3:0:-1]:
            text = _joined(middle, item, text)
        return _joined(start, items[0], text)


def _joined(pattern: str, first: str, then: str) -> str:
    """Two items in CLDR's pattern; what stands in them is no pattern."""
    return pattern.replace("{0}", "\0").replace("{1}", then).replace("\0", first)


@cache
def _plural(rule: str) -> Callable[[int], int]:
    from gettext import c2py  # only where a language other than English is asked for

    made: Callable[[int], int] = c2py(rule)
    return made
