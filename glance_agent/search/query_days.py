"""Days as people type them in a filter: `2019`, `2019-07`, `2019-07-04`, `2018..2019-06`."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date

_ONE = r"\d{4}(?:-\d{1,2}(?:-\d{1,2})?)?"
_SPAN = rf"({_ONE})?\.\.({_ONE})?"
_OPEN_END = rf"(?:(?P<before><=?)|(?P<after>>=?))({_ONE})"
Days = tuple[str | None, str | None]


def days_of(value: str) -> Days | None:
    """The first and the last day (2019-07-04) that are meant, None for an open end.

    None where the value names no day that there is, nor a span of them.
    """
    try:
        if found := re.fullmatch(_ONE, value):
            return _first(found[0]), _last(found[0])
        if found := re.fullmatch(_OPEN_END, value):
            return (None, _last(found[3])) if found["before"] else (_first(found[3]), None)
        if not (found := re.fullmatch(_SPAN, value)) or value == "..":
            return None
        first = _first(found[1]) if found[1] else None
        last = _last(found[2]) if found[2] else None
        if first and last and first > last:
            return _first(found[2]), _last(found[1])
    except ValueError:
        return None
    return first, last


def _numbers(day: str) -> list[int]:
    return [int(part) for part in day.split("-")]


def _first(day: str) -> str:
    """Raises ValueError."""
    return date(*[*_numbers(day), 1, 1][:3]).isoformat()


def _last(day: str) -> str:
    """Raises ValueError."""
    year, *rest = _numbers(day)
    month = rest[0] if rest else 12
    _first(day)
    return date(year, month, rest[1] if len(rest) > 1 else monthrange(year, month)[1]).isoformat()
