"""One piece of news in, the message that tells it out: its topic, its payload, kept or not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from glance_agent.domain.display import Glance
from glance_agent.domain.event import Event
from glance_agent.domain.languages import ENGLISH, in_language
from glance_agent.domain.news import (
    About,
    DeviceHeard,
    Failed,
    Hung,
    Online,
    Powered,
    Public,
    Tuned,
)
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics


@dataclass(frozen=True, slots=True)
class Message:
    """What is published; with `retain` the broker keeps it for those who come later."""

    topic: str
    payload: bytes | str
    retain: bool

    @property
    def size_bytes(self) -> int:
        """How long the payload is."""
        return len(self.payload.encode() if isinstance(self.payload, str) else self.payload)


def message_of(topics: Topics, news: Public, language: str = ENGLISH) -> Message:
    """The message in whose topic this news has its place; its sentences are in a language."""
    match news:
        case Glance():
            return Message(topics.artwork(news.display), _said(news.state(), language), retain=True)
        case Hung():
            return Message(topics.image(news.display), news.frame.data, retain=True)
        case Tuned():
            settings = news.settings.model_dump(mode="json")
            return Message(topics.settings(news.display), as_json(settings), retain=True)
        case Powered():
            return Message(topics.power(news.display), b"on" if news.on else b"off", retain=True)
        case DeviceHeard():
            state = news.state.model_dump(mode="json")
            return Message(topics.device(news.display), as_json(state), retain=True)
        case Online():
            return Message(topics.status, b"online", retain=True)
        case About():
            return Message(topics.agent, _said(news.facts, language), retain=True)
        case Failed():
            return Message(topics.error, _said(news.payload(), language), retain=False)
        case Event():
            return Message(topics.event(news.name), _said(news.payload, language), retain=False)
        case _:
            assert_never(news)


def _said(value: dict[str, Any], language: str) -> str:
    return as_json(in_language(value, language))
