"""What is told over MQTT: each piece of news in its place, on whatever link there is."""

from __future__ import annotations

from collections.abc import Iterable

from glance_agent.domain.news import About, News, Soon
from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.link import Link
from glance_agent.doors.mqtt.messages import Message, message_of
from glance_agent.doors.mqtt.neighbours import Neighbours
from glance_agent.doors.mqtt.outbox import Outbox


class NewsPublisher:
    """Publishes news on the link of the moment; without one it is dropped."""

    def __init__(
        self, topics: Topics, outbox: Outbox, neighbours: Neighbours, language: str
    ) -> None:
        """`language` is that of what is told to all."""
        self._topics = topics
        self._outbox = outbox
        self._neighbours = neighbours
        self._language = language
        self.link: Link | None = None
        self._about: About | None = None
        self._told_meanwhile: dict[str, Message] | None = None

    def opened(self, link: Link) -> None:
        """News goes there from now on. Until `told_all` it is noted what is told by itself, so
        that `publish_state` does not say it once more."""
        self.link, self._told_meanwhile = link, {}

    def told_all(self) -> None:
        """The state was told on the new link."""
        self._told_meanwhile = None

    def publish(self, news: News) -> None:
        """Publish one piece of news in its place."""
        message = self._message(news)
        if message is not None:
            self.send(message)

    def publish_state(self, state: Iterable[News]) -> None:
        """Publish everything that is retained, but for what was told meanwhile."""
        for news in state:
            message = self._message(news)
            if message is not None and not self._was_told_meanwhile(message):
                self.send(message)

    def introduce(self) -> None:
        """Say again who we are, as far as it was ever said."""
        if self._about is not None:
            self.send(message_of(self._topics, self._about, self._language))

    def send(self, message: Message) -> None:
        """Publish a message as it is."""
        if self.link is None:
            return
        if message.retain and self._told_meanwhile is not None:
            self._told_meanwhile[message.topic] = message
        self._outbox.publish(self.link, message)

    def _message(self, news: News) -> Message | None:
        if isinstance(news, Soon):
            return None  # it may come otherwise: for screens alone, which get it ready
        if isinstance(news, About):
            news = self._about = About({**news.facts, **self._neighbours.facts()})
        return message_of(self._topics, news, self._language)

    def _was_told_meanwhile(self, message: Message) -> bool:
        """Whether what is being told on a new connection went out there by itself."""
        told = self._told_meanwhile
        return told is not None and told.get(message.topic) == message
