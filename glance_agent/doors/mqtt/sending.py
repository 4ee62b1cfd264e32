"""What one connection publishes: few at a time, within the broker's limits, until confirmed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from glance_agent.doors.mqtt.outgoing import WINDOW, Fate, Outgoing, Publication
from glance_agent.doors.mqtt.paho import properties_of
from glance_agent.doors.mqtt.settings import MqttSettings

OVERHEAD_BYTES = 64
"""What a packet holds beside its topic, correlation data and payload, at most."""
SILENCE_SECONDS = 30.0
"""A broker that answers for nothing of what it was sent for so long is left."""
UNWRITTEN = 1_000
"""So many publications at QoS 0 wait at most for the socket to take them."""


class Sending:
    """Publishes over a client of paho, and knows what has become of each publication."""

    def __init__(
        self,
        client: paho.Client,
        settings: MqttSettings,
        on_settled: Callable[[Publication], None] | None,
    ) -> None:
        self._client = client
        self._settings = settings
        self._on_settled = on_settled
        self._outgoing = Outgoing()
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self._maximum_packet_bytes: int | None = None
        self._unwritten = 0
        self._is_over = False
        self.refused: set[str] = set()  # why the broker took no publication, as MQTT 5 tells
        self.too_long = asyncio.Event()  # set when the broker says so of a publication
        client.max_inflight_messages = WINDOW

    def begin(self, properties: Any) -> None:
        """The broker has let us in, with these properties (MQTT 5.0, section 3.2.2.3)."""
        self._maximum_packet_bytes = getattr(properties, "MaximumPacketSize", None)
        self._outgoing.window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))

    def take_at_most(self, packet_bytes: int) -> None:
        """The broker takes no longer packets, though it does not say so."""
        self._maximum_packet_bytes = packet_bytes

    @property
    def is_told_a_limit(self) -> bool:
        """Whether it is known how long a packet may be."""
        return self._maximum_packet_bytes is not None

    def end(self) -> None:
        """The connection is gone; what was not confirmed is lost."""
        self._is_over = True
        self._outgoing.lose()

    # -- out --------------------------------------------------------------------------------

    def publish(self, topic: str, payload: bytes | str, *, retain: bool) -> Publication:
        """Send news at QoS 1; where much waits, only the newest of a retained topic goes out."""
        publication = Publication(topic, _bytes(payload), retain)
        return self._send(publication, self._outgoing.add_news)

    def answer(self, topic: str, payload: str, correlation: bytes | None = None) -> Publication:
        """Send an answer at QoS 1, ahead of all news."""
        publication = Publication(topic, _bytes(payload), False, correlation, is_answer=True)
        return self._send(publication, self._outgoing.add_answer)

    def mention(self, topic: str, payload: str, correlation: bytes | None = None) -> None:
        """Send at QoS 0, as surely as what it answers came; not where the socket is full."""
        self._unwritten = self._unwritten + 1 if self._client.want_write() else 0
        if not self._is_over and self._unwritten < UNWRITTEN:
            properties = self._properties(correlation)
            self._client.publish(topic, _bytes(payload), 0, properties=properties)

    def room_for(self, topic: str, correlation: bytes | None = None) -> int | None:
        """How many bytes of payload the broker takes there; None where it names no limit."""
        limits = []
        if self._settings.max_payload_bytes is not None:
            limits.append(self._settings.max_payload_bytes)
        if self._maximum_packet_bytes is not None:
            taken = len(topic.encode()) + len(correlation or b"") + OVERHEAD_BYTES
            limits.append(self._maximum_packet_bytes - taken)
        return min(limits, default=None)

    def _send(self, publication: Publication, add: Callable[[Publication], None]) -> Publication:
        room = self.room_for(publication.topic, publication.correlation)
        if self._is_over:
            publication.settle(Fate.LOST)
        elif room is not None and len(publication.payload) > room:
            publication.refused = f"it takes {room:,} bytes there at most"
            publication.settle(Fate.TOO_LARGE)
            self._settled(publication)
        else:
            add(publication)
            self._send_what_is_due()
        return publication

    def _send_what_is_due(self) -> None:
        while not self._is_over and (due := self._outgoing.due()) is not None:
            if not self._outgoing.anything_sent:
                self._heard_at = self._loop.time()
            properties = self._properties(due.correlation)
            info = self._client.publish(due.topic, due.payload, 1, due.retain, properties)
            self._outgoing.sent(info.mid, due)

    def _properties(self, correlation: bytes | None) -> Any:
        if correlation is None or self._client.protocol != paho.MQTTv5:
            return None
        properties = properties_of(PacketTypes.PUBLISH)
        properties.CorrelationData = correlation
        return properties

    # -- what became of it ------------------------------------------------------------------

    async def confirmed(self) -> bool:
        """Wait until the broker has all that was published before this; False where the
        connection went before that."""
        fates = [await publication.fate for publication in self._outgoing.open()]
        return Fate.LOST not in fates and not self._is_over

    def under_way(self) -> list[Publication]:
        """What was sent and is not confirmed, oldest first, also after the end of the connection;
        brokers answer in the order of sending."""
        return self._outgoing.under_way()

    @property
    def unconfirmed(self) -> int:
        """How many publications the broker has not answered for."""
        return len(self._outgoing.open())

    def answered(self, mid: int, reason: ReasonCode) -> None:
        """The broker has answered for the publication of this packet identifier."""
        refused = reason.getName() if reason.is_failure else None
        publication = self._outgoing.confirmed(mid, refused)
        if publication is not None:
            self.heard()
            self._loop.call_soon(self._send_what_is_due)
            self._settled(publication)

    def heard(self) -> None:
        """The broker is busy with us: a backlog comes before the confirmations behind it."""
        self._heard_at = self._loop.time()

    @property
    def is_met_with_silence(self) -> bool:
        """Whether the broker has confirmed nothing of what was sent for too long."""
        silent_for = self._loop.time() - self._heard_at
        return self._outgoing.anything_sent and silent_for > SILENCE_SECONDS

    def _settled(self, publication: Publication) -> None:
        if publication.refused is not None:
            self.refused.add(publication.refused)
        if publication.is_too_long:
            self.too_long.set()
        if self._on_settled is not None:
            self._on_settled(publication)


def _bytes(payload: bytes | str) -> bytes:
    return payload.encode() if isinstance(payload, str) else payload
