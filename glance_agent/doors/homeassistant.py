"""The Home Assistant door: what it has to be told, and when it wants to hear it again.

It has no connection of its own; the MQTT door carries its messages.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from random import Random

from glance_agent.agent.despite import despite_the_library
from glance_agent.domain.strict_json import as_json
from glance_agent.homeassistant.announcer import Announcer

_log = logging.getLogger(__name__)
BIRTH_DELAY_SECONDS = (0.5, 3.0)
"""Home Assistant's birth is heard by all its agents at once; they do not answer all at once."""


class HomeAssistantDoor:
    """Introduces the agent on every connection, and again whenever Home Assistant starts."""

    def __init__(
        self,
        announcer: Announcer,
        *,
        birth_topic: str,
        worker: Executor,
        chance: Random,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.birth_topic = birth_topic
        self._announcer = announcer
        self._worker = worker
        self._chance = chance
        self._sleep = sleep
        self._greeting: asyncio.Task[None] | None = None

    async def messages(self) -> list[tuple[str, str]]:
        """Topics and payloads to publish retained; followed by `told` when they have arrived."""
        loop = asyncio.get_running_loop()
        # Where the library cannot be used, what was told last is still retained.
        asking = loop.run_in_executor(self._worker, self._announcer.messages)
        messages = await despite_the_library(asking, "introducing the agent to Home Assistant")
        return [
            (topic, "" if payload is None else as_json(payload))
            for topic, payload in messages or ()
        ]

    async def told(self) -> None:
        """The broker has the messages."""
        loop = asyncio.get_running_loop()
        keeping = loop.run_in_executor(self._worker, self._announcer.told)
        await despite_the_library(keeping, "remembering what Home Assistant was told")

    def heard(self, payload: bytes, publish_all: Callable[[], Awaitable[None]]) -> None:
        """Something was said on the birth topic: after a birth, publish everything soon."""
        if payload != b"online" or (self._greeting and not self._greeting.done()):
            return
        self._greeting = asyncio.create_task(self._greet(publish_all), name="home assistant")

    def close(self) -> None:
        """Leave off waiting for the moment to publish."""
        if self._greeting is not None:
            self._greeting.cancel()

    async def _greet(self, publish_all: Callable[[], Awaitable[None]]) -> None:
        await self._sleep(self._chance.uniform(*BIRTH_DELAY_SECONDS))
        try:
            await publish_all()
        except Exception:
            # Nobody waits for this task: what befalls it is seen in the log or nowhere.
            _log.exception("what Home Assistant should know could not be published again")
