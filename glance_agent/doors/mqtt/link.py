"""One MQTT connection: open, subscribe, publish, acknowledge, close.

Messages are acknowledged by whoever has dealt with them (manual PUBACK, MQTT 5.0 section 4.3.2),
never before.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.reasoncodes import ReasonCode

from glance_agent.domain.errors import ConfigError
from glance_agent.domain.said import say, without_stop
from glance_agent.domain.system_words import said_by_system
from glance_agent.doors.mqtt.ack_order import AckOrder
from glance_agent.doors.mqtt.outgoing import Publication
from glance_agent.doors.mqtt.paho import CONNECT_TIMEOUT_SECONDS, connect, new_client
from glance_agent.doors.mqtt.reasons import HOPELESS, Ending, LinkError, ending_of, in_words
from glance_agent.doors.mqtt.sending import SILENCE_SECONDS, Sending
from glance_agent.doors.mqtt.settings import MqttSettings
from glance_agent.doors.mqtt.subscriptions import Subscriptions
from glance_agent.doors.mqtt.tls_faults import HUNG_UP, why
from glance_agent.doors.mqtt.wire import Wire

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
        on_settled: Callable[[Publication], None] | None = None,
        on_forbidden: Callable[[str, str], None] | None = None,
    ) -> None:
        """Raises LinkError where the password or a certificate cannot be read.

        `on_settled` hears of each publication that the broker has taken, or does not take,
        `on_forbidden` of what we may not subscribe to, and why.
        """
        self._settings = settings
        self._on_message = on_message
        self._opened: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._arrivals: AckOrder[Received] = AckOrder()
        self.has_left_messages = False
        self.was_ended = False
        self.greeted = asyncio.Event()  # what comes by this link waits until then
        self.session_present = False
        self.opened_at_once = True  # at the first attempt after the one before had ended
        self.ending = Ending("it was left")
        self.explained: Callable[[Ending], Ending] = lambda ending: ending
        self.version5 = version == paho.MQTTv5
        self.version_name = "5" if self.version5 else "3.1.1"
        try:
            self._client = new_client(settings, client_id, version, will_topic)
        except ConfigError as error:
            # A file that was there at the start: whoever renews it may just be writing it.
            raise LinkError(without_stop(error.said), refused=True) from error
        self.sending = Sending(self._client, settings, on_settled)
        self._listen()
        self._wire = Wire(self._client)
        self._subscriptions = Subscriptions(self._client, on_forbidden or _not_heard)

    # -- open and close -------------------------------------------------------------------

    async def open(self) -> None:
        """Connect. Raises LinkError."""
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                await self._wire.connect(lambda: connect(self._client, self._settings))
                self.session_present = await self._opened
        except TimeoutError:
            self._drop()
            raise LinkError(say("the broker does not answer"), unanswered=True) from None
        except (ssl.SSLEOFError, ConnectionResetError) as error:
            # It may also just be starting: worth another try soon.
            said = HUNG_UP if self._settings.tls else said_by_system(error)
            raise LinkError(said) from error
        except ssl.SSLError as error:
            raise LinkError(self._tls_fault(error), refused=True) from error
        except (OSError, ValueError) as error:
            said = said_by_system(error) if isinstance(error, OSError) else str(error)
            raise LinkError(say("{why}; check mqtt.host and mqtt.port", why=said)) from error
        except BaseException:
            self._drop()
            raise
        self._wire.keep_alive(self._leave_a_silent_broker)

    @property
    def has_ended(self) -> bool:
        return self._wire.closed.is_set()

    @property
    def address(self) -> str:
        """Our own address on the network between us and the broker."""
        return self._wire.address

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
        return await self.sending.confirmed()

    # -- messages -------------------------------------------------------------------------

    def subscribe(self, topic_filters: Sequence[str]) -> None:
        """Ask for these topics at QoS 1; retained messages only when the subscription is new."""
        self._subscriptions.ask(topic_filters)

    def watch(self, topics: Sequence[str]) -> None:
        """Hear what others publish on topics of our own, as long as we are here."""
        self._subscriptions.watch(topics)

    def publish(self, topic: str, payload: bytes | str, *, retain: bool) -> Publication:
        """Send news at QoS 1; where much waits, only the newest of a retained topic goes out."""
        return self.sending.publish(topic, payload, retain=retain)

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

    def _leave_a_silent_broker(self) -> None:
        if self.sending.is_met_with_silence:
            silent = f"the broker has confirmed nothing for {SILENCE_SECONDS:.0f} s"
            self.ending = Ending(silent, blameless=True)
            self._drop()

    def _drop(self) -> None:
        self._wire.drop()
        self._gone()

    def _gone(self) -> None:
        self._wire.closed.set()
        self._subscriptions.close()
        self.sending.end()
        self.greeted.set()

    # -- paho's side ----------------------------------------------------------------------

    def _listen(self) -> None:
        self._client.on_connect = self._connected
        self._client.on_disconnect = self._disconnected
        self._client.on_publish = self._published
        self._client.on_message = self._arrived

    def _connected(
        self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        if self._opened.done():
            return
        if reason.is_failure:
            name = reason.getName()
            self._opened.set_exception(
                LinkError(
                    in_words(reason, properties),
                    refused=name in HOPELESS,
                    old_broker=name == "Unsupported protocol version",
                )
            )
            return
        self.sending.begin(properties)
        self._opened.set_result(bool(flags.session_present))

    def _disconnected(
        self, _client: Any, _data: Any, flags: Any, reason: ReasonCode, properties: Any
    ) -> None:
        by_broker = flags.is_disconnect_packet_from_server
        fault = self._wire.fault
        if fault is not None:
            self.ending = Ending(self._tls_fault(fault), hopeless=True, blameless=True)
        else:
            self.ending = self.explained(ending_of(reason, properties, by_broker=by_broker))
        if not self._opened.done():
            refused, plain = self.ending.hopeless, not self._settings.tls
            said = self.ending.why
            if plain and fault is None:
                said = say("{why}; if this is its TLS port, set mqtt.tls = true", why=said)
            self._opened.set_exception(LinkError(said, refused=refused, unanswered=fault is None))
        self._gone()

    def _tls_fault(self, error: ssl.SSLError) -> str:
        name = self._settings.server_name or self._settings.host
        return why(error, name=name, now=datetime.now(UTC).astimezone())

    def _published(
        self, _client: Any, _data: Any, mid: int, reason: ReasonCode, _properties: Any
    ) -> None:
        self.sending.answered(mid, reason)

    def _arrived(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        received = _received(self, message)
        if received is None:
            # Nobody could be answered.
            self._client.ack(message.mid, message.qos)
            return
        if received.qos > 0:
            self.sending.heard()
            if not self.has_left_messages:
                self._arrivals.add(received)
        self._on_message(received)


def _not_heard(topic_filter: str, reason: str) -> None:
    _log.warning("the broker does not let us subscribe to %s (%s)", topic_filter, reason)


def _received(link: Link, message: paho.MQTTMessage) -> Received | None:
    """The message; None where its topic is not text, which the protocol does not allow."""
    try:
        topic = message.topic
    except UnicodeDecodeError:
        return None
    properties = message.properties
    return Received(
        link,
        topic,
        bytes(message.payload),
        message.qos,
        message.mid,
        message.retain,
        message.dup,
        getattr(properties, "ResponseTopic", None),
        getattr(properties, "CorrelationData", None),
    )
