"""Centuries, decades, bounds and years as people say them -> the filter of their years.

How each language says them is in `centuries.toml`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from glance_agent.search.query_tokens import QUOTES

_NUMERALS = "i ii iii iv v vi vii viii ix x xi xii xiii xiv xv xvi xvii xviii xix xx xxi"
_ROMAN = {numeral: at for at, numeral in enumerate(_NUMERALS.split(), 1)}
_TABLES = ("numbers", "called", "tens")
_YEAR = r"(?P<year>\d{2,3}0)"
_BOUND = r"1\d{3}|20\d\d"
_SPAN = r"(?! (?:years?|jahren?|an(?:s|n[ée]es?)|a[ñn]os?|anni|jaar)\b)"
_BEFORE_CHRIST = r"(?!,? ?(?:b\.?c|v\. ?chr|av(?:\.|ant) |a\. ?c|antes de cristo|avanti cristo))"


def with_years(text: str) -> str:
    """The query with its century, decade, bound or year as a filter: “art of the 1880s” ->
    `year:1880s`, “paintings before 1800” -> `year:..1799`, “photos from 2019” -> `photos
    year:2019`, but “The Flood of 1910” as it was said.

    Words in quotation marks are as they were said.
    """
    if any(mark in text for mark in QUOTES) or not _may_say_years(text):
        return text
    ways, only_works, only_pictures = _ways()
    for way in ways:
        found = way.said.search(text)
        if found is not None and (filter_ := way.filter_of(found)):
            rest = " ".join(f"{text[: found.start()]} {text[found.end() :]}".split()).rstrip(" .!?")
            if not way.alone or only_pictures.fullmatch(rest):
                return filter_ if only_works.fullmatch(rest) else f"{rest} {filter_}"
    return text


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to say a century, a decade or a bound in one language, and its words for numbers."""

    said: re.Pattern[str]
    numbers: Mapping[str, int]
    tens: Mapping[str, int]
    alone: bool
    """Whether it counts only where nothing but works or photographs is asked for."""

    def filter_of(self, found: re.Match[str]) -> str:
        """The filter of the years that were found; nothing for a century that is none."""
        said = {name: word.casefold() for name, word in found.groupdict().items() if word}
        if "before" in said:
            return f"year:..{int(said['before']) - 1}"
        if "later" in said:
            return f"year:{int(said['later']) + 1}.."
        if "since" in said:
            return f"year:{said['since']}.."
        if "from" in said:
            first, last = sorted((int(said["from"]), int(said["until"])))
            return f"year:{first}..{last}"
        if "single" in said:
            return f"year:{said['single']}"
        if "year" in said:
            return f"year:{said['year']}s"
        if tens := said.get("tens"):
            return f"year:{1900 + (int(tens) if tens.isdecimal() else self.tens[tens])}s"
        if "hundreds" in said:
            number = int(said["hundreds"]) + 11
        elif "number" in said:
            number = int(said["number"])
        else:
            number = self.numbers[said.get("roman") or said["word"]]
        return f"year:{100 * number - 99}..{100 * number}" if 1 <= number <= 21 else ""


def _may_say_years(text: str) -> bool:
    """Whether there is a number in a query, of whatever kind: most have none, and need not wait for
    all the ways to be made ready."""
    words, digits = _numbers()
    folded = text.casefold()
    return digits.search(folded) is not None or any(word in folded for word in words)


@cache
def _numbers() -> tuple[frozenset[str], re.Pattern[str]]:
    """What the words of numbers begin with, and how digits and Roman numerals are written."""
    languages = _languages()
    tables = (language.get(kind, {}) for language in languages for kind in _TABLES)
    after = "|".join(language["after"] for language in languages)
    return frozenset().union(*tables), re.compile(rf"\d|\b[ivx]+(?:{after})?(?!\w)")


@cache
def _languages() -> tuple[Mapping[str, Any], ...]:
    path = files(__package__) / "centuries.toml"
    return tuple(tomllib.loads(path.read_text(encoding="utf-8")).values())


@cache
def _ways() -> tuple[tuple[_Way, ...], re.Pattern[str], re.Pattern[str]]:
    """How years are said, centuries first, the words that ask for any work at all, and those that
    ask for any work or photograph."""
    languages = _languages()
    works = "|".join(language["works"] for language in languages)
    photos = "|".join(language["photos"] for language in languages)
    small = "|".join(language["small"] for language in languages)
    bound = rf"\b{_SPAN}{_BEFORE_CHRIST}"
    century = rf"\b{_BEFORE_CHRIST}(?: (?:{works})\b)?"
    single = rf"{bound}(?![-–/’']?\d|s\b|er\b)"
    ends = {"century": century, "decade": r"\b"}
    ends |= dict.fromkeys(("before", "later", "between", "since"), bound)
    ends |= dict.fromkeys(("year", "year_of"), single)
    ways = [
        way
        for kind, end in ends.items()
        for language in languages
        for way in _ways_of(language, kind, end)
    ]
    only_works, only_pictures = (
        re.compile(rf"(?>(?:{some}|{small})(?:\s+|(?<=['’])|$))*", re.IGNORECASE)
        for some in (works, f"{works}|{photos}")
    )
    return tuple(ways), only_works, only_pictures


def _ways_of(language: Mapping[str, Any], kind: str, end: str) -> Iterable[_Way]:
    tens = language.get("tens", {})
    called = language.get("called", {})
    numbers = _ROMAN | language["numbers"] | called
    after, ending = language["after"], language["ending"]
    holes = {
        "{nth}": rf"(?:(?P<number>\d{{1,2}})(?:{after})?"
        rf"|(?P<roman>{_any(_ROMAN)})(?:{after})?(?!\w)"
        rf"|(?P<word>{_any(language['numbers'])})(?:{ending})?)",
        "{year}": _YEAR,
        "{before}": rf"(?P<before>{_BOUND})",
        "{later}": rf"(?P<later>{_BOUND})",
        "{since}": rf"(?P<since>{_BOUND})",
        "{from}": rf"(?P<from>{_BOUND})",
        "{until}": rf"(?P<until>{_BOUND})",
        "{single}": rf"(?P<single>{_BOUND})",
        "{tens}": rf"(?:['’]?(?P<tens>[2-9]0|{_any(tens)}))",
        "{called}": f"(?P<word>{_any(called)})",
    }
    for pattern in language[kind]:
        for hole, filling in holes.items():
            pattern = pattern.replace(hole, filling)
        yield _Way(re.compile(pattern + end, re.IGNORECASE), numbers, tens, kind == "year_of")


def _any(words: Iterable[str]) -> str:
    """Any of these words; the longest that fits."""
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))
