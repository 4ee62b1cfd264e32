"""Which of two copies of one picture is the original, as files tell it.

First is the one with more pixels; of two sizes that are nearly the same, the one whose name calls
it no copy, then the one with the earlier date, then the one of which more is told.
"""

from __future__ import annotations

import math
import re
from datetime import date
from pathlib import PurePath
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import unquote

from glance_agent.domain.naming import without_copy_marks

if TYPE_CHECKING:  # decoding processes have no need of what artworks are made with
    from glance_agent.domain.artwork import Artwork

NEARLY = 1.05
"""Sizes in pixels up to this ratio are the same: editors crop a border, or turn a little."""


class Copy(NamedTuple):
    """What a file says of a picture, and where it is: an absolute path, or an address."""

    artwork: Artwork
    location: str


def is_original(one: Copy, of: Copy) -> bool:
    """Whether `one` is the original of the other; never both of each other.

    Only files are compared: what a museum says of its own stands, and costs a request to read.
    """
    if is_on_the_web(one.location) or is_on_the_web(of.location):
        return False
    mine, others = _pixels(one.artwork), _pixels(of.artwork)
    if max(mine, others) > NEARLY * min(mine, others):
        return mine > others
    return _merits(one) > _merits(of)


def is_on_the_web(location: str) -> bool:
    """Whether a picture is what a museum shows, and no file: addresses of files on one's own server
    end with what they hold."""
    return _is_address(location) and not re.search(r"#[0-9a-f]{16}$", location)


def _is_address(location: str) -> bool:
    return location.startswith(("http://", "https://"))


def _pixels(artwork: Artwork) -> int:
    return (artwork.width or 0) * (artwork.height or 0)


def _merits(copy: Copy) -> tuple[bool, float, int]:
    location = copy.location
    path = unquote(location.rpartition("#")[0]) if _is_address(location) else location
    stem = PurePath(path).stem
    return without_copy_marks(stem) == stem, -_day(copy.artwork), _told(copy.artwork)


def _day(artwork: Artwork) -> float:
    """The day of a work, in days from year 1 on: the last one of the year where that is all."""
    try:
        return date.fromisoformat(artwork.date or "").toordinal()
    except ValueError:
        year = artwork.year_from
        return math.inf if year is None else year * 365.2425


def _told(artwork: Artwork) -> int:
    """How many things are told of a work."""
    told = (artwork.artist, artwork.medium, artwork.credit, artwork.description, artwork.tags)
    return sum(map(bool, told)) + (not artwork.title.startswith("Untitled"))
