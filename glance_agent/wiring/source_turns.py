"""Sources in turns: what one program is bringing in, no other one lists meanwhile."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass

from glance_agent.domain.errors import StoreError
from glance_agent.domain.said import say
from glance_agent.ingest.reembed import RENEWED_TIMES
from glance_agent.ingest.worker import in_worker
from glance_agent.store.database import Database
from glance_agent.store.source_leases import LEASE_SECONDS, Lister, SourceLease

ASKED_EVERY_SECONDS = 1.0
"""How often who waits for its turn asks for it."""
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class SourceTurn:
    """A source that is this program's, unless it is `left_to` another one; that one may have come
    to its end. It is `done` once whoever has it says so."""

    left_to: str | None = None
    has_ended: bool = False
    done: bool = False

    def is_ours(self) -> bool:
        """Whether this program is to bring it in."""
        return self.left_to is None


class SourceTurns:
    """This program's turns with sources."""

    def __init__(self, me: Lister, waits: Callable[[str], None] | None = None) -> None:
        """Where it `waits` for others, that is told; else who has a source is named at once."""
        self._waits = waits
        self._me = me
        self._met: dict[str, str] = {}
        """Who was met at which source, the last time that it was asked for."""

    @asynccontextmanager
    async def take(
        self, database: Database, thread: Executor, source: str, *, again: bool
    ) -> AsyncIterator[SourceTurn]:
        """The turn with a source, by a database that only this thread uses; `again` also where
        another one has brought it in since this was asked for. Raises StoreError."""
        lease = SourceLease(database, source, self._me, LEASE_SECONDS)
        turn = await self._asked(lease, thread, source)
        turn.left_to = None if turn.has_ended and again else turn.left_to
        turn.done = turn.has_ended
        renewing = asyncio.create_task(_renew(lease, thread, turn))
        try:
            yield turn
        finally:
            renewing.cancel()
            # Nobody waits for it: whoever closes the library does so after it, in the same thread.
            thread.submit(lambda: lease.give_back(done=turn.done))

    async def _asked(self, lease: SourceLease, thread: Executor, source: str) -> SourceTurn:
        said = ""
        while True:
            was_known = await in_worker(thread, lease.is_known)
            other = await in_worker(thread, lease.take)
            if other is None:
                before = self._met.pop(source, None)
                return (
                    SourceTurn()
                    if before is None or was_known
                    else SourceTurn(before, has_ended=True)
                )
            self._met[source] = other
            if self._waits is None:
                return SourceTurn(other)
            if said != other:
                said = other
                self._waits(say("{source} is being brought in by {who}.", source=source, who=other))
            await asyncio.sleep(ASKED_EVERY_SECONDS)


async def _renew(lease: SourceLease, thread: Executor, turn: SourceTurn) -> None:
    """Keep a source for as long as it is brought in; it may be lost where that does not work."""
    while turn.is_ours():
        await asyncio.sleep(lease.seconds / RENEWED_TIMES)
        try:
            turn.left_to = await in_worker(thread, lease.take)
        except StoreError as error:
            _log.warning("a source stays leased for now: %s", error)
