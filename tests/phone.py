"""A phone with an MQTT app: the outside world of the door's tests, in MQTT 3.1.1 or 5."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from tests.spawned import PATIENCE_SECONDS

_numbers = count(1)


@dataclass(frozen=True)
class Message:
    """One message that the phone has received."""

    topic: str
    payload: bytes
    retained: bool
    correlation: bytes | None

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.payload)
        return found


class Phone:
    """Publishes commands and collects everything that it has subscribed to."""

    def __init__(
        self,
        port: int,
        *,
        version: str = "5",
        base: str = "glance",
        user: tuple[str, str] | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.base = base
        self.messages: list[Message] = []
        self._port = port
        self._arrived = asyncio.Condition()
        self._loop = asyncio.get_running_loop()
        self._confirmed: dict[int, asyncio.Future[bool]] = {}
        self._connected: asyncio.Future[str] = self._loop.create_future()
        self._is_v5 = version == "5"
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"phone-{next(_numbers)}",
            protocol=MQTTProtocolVersion.MQTTv5 if self._is_v5 else MQTTProtocolVersion.MQTTv311,
        )
        if user is not None:
            self._client.username_pw_set(*user)
        if tls is not None:
            self._client.tls_set_context(tls)
        self._client.on_socket_open = _without_delay
        self._client.on_connect = self._on_connect
        self._client.on_message = self._on_message
        self._client.on_subscribe = self._on_subscribe
        self._client.on_publish = self._on_publish

    async def __aenter__(self) -> Phone:
        """Connect, and subscribe to everything below the base topic."""
        await asyncio.to_thread(self._client.connect, "127.0.0.1", self._port)
        self._client.loop_start()
        async with asyncio.timeout(PATIENCE_SECONDS):
            reason = await self._connected
        assert reason == "Success", reason
        await self.subscribe(f"{self.base}/#")
        return self

    async def __aexit__(self, *_: object) -> None:
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    async def subscribe(self, topic: str) -> None:
        """Subscribe, and wait until the broker has confirmed it."""
        _, mid = self._client.subscribe(topic, qos=1)
        assert mid is not None
        await self._confirmation(mid)

    async def publish(
        self,
        topic: str,
        payload: bytes | str | dict[str, Any] = b"",
        *,
        qos: int = 1,
        retain: bool = False,
        response_topic: str | None = None,
        correlation: bytes | None = None,
    ) -> bool:
        """Send below the base topic; whether the broker accepted it (always so for QoS 0)."""
        properties = None
        if response_topic is not None:
            properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
            properties.ResponseTopic = response_topic
            if correlation is not None:
                properties.CorrelationData = correlation
        data = json.dumps(payload) if isinstance(payload, dict) else payload
        sent = self._client.publish(f"{self.base}/{topic}", data, qos, retain, properties)
        return await self._confirmation(sent.mid)

    async def expect(
        self, topic: str, where: Callable[[Message], bool] | None = None, *, after: int = 0
    ) -> Message:
        """The first message on a topic below the base that fits, of those from number `after`."""
        return (await self.several(1, topic, where, after=after))[0]

    async def several(
        self,
        wanted: int,
        topic: str,
        where: Callable[[Message], bool] | None = None,
        *,
        after: int = 0,
    ) -> list[Message]:
        """The first so many messages that fit."""
        return await self._at(wanted, f"{self.base}/{topic}", where, after)

    async def at(self, full: str, *, after: int = 0) -> Message:
        """The first message on a topic that may lie anywhere."""
        return (await self._at(1, full, None, after))[0]

    async def _at(
        self, wanted: int, full: str, where: Callable[[Message], bool] | None, after: int
    ) -> list[Message]:
        def fitting() -> list[Message]:
            some = [m for m in self.messages[after:] if m.topic == full]
            return [m for m in some if where is None or where(m)]

        try:
            async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
                await self._arrived.wait_for(lambda: len(fitting()) >= wanted)
        except TimeoutError:
            heard = "\n".join(f"{m.topic} {m.payload[:300]!r}" for m in self.messages[after:])
            raise AssertionError(
                f"{len(fitting())} of {wanted} messages on {full}; heard:\n{heard}"
            ) from None
        return fitting()[:wanted]

    async def ask(
        self, topic: str, payload: bytes | str | dict[str, Any] = b"", **how: Any
    ) -> dict[str, Any]:
        """Send a command, and wait for the next answer of its verb or transaction."""
        mark = len(self.messages)
        await self.publish(topic, payload, **how)
        wanted = payload.get("transaction") if isinstance(payload, dict) else None
        answer = await self.expect(
            "response", lambda m: wanted is None or m.json()["transaction"] == wanted, after=mark
        )
        return answer.json()

    def heard(self, topic: str, *, after: int = 0) -> list[Message]:
        """What has come on a topic below the base so far."""
        return [m for m in self.messages[after:] if m.topic == f"{self.base}/{topic}"]

    # -- paho's side: called in its thread -------------------------------------------------

    async def _confirmation(self, mid: int) -> bool:
        future = self._confirmed.setdefault(mid, self._loop.create_future())
        async with asyncio.timeout(PATIENCE_SECONDS):
            accepted = await future
        del self._confirmed[mid]
        return accepted

    def _confirm(self, mid: int, accepted: bool) -> None:
        self._confirmed.setdefault(mid, self._loop.create_future()).set_result(accepted)

    def _on_connect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        def connected() -> None:
            if not self._connected.done():
                self._connected.set_result(reason.getName())

        self._loop.call_soon_threadsafe(connected)

    def _on_subscribe(self, _client: Any, _data: Any, mid: int, _reasons: Any, _more: Any) -> None:
        self._loop.call_soon_threadsafe(self._confirm, mid, True)

    def _on_publish(self, _client: Any, _data: Any, mid: int, reason: Any, _more: Any) -> None:
        self._loop.call_soon_threadsafe(self._confirm, mid, not reason.is_failure)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        correlation = getattr(message.properties, "CorrelationData", None)
        received = Message(message.topic, bytes(message.payload), message.retain, correlation)
        asyncio.run_coroutine_threadsafe(self._keep(received), self._loop)

    async def _keep(self, message: Message) -> None:
        async with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()


def _without_delay(_client: object, _data: object, sock: Any) -> None:
    """Send at once, also what follows an acknowledgement."""
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
