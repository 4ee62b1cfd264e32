"""What is on a display, since when, and why; and what is answered to whoever asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.frame import Frame
from glance_agent.domain.strict_json import encodable


class ShownArtwork(Artwork):
    """An artwork as the outside world sees it, for one asking user; tags stay in the house."""

    tags: tuple[str, ...] = Field((), exclude=True)
    description: str | None = Field(None, exclude=True)
    image_url: str | None = None
    liked: bool | None = None


class Glance(BaseModel):
    """One artwork on one display.

    `position` counts the showings of this display from 1; `match` is 0–1 where a query chose
    the work; `parts` are the parts of the score that decided, by name.
    """

    model_config = ConfigDict(frozen=True)

    display: str
    artwork: ShownArtwork
    shown_at: datetime
    why: str
    position: int
    match: float | None = None
    parts: dict[str, float] = Field(default_factory=dict)

    def state(self) -> dict[str, Any]:
        """The retained JSON of the display's artwork topic."""
        return {
            **self.artwork.model_dump(mode="json"),
            "shown_at": self.shown_at.isoformat(timespec="seconds"),
            "why": self.why,
            "position": self.position,
            "match": self.match,
            "parts": self.parts,
        }


class DisplaySettings(BaseModel):
    """What a person has set for one display at run time; the retained settings topic."""

    model_config = ConfigDict(frozen=True)

    mood: str | None = None
    mood_until: datetime | None = None
    mood_minutes: float | None = Field(None, description="for how long the mood was set")
    slideshow: bool = False
    interval_seconds: int = Field(default=300, ge=10, le=604_800)
    discovery: int = Field(default=20, ge=0, le=100)


@dataclass(frozen=True, slots=True)
class Reaction:
    """What one user thinks of one work."""

    user: str
    artwork_id: str
    kind: Literal["like", "dislike"]
    at: datetime


@dataclass(frozen=True, slots=True)
class Showing:
    """One work put on one display: when, by which verb, for whom and why."""

    display: str
    artwork_id: str
    shown_at: datetime
    verb: str
    user: str
    why: str
    match: float | None = None
    parts: dict[str, float] = field(default_factory=dict)


class Result(BaseModel):
    """One line of an answer to a search."""

    model_config = ConfigDict(frozen=True)

    artwork: ShownArtwork
    match: float
    why: str


class ErrorBody(BaseModel):
    """What went wrong, for people and for programs."""

    model_config = ConfigDict(frozen=True)

    code: ErrorCode
    message: str
    hint: str = ""


class Reply(BaseModel):
    """The answer to one command; `message` is one sentence that can be spoken.

    `note` says what about the answer itself is not as one would expect.
    """

    model_config = ConfigDict(frozen=True)

    transaction: str | int | float | None = None
    verb: str
    ok: bool
    display: str | None = None
    message: str
    artwork: ShownArtwork | None = None
    results: tuple[Result, ...] = ()
    error: ErrorBody | None = None
    took_ms: int = 0
    note: str | None = None


def refusal(verb: str, error: CommandError, display: str | None = None) -> Reply:
    """The reply that says why a command was not carried out."""
    message, hint = encodable(error.message), encodable(error.hint)
    body = ErrorBody(code=error.code, message=message, hint=hint)
    return Reply(verb=verb, ok=False, display=display, message=message, error=body)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, told once and not retained: `event/<name>`."""

    name: str
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Everything that follows from one command: what is answered and what changed."""

    reply: Reply
    glances: tuple[Glance, ...] = ()
    settings_of: tuple[str, ...] = ()
    events: tuple[Event, ...] = ()
    ingest: tuple[str, ...] = ()
    ingest_limit: int | None = None
    republish: bool = False

    @property
    def glance(self) -> Glance | None:
        """What a showing command has put on its display, if anything."""
        return next(iter(self.glances), None)


def shown(artwork: Artwork, *, liked: bool | None, image_url: str | None = None) -> ShownArtwork:
    """The artwork with what only the asking user or the running agent knows."""
    told = artwork.__dict__ | {"tags": (), "description": None}
    return ShownArtwork(**told, liked=liked, image_url=image_url)


@dataclass(frozen=True, slots=True)
class Hung:
    """The picture of a display's work is ready."""

    display: str
    frame: Frame


@dataclass(frozen=True, slots=True)
class Tuned:
    """The settings of a display as they are now."""

    display: str
    settings: DisplaySettings


@dataclass(frozen=True, slots=True)
class Online:
    """The agent is there and answers."""


@dataclass(frozen=True, slots=True)
class About:
    """The facts about the agent that everyone may know."""

    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Failed:
    """A command or a picture that failed: told to everyone, beside the answer."""

    reply: Reply

    def payload(self) -> dict[str, Any]:
        """The error object, and which command it belongs to."""
        error = self.reply.error.model_dump(mode="json") if self.reply.error else {}
        return {
            **error,
            "verb": self.reply.verb,
            "display": self.reply.display,
            "transaction": self.reply.transaction,
        }


News = Glance | Hung | Tuned | Online | About | Failed | Event
"""What every door tells the world, each in its own way."""
