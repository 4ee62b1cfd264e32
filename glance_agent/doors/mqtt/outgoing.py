"""Publications in, those that may be sent now out: few unconfirmed at a time, answers first.

What waits is bounded: of what is retained only the newest of each topic waits, of the events the
latest; answers are never dropped, whoever publishes them bounds them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

WINDOW: Final = 20
"""So many publications are on their way unconfirmed; a broker of MQTT 5 may allow fewer."""
EVENTS_WAITING: Final = 500


class Fate(Enum):
    """What has become of a publication."""

    CONFIRMED = auto()
    """The broker has answered for it, be it with a refusal."""
    TOO_LARGE = auto()
    """It was not sent: it is larger than the broker takes."""
    REPLACED = auto()
    """It was not sent: something newer took its place."""
    LOST = auto()
    """The connection ended before the broker answered for it."""


@dataclass(slots=True, eq=False)
class Publication:
    """One message on its way to the broker, and what becomes of it."""

    topic: str
    payload: bytes = field(repr=False)
    retain: bool = False
    correlation: bytes | None = None
    is_answer: bool = False
    refused: str | None = None
    """Why the broker does not take it, where it says so."""
    fate: asyncio.Future[Fate] = field(
        default_factory=lambda: asyncio.get_running_loop().create_future(), repr=False
    )

    @property
    def is_too_long(self) -> bool:
        """Whether the broker says so; one of MQTT 5 may."""
        return self.refused == "Packet too large"

    def settle(self, fate: Fate) -> None:
        """Tell whoever waits; what comes later changes nothing."""
        if not self.fate.done():
            self.fate.set_result(fate)


class Outgoing:
    """What one connection has to send, and what it has sent and is not confirmed yet."""

    def __init__(self, window: int = WINDOW) -> None:
        self.window = window
        self._answers: deque[Publication] = deque()
        self._news: dict[object, Publication] = {}
        self._events: deque[object] = deque()
        self._sent: dict[int, Publication] = {}

    def add_answer(self, publication: Publication) -> None:
        """Send this before any news, whatever else waits."""
        self._answers.append(publication)

    def add_news(self, publication: Publication) -> None:
        """Send this in its turn; where the same topic is retained, in place of what waits there."""
        key: object = publication.topic
        if not publication.retain:
            key = object()
            self._events.append(key)
            if len(self._events) > EVENTS_WAITING:
                self._drop_an_event()
        if (older := self._news.get(key)) is not None:
            older.settle(Fate.REPLACED)
        self._news[key] = publication

    def _drop_an_event(self) -> None:
        self._news.pop(self._events.popleft()).settle(Fate.REPLACED)

    def due(self) -> Publication | None:
        """What is to be sent next, where one more may be on its way; `sent` is called with it."""
        if len(self._sent) >= self.window:
            return None
        if self._answers:
            return self._answers.popleft()
        if not self._news:
            return None
        key = next(iter(self._news))
        if self._events and self._events[0] is key:
            self._events.popleft()
        return self._news.pop(key)

    def sent(self, mid: int, publication: Publication) -> None:
        """It is on its way under this packet identifier."""
        self._sent[mid] = publication

    def confirmed(self, mid: int, refused: str | None = None) -> Publication | None:
        """The broker has answered for it: has taken it, or refused it for this reason."""
        if (publication := self._sent.pop(mid, None)) is not None:
            publication.refused = refused
            publication.settle(Fate.CONFIRMED)
        return publication

    @property
    def anything_sent(self) -> bool:
        """Whether anything is on its way."""
        return bool(self._sent)

    def open(self) -> list[Publication]:
        """All that is not settled: what is on its way, oldest first, then what waits."""
        return [*self._sent.values(), *self._answers, *self._news.values()]

    def under_way(self) -> list[Publication]:
        """What was sent and is not confirmed, oldest first."""
        return list(self._sent.values())

    def lose(self) -> None:
        """The connection is gone, and all that was not confirmed with it."""
        for publication in self.open():
            publication.settle(Fate.LOST)
