"""The sources that are to be brought in, one after the other."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Wanted:
    """A run over a source: of at most so many works, where there is a limit."""

    source: str
    limit: int | None = None


class WantedSources:
    """Runs that wait for those before them; the same one waits once."""

    def __init__(self) -> None:
        self._queue: asyncio.Queue[Wanted | None] = asyncio.Queue()
        self._waiting: set[Wanted | None] = set()

    def put(self, source: str, limit: int | None = None) -> None:
        """Bring in a source when those before it are done."""
        self._put(Wanted(source, limit))

    def wake(self) -> None:
        """Let whoever waits for what is next look around now."""
        self._put(None)

    def _put(self, wanted: Wanted | None) -> None:
        if wanted not in self._waiting:
            self._waiting.add(wanted)
            self._queue.put_nowait(wanted)

    async def next(self, seconds: float) -> Wanted | None:
        """What is to be brought in now; None where nothing is for so long, or it was woken."""
        try:
            async with asyncio.timeout(seconds):
                wanted = await self._queue.get()
        except TimeoutError:
            return None
        self._waiting.discard(wanted)
        return wanted
