"""The MQTT door: a connection that is kept for ever; commands come in, news goes out, retained.

What becomes of a command is in the intake, what becomes of its answer beside it. While the
connection is away no news is kept here: everything retained is published again on every connect.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import aclosing
from dataclasses import replace
from random import Random
from typing import Protocol

from glance_agent.commands.speech.understanding import IsWord
from glance_agent.domain.display_names import DisplayNames, Place
from glance_agent.domain.languages import ENGLISH_ALONE, Languages
from glance_agent.domain.news import News, Online
from glance_agent.domain.topics import Topics
from glance_agent.doors.handler import CommandTaker
from glance_agent.doors.homeassistant import HomeAssistantDoor
from glance_agent.doors.mqtt.answers import AnswerPublisher, Links
from glance_agent.doors.mqtt.connector import Connector
from glance_agent.doors.mqtt.intake import Intake
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.messages import Message
from glance_agent.doors.mqtt.neighbours import GivesWay, Neighbours, own_card
from glance_agent.doors.mqtt.news_publisher import NewsPublisher
from glance_agent.doors.mqtt.outbox import Outbox
from glance_agent.doors.mqtt.outgoing import Publication
from glance_agent.doors.mqtt.queue import Queue
from glance_agent.doors.mqtt.response_topics import ResponseTopics
from glance_agent.doors.mqtt.room import PictureRoom, RoomFinder
from glance_agent.doors.mqtt.settings import MqttSettings

SHUTDOWN_SECONDS = 2.0
PUT_RIGHT_SECONDS = 0.2
"""So that whoever contradicts us at once does not make us talk without a pause."""
_log = logging.getLogger(__name__)


class StateSource(CommandTaker, Protocol):
    """Carries commands out, and knows everything that is retained."""

    async def state(self) -> list[News]: ...
    async def new_session(self) -> None: ...


class MqttDoor:
    """Keeps a connection to the broker for ever, and moves commands and news over it."""

    def __init__(
        self,
        settings: MqttSettings,
        agent: StateSource,
        *,
        client_id: str,
        displays: DisplayNames,
        places: Collection[Place] = (),
        is_word: IsWord = lambda word: False,
        languages: Languages = ENGLISH_ALONE,
        room: PictureRoom | None = None,
        largest_bytes: int = 0,
        chance: Random,
        homeassistant: HomeAssistantDoor | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
        stands_in: GivesWay | None = None,
    ) -> None:
        """Another agent may stand in for this one, which `stands_in` asks to give way to it.

        `room` is told how large pictures may be; whether the broker takes `largest_bytes` is
        tried where it does not say so."""
        self._agent = agent
        self._clock = clock
        self._homeassistant = homeassistant
        self.topics = Topics(settings.base_topic)
        self._room = room or PictureRoom(self.topics)
        self._outbox = Outbox(self.topics, languages.told)
        self._finder = RoomFinder(settings, largest_bytes)
        self._connector = Connector(
            settings,
            client_id,
            will_topic=self.topics.status,
            on_message=self._arrived,
            on_settled=self._settled,
            on_forbidden=self._outbox.forbidden,
            finder=self._finder,
            chance=chance,
            sleep=sleep,
            clock=clock,
        )
        self._neighbours = Neighbours(own_card(client_id), stands_in=stands_in)
        self._news = NewsPublisher(self.topics, self._outbox, self._neighbours, languages.told)
        self._putting_right: asyncio.TimerHandle | None = None
        self._greeted = asyncio.Event()
        self._links = Links()
        self._intake = Intake(
            self.topics,
            agent,
            AnswerPublisher(self._links),
            response_topics=ResponseTopics(self.topics, settings.response_topics),
            queue=Queue(displays),
            announce=self.announce,
            places=places,
            is_word=is_word,
            languages=languages,
        )

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
                if self._news.link is not None:
                    await asyncio.wait([commands], timeout=SHUTDOWN_SECONDS / 2)
                commands.cancel()
                await self._say_goodbye()

    async def alive(self) -> None:
        """Return once no command, or another one, is being carried out; hangs where one does."""
        await self._intake.alive()

    async def greeted(self) -> None:
        """Return once it was said for the first time that the agent is there."""
        await self._greeted.wait()

    @property
    def is_connected(self) -> bool:
        """Whether there is a connection to the broker now."""
        return self._news.link is not None

    @property
    def waiting(self) -> int:
        """How many commands that came by it have not been begun yet."""
        return self._intake.waiting

    async def _stay_connected(self) -> None:
        async with aclosing(self._connector.links()) as links:
            async for link in links:
                async with asyncio.TaskGroup() as beside:
                    attending = [
                        beside.create_task(self._outbox.attend(link), name="mqtt outbox"),
                        beside.create_task(self._make_fit(link), name="mqtt limits"),
                    ]
                    await self._greet_on(link)
                    await link.closed()
                    for task in attending:
                        task.cancel()
                self._news.link = None
                self._outbox.ended(link)

    async def _greet_on(self, link: Link) -> None:
        if not link.session_present:
            await self._agent.new_session()
        self._meet_neighbours(link)
        link.subscribe(self._topic_filters())
        link.watch((self.topics.status, self.topics.agent))
        discovery = await self._discovery()
        self._neighbours.mine = replace(self._neighbours.mine, address=link.address)
        self._news.opened(link)
        self._room.opened(link)
        self._greet(discovery)
        self._greeted.set()
        self._links.opened(link, at_once=link.opened_at_once)
        self._intake.opened(link)
        link.greeted.set()
        try:
            await self._publish_state(link)
        finally:
            self._news.told_all()

    def _topic_filters(self) -> tuple[str, ...]:
        births = (self._homeassistant.birth_topic,) if self._homeassistant else ()
        return (*self.topics.command_filters, *births)

    async def _say_goodbye(self) -> None:
        link, self._news.link = self._news.link, None
        if link is not None:
            link.publish(self.topics.status, b"offline", retain=True)
            await link.close(SHUTDOWN_SECONDS / 2)

    def _arrived(self, received: Received) -> None:
        home = self._homeassistant
        if home is not None and received.topic == home.birth_topic:
            received.link.acknowledge(received)
            home.heard(received.payload, self.publish_all)
        elif received.topic == self.topics.agent:
            self._heard_agent(received)
        elif received.topic == self.topics.status:
            self._heard_status(received)
        else:
            self._intake.arrived(received)

    # -- others on our topics -------------------------------------------------------------

    def _meet_neighbours(self, link: Link) -> None:
        """Let the link's end be explained by whom we meet on it."""
        since = self._clock()
        self._neighbours.opened()
        link.explained = lambda ending: self._neighbours.explained(
            ending, lived_seconds=self._clock() - since
        )

    def _heard_agent(self, received: Received) -> None:
        met = self._neighbours.heard(received.payload, retained=received.retained)
        if met is not None:
            _log.warning("another agent, %s", met)
            self._news.introduce()  # so that it hears of us, too

    def _heard_status(self, received: Received) -> None:
        """Whoever says that we are not here, be it another agent that stops, is put right."""
        is_news = not received.retained and received.payload != b"online"
        if not is_news or self._news.link is not received.link or self._putting_right is not None:
            return
        _log.warning(
            "somebody else wrote to %s that this agent is not there; it says “online” again: %s",
            self.topics.status,
            self._neighbours.whoever(),
        )
        loop = asyncio.get_running_loop()
        self._putting_right = loop.call_later(PUT_RIGHT_SECONDS, self._put_right)

    def _put_right(self) -> None:
        self._putting_right = None
        self._news.publish(Online())

    def _settled(self, publication: Publication) -> None:
        self._outbox.settled(publication)
        if publication.topic == self.topics.agent and publication.refused is None:
            self._neighbours.is_introduced = True

    # -- news out -------------------------------------------------------------------------

    async def publish_all(self) -> None:
        """Publish discovery, `online` and everything that is retained, where there is a link."""
        discovery = await self._discovery()
        if self._news.link is not None:
            self._greet(discovery)
            await self._publish_state(self._news.link)

    async def _discovery(self) -> Sequence[tuple[str, str]]:
        return await self._homeassistant.messages() if self._homeassistant else ()

    def _greet(self, discovery: Sequence[tuple[str, str]]) -> None:
        """Say what there is, then that it is there."""
        for topic, payload in discovery:
            self._news.send(Message(topic, payload, retain=True))
        self._news.publish(Online())

    async def _publish_state(self, link: Link) -> None:
        self._news.publish_state(await self._agent.state())
        if self._homeassistant is not None and await link.confirmed():
            await self._homeassistant.told()

    async def _make_fit(self, link: Link) -> None:
        """Where the broker refuses something as too long, publish all again so that it fits."""
        await link.sending.too_long.wait()
        if await self._finder.refused(link):
            await self._publish_state(link)

    async def announce(self, news: News) -> None:
        """Publish one piece of news in its place; dropped while there is no connection."""
        self._news.publish(news)
