"""Everything that runs together: the agent, its doors, its displays, and what looks after them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from importlib import import_module
from random import Random
from typing import Any

from glance_agent.agent.agent import Agent
from glance_agent.agent.clock_watch import ClockWatch
from glance_agent.agent.outlets import Outlet
from glance_agent.agent.present import Present
from glance_agent.agent.upkeep import Upkeep
from glance_agent.displays.pull import PulledDisplay
from glance_agent.domain.clock_steps import ClockSteps
from glance_agent.domain.errors import CommandError, ErrorCode, StoreError
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.reply import refusal
from glance_agent.domain.said import say
from glance_agent.domain.topics import Topics
from glance_agent.doors.clock import ClockDoor
from glance_agent.doors.folders import FoldersDoor
from glance_agent.doors.mqtt.door import MqttDoor
from glance_agent.doors.mqtt.room import PictureRoom
from glance_agent.doors.systemd import feed_watchdog, watchdog_seconds
from glance_agent.embedding.dictionary import is_word
from glance_agent.store.times import Times
from glance_agent.wiring.agents import agent_of, within
from glance_agent.wiring.clock import utc_now
from glance_agent.wiring.clockwork import languages_of, timings_of
from glance_agent.wiring.displays import (
    deliveries_of,
    heard_displays_of,
    pulled_of,
    switches_of,
)
from glance_agent.wiring.following import listen, watch_over
from glance_agent.wiring.gathering import rhythms_of
from glance_agent.wiring.hanging import places_of
from glance_agent.wiring.household import Household
from glance_agent.wiring.identity import identity_of
from glance_agent.wiring.introduction import homeassistant_of
from glance_agent.wiring.ownership import Ownership, steady_seconds
from glance_agent.wiring.reading import ReadingRoom
from glance_agent.wiring.rooms import Rooms
from glance_agent.wiring.upkeep import Upkept

AGENT, BROKER = "agent", "mqtt"
"""What keeps what hangs, and what speaks in this agent's name."""
HEAD_START_SECONDS = 1.0
"""How much later pages are loaded at most where no broker answers."""
ANSWER_BYTES = 100_000
"""Answers and discovery messages are no longer than this."""
_log = logging.getLogger(__name__)


