"""How long to wait before the next connection: ever longer, until one has lived for a while."""

from __future__ import annotations

from random import Random

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0
STEADY_SECONDS = 60.0
"""A connection that has lived so long worked; the next one need not wait for its end's cause."""


class Backoff:
    """Counts what came to nothing: no connection, or one that did not live for long."""

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._in_a_row = 0

    def delay(self, *, lived_seconds: float = 0.0, hopeless: bool = False) -> float:
        """Seconds to wait after a connection that lived so long; long where it is hopeless."""
        if hopeless:
            ceiling = LONGEST_DELAY_SECONDS
        elif lived_seconds >= STEADY_SECONDS:
            self._in_a_row = 0
            return self._chance.uniform(0, FIRST_DELAY_SECONDS)
        else:
            ceiling = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(self._in_a_row, 10))
        self._in_a_row += 1
        return self._chance.uniform(ceiling / 2, ceiling)
