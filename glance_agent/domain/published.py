"""The shapes of what the agent publishes, for documents and for tests.

What is sent is made where it happens; these models say what it looks like, and the tests hold
what is sent against them.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from glance_agent.domain.display import ShownArtwork
from glance_agent.domain.reply import ErrorBody
from glance_agent.domain.values import DisplayName


class DisplayArtwork(ShownArtwork):
    """What a display shows."""

    shown_at: datetime
    why: str = Field(description="why this one")
    position: int = Field(description="counts the showings of this display from 1")
    match: float | None = Field(None, ge=0, le=1, description="where a query chose the work")
    parts: dict[str, float] = Field(
        default_factory=dict, description="the parts of the score that decided, by name"
    )
    pair: ShownArtwork | None = Field(
        None, description="the work that hangs at the right of it or below, with the same keys"
    )


class ShownEvent(DisplayArtwork):
    """A display shows another work."""

    event_type: Literal["shown"]
    display: DisplayName


class ReactionEvent(BaseModel):
    """Somebody said what they think of a work."""

    event_type: Literal["like", "dislike", "forget", "hide", "unhide"]
    display: DisplayName
    user: str
    artwork: ShownArtwork


class IngestEvent(BaseModel):
    """How the fetching of pictures goes on."""

    event_type: Literal["progress", "finished"]
    source: str
    done: int = Field(description="items dealt with")
    total: int | None
    failed: int
    rate: float = Field(description="items dealt with per second")
    eta_seconds: float | None
    added: int
    unchanged: int
    left_out: dict[str, int] = Field(description="how many are left out, by reason")
    gone: int = Field(
        description="how many works were taken off the wall: their pictures are no longer there, "
        "or no longer wanted; what people said of them is kept"
    )
    error: str | None = Field(description="why the source was given up for now")


class ModelEvent(BaseModel):
    """How the fetching of a model goes on; it ends once the model has passed its self-test."""

    event_type: Literal["progress", "finished", "failed"]
    model: str
    done: int = Field(description="bytes that are here")
    total: int | None = Field(description="bytes of all its files, null while unknown")
    failed: int = Field(description="attempts that have failed")
    rate: int = Field(description="bytes per second")
    eta_seconds: int | None
    error: str | None = Field(description="why the attempt failed")
    retry_in_seconds: int | None = Field(description="when it is tried again, after a failure")


class ErrorMessage(ErrorBody):
    """What went wrong, and with which command."""

    verb: str = Field(
        description="the command, model where the fetching of a model failed, publish where the "
        "broker does not take a message, or deliver where a picture does not reach its display"
    )
    display: str | None
    transaction: str | int | float | None


class AboutDisplay(BaseModel):
    """One configured display; its size is in pixels."""

    name: DisplayName
    title: str | None
    width: int
    height: int


class AgentProcess(BaseModel):
    """Which process speaks, and where it runs."""

    id: str = Field(description="another one at each start")
    host: str
    address: str = Field(description="its own, on the network of the broker")
    process: int
    client_id: str = Field(description="what the broker knows it by")


class AgentFacts(BaseModel):
    """The facts about the agent."""

    version: str
    model: str | None
    dimension: int | None
    artworks: int
    embedded: int
    displays: list[AboutDisplay]
    sources: list[str]
    since: datetime
    free_disk_bytes: int | None = Field(description="room where the library is kept")
    search: str | None = Field(
        None,
        description="`pgvector`, where the server of the library looks through vectors, of which "
        "the agent holds none",
    )
    model_wanted: str | None = Field(
        None, description="the configured model, while it does not answer yet"
    )
    model_error: str | None = Field(None, description="why the configured model cannot be used")
    away: list[str] | None = Field(
        None,
        description="hosts that are left alone and sources that could not be read last, and why",
    )
    ingesting: str | None = Field(
        None, description="the source from which pictures are being brought in"
    )
    spent: dict[str, float] | None = Field(
        None, description="calls of a remote encoder, and dollars where a price is set"
    )
    runs: AgentProcess | None = Field(
        None, description="which process speaks: `id`, `host`, `address`, `process`, `client_id`"
    )
