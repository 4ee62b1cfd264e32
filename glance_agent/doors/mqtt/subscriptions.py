"""What a connection has asked the broker for; what is refused is asked for again."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

ASK_AGAIN_SECONDS = 60.0
_log = logging.getLogger(__name__)


class Subscriptions:
    """The topics of one connection."""

    def __init__(self, client: paho.Client, on_refused: Callable[[str, str], None]) -> None:
        """`on_refused` hears of commands that the broker does not let us read, and why."""
        self._client = client
        self._on_refused = on_refused
        self._loop = asyncio.get_running_loop()
        self._asked: dict[int, tuple[str, bool]] = {}
        self._again: asyncio.TimerHandle | None = None
        client.on_subscribe = self._answered

    def ask(self, topic_filters: Sequence[str]) -> None:
        """Commands, at QoS 1; retained messages only when the subscription is new."""
        # As published: otherwise a command that is sent retained looks like any other.
        options = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=1)
        for topic_filter in topic_filters:
            self._subscribe(topic_filter, options, is_watched=False)

    def watch(self, topics: Sequence[str]) -> None:
        """What others publish on these topics of ours: at QoS 0, so that none waits for us."""
        for topic in topics:
            self._subscribe(topic, SubscribeOptions(qos=0, noLocal=True), is_watched=True)

    def close(self) -> None:
        """Ask no more."""
        if self._again is not None:
            self._again.cancel()

    def _subscribe(self, topic_filter: str, options: SubscribeOptions, *, is_watched: bool) -> None:
        if self._client.protocol == paho.MQTTv5:
            _, mid = self._client.subscribe(topic_filter, options=options)
        else:
            _, mid = self._client.subscribe(topic_filter, qos=options.QoS)
        if mid is not None:
            self._asked[mid] = (topic_filter, is_watched)

    def _answered(
        self, _client: Any, _data: Any, mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        topic_filter, is_watched = self._asked.pop(mid, ("", True))
        refused = [reason.getName() for reason in reasons if reason.is_failure]
        if not refused:
            return
        if is_watched:
            _log.info("the broker does not let the agent read %s (%s)", topic_filter, refused[0])
            return
        self._on_refused(topic_filter, refused[0])
        self._again = self._loop.call_later(ASK_AGAIN_SECONDS, self.ask, (topic_filter,))
