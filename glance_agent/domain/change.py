"""What a command has changed on a display, and how it was before, so that it can be taken back."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

CHANGES_KEPT = 10
"""How many changes of a display can be taken back, one after the other."""
CHANGES_HOLD = timedelta(days=1)
"""For how long."""


class Replaced(BaseModel):
    """A work that hung on a display, with the one beside it, and the position of the showing that
    took its place."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    display: str
    artwork: str
    position: int
    pair: str | None = None


class Opinion(BaseModel):
    """What a user thought of a work, and since when; `kind` is None for nothing."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    user: str
    artwork: str
    kind: Literal["like", "dislike"] | None = None
    at: datetime | None = None


class Change(BaseModel):
    """One command, and how everything was before it that it has changed.

    `hidden` and `unhidden` are works that it hid or let be shown again; `settings` are those of
    the display that it set, as they were.
    """

    model_config = ConfigDict(frozen=True, defer_build=True)

    display: str
    at: datetime
    verb: str
    user: str
    replaced: tuple[Replaced, ...] = ()
    opinions: tuple[Opinion, ...] = ()
    hidden: tuple[str, ...] = ()
    unhidden: tuple[str, ...] = ()
    settings: dict[str, Any] = Field(default_factory=dict)

    @model_validator(mode="before")
    @classmethod
    def _of_one_work(cls, kept: Any) -> Any:
        """What was kept before two works could hang together has one opinion at most."""
        if isinstance(kept, dict) and "opinion" in kept:
            one = kept["opinion"]
            rest = {name: value for name, value in kept.items() if name != "opinion"}
            return {**rest, "opinions": [one] if one is not None else []}
        return kept

    def without_showings(self, display: str, after: int) -> Change:
        """The change, as if no showing of a display after this position belonged to it."""
        left = tuple(r for r in self.replaced if r.display != display or r.position <= after)
        return self.model_copy(update={"replaced": left})

    @property
    def any(self) -> bool:
        """Whether there is anything to take back."""
        return bool(self.replaced or self.opinions or self.hidden or self.unhidden or self.settings)
