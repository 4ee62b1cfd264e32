"""The running agent: its parts, its doors together in one TaskGroup, and how it stops."""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from random import Random
from typing import Any

from glance_agent.agent.agent import Agent
from glance_agent.agent.clock_watch import ClockWatch
from glance_agent.agent.present import Present
from glance_agent.agent.upkeep import Upkeep
from glance_agent.config.naming import collisions
from glance_agent.config.settings import Config
from glance_agent.domain.clock_steps import ClockSteps
from glance_agent.domain.errors import CommandError, ErrorCode, StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.reply import refusal
from glance_agent.domain.said import say
from glance_agent.domain.topics import Topics
from glance_agent.doors.clock import ClockDoor
from glance_agent.doors.folders import FoldersDoor
from glance_agent.doors.mqtt.door import MqttDoor
from glance_agent.doors.mqtt.room import PictureRoom
from glance_agent.doors.mqtt.tls import check_credentials
from glance_agent.doors.systemd import feed_watchdog, notify, watchdog_seconds
from glance_agent.doors.web.settings import check_token
from glance_agent.embedding.dictionary import is_word
from glance_agent.store.opening import claimed
from glance_agent.store.times import Times
from glance_agent.wiring.agents import agent_of, within
from glance_agent.wiring.clockwork import languages_of, timings_of
from glance_agent.wiring.displays import (
    deliveries_of,
    heard_displays_of,
    places_of,
    pulled_of,
    switches_of,
)
from glance_agent.wiring.following import listen, there, watch_over
from glance_agent.wiring.gathering import rhythms_of
from glance_agent.wiring.identity import identity_of
from glance_agent.wiring.introduction import homeassistant_of
from glance_agent.wiring.memory import give_back_large_blocks
from glance_agent.wiring.ownership import Ownership, steady_seconds
from glance_agent.wiring.reading import ReadingRoom, reading_room
from glance_agent.wiring.rooms import Rooms, utc_now
from glance_agent.wiring.upkeep import Upkept, file_of, opened_sound

HEAD_START_SECONDS = 1.0
"""How much later pages are loaded at most where no broker answers."""
ANSWER_BYTES = 100_000
"""Answers and discovery messages are no longer than this."""
_log = logging.getLogger(__name__)


async def run(config: Config) -> None:
    """Run the agent until SIGTERM or SIGINT. Raises StoreError and ConfigError."""
    give_back_large_blocks()
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
    while await there(config.library.place, stopping):
        try:
            await _serve_alone_or_shared(config, stopping)
        except StoreError as error:
            # It went while it was opened; what breaks while an agent runs comes in a group.
            if error.trouble is not Trouble.UNREACHABLE or file_of(config) is not None:
                raise
            _log.error("%s It is tried again until it can be.", error)
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
            doors = _doors(rooms, worker, reading, ownership)
            await _run_together(doors, stopping, rooms.leaving.begin)
        await asyncio.to_thread(reading.answering.follower.keep, stopping=True)


