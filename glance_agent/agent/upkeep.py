"""Looking after the library beside the commands: is it still there, is it sound, what may go."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from typing import Protocol

from glance_agent.agent.despite import despite_the_library
from glance_agent.domain.errors import StoreError
from glance_agent.domain.said import say
from glance_agent.ingest.worker import in_worker

CHECK_SECONDS = 3.0
"""How long it may stay unknown that the library was deleted or replaced."""
PRUNE_SECONDS = 60.0
"""How often what is too old to be kept whole is looked for."""
MEND_SECONDS = 3_600.0
"""How long mending is not tried again: what it could not mend now, it cannot a minute later."""
_log = logging.getLogger(__name__)


class Keeping(Protocol):
    """The library as it is kept; all but `check_place` in the worker's thread alone."""

    def check_place(self) -> None:
        """Raises StoreError where the library was deleted or replaced."""
        ...

    def prune(self) -> bool:
        """Let a little of what is too old go; True once nothing is left to do."""
        ...

    def damage(self) -> str | None:
        """What was met that is damaged, or None."""
        ...

    def mend(self) -> str:
        """Put what is legible in the place of what is damaged; what was done. Raises StoreError."""
        ...


class Upkeep:
    """Looks after one library, for as long as the agent runs."""

    def __init__(
        self,
        library: Keeping,
        mended: Callable[[str], Awaitable[None]],
        *,
        worker: Executor,
        check_seconds: float = CHECK_SECONDS,
    ) -> None:
        """`mended` tells everyone what was done to a damaged library, or why nothing could be."""
        self._library = library
        self._mended = mended
        self._worker = worker
        self._check_seconds = check_seconds
        self._prune_at = 0.0
        self._mend_at = 0.0

    async def run(self) -> None:
        """Look after it, for ever. Raises StoreError where it is gone, or another one."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.to_thread(self._library.check_place)
            if self._library.damage() is not None and loop.time() >= self._mend_at:
                self._mend_at = loop.time() + MEND_SECONDS
                await self._mend()
            if loop.time() >= self._prune_at:
                self._prune_at = loop.time() + PRUNE_SECONDS
                await despite_the_library(self._prune(), "letting go of what is old")
            await asyncio.sleep(self._check_seconds)

    async def _mend(self) -> None:
        try:
            said = await in_worker(self._worker, self._library.mend)
        except StoreError as error:
            if error.busy:
                self._mend_at = 0.0
                return
            said = say(
                "The library is damaged ({fault}) and cannot be mended now: {why} What can be read "
                "of it is shown.",
                fault=str(self._library.damage()),
                why=error,
            )
        _log.error("%s", said)
        await self._mended(said)

    async def _prune(self) -> None:
        """In slices, which let commands in between."""
        while not await in_worker(self._worker, self._library.prune):
            pass
