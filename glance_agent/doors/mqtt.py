"""The MQTT door: commands come in, are answered and acknowledged; news goes out, retained.

A command is acknowledged to the broker when its effect is on disk and its answer has been
sent. While the connection is away nothing is queued here: the broker keeps the commands, and
everything retained is published again on every connect.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from typing import Protocol

from glance_agent.command import Command, address_of
from glance_agent.doors.health import Health
from glance_agent.doors.homeassistant import HomeAssistantDoor
from glance_agent.doors.mqtt_link import PROTOCOLS, Link, LinkError, Received
from glance_agent.doors.mqtt_news import Message, message_of
from glance_agent.doors.mqtt_queue import Queue, Waiting
from glance_agent.errors import our_fault
from glance_agent.glance import Failed, News, Online, Reply, refusal
from glance_agent.mqtt_settings import MqttSettings
from glance_agent.parse import BadCommand, parse_command
from glance_agent.receipts import Asked, Delivery
from glance_agent.strict_json import as_json
from glance_agent.topics import Topics

WAITING_COMMANDS = 200
"""With so many commands waiting no more are read; what comes stays with the broker meanwhile."""
FIRST_DELAY_SECONDS = 1.0
LONGEST_DELAY_SECONDS = 60.0
SHUTDOWN_SECONDS = 2.0
_log = logging.getLogger(__name__)


class Agent(Protocol):
    """Carries commands out, and knows everything that is retained."""

    async def handle(
        self, command: Command, delivery: Delivery | None = None, also: Sequence[Asked] = ()
    ) -> Reply: ...
    async def refuse(self, reply: Reply) -> None: ...
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
        self._waiting = Queue(first_display)
        self._health = Health()
        self._held: Link | None = None
        self._greeted = asyncio.Event()
        """Not set from the opening of a link to its `online`: nothing else comes first."""
        self._versions = deque(PROTOCOLS[settings.protocol])

    # -- the connection -------------------------------------------------------------------

    async def run(self) -> None:
        """Stay connected until cancelled; then say goodbye. Where one half dies, both do."""
        try:
            async with asyncio.TaskGroup() as together:
                together.create_task(self._work(), name="mqtt commands")
                together.create_task(self._stay_connected(), name="mqtt connection")
        finally:
            if self._homeassistant is not None:
                self._homeassistant.close()
            await self._say_goodbye()

    async def alive(self) -> None:
        """Return once no command, or another one, is being carried out; hangs where one does."""
        await self._health.alive()

    async def _stay_connected(self) -> None:
        failures = 0
        while True:
            try:
                link = await self._connect()
            except LinkError as error:
                failures = await self._after_failure(error, failures)
                continue
            failures = 0
            await link.closed()
            self._link = None
            _log.warning("the connection to the broker was lost; connecting again")
            await self._sleep(self._chance.uniform(0, FIRST_DELAY_SECONDS))

    async def _connect(self) -> Link:
        link = Link(
            self._settings,
            self._client_id,
            version=self._versions[0],
            will_topic=self.topics.status,
            on_message=self._arrived,
        )
        self._greeted.clear()
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
        finally:
            self._greeted.set()
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
            await link.close(SHUTDOWN_SECONDS)

    # -- commands in ----------------------------------------------------------------------

    def _arrived(self, received: Received) -> None:
        """Put a message in the queue; where that is full, no more is read for a while."""
        home = self._homeassistant
        if home is not None and received.topic == home.birth_topic:
            received.link.acknowledge(received)
            home.heard(received.payload, self.publish_all)
            return
        command = parse_command(
            self.topics, received.topic, received.payload, retained=received.retained
        )
        self._waiting.put(Waiting(received, command))
        if len(self._waiting) >= WAITING_COMMANDS:
            self._held = received.link
            self._held.pause()

    async def _work(self) -> None:
        async with asyncio.TaskGroup() as beside:
            while True:
                together = await self._waiting.take()
                await self._greeted.wait()
                if self._held is not None and len(self._waiting) <= WAITING_COMMANDS // 2:
                    self._held.resume()
                    self._held = None
                command = together[0].command
                if isinstance(command, BadCommand) or address_of(command) is None:
                    with self._health.at_work():
                        await self._finish(together)
                else:
                    self._waiting.fetching_for(command)
                    beside.create_task(self._fetch(together))

    async def _fetch(self, together: Sequence[Waiting]) -> None:
        """Carry out what a picture has to be fetched for, beside what need not wait for it."""
        await self._finish(together)
        self._waiting.fetching_for(None)

    async def _finish(self, together: Sequence[Waiting]) -> None:
        """Carry out and answer what stands for the same; raises nothing."""
        try:
            reply = await self._carry_out(together)
        except Exception:
            # Whatever one command breaks, it is answered, and those after it are carried out.
            _log.exception("a command could not be carried out")
            command = together[0].command
            reply = _with_transaction(refusal(command.verb, our_fault()), command)
            await self.announce(Failed(reply))
        for waiting in together:
            self._conclude(waiting, reply)

    def _conclude(self, waiting: Waiting, reply: Reply) -> None:
        """Answer one message and acknowledge it, whatever its answer meets."""
        try:
            self._answer(waiting.received, _with_transaction(reply, waiting.command))
        except Exception:
            # One that cannot be answered would come again for ever, unless it is acknowledged.
            _log.exception("a command could not be answered")
        waiting.received.link.acknowledge(waiting.received)

    async def _carry_out(self, together: Sequence[Waiting]) -> Reply:
        command = together[0].command
        if isinstance(command, BadCommand):
            reply = refusal(command.verb, command.error, command.display)
            await self._agent.refuse(_with_transaction(reply, command))
            return reply
        also = [
            Asked(w.command, _delivery(w.received))
            for w in together[1:]
            if not isinstance(w.command, BadCommand)
        ]
        return await self._agent.handle(command, _delivery(together[0].received), also)

    def _answer(self, received: Received, reply: Reply) -> None:
        """Send the answer to everyone, and to the topic that the sender named."""
        payload = as_json(reply)
        # A command may come with the very packet that opens its link, or outlive it.
        link = self._link or received.link
        link.publish(self.topics.response, payload, retain=False)
        topic = received.response_topic
        if topic and self._may_answer_to(topic):
            link.publish(topic, payload, retain=False, correlation=received.correlation)

    def _may_answer_to(self, topic: str) -> bool:
        """A stranger's topic, unless it is a pattern, the broker's own or one of ours."""
        if any(c in topic for c in "+#\0") or topic.startswith("$"):
            return False
        ours = topic == self.topics.base or topic.startswith(f"{self.topics.base}/")
        return not ours or topic.startswith(f"{self.topics.response}/")

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


def _delivery(received: Received) -> Delivery | None:
    """What identifies a QoS 1 delivery: content, packet identifier and correlation data."""
    if received.qos == 0:
        return None
    parts = (
        received.topic.encode(),
        received.payload,
        str(received.mid).encode(),
        received.correlation or b"",
    )
    digest = hashlib.sha256(b"\0".join(parts)).hexdigest()
    return Delivery(digest, redelivered=received.redelivered)


def _with_transaction(reply: Reply, command: Command | BadCommand) -> Reply:
    return reply.model_copy(update={"transaction": command.transaction})
