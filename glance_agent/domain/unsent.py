"""What was said and shown while the library could not be reached, until it is in there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, PlainSerializer

from glance_agent.domain.languages import Sentence
from glance_agent.domain.said import kept_of, said_of

Kept = Annotated[Sentence, BeforeValidator(said_of), PlainSerializer(kept_of, when_used="json")]
"""A text that may be said in other languages still when it is read again."""


class Unsent(BaseModel):
    """One command that is kept on this machine, and the answer that it got.

    `works` are those that it is about, none where it was taken back; `position` is that of the
    showing that hung on its display, or of the one that “next” put there, and `why` that hangs.
    `run` is the opening of the outbox in which it was kept.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    verb: Literal["like", "dislike", "forget", "hide", "undo", "next"]
    display: str
    user: str
    works: tuple[str, ...]
    at: datetime
    position: int
    receipts: tuple[str, ...] = ()
    reply: str = ""
    why: Kept = ""
    run: str = ""

    @property
    def is_showing(self) -> bool:
        """Whether it put works on a display, and says nothing of them."""
        return self.verb == "next"

    @property
    def kind(self) -> Literal["like", "dislike"] | None:
        """What is thought of the works then; None for nothing."""
        return self.verb if self.verb in ("like", "dislike") else None
