"""What labels say of a work in words of their own, which can be said in any language.

Libraries keep these words in English, whoever reads them: “Untitled, 4 July 2019”, “Photograph,
Canon EOS R6”, “Screenshot”, days as 2019-07-04, and what the starter gallery's labels say of what
comes with the program. What others have written stays as it is.
"""

from __future__ import annotations

import datetime
import re
from typing import Final, overload

from glance_agent.domain.said import MONTHS, a_day, say

UNTITLED: Final = "Untitled"
"""What a work is called that nobody has given a title."""
PHOTOGRAPH: Final = "Photograph"
"""With what the medium of a photograph of one's own begins; its date is the day it was taken."""
SCREENSHOT: Final = "Screenshot"
"""The medium of what was on a screen."""
_PROCEDURAL: Final = "procedural painting"
_PAINTED_HERE: Final = "Painted by glance-agent's own generator"
_UNTITLED: Final = re.compile(r"Untitled(?:, (\d{1,2} [A-Z][a-z]+ \d{4}))?")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


def untitled_of(day: datetime.date) -> str:
    """The title of what was photographed that day, and has none: as libraries keep it."""
    return f"{UNTITLED}, {a_day(day)}"


def is_untitled(title: str) -> bool:
    """Whether nobody has given this title: “Untitled”, also with the day (“, 4 July 2019”)."""
    return _UNTITLED.fullmatch(title.strip()) is not None


def said_title(title: str) -> str:
    """A title as one says it."""
    found = _UNTITLED.fullmatch(title.strip())
    if found is None:
        return title
    day = _english_day(found[1]) if found[1] else None
    return say("Untitled, {day}", day=a_day(day)) if day else say("Untitled")


@overload
def said_date(date: str) -> str: ...
@overload
def said_date(date: None) -> None: ...
@overload
def said_date(date: str | None) -> str | None: ...
def said_date(date: str | None) -> str | None:
    """A date as sources print it, as one says it: a day by its month's name, “about” a year."""
    about, _, year = (date or "").partition(" ")
    if about == "about" and year[:1].isdigit():
        return say("about {year}", year=year)
    try:
        return a_day(datetime.date.fromisoformat(date)) if date and _DAY.fullmatch(date) else date
    except ValueError:
        return date


@overload
def said_medium(medium: str) -> str: ...
@overload
def said_medium(medium: None) -> None: ...
@overload
def said_medium(medium: str | None) -> str | None: ...
def said_medium(medium: str | None) -> str | None:
    """Of what a work is, as one says it: a photograph of one's own with its camera."""
    if medium == SCREENSHOT:
        return say("Screenshot")
    if medium == _PROCEDURAL:
        return say("Procedural painting")
    kind, comma, camera = (medium or "").partition(", ")
    if kind != PHOTOGRAPH:
        return medium
    return say("Photograph, {camera}", camera=camera) if comma else say("Photograph")


def said_credit(credit: str | None) -> str | None:
    """Whom to thank, as one says it: the agent itself for what it has painted."""
    return say("Painted by glance-agent's own generator") if credit == _PAINTED_HERE else credit


def _english_day(text: str) -> datetime.date | None:
    day, month, year = text.split()
    try:
        return datetime.date(int(year), MONTHS.index(month) + 1, int(day))
    except ValueError:
        return None
