"""The MQTT door: a connection that is kept for ever; commands come in, news goes out, retained.

What becomes of a command is in the intake, what becomes of its answer beside it. While the
connection is away no news is kept here: everything retained is published again on every connect.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Protocol

from glance_agent.domain.display import News, Online
from glance_agent.domain.topics import Topics
from glance_agent.doors.homeassistant import HomeAssistantDoor
from glance_agent.doors.mqtt import intake as mqtt_intake
from glance_agent.doors.mqtt.answers import Answers, Links
from glance_agent.doors.mqtt.intake import Intake
from glance_agent.doors.mqtt.link import PROTOCOLS, Link, LinkError, Received
from glance_agent.doors.mqtt.messages import Message, message_of
from glance_agent.doors.mqtt.queue import Queue
from glance_agent.doors.mqtt.settings import MqttSettings

FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0
SHUTDOWN_SECONDS = 2.0
_log = logging.getLogger(__name__)


class Agent(mqtt_intake.Agent, Protocol):
    """Carries commands out, and knows everything that is retained."""

    async def state(self) -> list[News]: ...
    async def new_session(self) -> None: ...


class MqttDoor:
    """Keeps a connection to the broker for ever, and moves commands and news over it."""

    def __init__(
        self,
        settings: MqttSettings,
        agent: Agent,
        *,
        client_id: str,
        first_display: str,
        chance: Random,
        homeassistant: HomeAssistantDoor | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._settings = settings
        self._agent = agent
        self._homeassistant = homeassistant
        self._client_id = client_id
        self._chance = chance
        self._sleep = sleep
        self.topics = Topics(settings.base_topic)
        self._link: Link | None = None
        self._links = Links()
        self._intake = Intake(
            self.topics,
            agent,
            Answers(self._links),
            queue=Queue(first_display),
            announce=self.announce,
        )
        self._versions = deque(PROTOCOLS[settings.protocol])

    # -- the connection -------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected until cancelled; then say goodbye. Where one half dies, both do."""
        async with asyncio.TaskGroup() as tasks:
            commands = tasks.create_task(self._intake.run(), name="mqtt commands")
            try:
                await self._stay_connected()
            finally:
                if self._homeassistant is not None:
                    self._homeassistant.close()
                self._intake.finish()
                if self._link is not None:
                    await asyncio.wait([commands], timeout=SHUTDOWN_SECONDS / 2)
                commands.cancel()
                await self._say_goodbye()

    async def alive(self) -> None:
        """Return once no command, or another one, is being carried out; hangs where one does."""
        await self._intake.alive()

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                link = await self._connect(at_once=failures == 0)
            except LinkError as error:
                failures = await self._after_failure(error, failures)
                continue
            failures = 0
            await link.closed()
            self._link = None
            if link.was_ended:
                _log.info("connecting again for the commands that the broker still has")
                continue
            _log.warning("the connection to the broker was lost; connecting again")
            await self._sleep(self._chance.uniform(0, FIRST_DELAY_SECONDS))

    async def _connect(self, *, at_once: bool) -> Link:
        link = Link(
            self._settings,
            self._client_id,
            version=self._versions[0],
            will_topic=self.topics.status,
            on_message=self._arrived,
        )
        self._intake.may_begin.clear()
        try:
            session_present = await link.open()
            _log.info(
                "connected to %s:%d with MQTT %s",
                self._settings.host,
                self._settings.effective_port,
                "5" if link.version5 else "3.1.1",
            )
            if not session_present:
                await self._agent.new_session()
            link.subscribe(self._topic_filters())
            discovery = await self._discovery()
            self._link = link
            self._greet(discovery)
            self._links.opened(link, at_once=at_once)
            self._intake.opened(link)
        finally:
            self._intake.may_begin.set()
        await self._publish_state(link)
        return link

    def _topic_filters(self) -> tuple[str, ...]:
        births = (self._homeassistant.birth_topic,) if self._homeassistant else ()
        return (*self.topics.command_filters, *births)

    async def _after_failure(self, error: LinkError, failures: int) -> int:
        """Wait for the next attempt: ever longer, at random, and long after a refusal."""
        if error.old_broker and len(self._versions) > 1:
            self._versions.rotate(-1)
        ceiling = min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** min(failures, 10))
        if error.refused:
            ceiling = LONGEST_DELAY_SECONDS
        delay = self._chance.uniform(ceiling / 2, ceiling)
        _log.warning(
            "no connection to %s:%d: %s; trying again in %.0f s%s",
            self._settings.host,
            self._settings.effective_port,
            error,
            delay,
            " (check mqtt.username, mqtt.password and mqtt.tls)" if error.refused else "",
        )
        await self._sleep(delay)
        return failures + 1

    async def _say_goodbye(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.publish(self.topics.status, b"offline", retain=True)
            await link.close(SHUTDOWN_SECONDS / 2)

    def _arrived(self, received: Received) -> None:
        home = self._homeassistant
        if home is not None and received.topic == home.birth_topic:
            received.link.acknowledge(received)
            home.heard(received.payload, self.publish_all)
        else:
            self._intake.arrived(received)

    # -- news out -------------------------------------------------------------------------

    async def publish_all(self) -> None:
        """Publish discovery, `online` and everything that is retained, where there is a link."""
        discovery = await self._discovery()
        if self._link is not None:
            self._greet(discovery)
            await self._publish_state(self._link)

    async def _discovery(self) -> Sequence[tuple[str, str]]:
        return await self._homeassistant.messages() if self._homeassistant else ()

    def _greet(self, discovery: Sequence[tuple[str, str]]) -> None:
        """Say what there is, then that it is there."""
        for topic, payload in discovery:
            self._send(Message(topic, payload, retain=True))
        self._send(message_of(self.topics, Online()))

    async def _publish_state(self, link: Link) -> None:
        for news in await self._agent.state():
            await self.announce(news)
        if self._homeassistant is not None and await link.confirmed():
            await self._homeassistant.told()

    async def announce(self, news: News) -> None:
        """Publish one piece of news in its place; dropped while there is no connection."""
        self._send(message_of(self.topics, news))

    def _send(self, message: Message) -> None:
        if self._link is not None:
            self._link.publish(message.topic, message.payload, retain=message.retain)
