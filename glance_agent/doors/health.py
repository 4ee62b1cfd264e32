"""Whether the loop of a door still goes round: what the watchdog asks every door."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Health:
    """Knows whether one loop waits for something to do, or is busy with one thing."""

    def __init__(self) -> None:
        self._rests = asyncio.Event()
        self._rests.set()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Within it the loop is busy with one thing, which has to end."""
        self._rests.clear()
        try:
            yield
        finally:
            self._rests.set()

    async def alive(self) -> None:
        """Return once the loop waits for something to do, or goes on to the next thing."""
        await self._rests.wait()
