"""Quiet hours: parts of the day, in local time, in which nothing changes by itself.

Local times that come twice or not at all, on the days when clocks are set, are taken so that quiet
hours never end early: they begin when their time comes first and end when it has come for the last
time; a time that is left out is the moment of the leap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from glance_agent.domain.said import say

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WHOLE_DAY_MINUTES = 24 * 60
_SHAPE = (
    r"(?:(?P<days>[a-z][a-z ,-]*?)\s+)?"
    r"(?P<begins>\d{1,2}:\d{2})\s*[-–]\s*(?P<ends>\d{1,2}:\d{2})"
)
_EXAMPLES = say("write for example “22:00-07:00” or “sat,sun 22:00-09:00”")


@dataclass(frozen=True, slots=True)
class QuietWindow:
    """One part of the day: the days on which it begins, and minutes after midnight.

    Where it ends no later than it begins, it ends on the day after.
    """

    days: frozenset[int]
    begins: int
    ends: int

    @property
    def minutes(self) -> int:
        """How long it lasts where no clock is set meanwhile."""
        return (self.ends - self.begins - 1) % WHOLE_DAY_MINUTES + 1


def quiet_window(text: str) -> QuietWindow:
    """What a person wrote, such as “mon-fri 22:00-06:30”. Raises ValueError with a sentence."""
    found = re.fullmatch(_SHAPE, text.strip(), re.I)
    if found is None:
        raise ValueError(
            say("“{text}” is no part of the day: {examples}", text=text, examples=_EXAMPLES)
        )
    begins, ends = _minutes(found["begins"]), _minutes(found["ends"])
    if begins in (ends, WHOLE_DAY_MINUTES):
        raise ValueError(
            say(
                "“{text}” begins when it ends: write 00:00-24:00 for a whole day, or {examples}",
                text=text,
                examples=_EXAMPLES,
            )
        )
    return QuietWindow(_days(found["days"] or "mon-sun"), begins, ends)


def never_ends(windows: Iterable[QuietWindow]) -> bool:
    """Whether the windows leave no minute of a week."""
    week = 7 * WHOLE_DAY_MINUTES
    quiet = {
        (day * WHOLE_DAY_MINUTES + window.begins + minute) % week
        for window in windows
        for day in window.days
        for minute in range(window.minutes)
    }
    return len(quiet) == week


def _minutes(text: str) -> int:
    hours, minutes = (int(part) for part in text.split(":"))
    if minutes > 59 or hours * 60 + minutes > WHOLE_DAY_MINUTES:
        raise ValueError(
            say("“{text}” is no time of the day: times go from 00:00 to 24:00", text=text)
        )
    return hours * 60 + minutes


def _days(text: str) -> frozenset[int]:
    found: set[int] = set()
    for part in filter(None, re.split(r"[,\s]+", re.sub(r"\s*-\s*", "-", text.strip()))):
        first, dash, last = part.partition("-")
        begin, end = _day(first), _day(last if dash else first)
        found |= {day % 7 for day in range(begin, begin + (end - begin) % 7 + 1)}
    return frozenset(found)


def _day(text: str) -> int:
    for number, name in enumerate(DAYS):
        if len(text) >= 3 and name.startswith(text.lower()):
            return number
    raise ValueError(
        say("“{text}” is no day: write mon, tue, wed, thu, fri, sat or sun", text=text)
    )


@dataclass(frozen=True, slots=True)
class QuietHours:
    """The quiet hours of one display, in the local time of a zone."""

    windows: tuple[QuietWindow, ...] = ()
    zone: tzinfo = UTC

    def until(self, now: datetime) -> datetime | None:
        """When the quiet hours end that `now` lies in; None where it lies in none."""
        end: datetime | None = None
        while ends := [e for b, e in self._spans(end or now, 1) if b <= (end or now) < e]:
            end = max(ends)
        return end

    def changes_at(self, now: datetime) -> datetime | None:
        """When quiet hours begin or end next; None where there are none."""
        if (end := self.until(now)) is not None:
            return end
        return min((b for b, e in self._spans(now, 8) if now < b < e), default=None)

    def _spans(self, now: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
        """When windows begin and end, of those that may be about now or so many days after."""
        today = now.astimezone(self.zone).date()
        for shift in range(-2, days + 1):
            day = today + timedelta(days=shift)
            for window in self.windows:
                if day.weekday() in window.days:
                    ends = window.begins + window.minutes
                    yield self._first(day, window.begins), self._last(day, ends)

    def _first(self, day: date, minutes: int) -> datetime:
        first, last = self._instants(day, minutes)
        return first if first <= last else self._leap(last, first)

    def _last(self, day: date, minutes: int) -> datetime:
        first, last = self._instants(day, minutes)
        return last if first <= last else self._leap(last, first)

    def _instants(self, day: date, minutes: int) -> tuple[datetime, datetime]:
        """A local time by the clock before and after a change (PEP 495); mostly the same."""
        local = datetime.combine(day, time(), self.zone) + timedelta(minutes=minutes)
        return local.replace(fold=0).astimezone(UTC), local.replace(fold=1).astimezone(UTC)

    def _leap(self, before: datetime, after: datetime) -> datetime:
        """The second from which on the clock is ahead of what it was before."""
        old = before.astimezone(self.zone).utcoffset()
        while after - before > timedelta(seconds=1):
            middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
            if middle.astimezone(self.zone).utcoffset() == old:
                before = middle
            else:
                after = middle
        return after
