"""Years as museums write them, made signed numbers: -300 is 300 BC."""

from __future__ import annotations

import re

from glance_agent.sources.records.plain import number

Span = tuple[int | None, int | None]
EARLIEST, LATEST = -10_000, 2100
_BEFORE_CHRIST = re.compile(
    r"\b(b\.?\s?c\.?(\s?e\.?)?|f\.\s?kr\.?|v\.\s?chr\.?)(?!\w)", re.IGNORECASE
)
_CENTURY = re.compile(
    r"\b(\d{1,2})(?:st|nd|rd|th|\.)?\s*(?:c\.|cent\.|century|centuries|årh\w*|eeuw)", re.IGNORECASE
)
_RANGE = re.compile(r"(?<!\d)(\d{1,4})\s*(?:-|–|—|/|to|or)\s*(?:c\.|ca\.)?\s*(\d{1,4})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(?<!\d\.)(\d{3,4})(?![\d.]\d|\d)")


def year(value: object) -> int | None:
    """A year from a number or a string; 0 and what no year can be are None."""
    found = number(value)
    return found if found and EARLIEST <= found <= LATEST else None


def year_of_date(value: object) -> int | None:
    """The year of an ISO date such as 1527-11-29T00:00:00Z or -0500-01-01."""
    match = re.match(r"\s*([+-]?\d{1,6})-\d\d", value) if isinstance(value, str) else None
    return year(match[1]) if match else year(value)


def span(first: object, last: object) -> Span:
    """From and to in the right order; a missing or absurd end is left out."""
    low, high = year(first), year(last)
    if low is not None and high is not None and low > high:
        low, high = high, low
    return low, high


def years_in(words: str | None) -> Span:
    """The years that a printed date names: “c. 1860–78”, “530 BCE”, “late 17th century”."""
    if not words:
        return None, None
    before = bool(_BEFORE_CHRIST.search(words))
    if centuries := [int(c) for c in _CENTURY.findall(words)]:
        return _of_centuries(min(centuries), max(centuries), before=before)
    if match := _RANGE.search(words):
        return _of_range(match[1], match[2], before=before)
    found = [
        int(y) for y in (_YEAR.findall(words) or (re.findall(r"\d+", words) if before else []))
    ]
    if not found:
        return None, None
    return span(*((-found[0], -found[-1]) if before else (found[0], found[-1])))


def _of_centuries(first: int, last: int, *, before: bool) -> Span:
    if before:
        return span(-last * 100, -(first - 1) * 100 - 1)
    return span((first - 1) * 100 + 1, last * 100)


def _of_range(first: str, last: str, *, before: bool) -> Span:
    """1860–70 is 1860 to 1870; 530–510 BC counts down and is never shortened."""
    if before:
        return span(-int(first), -int(last))
    if len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return span(int(first), int(last)) if len(first) > 2 else (None, None)
