"""The way out: what an agent that is stopping still waits for, and for how long."""

from __future__ import annotations

import time
from collections.abc import Callable

from glance_agent.domain.errors import StoreError
from glance_agent.domain.said import say

KEEPING_SECONDS = 3.0
"""So long an agent that is stopping may go on to write what could be made anew: systemd ends it
after 15."""


class Leaving:
    """Whether an agent is stopping; any thread may ask."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._until: float | None = None
        """By the clock, how long what is written may take; None while the agent goes on."""

    def begin(self) -> None:
        """The agent is stopping."""
        if self._until is None:
            self._until = self._clock() + KEEPING_SECONDS

    @property
    def begun(self) -> bool:
        """Whether what is given up now is given up since the agent is stopping."""
        return self._until is not None

    def read_on(self) -> None:
        """Raises StoreError where nobody needs any more what takes long to read."""
        if self._until is not None:
            raise StoreError(say("The agent is stopping."))

    def write_on(self) -> None:
        """Raises StoreError where what is being written is waited for no longer."""
        if self._until is not None and self._clock() >= self._until:
            raise StoreError(say("The agent is stopping."))
