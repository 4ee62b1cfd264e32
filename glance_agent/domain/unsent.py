"""What somebody said of works while the library could not be reached, until it is in there."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict


class Unsent(BaseModel):
    """One command that is kept on this machine, and the answer that it got.

    `works` are those that it is about, none where it was taken back; `position` is that of the
    showing that hung on its display. `run` is the opening of the outbox in which it was kept.
    """

    model_config = ConfigDict(frozen=True)

    verb: Literal["like", "dislike", "forget", "hide", "undo"]
    display: str
    user: str
    works: tuple[str, ...]
    at: datetime
    position: int
    receipts: tuple[str, ...] = ()
    reply: str = ""
    run: str = ""

    @property
    def kind(self) -> Literal["like", "dislike"] | None:
        """What is thought of the works then; None for nothing."""
        return self.verb if self.verb in ("like", "dislike") else None
