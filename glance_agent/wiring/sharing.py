"""Several agents share a library: each runs with the displays that it holds, and takes up others'.

Which those are its keeper knows.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

from glance_agent.config.settings import Config
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.private import PRIVATE
from glance_agent.doors.systemd import feed_watchdog, notify, watchdog_seconds
from glance_agent.ingest.worker import in_worker
from glance_agent.store.display_leases import display_lease
from glance_agent.store.identity import mark_of
from glance_agent.wiring.following import listen
from glance_agent.wiring.going_on import deliver
from glance_agent.wiring.identity import id_file
from glance_agent.wiring.lease_keeper import Keeper, first_of
from glance_agent.wiring.ownership import Ownership

TRIED_EVERY_SECONDS = 3.0
"""How often what waits here is offered to a library that cannot take it in yet."""
_log = logging.getLogger(__name__)

Serve = Callable[[Config, asyncio.Event, Ownership], Awaitable[None]]
"""Runs an agent with the displays of a configuration until it is told to stop."""


async def share(config: Config, stopping: asyncio.Event, serve: Serve) -> None:
    """Run an agent with those displays of a configuration that no other agent holds, until it is
    told to stop; it begins anew with others as it gets them. Raises StoreError."""
    with _place_of(id_file(config)) as place, ThreadPoolExecutor(1, "leases") as thread:
        keeper = Keeper(config, place, thread)
        keeping = asyncio.create_task(keeper.run())
        try:
            await _serve_what_is_held(config, stopping, serve, keeper, keeping)
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)
            await in_worker(thread, keeper.close)


async def _serve_what_is_held(
    config: Config,
    stopping: asyncio.Event,
    serve: Serve,
    keeper: Keeper,
    keeping: asyncio.Task[None],
) -> None:
    while not stopping.is_set():
        keeper.changed.clear()
        ended = asyncio.Event()
        displays = tuple(d for d in config.displays if display_lease(d.name) in keeper.held)
        some = config.model_copy(update={"displays": displays})
        standing_by = partial(_stand_by, config, keeper, ended)
        ownership = replace(keeper.ownership(), leave=partial(_leave, keeper, stopping))
        work = serve(some, ended, ownership) if displays else standing_by()
        serving = asyncio.ensure_future(work)
        waiting = [asyncio.create_task(e.wait()) for e in (stopping, keeper.changed)]
        await asyncio.wait([serving, keeping, *waiting], return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        ended.set()
        await serving
        if keeping.done():
            keeping.result()


async def _leave(keeper: Keeper, stopping: asyncio.Event) -> None:
    """Leave the displays to others where the agent ends, and does not go on with other ones."""
    if stopping.is_set():
        await keeper.leave()


async def _stand_by(config: Config, keeper: Keeper, ended: asyncio.Event) -> None:
    """Wait until there is something to show on; systemd hears that all is well.

    What people said to this agent while it could not reach the library is taken in there.
    """
    notify("READY=1")
    seconds = watchdog_seconds()
    beside = [asyncio.create_task(feed_watchdog([], seconds))] if seconds else []
    if isinstance(place := config.library.place, PostgresPlace):
        beside.append(asyncio.create_task(listen(place, keeper.woken.set)))
    await _deliver(config, keeper, ended)
    await ended.wait()
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)


async def _deliver(config: Config, keeper: Keeper, ended: asyncio.Event) -> None:
    await first_of(ended, keeper.answered)
    while not ended.is_set() and not keeper.held:
        try:
            await asyncio.to_thread(deliver, config)
        except StoreError as error:
            _log.log(error.log_level, "what waits here cannot be taken in yet: %s", error)
            await first_of(ended, seconds=TRIED_EVERY_SECONDS)
        else:
            return


@contextmanager
def _place_of(file: Path) -> Iterator[str]:
    """What tells this agent's folder from those of other machines, which no other agent runs in
    meanwhile. Raises StoreError where one does."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(f"{file}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError:
        yield secrets.token_hex(6)  # nobody knows: an earlier run counts as another agent
        return
    with os.fdopen(descriptor, "r+b") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise StoreError(
                f"Another agent runs with the files in {file.parent.absolute()}. Stop that one "
                "first, or put the configuration of this one into a folder of its own.",
                trouble=Trouble.BUSY,
            ) from error
        yield mark_of(file)
