"""One MQTT connection: open, subscribe, publish, acknowledge, close.

Messages are acknowledged by whoever has dealt with them (manual PUBACK, MQTT 5.0 section 4.3.2),
never before.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from glance_agent.domain.errors import ConfigError, GlanceError
from glance_agent.doors.mqtt.ack_order import Arrivals
from glance_agent.doors.mqtt.outgoing import WINDOW, Fate, Outgoing, Publication
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.mqtt.tls import tls_context
from glance_agent.doors.mqtt.wire import Wire

PROTOCOLS = {"5": (5,), "3.1.1": (4,), "auto": (5, 4)}
"""The versions to try, in turn, for each setting of `mqtt.protocol`."""

RECEIVE_MAXIMUM = 50
MAXIMUM_PACKET_BYTES = 1024 * 1024
OVERHEAD_BYTES = 64
"""What a packet holds beside its topic, correlation data and payload, at most."""
SILENCE_SECONDS = 30.0
"""A broker that answers for nothing of what it was sent for so long is left."""
CONNECT_TIMEOUT_SECONDS = 10.0
_FORBIDDEN = (
    "the broker does not let the agent %s (%s): check its access list against config/mosquitto.acl"
)
_NOT_ALLOWED = {
    "Bad user name or password",
    "Not authorized",
    "Banned",
    "Client identifier not valid",
}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, eq=False)
class Received:
    """A message as it came, and the link on which it is to be acknowledged."""

    link: Link = field(repr=False)
    topic: str
    payload: bytes
    qos: int
    mid: int
    retained: bool
    redelivered: bool
    response_topic: str | None = None
    correlation: bytes | None = None


class LinkError(GlanceError):
    """No connection: why in words, and whether trying again soon makes sense."""

    def __init__(self, reason: str, *, refused: bool = False, old_broker: bool = False) -> None:
        super().__init__(reason)
        self.refused = refused
        self.old_broker = old_broker


class Link:
    """A connection to the broker, from open to close; a new one is made for each attempt."""

    def __init__(
        self,
        settings: MqttSettings,
        client_id: str,
        *,
        version: int,
        will_topic: str | None,
        on_message: Callable[[Received], None],
    ) -> None:
        """Raises LinkError where the password or a certificate cannot be read."""
        self._settings = settings
        self._on_message = on_message
        self._opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._outgoing = Outgoing()
        self._arrivals: Arrivals[Received] = Arrivals()
        self.has_left_messages = False
        self.was_ended = False
        self._loop = asyncio.get_running_loop()
        self._heard_at = self._loop.time()
        self.version5 = version == paho.MQTTv5
        self._maximum_packet_bytes: int | None = None
        self.refused: set[str] = set()  # why the broker took no publication, as MQTT 5 tells
        try:
            self._client = self._new_client(client_id, version, will_topic)
        except ConfigError as error:
            # A file that was there at the start: whoever renews it may just be writing it.
            raise LinkError(str(error).rstrip("."), refused=True) from error
        self._wire = Wire(self._client)

    # -- open and close -------------------------------------------------------------------

    async def open(self) -> bool:
        """Connect; whether the broker still has the session. Raises LinkError."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                await self._wire.connect(self._connect)
                session_present = await self._opened
        except TimeoutError:
            self._drop()
            # Some brokers of MQTT 3.1.1 say nothing at all to version 5.
            raise LinkError("the broker does not answer", old_broker=self.version5) from None
        except ssl.SSLError as error:
            raise LinkError(f"TLS failed: {error.reason or error}", refused=True) from error
        except (OSError, ValueError) as error:
            raise LinkError(getattr(error, "strerror", None) or str(error)) from error
        except BaseException:
            self._drop()
            raise
        self._wire.keep_alive(self._leave_a_silent_broker)
        return session_present

    async def closed(self) -> None:
        """Wait until the connection is gone."""
        await self._wire.closed.wait()

    async def close(self, timeout_seconds: float) -> None:
        """Let the broker confirm what was published, then disconnect."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self.confirmed()
                self._client.disconnect()
                await self._wire.closed.wait()
        except TimeoutError:
            _log.warning("the broker did not confirm the last messages in time")
        self._drop()

    async def confirmed(self) -> bool:
        """Wait until the broker has all that was published before this; False where the
        connection went before that."""
        fates = [await publication.fate for publication in self._outgoing.open()]
        return Fate.LOST not in fates and not self._wire.closed.is_set()

    # -- messages -------------------------------------------------------------------------

    def subscribe(self, topic_filters: tuple[str, ...]) -> None:
        """Ask for these topics at QoS 1; retained messages only when the subscription is new."""
        for topic_filter in topic_filters:
            if self.version5:
                # As published: otherwise a command that is sent retained looks like any other.
                options = SubscribeOptions(qos=1, retainAsPublished=True, retainHandling=1)
                self._client.subscribe(topic_filter, options=options)
            else:
                self._client.subscribe(topic_filter, qos=1)

    def publish(self, topic: str, payload: bytes | str, *, retain: bool) -> Publication:
        """Send news at QoS 1; where much waits, only the newest of a retained topic goes out."""
        publication = Publication(topic, _bytes(payload), retain)
        return self._send(publication, self._outgoing.add_news)

    def answer(self, topic: str, payload: str, correlation: bytes | None = None) -> Publication:
        """Send an answer at QoS 1, ahead of all news."""
        publication = Publication(topic, _bytes(payload), correlation=correlation)
        return self._send(publication, self._outgoing.add_answer)

    def room_for(self, topic: str, correlation: bytes | None = None) -> int | None:
        """How many bytes of payload the broker takes there; None where it names no limit."""
        limits = []
        if self._settings.max_payload_bytes is not None:
            limits.append(self._settings.max_payload_bytes)
        if self._maximum_packet_bytes is not None:
            taken = len(topic.encode()) + len(correlation or b"") + OVERHEAD_BYTES
            limits.append(self._maximum_packet_bytes - taken)
        return min(limits, default=None)

    def under_way(self) -> list[Publication]:
        """What was sent and is not confirmed, oldest first, also after the end of the connection;
        brokers answer in the order of sending."""
        return self._outgoing.under_way()

    @property
    def unconfirmed(self) -> int:
        """How many publications the broker has not answered for."""
        return len(self._outgoing.open())

    def acknowledge(self, received: Received) -> list[Received]:
        """A message has been dealt with: those that the broker is told of by this, in the order
        of their arrival."""
        if received.qos == 0:
            return [received]
        if self._wire.closed.is_set():
            return []
        ready = self._arrivals.done(received)
        for one in ready:
            self._client.ack(one.mid, 1)
        return ready

    def leave(self, received: Received) -> None:
        """Leave this and all that follows to the broker: it comes again on the next connection."""
        self.has_left_messages = True
        self._arrivals.forget(received)

    def end(self) -> None:
        """Disconnect now, in good order; the broker keeps the session."""
        self.was_ended = True
        self._client.disconnect()

    def _send(self, publication: Publication, add: Callable[[Publication], None]) -> Publication:
        room = self.room_for(publication.topic, publication.correlation)
        if self._wire.closed.is_set():
            publication.settle(Fate.LOST)
        elif room is not None and len(publication.payload) > room:
            size = len(publication.payload)
            _log.warning("%s: %d bytes are more than the broker takes", publication.topic, size)
            publication.settle(Fate.TOO_LARGE)
        else:
            add(publication)
            self._send_what_is_due()
        return publication

    def _send_what_is_due(self) -> None:
        while not self._wire.closed.is_set() and (due := self._outgoing.due()) is not None:
            properties = None
            if self.version5 and due.correlation is not None:
                properties = _properties(PacketTypes.PUBLISH)
                properties.CorrelationData = due.correlation
            if not self._outgoing.anything_sent:
                self._heard_at = self._loop.time()
            info = self._client.publish(due.topic, due.payload, 1, due.retain, properties)
            self._outgoing.sent(info.mid, due)

    def _leave_a_silent_broker(self) -> None:
        if not self._outgoing.anything_sent:
            return
        if self._loop.time() - self._heard_at > SILENCE_SECONDS:
            _log.warning("the broker has confirmed nothing for %.0f s", SILENCE_SECONDS)
            self._drop()

    def _drop(self) -> None:
        self._wire.drop()
        self._outgoing.lose()

    # -- paho's side ----------------------------------------------------------------------

    def _new_client(self, client_id: str, version: int, will_topic: str | None) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=client_id,
            clean_session=None if version == paho.MQTTv5 else will_topic is None,
            protocol=MQTTProtocolVersion(version),
            reconnect_on_failure=False,
            manual_ack=True,
        )
        client.connect_timeout = CONNECT_TIMEOUT_SECONDS
        client.max_inflight_messages = WINDOW
        if will_topic is not None:
            client.will_set(will_topic, b"offline", qos=1, retain=True)
        if self._settings.username is not None:
            client.username_pw_set(self._settings.username, self._settings.secret())
        if self._settings.tls:
            client.tls_set_context(tls_context(self._settings))
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_subscribe = self._subscribed
        client.on_publish = self._published
        client.on_message = self._arrived
        return client

    def _connect(self) -> None:
        properties = None
        if self.version5:
            properties = _properties(PacketTypes.CONNECT)
            properties.SessionExpiryInterval = self._settings.session_expiry_seconds
            properties.ReceiveMaximum = RECEIVE_MAXIMUM
            properties.MaximumPacketSize = MAXIMUM_PACKET_BYTES
        self._client.connect(
            self._settings.host,
            self._settings.effective_port,
            keepalive=self._settings.keepalive_seconds,
            clean_start=False if self.version5 else paho.MQTT_CLEAN_START_FIRST_ONLY,
            properties=properties,
        )

    def _connected(
        self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        if self._opened.done():
            return
        if reason.is_failure:
            name = reason.getName()
            self._opened.set_exception(
                LinkError(
                    f"the broker says “{name}”",
                    refused=name in _NOT_ALLOWED,
                    old_broker=name == "Unsupported protocol version",
                )
            )
            return
        self._maximum_packet_bytes = getattr(properties, "MaximumPacketSize", None)
        self._outgoing.window = min(WINDOW, getattr(properties, "ReceiveMaximum", WINDOW))
        self._opened.set_result(bool(flags.session_present))

    def _disconnected(self, *_arguments: Any) -> None:
        if not self._opened.done():
            gone = LinkError("the broker closed the connection", old_broker=self.version5)
            self._opened.set_exception(gone)
        self._wire.closed.set()
        self._outgoing.lose()

    def _subscribed(
        self, _client: Any, _data: Any, _mid: int, reasons: list[ReasonCode], _properties: Any
    ) -> None:
        for reason in reasons:
            if reason.is_failure:
                _log.error(_FORBIDDEN, "subscribe to its commands", reason.getName())

    def _published(
        self, _client: Any, _data: Any, mid: int, reason: ReasonCode, _properties: Any
    ) -> None:
        self._heard_at = self._loop.time()
        self._outgoing.confirmed(mid)
        self._loop.call_soon(self._send_what_is_due)
        if reason.is_failure:
            if not self.refused:
                _log.error(_FORBIDDEN, "publish", reason.getName())
            self.refused.add(reason.getName())

    def _arrived(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        try:
            topic = message.topic
        except UnicodeDecodeError:
            # Not allowed by the protocol; nobody could be answered.
            self._client.ack(message.mid, message.qos)
            return
        properties = message.properties
        received = Received(
            self,
            topic,
            bytes(message.payload),
            message.qos,
            message.mid,
            message.retain,
            message.dup,
            getattr(properties, "ResponseTopic", None),
            getattr(properties, "CorrelationData", None),
        )
        if received.qos > 0:
            # A backlog comes before the confirmations that are behind it.
            self._heard_at = self._loop.time()
            if not self.has_left_messages:
                self._arrivals.add(received)
        self._on_message(received)


def _bytes(payload: bytes | str) -> bytes:
    return payload.encode() if isinstance(payload, str) else payload


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]  # paho has no types for it
