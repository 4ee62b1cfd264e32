"""What is on a display, since when, and why; and what was said of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.languages import Sentence
from glance_agent.domain.said import listed
from glance_agent.domain.wording import UNTITLED, said_credit, said_date, said_medium, said_title


class ShownArtwork(Artwork):
    """An artwork as the outside world sees it, for one asking user; tags stay in the house.

    Its title, its medium and its credit are those of people who read them; `dated` is its date as
    one says it, and `taken_in` the place of a photograph.
    """

    title: Sentence = UNTITLED
    medium: Sentence | None = None
    credit: Sentence | None = None
    dated: Sentence | None = None
    taken_in: str | None = Field(None, exclude=True)
    tags: tuple[str, ...] = Field((), exclude=True)
    description: str | None = Field(None, exclude=True)
    cut: bool = Field(False, exclude=True)
    image_url: str | None = None
    liked: bool | None = None


class Glance(BaseModel):
    """One artwork on one display, or two: `pair` hangs at the right of it, or below.

    `position` counts the showings of this display from 1; `match` is 0–1 where a query chose
    the work; `parts` are the parts of the score that decided, by name.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    display: str
    artwork: ShownArtwork
    shown_at: datetime
    why: Sentence
    position: int
    match: float | None = None
    parts: dict[str, float] = Field(default_factory=dict)
    pair: ShownArtwork | None = None

    @property
    def works(self) -> tuple[ShownArtwork, ...]:
        """The artwork, and the one beside it where there is one."""
        return (self.artwork,) if self.pair is None else (self.artwork, self.pair)

    @property
    def label(self) -> str:
        """The works as one says them."""
        return listed(work.label for work in self.works)

    def state(self) -> dict[str, Any]:
        """The retained JSON of the display's artwork topic."""
        return {
            **self.artwork.model_dump(),
            "shown_at": self.shown_at.isoformat(timespec="seconds"),
            "why": self.why,
            "position": self.position,
            "match": self.match,
            "parts": self.parts,
            "pair": self.pair and self.pair.model_dump(),
        }


class DisplaySettings(BaseModel):
    """What a person has set for one display at run time."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    mood: str | None = None
    mood_until: datetime | None = None
    mood_minutes: float | None = Field(None, description="for how long the mood was set")
    slideshow: bool = False
    interval_seconds: int = Field(default=300, ge=10, le=604_800)
    discovery: int = Field(default=20, ge=0, le=100)
    paused: bool = Field(False, description="whether nothing changes by itself")
    power: bool = Field(
        True, description="whether the display is on; nothing is brought to one that is off"
    )
    power_since: datetime | None = Field(None, description="when it was switched on or off last")
    likes_of: str | None = Field(
        None, description="whose likes alone are chosen from; null for everything"
    )

    def keeps_back(self, shown_at: datetime) -> bool:
        """Whether what was put up then is not brought to the display, since that is off."""
        return not self.power and (self.power_since is None or shown_at > self.power_since)

    def seen_since(self, shown_at: datetime) -> datetime:
        """Since when people have seen what was put up then: a display may have been off."""
        return shown_at if self.power_since is None else max(shown_at, self.power_since)

    def at(self, now: datetime) -> DisplaySettings:
        """The settings as they hold then: a mood whose time is over is none."""
        if self.mood_until is None or self.mood_until > now:
            return self
        return self.model_copy(update={"mood": None, "mood_until": None, "mood_minutes": None})

    @property
    def changes_by_itself(self) -> bool:
        """Whether a slideshow goes on."""
        return self.slideshow and self.power and not self.paused


class TimedSettings(DisplaySettings):
    """The settings with what the time makes of them; the retained settings topic."""

    quiet_until: datetime | None = Field(None, description="while quiet hours last, their end")
    next_change_at: datetime | None = Field(
        None, description="when the picture will change, unless somebody asks for another before"
    )
    waiting: str | None = Field(
        None, description="the id of a work that was asked for and hangs then"
    )


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one user thinks of one work."""

    user: str
    artwork_id: str
    kind: Literal["like", "dislike"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Showing:
    """One work put on one display, or two: when, by which verb, for whom and why.

    `pair` is the id of the one that hangs at the right of it, or below.
    """

    display: str
    artwork_id: str
    shown_at: datetime
    verb: str
    user: str
    why: str
    match: float | None = None
    parts: dict[str, float] = field(default_factory=dict)
    pair: str | None = None

    @property
    def works(self) -> tuple[str, ...]:
        """The ids of all that was put up."""
        return (self.artwork_id,) if self.pair is None else (self.artwork_id, self.pair)


def shown(artwork: Artwork, *, liked: bool | None, image_url: str | None = None) -> ShownArtwork:
    """The artwork with what only the asking user or the running agent knows."""
    told = artwork.__dict__ | {
        "title": said_title(artwork.title),
        "medium": said_medium(artwork.medium),
        "credit": said_credit(artwork.credit),
        "dated": said_date(artwork.date),
        "taken_in": artwork.place,
        "tags": (),
        "description": None,
    }
    return ShownArtwork(**told, liked=liked, image_url=image_url)
