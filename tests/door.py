"""Only the MQTT door: a household that has nothing to do stands behind it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.news import About, News
from glance_agent.domain.reply import Reply
from glance_agent.doors.mqtt.door import MqttDoor
from glance_agent.doors.mqtt.settings import MqttSettings
from tests.spawned import PATIENCE_SECONDS


class Household:
    """An agent that does what it is told, unless someone asks for a moon."""

    def __init__(self, news: Sequence[News] = (About({"version": "test"}),)) -> None:
        self.sessions = 0
        self._news = news
        self.connected = asyncio.Event()

    async def handle(
        self, command: Command, delivery: Delivery | None = None, also: Sequence[Asked] = ()
    ) -> Reply:
        if "moon" in command.user:
            raise RuntimeError("/home/secret: the moon is far away")
        return Reply(verb=command.verb, ok=True, message="Done.")

    async def refuse(self, reply: Reply) -> None:
        return None

    async def state(self) -> list[News]:
        return list(self._news)

    async def new_session(self) -> None:
        self.sessions += 1
        self.connected.set()


class Patience:
    """Takes the place of sleeping between attempts: notes how long, and the test ends it."""

    def __init__(self) -> None:
        self.delays: list[float] = []
        self._waiting: asyncio.Queue[asyncio.Event] = asyncio.Queue()
        self._sleeper = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.delays.append(seconds)
        woken = asyncio.Event()
        self._waiting.put_nowait(woken)
        await woken.wait()

    async def failures(self, count: int) -> None:
        """Wait until so many more attempts have failed, waking the door in between."""
        for _ in range(count):
            self.wake()
            async with asyncio.timeout(PATIENCE_SECONDS):
                self._sleeper = await self._waiting.get()

    def wake(self) -> None:
        """Let the next attempt begin."""
        self._sleeper.set()


@asynccontextmanager
async def door(
    port: int,
    patience: Patience,
    household: Household | None = None,
    *,
    client_id: str = "door",
    largest_bytes: int = 0,
    **settings: Any,
) -> AsyncIterator[Household]:
    """The door, which connects for ever."""
    household = household or Household()
    keys: dict[str, Any] = {"client_id": client_id, "largest_bytes": largest_bytes, **settings}
    async with door_of(household, port, patience, **keys):
        yield household


@asynccontextmanager
async def door_of(
    household: Household,
    port: int,
    patience: Patience,
    *,
    client_id: str = "door",
    largest_bytes: int = 0,
    **settings: Any,
) -> AsyncIterator[MqttDoor]:
    """The door of this household, which tries whether the broker takes so much."""
    one = MqttDoor(
        MqttSettings(port=port, **settings),
        household,
        client_id=client_id,
        displays=DisplayNames(("wall",)),
        largest_bytes=largest_bytes,
        chance=Random(1),
        sleep=patience.sleep,
    )
    task = asyncio.create_task(one.run())
    try:
        yield one
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