async def _run_together(
    doors: dict[str, Any], stopping: asyncio.Event, leave: Callable[[], None]
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


def _doors(
    rooms: Rooms, worker: ThreadPoolExecutor, reading: ReadingRoom, ownership: Ownership
) -> dict[str, Any]:
    """Everything that runs together, by name: the agent, its doors and its watchdog."""
    config = rooms.config
    room = PictureRoom(Topics(config.mqtt.base_topic))
    identity = identity_of(config, rooms.library.db)
    rooms.history.speak_as(identity, shared=ownership.shared)
    session = identity.session(shared=ownership.shared)
    rooms.history.owner = ownership.owner
    agent = agent_of(rooms, worker, reading, room, ownership.owns)
    mqtt = MqttDoor(
        config.mqtt,
        agent,
        client_id=config.mqtt.client_id or f"glance-agent-{session}",
        displays=config.display_names,
        places=places_of(config),
        is_word=is_word,
        languages=languages_of(config),
        room=room,
        largest_bytes=max(ANSWER_BYTES, *(d.max_image_bytes for d in config.displays)),
        chance=Random(),  # noqa: S311 - only spreads reconnections
        homeassistant=homeassistant_of(rooms, identity.house, worker),
        stands_in=ownership.shared,
    )
    clock = ClockDoor(
        agent,
        displays=[d.name for d in config.displays],
        rhythms=rhythms_of(config),
        wall=utc_now,
        timings=timings_of(config),
    )
    to_mqtt, to_clock = agent.add_outlet(mqtt), agent.add_outlet(clock)
    doors: dict[str, Any] = {
        "agent": agent.run(rooms.duties),
        "model": agent.await_model(),
        "mqtt": mqtt.run(),
        "clock": clock.run(),
        "news to mqtt": to_mqtt.run(),
        "news to the clock": to_clock.run(),
        "library": _upkeep(rooms, agent, worker, reading).run(),
        "devices": agent.devices.run(),
        "clock steps": _clock_watch(rooms, agent, worker).run(),
    }
    asked = [agent.alive, mqtt.alive, clock.alive, to_mqtt.alive, to_clock.alive]
    if ownership.owner is not None:
        doors["displays that are ours again"] = ownership.regained(agent.tell_state)
    displays = heard_displays_of(config, agent.devices.hear)
    for delivery in deliveries_of(displays.values(), agent.refuse):
        to_display = agent.add_outlet(delivery)
        doors[f"news to {delivery.name}"] = to_display.run()
        doors[f"display {delivery.name}"] = delivery.run()
        asked.append(to_display.alive)
    for switch in switches_of(displays.values(), agent.refuse):
        doors[f"power of {switch.name}"] = agent.add_outlet(switch).run()
        doors[f"switch of {switch.name}"] = switch.run()
    present, pulled = Present(), pulled_of(displays.values())
    if config.web.enabled or pulled:
        doors["news to the pages"] = agent.add_outlet(present).run()
    if pulled:
        doors["devices' door"] = _devices(rooms, agent, worker, pulled=pulled, present=present)
    if config.web.enabled:
        doors["pages"] = _pages(rooms, agent, worker, reading=reading, present=present, broker=mqtt)
    if isinstance(place := config.library.place, PostgresPlace):
        doors["news of the library"] = listen(place, agent.look)
        doors["server of the library"] = watch_over(place, gone=agent.tell_away, back=agent.take_in)
    if rooms.while_away is not None:
        rooms.while_away.owns = ownership.owns
        doors["news for later"] = agent.add_outlet(rooms.while_away).run()
    folders = FoldersDoor(agent, within(worker, rooms.watched))
    doors["folders"] = folders.run()
    asked.append(folders.alive)
    if (seconds := watchdog_seconds()) is not None:
        doors["watchdog"] = feed_watchdog(asked, seconds)
    return doors


async def _pages(
    rooms: Rooms,
    agent: Agent,
    worker: ThreadPoolExecutor,
    *,
    broker: MqttDoor,
    **beside: Any,
) -> None:
    """Serve the pages; what they need is loaded beside the agent, which need not wait for it.

    Nor does it share the interpreter with that before it has said that it is there.
    """
    await _head_start(broker)
    pages = await asyncio.to_thread(import_module, "glance_agent.wiring.pages")
    with pages.pages_of(rooms, agent, worker, broker=broker, **beside) as door:
        await door.run()


async def _head_start(broker: MqttDoor) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(HEAD_START_SECONDS):
            await broker.greeted()


async def _devices(rooms: Rooms, agent: Agent, worker: ThreadPoolExecutor, **asked: Any) -> None:
    """Answer devices that ask; what that needs is loaded beside the agent."""
    devices = await asyncio.to_thread(import_module, "glance_agent.wiring.devices")
    await devices.answer(rooms, agent, worker, **asked)


def _upkeep(rooms: Rooms, agent: Agent, worker: ThreadPoolExecutor, reading: ReadingRoom) -> Upkeep:
    mended = partial(_mended, agent, within(worker, rooms.duties))
    return Upkeep(Upkept(rooms, lambda: reading.answering), mended, worker=worker)


def _clock_watch(rooms: Rooms, agent: Agent, worker: ThreadPoolExecutor) -> ClockWatch:
    """What follows the clock when it is set; what was kept while it was ahead is set right now."""
    steps, times = ClockSteps(utc_now, steady_seconds), Times(rooms.library.db)
    try:
        # What another agent of a library has kept is not after now because our clock is behind.
        times.bound(max(utc_now(), times.of_database()))
    except StoreError as error:
        _log.warning("times in the library are left as they are: %s", error)
    return ClockWatch(steps, times, agent.tell_state, worker=worker)


async def _mended(
    agent: Agent, duties: Callable[[], Coroutine[Any, Any, list[str]]], said: str
) -> None:
    """Tell everyone what became of a damaged library, and find again what is lost of it."""
    why = CommandError(ErrorCode.LIBRARY_UNUSABLE, said, say("Its log says more."))
    await agent.refuse(refusal("status", why))
    for duty in await duties():
        agent.want(duty)
