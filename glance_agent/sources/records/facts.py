"""What is known about a work before it is one: every field may still be missing."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields, replace
from operator import attrgetter
from typing import Any, Final

from glance_agent.sources.records.years import span, year_of_date, years_in

_UNPRINTABLE: Final = re.compile(
    r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u200b\u2028-\u202e\u2066-\u2069\ufeff]+"
)
"""What cannot be seen or stored, and what turns the direction of the writing around it."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Facts:
    """Fields of an Artwork, as far as one place tells them. `id` is as written, unchecked.

    `taken` is the day on which a camera clicked (2019-07-04), which need not be the work's date;
    `place` names parts between commas, the smallest first; `favourite` is what somebody said.
    """

    id: str | None = None
    title: str | None = None
    artist: str | None = None
    date: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    medium: str | None = None
    credit: str | None = None
    licence: str | None = None
    page_url: str | None = None
    tags: tuple[str, ...] = ()
    description: str | None = None
    taken: str | None = None
    place: str | None = None
    camera: str | None = None
    favourite: bool = False

    def or_else(self, other: Facts) -> Facts:
        """These facts, and the other's where there are gaps. A date and its years stay together."""
        if other is NOTHING_TOLD or self is NOTHING_TOLD:
            return self if other is NOTHING_TOLD else other
        if self.date or self.year_from is not None:
            other = replace(other, date=self.date, year_from=self.year_from, year_to=self.year_to)
        both = zip(_VALUES(self), _VALUES(other), strict=True)
        return Facts(*(mine or others for mine, others in both))

    def with_years(self) -> Facts:
        """The same with years read from the date where none are given, and the other way round."""
        first, last = self.year_from, self.year_to
        if first is None and last is None:
            if not self.date:
                return self
            day = year_of_date(self.date) if _DAY.match(self.date) else None
            first, last = (day, day) if day else years_in(self.date)
        first, last = span(last if first is None else first, first if last is None else last)
        date = self.date or (_printed(first, last) if first is not None else None)
        return replace(self, date=date, year_from=first, year_to=last)


NOTHING_TOLD: Final = Facts()
"""What a place says where it says nothing, as most do of most pictures."""
_VALUES: Final = attrgetter(*(field.name for field in fields(Facts)))


def tidy(value: Any, *, limit: int = 300) -> str | None:
    """One line of printable text of at most `limit` letters; None where nothing is left."""
    if not isinstance(value, str):
        return None
    line = " ".join(_UNPRINTABLE.sub(" ", value).split())
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + "…"
    return line or None


def _printed(first: int, last: int | None) -> str:
    def one(year: int) -> str:
        return str(year) if year > 0 else f"{-year} BC"

    return one(first) if last in (None, first) else f"{one(first)}–{one(last or first)}"
