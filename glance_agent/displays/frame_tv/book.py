"""The record of a TV, kept over restarts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from glance_agent.displays.frame_tv.record import TvRecord
from glance_agent.displays.memory import DisplayMemory
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.said import say


class TvBook:
    """What is remembered of one TV, and what changes of it."""

    def __init__(self, memory: DisplayMemory) -> None:
        self._memory = memory
        self.record = TvRecord()

    async def open(self) -> None:
        """Remember what was kept last."""
        self.record = await asyncio.to_thread(self._memory.recall, TvRecord)

    async def change(self, how: Callable[[TvRecord], TvRecord]) -> None:
        """Have it changed like this, on the disk too. Raises DisplayError."""
        record = how(self.record)
        if record == self.record:
            return
        try:
            await asyncio.to_thread(self._memory.keep, record)
        except OSError as error:
            raise DisplayError(
                say("what is remembered of the TV cannot be written"),
                say("Make room where the library is, and let the agent write there."),
                str(error.strerror),
            ) from error
        self.record = record
