"""What a model has to read, and what it made of it: all that passes between a command and it."""

from __future__ import annotations

from dataclasses import dataclass, field

from glance_agent.domain.errors import ModelError
from glance_agent.domain.vectors import Vector


@dataclass(frozen=True, slots=True)
class Unread:
    """Sentences that the model has to read: those of a command, and after them some of the lists
    for about so many seconds."""

    sentences: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    reference_seconds: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.sentences or self.references)


@dataclass(eq=False, slots=True)
class ReadWords:
    """What the model made of sentences, by sentence; or why it made nothing of the rest."""

    vectors: dict[str, Vector] = field(default_factory=dict)
    references: dict[str, Vector] = field(default_factory=dict)
    pace_seconds: float | None = None
    missed: ModelError | None = None
    waited_seconds: float = 0.0

    def take(self, sentence: str, vector: Vector, seconds: float, into: dict[str, Vector]) -> None:
        """One more sentence was read, as a unit vector (d,), in so many seconds."""
        into[sentence] = vector
        self.pace_seconds = seconds
