"""What is answered to a page: one frozen model for each question."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from glance_agent.domain.device import DeviceState
from glance_agent.domain.languages import Sentence


class Told(BaseModel):
    """What is told; nothing of it is ever changed."""

    model_config = ConfigDict(frozen=True)


class WorkInList(Told):
    """A work in a list, as one user sees it."""

    id: str
    title: Sentence
    artist: str | None = None
    date: str | None = Field(None, description="as its source prints it; a day as 2019-07-04")
    dated: Sentence | None = Field(None, description="its date as one says it")
    source: str
    width: int | None = Field(None, description="pixels of the best picture known")
    height: int | None = None
    colour: str | None = Field(None, description="the dominant colour, #rrggbb")
    liked: bool | None = Field(None, description="true: likes it, false: dislikes it")
    hidden: bool = False
    thumb: str | None = Field(
        None,
        description="address of its thumbnails, to be completed by -<size>.webp or .jpg; null "
        "where the picture cannot be read",
    )
    match: float | None = Field(None, description="how well it answers a search, 0 to 1")
    why: Sentence | None = Field(None, description="why it is among the results of a search")


class ArtworkPage(Told):
    """Some works of a list, from `offset` on; the list stays as it is while `result` is kept."""

    result: str = Field(description="the id under which the whole list is kept for some minutes")
    total: int = Field(description="how many works the list has")
    offset: int
    works: tuple[WorkInList, ...]
    asked: Sentence = Field("", description="the search as it was understood")
    read_as: Sentence = Field("", description="which words were read as others, in a sentence")
    sure: bool = Field(True, description="false: nothing really matches, these are the nearest")
    by_pictures: bool = Field(True, description="false: only labels have answered")
    late: bool = Field(False, description="true: since the model did not answer in time")


class PictureSeen(Told):
    """A picture that was sent, and is not kept: what it means is, for half an hour."""

    picture: str = Field(description="the id to search by, as `picture` of api/artworks")


class Hanging(Told):
    """What hangs on a display, since when and why."""

    work: WorkInList
    pair: WorkInList | None = Field(None, description="what hangs at the right of it, or below")
    shown_at: datetime
    why: Sentence
    position: int = Field(description="the number of this showing, counted from 1")
    match: float | None = None
    parts: dict[str, float] = Field(
        default_factory=dict, description="the parts of the score that decided, by name"
    )


class OnDisplay(Told):
    """A display on which a work hangs now."""

    display: str
    title: str
    shown_at: datetime
    why: Sentence


class ArtworkInFull(WorkInList):
    """Everything that is known of one work."""

    label: Sentence = Field(description="title, artist and date as one says them")
    medium: Sentence | None = None
    credit: Sentence | None = None
    licence: str | None = None
    page_url: str | None = Field(None, description="the work's page at the museum")
    cut: bool = Field(False, description="whether its file ends early: its lower edge is missing")
    description: str | None = None
    tags: tuple[str, ...] = ()
    colours: tuple[str, ...] = Field((), description="#rrggbb, the dominant one first")
    hangs: tuple[OnDisplay, ...] = ()
    parts: dict[str, float] = Field(
        default_factory=dict, description="the parts of its score, by name"
    )


class DisplayNow(Told):
    """A display: what hangs there, and how it is set."""

    name: str
    title: str
    width: int
    height: int
    picture: str = Field(description="address of the picture, to be completed by .jpg or .png")
    mood: str | None = None
    mood_until: datetime | None = None
    slideshow: bool
    interval_seconds: int
    discovery: int
    paused: bool = False
    power: bool = Field(True, description="whether it is on")
    quiet_until: datetime | None = None
    next_change_at: datetime | None = None
    waiting: str | None = Field(None, description="the id of the work that hangs then")
    hangs: Hanging | None = None
    device: DeviceState | None = Field(None, description="what its device says of itself")


class Displays(Told):
    """All displays, in the order of the configuration."""

    displays: tuple[DisplayNow, ...]


class RatedWork(Told):
    """A work that was liked or disliked, and how much such a work should please."""

    work: WorkInList
    expected: float = Field(description="in standard deviations of the library")


class TasteSide(Told):
    """One of several tastes."""

    share: float = Field(description="its share of the whole, 0 to 1")
    words: tuple[str, ...] = Field((), description="what its works show more of than others")
    stands_for_it: WorkInList
    likes: tuple[WorkInList, ...] = Field((), description="those most like it first, at most 24")
    likes_in_all: int
    dislikes_like_it: int


class Taste(Told):
    """What the agent believes of one user."""

    user: str
    sides: tuple[TasteSide, ...] = ()
    likes: tuple[RatedWork, ...] = Field((), description="the strongest")
    dislikes: tuple[RatedWork, ...] = ()
    users: tuple[str, ...] = Field((), description="everybody of whom something is known")


class MapArea(Told):
    """A part of the map, around its middle, and what its works show more of than others."""

    across: int
    down: int
    share: float = Field(description="its share of the works, 0 to 1")
    words: tuple[str, ...] = ()


class MapSide(Told):
    """Where one side of a taste lies."""

    across: int
    down: int
    share: float = Field(description="its share of the taste, 0 to 1")
    words: tuple[str, ...] = ()
    stands_for_it: str = Field(description="the id of the work that does")


class MappedWorks(Told):
    """Works on a map on which alike ones lie close together: for each one value of every list.

    `across` and `down` are from 0 to 1000.
    """

    total: int = Field(description="how many works the map is of; it may tell fewer")
    ids: tuple[str, ...] = ()
    titles: tuple[Sentence, ...] = ()
    across: tuple[int, ...] = ()
    down: tuple[int, ...] = ()
    colours: tuple[str | None, ...] = ()
    liked: tuple[bool | None, ...] = ()
    thumbs: tuple[str | None, ...] = ()
    areas: tuple[MapArea, ...] = ()
    sides: tuple[MapSide, ...] = ()


class SourceNow(Told):
    """A source of pictures: what came of it, and what did not."""

    name: str
    kind: str
    works: int = Field(description="how many of its works can be shown")
    left_out: dict[str, int] = Field(
        default_factory=dict, description="how many items are no work of their own, by reason"
    )
    progress: dict[str, Any] | None = Field(
        None, description="how far the run over it is, as in event/ingest; null before the first"
    )


class Sources(Told):
    """All sources, and how much of the library is here."""

    artworks: int
    sources: tuple[SourceNow, ...]
    away: tuple[str, ...] = Field((), description="hosts that are left alone for now, and why")


class LeftOutItem(Told):
    """An item of a source that is no work of its own."""

    item: str
    reason: str
    duplicate_of: str | None = Field(None, description="the id of the work that it is a copy of")
    hint: Sentence | None = Field(None, description="what to do about it, or what exactly it is")


class LeftOutPage(Told):
    """Some of what was left out of a source, from `offset` on."""

    source: str
    total: int
    offset: int
    items: tuple[LeftOutItem, ...]
