"""Which works a page lists, and what it shows of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.values import HOUSEHOLD

ListName = Literal["all", "liked", "disliked", "hidden", "shown"]


@dataclass(frozen=True, slots=True)
class WantedList:
    """A list of works: what a user likes, what a display has shown, and so on.

    Without a `display`, what any display has shown.
    """

    name: ListName = "all"
    user: str = HOUSEHOLD
    display: str | None = None
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class ListedWork:
    """A work in a list, for the user who looks.

    `location` and `content_hash` are where its picture is and what it was; a picture that changes
    has another `content_hash`.
    """

    artwork: Artwork
    liked: bool | None
    hidden: bool
    usable: bool
    location: str
    content_hash: str | None