class Together:
    """What runs together, by name, and whom the watchdog asks whether it still does."""

    def __init__(self, agent: Agent) -> None:
        self.works: dict[str, Coroutine[Any, Any, None]] = {}
        self.asked: list[Callable[[], Awaitable[None]]] = []
        self._agent = agent

    def run(
        self,
        name: str,
        work: Coroutine[Any, Any, None],
        alive: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Run this with all others; `alive` hangs where it does."""
        self.works[name] = work
        if alive is not None:
            self.asked.append(alive)

    def tell(self, name: str, outlet: Outlet, *, is_asked: bool = True) -> None:
        """Have the agent's news told here, by a work of its own."""
        telling = self._agent.add_outlet(outlet)
        self.run(name, telling.run(), telling.alive if is_asked else None)


def doors_of(
    rooms: Rooms, worker: ThreadPoolExecutor, reading: ReadingRoom, ownership: Ownership
) -> dict[str, Coroutine[Any, Any, None]]:
    """Everything that runs together, by name: the agent, its doors and its watchdog."""
    mqtt, house = _mqtt_and_house(rooms, worker, reading, ownership)
    agent, clock, together = house.agent, _clock(house), Together(house.agent)
    together.run(AGENT, agent.run(rooms.duties), agent.alive)
    together.run("model", agent.background.await_model())
    together.run(BROKER, mqtt.run(), mqtt.alive)
    together.run("clock", clock.run(), clock.alive)
    together.tell("news to mqtt", mqtt)
    together.tell("news to the clock", clock)
    together.run("library", _upkeep(house).run())
    together.run("devices", agent.devices.run())
    together.run("clock steps", _clock_watch(house).run())
    if ownership.owner is not None:
        together.run("displays that are ours again", ownership.regained(agent.regain))
    _run_displays(together, house, mqtt, ownership)
    _follow_server(together, house, ownership)
    folders = FoldersDoor(agent, within(worker, rooms.watched))
    together.run("folders", folders.run(), folders.alive)
    if (seconds := watchdog_seconds()) is not None:
        together.run("watchdog", feed_watchdog(together.asked, seconds))
    return together.works


def _mqtt_and_house(
    rooms: Rooms, worker: ThreadPoolExecutor, reading: ReadingRoom, ownership: Ownership
) -> tuple[MqttDoor, Household]:
    """The agent, and the door to the broker, which says how large its pictures may be."""
    config, shared = rooms.config, ownership.shared
    room = PictureRoom(Topics(config.mqtt.base_topic))
    identity = identity_of(config, rooms.library.db)
    rooms.history.speak_as(identity, shared=shared)
    rooms.history.owner = ownership.owner
    house = Household(
        rooms, agent_of(rooms, worker, reading, room, ownership.owns), worker, reading
    )
    mqtt = MqttDoor(
        config.mqtt,
        house.agent,
        client_id=config.mqtt.client_id or f"glance-agent-{identity.session(shared=shared)}",
        displays=config.display_names,
        places=places_of(config),
        is_word=is_word,
        languages=languages_of(config),
        room=room,
        largest_bytes=max(ANSWER_BYTES, *(d.max_image_bytes for d in config.displays)),
        chance=Random(),  # noqa: S311 - only spreads reconnections
        homeassistant=homeassistant_of(rooms, identity.house, worker),
        stands_in=ownership.gives_way if shared else None,
    )
    return mqtt, house


def _clock(house: Household) -> ClockDoor:
    config = house.rooms.config
    return ClockDoor(
        house.agent,
        displays=[d.name for d in config.displays],
        rhythms=rhythms_of(config),
        wall=utc_now,
        timings=timings_of(config),
    )


def _run_displays(
    together: Together, house: Household, broker: MqttDoor, ownership: Ownership
) -> None:
    """Bring pictures to displays, switch them, and answer browsers and devices that ask."""
    config, agent = house.rooms.config, house.agent
    displays = heard_displays_of(config, agent.devices.hear)
    for delivery in deliveries_of(displays.values(), agent.refuse, ownership.owns):
        together.tell(f"news to {delivery.name}", delivery)
        together.run(f"display {delivery.name}", delivery.run())
    for switch in switches_of(displays.values(), agent.refuse):
        together.tell(f"power of {switch.name}", switch, is_asked=False)
        together.run(f"switch of {switch.name}", switch.run())
    present, pulled = Present(), pulled_of(displays.values())
    if config.web.enabled or pulled:
        together.tell("news to the pages", present, is_asked=False)
    if pulled:
        together.run("devices' door", _devices(house, pulled, present))
    if config.web.enabled:
        together.run("pages", _pages(house, present, broker))


async def _devices(house: Household, pulled: list[PulledDisplay[Any]], present: Present) -> None:
    """Answer devices that ask; what that needs is loaded beside the agent."""
    devices = await asyncio.to_thread(import_module, "glance_agent.wiring.devices")
    await devices.answer(house, pulled, present)


async def _pages(house: Household, present: Present, broker: MqttDoor) -> None:
    """Serve the pages; what they need is loaded beside the agent, which need not wait for it.

    Nor does it share the interpreter with that before it has said that it is there.
    """
    await _head_start(broker)
    pages = await asyncio.to_thread(import_module, "glance_agent.wiring.pages")
    with pages.pages_of(house, present, broker) as door:
        await door.run()


async def _head_start(broker: MqttDoor) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(HEAD_START_SECONDS):
            await broker.greeted()


def _follow_server(together: Together, house: Household, ownership: Ownership) -> None:
    """Follow the server that keeps the library, if one does, and go on while it is away."""
    rooms, agent = house.rooms, house.agent
    if isinstance(place := rooms.config.library.place, PostgresPlace):
        together.run("news of the library", listen(place, agent.background.look))
        watching = watch_over(place, gone=agent.background.tell_away, back=agent.background.take_in)
        together.run("server of the library", watching)
    if rooms.while_away is not None:
        rooms.while_away.owns = ownership.owns
        together.tell("news for later", rooms.while_away, is_asked=False)


def _upkeep(house: Household) -> Upkeep:
    async def mended(said: str) -> None:
        """Tell everyone what became of a damaged library, and find again what is lost of it."""
        why = CommandError(ErrorCode.LIBRARY_UNUSABLE, said, say("Its log says more."))
        await house.agent.refuse(refusal("status", why))
        for duty in await within(house.worker, house.rooms.duties)():
            house.agent.background.want(duty)

    library = Upkept(house.rooms, lambda: house.reading.answering)
    return Upkeep(library, mended, worker=house.worker)


def _clock_watch(house: Household) -> ClockWatch:
    """What follows the clock when it is set; what was kept while it was ahead is set right now."""
    steps, times = ClockSteps(utc_now, steady_seconds), Times(house.rooms.library.db)
    try:
        # What another agent of a library has kept is not after now because our clock is behind.
        times.bound(max(utc_now(), times.of_database()))
    except StoreError as error:
        _log.warning("times in the library are left as they are: %s", error)
    return ClockWatch(steps, times, house.agent.tell_state, worker=house.worker)
