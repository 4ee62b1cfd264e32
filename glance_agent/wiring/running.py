"""The running agent: what it opens, what runs in one TaskGroup then, and how it stops."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from glance_agent.config.naming import collisions
from glance_agent.config.settings import Config
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.said import at_the_start
from glance_agent.doors.mqtt.tls import check_credentials
from glance_agent.doors.systemd import notify
from glance_agent.doors.web.settings import check_token
from glance_agent.store.opening import claimed
from glance_agent.wiring.doors import AGENT, BROKER, doors_of
from glance_agent.wiring.following import not_kept_waiting, there
from glance_agent.wiring.memory import keep_little_memory
from glance_agent.wiring.ownership import Ownership
from glance_agent.wiring.reading import reading_room
from glance_agent.wiring.upkeep import file_of, opened_sound

_log = logging.getLogger(__name__)


async def run(config: Config) -> None:
    """Run the agent until SIGTERM or SIGINT. Raises StoreError and ConfigError."""
    keep_little_memory()
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    await serve(config, stopping)


async def serve(config: Config, stopping: asyncio.Event) -> None:
    """Run the agent until it is told to stop. Raises StoreError and ConfigError."""
    check_credentials(config.mqtt)
    check_token(config.web)
    for collision in collisions(config.displays):
        _log.warning("%s", collision)
    async with not_kept_waiting(config.library.place, stopping):
        while await there(config.library.place, stopping):
            try:
                await _serve_alone_or_shared(config, stopping)
            except StoreError as error:
                # It went while it was opened; what breaks while an agent runs comes in a group.
                if error.trouble is not Trouble.UNREACHABLE or file_of(config) is not None:
                    raise
                _log.error("%s It is tried again until it can be.", at_the_start(error.said))
            else:
                return


async def _serve_alone_or_shared(config: Config, stopping: asyncio.Event) -> None:
    if isinstance(config.library.place, PostgresPlace):
        sharing = await asyncio.to_thread(import_module, "glance_agent.wiring.sharing")
        await sharing.share(config, stopping, _serve)
    else:
        await _serve(config, stopping, Ownership())


async def _serve(config: Config, stopping: asyncio.Event, ownership: Ownership) -> None:
    """Run the agent of these displays, which are its own, until it is told to stop."""
    with (
        claimed(config.library.place, shared=ownership.shared) as claim,
        opened_sound(config, claim) as rooms,
        ThreadPoolExecutor(1, "commands") as worker,
        reading_room(rooms) as reading,
    ):
        async with rooms.web:
            doors = doors_of(rooms, worker, reading, ownership)
            await _run_together(doors, stopping, rooms.leaving.begin, ownership.leave)
        await asyncio.to_thread(reading.answering.follower.keep, stopping=True)


async def _run_together(
    doors: dict[str, Coroutine[Any, Any, None]],
    stopping: asyncio.Event,
    leave: Callable[[], None],
    leave_displays: Callable[[], Awaitable[None]],
) -> None:
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(work, name=name) for name, work in doors.items()]
        notify("READY=1")
        try:
            await stopping.wait()
        finally:
            leave()  # also where a door has ended before its time
        notify("STOPPING=1")
        _log.info("stopping")
        for task in running:
            task.cancel()
        # Whoever waits for the displays needs nothing else to have ended.
        await asyncio.wait([task for task in running if task.get_name() in (AGENT, BROKER)])
        await leave_displays()
