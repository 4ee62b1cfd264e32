"""What came of a command."""

from __future__ import annotations

from dataclasses import dataclass, replace

from glance_agent.domain.display import Glance
from glance_agent.domain.event import Event
from glance_agent.domain.reply import Reply


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

    def saying(self, message: str) -> Outcome:
        """The same, answered by another sentence."""
        return replace(self, reply=self.reply.model_copy(update={"message": message}))
