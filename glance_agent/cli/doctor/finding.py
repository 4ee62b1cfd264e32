"""What an examination is of, and what it finds."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

from glance_agent.config.settings import Config


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; where it is not `ok`, `said` says what to do, and `also` goes
    on about it, in a line each."""

    what: str
    ok: bool
    said: str
    also: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """All that is said of it."""
        return (self.said, *self.also)


@dataclass(frozen=True, slots=True)
class Patient:
    """The configuration to examine, and the file that it was read from, if from any."""

    config: Config
    read_from: Path | None = None


Check = Callable[[Patient], AsyncIterator[Finding]]
"""Looks at one thing; makes and changes nothing on the disk."""
