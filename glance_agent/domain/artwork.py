"""What a picture is and whom to credit."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints

from glance_agent.domain.said import say
from glance_agent.domain.wording import PHOTOGRAPH, UNTITLED, is_untitled, said_date, said_title

ARTWORK_ID_PATTERN = r"^[a-z0-9_-]{1,32}:[^\s\x00-\x1f\x7f]{1,160}$"
_ARTWORK_ID = re.compile(ARTWORK_ID_PATTERN)

ArtworkId = Annotated[str, StringConstraints(pattern=ARTWORK_ID_PATTERN)]
"""`<source>:<key>`, as in `aic:16568`."""


def is_artwork_id(text: str) -> bool:
    """Whether the text has the form of an artwork id."""
    return _ARTWORK_ID.fullmatch(text) is not None


class Artwork(BaseModel):
    """One work: what it is called, who made it, and under which terms it may be shown.

    Years are signed (-300 is 300 BC); `date` is as printed by the source. `width` and
    `height` are pixels of the best picture known. `colours` are `#rrggbb`, dominant first. A
    picture is `cut` where its file ends early, and a little of it is missing.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    id: ArtworkId
    title: str = UNTITLED
    artist: str | None = None
    date: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    medium: str | None = None
    source: str = ""
    credit: str | None = None
    licence: str | None = None
    page_url: str | None = None
    width: int | None = None
    height: int | None = None
    colours: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    description: str | None = None
    cut: bool = False

    @property
    def orientation(self) -> str:
        """`landscape`, `portrait` or `square` (within 5 %); `square` while the size is unknown."""
        if not self.width or not self.height:
            return "square"
        ratio = self.width / self.height
        if ratio > 1.05:
            return "landscape"
        return "portrait" if ratio < 1 / 1.05 else "square"

    @property
    def place(self) -> str | None:
        """Where it was taken, of a photograph of one's own that nobody has described.

        Its description is the place then, whose names are among its tags.
        """
        names = {*(self.description or "").split(", ")}
        of_photograph = (self.medium or "").startswith(PHOTOGRAPH)
        return self.description if of_photograph and names <= {*self.tags} else None

    @property
    def label(self) -> str:
        """Title, artist and date as one says them: “Water Lilies” by Claude Monet, 1906."""
        artist, date = self.artist, said_date(self.date)
        day_is_told = date and is_untitled(self.title)
        title = said_title(UNTITLED if day_is_told else self.title)
        if artist and date:
            return say("“{title}” by {artist}, {date}", title=title, artist=artist, date=date)
        if artist:
            return say("“{title}” by {artist}", title=title, artist=artist)
        if date:
            return say("“{title}”, {date}", title=title, date=date)
        return say("“{title}”", title=title)


class Kin(NamedTuple):
    """What makes a work like others: who made it, and the id of the work that represents it and
    its near-duplicates (its own, where it has none).
    """

    artist: str | None
    group: str


@dataclass(frozen=True, slots=True)
class Filters:
    """What a work must be to be found; None and False ask for nothing.

    `liked_by` is a user; the household stands for anyone. `taken_from` and `taken_to` are days
    (2019-07-04) on which a photograph of one's own was taken.
    """

    artist: str | None = None
    source: str | None = None
    year_from: int | None = None
    year_to: int | None = None
    orientation: str | None = None
    unseen: bool = False
    liked_by: str | None = None
    hidden: bool = False
    taken_from: str | None = None
    taken_to: str | None = None

    @property
    def listed(self) -> bool:
        """Whether the works that pass have an order of their own: what came last comes first."""
        return self.hidden or self.liked_by is not None

    @property
    def any(self) -> bool:
        return self != Filters()
