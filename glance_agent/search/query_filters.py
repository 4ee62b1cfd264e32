"""Filters as people type them: `artist:monet`, `year:1880-1910`, `unseen`."""

from __future__ import annotations

import re
from dataclasses import replace

from glance_agent.domain.artwork import Filters
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.said import say
from glance_agent.domain.values import HOUSEHOLD, user_name
from glance_agent.search.query_days import days_of


def narrowed(filters: Filters, key: str, value: str) -> Filters:
    """The filters with one more; raises CommandError where the value is impossible."""
    match key:
        case "year":
            year_from, year_to = _years(value)
            return replace(filters, year_from=year_from, year_to=year_to)
        case "taken" if (days := days_of(value)) is not None:
            return replace(filters, taken_from=days[0], taken_to=days[1])
        case "orientation" if value.casefold() in {"landscape", "portrait", "square"}:
            return replace(filters, orientation=value.casefold())
        case "artist" if value:
            return replace(filters, artist=value)
        case "source" if value:
            return replace(filters, source=value.casefold())
        case "liked" if value:
            return replace(filters, liked_by=_who(value))
        case "hidden" if value.casefold() in _YES:
            return replace(filters, hidden=True)
    raise bad_filter(key, value)


def written_filters(filters: Filters) -> list[str]:
    """The filters as one types them."""
    parts = [f"artist:“{filters.artist}”"] if filters.artist else []
    parts += [f"source:“{filters.source}”"] if filters.source else []
    first, last = filters.year_from, filters.year_to
    if first is not None or last is not None:
        parts.append(f"year:{'' if first is None else first}..{'' if last is None else last}")
    if filters.taken_from or filters.taken_to:
        parts.append(f"taken:{filters.taken_from or ''}..{filters.taken_to or ''}")
    parts += [f"orientation:{filters.orientation}"] if filters.orientation else []
    parts += [f"liked:“{filters.liked_by}”"] if filters.liked_by else []
    parts += ["hidden:yes"] if filters.hidden else []
    return [*parts, *(["unseen"] if filters.unseen else [])]


ME = "me"
"""Whoever asks, in the filter `liked:`."""
_YES = frozenset({"yes", "true", "1", "only"})
_ANYONE = frozenset({"anyone", "anybody", "everyone", "us", "all"})


def _who(value: str) -> str:
    """The user whose likes are meant: whoever asks, anyone of the household, or one by name."""
    said = user_name(value)
    if said in _YES:
        return ME
    return HOUSEHOLD if said in _ANYONE else said


_ONE_YEAR = r"-?\d{1,5}"
_YEAR_FORMS = (
    (rf"({_ONE_YEAR})?\.\.({_ONE_YEAR})?", None),
    (rf"({_ONE_YEAR})[-–](\d{{1,4}})?", None),
    (r"()<=?(\d{1,4})", None),
    (r">=?(\d{1,4})()", None),
    (r"(\d{2,3}0)s()", 9),
    (rf"({_ONE_YEAR})()", 0),
)


def _years(value: str) -> tuple[int | None, int | None]:
    """`1906`, `1880-1910`, `1880-`, `..1910`, `-300..-200`, `<1900`, `1880s` -> first, last."""
    for form, span in _YEAR_FORMS:
        if found := re.fullmatch(form, value):
            first, last = (int(year) if year else None for year in found.groups())
            if span is not None and first is not None:
                last = first + span
            if first is None and last is None:
                break
            if first is not None and last is not None and first > last:
                first, last = last, first
            return first, last
    raise bad_filter("year", value)


_FILTER_HELP = {
    "year": say("Write for example year:1880-1910, year:1906 or year:1880s."),
    "taken": say(
        "Write for example taken:2019, taken:2019-07, taken:2019-07-04 or taken:2018..2019."
    ),
    "orientation": say("Write orientation:landscape, orientation:portrait or orientation:square."),
    "artist": say("Write for example artist:monet or artist:“claude monet”."),
    "source": say("Write for example source:starter."),
    "liked": say("Write liked:me, liked:anyone or a name, such as liked:mia."),
    "hidden": say("Write hidden:yes to list what was hidden."),
    "like": say("Write like: and the id of an artwork, for example like:starter:calm-sea."),
}


def bad_filter(key: str, value: str) -> CommandError:
    """The error that says how to write this filter."""
    said = say("“{filter}” is not something to filter by.", filter=f"{key}:{value[:40]}")
    return CommandError(ErrorCode.BAD_VALUE, said, _FILTER_HELP[key])
