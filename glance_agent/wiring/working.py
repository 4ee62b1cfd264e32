"""A program that embeds what waits in a library, on whichever machine, beside all others who do."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections.abc import Callable
from contextlib import aclosing, closing, suppress

from glance_agent.config.settings import Config
from glance_agent.domain.errors import ModelError, StoreError
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.ingest.progress import Progress
from glance_agent.ingest.reembed import REEMBEDDING
from glance_agent.store.opening import WAITED_SECONDS, Patience, patience_with
from glance_agent.wiring.following import not_kept_waiting, there
from glance_agent.wiring.ingestion import Ingestion
from glance_agent.wiring.rooms import Rooms, open_rooms

LOOKS_EVERY_SECONDS = 5.0
"""How often it is looked whether anybody has written into the library."""
AGAIN_SECONDS = 60.0
"""After so long it is looked for works all the same: somebody may have left some."""
_log = logging.getLogger(__name__)

Tell = Callable[[Progress, dict[str, int]], None]
"""Hears what a run has done, and how many works of which sources are left to other machines."""


async def work(config: Config, tell: Tell, stopping: asyncio.Event, *, once: bool = False) -> None:
    """Embed what waits until this is stopped, or `once` until nothing waits.

    Raises StoreError where the library cannot be opened, and ModelError where there is no model.
    """
    async with not_kept_waiting(config.library.place, stopping):
        if await there(config.library.place, stopping):
            await _work(config, tell, stopping, once=once)


async def _work(config: Config, tell: Tell, stopping: asyncio.Event, *, once: bool) -> None:
    """Embed what waits in a library that is there."""
    waited = WAITED_SECONDS if once else math.inf
    with (
        open_rooms(config, at_once=True) as rooms,
        patience_with([config.library.place], _log.error, waited) as patience,
    ):
        wanted = rooms.successor or rooms.encoder
        if isinstance(wanted, AbsentEncoder):
            raise ModelError(wanted.reason)
        async with rooms.web:
            with closing(rooms.decoders):  # nobody waits for a picture that is being decoded
                embedding = embed_what_waits(rooms, tell, patience, once=once)
                working = asyncio.create_task(embedding)
                stopped = asyncio.create_task(stopping.wait())
                await asyncio.wait({working, stopped}, return_when=asyncio.FIRST_COMPLETED)
                patience.give_up()
                for task in (working, stopped):
                    task.cancel()
                with suppress(asyncio.CancelledError):
                    await working


async def embed_what_waits(rooms: Rooms, tell: Tell, patience: Patience, *, once: bool) -> None:
    """Embed what waits for ever, or `once` until nothing waits."""
    ingestion = Ingestion(rooms, take_over=_nobody, patience=patience)
    while True:
        seen = await asyncio.to_thread(_writes, rooms)
        last = Progress(REEMBEDDING)
        async with aclosing(ingestion.run(REEMBEDDING, None)) as steps:
            async for step in steps:
                last = step
        tell(last, ingestion.out_of_reach)
        if once:
            return
        await _something_new(rooms, seen)


async def _nobody(rooms: Rooms) -> Rooms:
    """An agent sees by itself that its model knows every work."""
    return rooms


async def _something_new(rooms: Rooms, seen: int | None) -> None:
    """Wait until anybody has written, or for a while."""
    until = time.monotonic() + AGAIN_SECONDS
    while time.monotonic() < until:
        await asyncio.sleep(LOOKS_EVERY_SECONDS)
        if await asyncio.to_thread(_writes, rooms) != seen:
            return


def _writes(rooms: Rooms) -> int | None:
    """A number that changes when anybody has written; None where the library does not answer."""
    try:
        return rooms.library.db.data_version()
    except StoreError:
        return None
