"""A broker that behaves as no good one does, as a campaign or a test wants it to.

It speaks as much of MQTT 3.1.1 and 5 as the agent needs, to one client at a time: a session whose
commands all come at once, whatever Receive Maximum says, and a verdict on each publication.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum, auto

CONNECT, CONNACK, PUBLISH, PUBACK, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP, DISCONNECT = (
    1, 2, 3, 4, 8, 9, 12, 13, 14,
)  # fmt: skip
QUOTA_EXCEEDED = 0x97
REFUSED = {4: b"\x00\x03", 5: b"\x00\x88\x00"}
"""What CONNACK says to a second client, by version: that the server is not available."""
SESSION_EXPIRY, RECEIVE_MAXIMUM, MAXIMUM_PACKET = 0x11, 0x21, 0x27


class Verdict(Enum):
    """What becomes of a publication of the client."""

    CONFIRM = auto()
    REFUSE = auto()
    """A PUBACK that says no; MQTT 3.1.1 has none, and gets a plain one."""
    CLOSE = auto()
    IGNORE = auto()
    """No answer at all."""


@dataclass(frozen=True, slots=True)
class Said:
    """A publication of the client."""

    topic: str
    payload: bytes
    retain: bool
    link: int
    """In which connection, counted from 1."""


class StrangeBroker:
    """Keeps commands for the client until it acknowledges them, and notes all that it says."""

    def __init__(
        self,
        verdict: Callable[[Said], Verdict] = lambda said: Verdict.CONFIRM,
        *,
        receive_maximum: int | None = None,
        maximum_packet_bytes: int | None = None,
        granted: int = 1,
    ) -> None:
        """`granted` is what it answers to a subscription: a QoS, or why it refuses."""
        self.port = 0
        self.granted = granted
        self.subscribed: list[str] = []
        self.said: list[Said] = []
        self.acknowledged: list[int] = []
        self.links = 0
        self.under_way = 0
        self.most_under_way = 0
        self.verdict = verdict
        self._connack = _properties(receive_maximum, maximum_packet_bytes)
        self._commands: dict[int, tuple[str, bytes]] = {}
        self._delivered: set[int] = set()
        self._last_mid = 0
        self._changed = asyncio.Condition()
        self._server: asyncio.Server | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._client = ""
        self._is_subscribed = False
        self._is_v5 = True
        self._serving: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> StrangeBroker:
        await self.listen()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.stop_listening()
        self.hang_up()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def listen(self) -> None:
        """Take connections, on the same port as before."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    def stop_listening(self) -> None:
        """Take no more connections."""
        assert self._server is not None
        self._server.close()

    def send(self, commands: Iterable[tuple[str, bytes]]) -> list[int]:
        """Keep commands for the client, and deliver them at once; their packet identifiers."""
        mids = []
        for command in commands:
            self._last_mid += 1
            self._commands[self._last_mid] = command
            mids.append(self._last_mid)
        if self._writer is not None and self._is_subscribed:
            self._deliver(self._writer, mids)
        return mids

    def forget(self) -> None:
        """Lose the session, as a broker without persistence does that is started again."""
        self._commands.clear()
        self.hang_up()

    @property
    def kept(self) -> int:
        """How many commands the client has not acknowledged."""
        return len(self._commands)

    def hang_up(self) -> None:
        """Close the connection without a word; nothing is delivered before the next one."""
        self._is_subscribed = False
        if self._writer is not None:
            self._writer.close()

    def payloads(self, topic: str) -> list[bytes]:
        """What the client has said on a topic so far."""
        return [said.payload for said in self.said if said.topic == topic]

    async def until(self, true: Callable[[StrangeBroker], bool], seconds: float) -> None:
        """Wait until something is so. Raises TimeoutError."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: true(self))

    # -- one connection after the other -----------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if (task := asyncio.current_task()) is not None:
            self._serving.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            _, _, hello = await _packet(reader)
            if self._serves_another_than(client := _client_id(hello)):
                writer.write(_framed(CONNACK << 4, REFUSED[hello[6]]))
            else:
                await self._serve_client(client, hello, reader, writer)
        writer.close()

    def _serves_another_than(self, client: str) -> bool:
        served = self._writer is not None and not self._writer.is_closing()
        return served and client != self._client

    async def _serve_client(
        self, client: str, hello: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.links += 1
        self._client = client
        self._writer, self._is_subscribed, self.under_way = writer, False, 0
        kind, flags, body = CONNECT, 0, hello
        while self._handle(writer, kind, flags, body):
            async with self._changed:
                self._changed.notify_all()
            await writer.drain()
            kind, flags, body = await _packet(reader)

    def _handle(self, writer: asyncio.StreamWriter, kind: int, flags: int, body: bytes) -> bool:
        """Deal with one packet; whether the connection goes on."""
        match kind:
            case _ if kind == CONNECT:
                self._is_v5 = body[6] == 5
                more = self._connack if self._is_v5 else b""
                writer.write(_framed(CONNACK << 4, bytes([bool(self._commands), 0]) + more))
                self._resume(writer)
            case _ if kind == SUBSCRIBE:
                self.subscribed.append(_split_text(body[3 if self._is_v5 else 2 :])[0])
                properties = b"\0" if self._is_v5 else b""
                granted = bytes([self.granted])
                writer.write(_framed(SUBACK << 4, body[:2] + properties + granted))
                self._resume(writer)
            case _ if kind == PUBLISH:
                return self._published(writer, flags, body)
            case _ if kind == PUBACK:
                self.acknowledged.append(mid := int.from_bytes(body[:2], "big"))
                self._commands.pop(mid, None)
            case _ if kind == PINGREQ:
                writer.write(bytes([PINGRESP << 4, 0]))
            case _ if kind == DISCONNECT:
                return False
        return True

    def _resume(self, writer: asyncio.StreamWriter) -> None:
        """Deliver all that is kept: a session that is resumed needs no subscription."""
        if not self._is_subscribed:
            self._is_subscribed = True
            self._deliver(writer, list(self._commands))

    def _deliver(self, writer: asyncio.StreamWriter, mids: list[int]) -> None:
        for mid in mids:
            topic, payload = self._commands[mid]
            dup = 8 if mid in self._delivered else 0
            self._delivered.add(mid)
            head = _text(topic) + mid.to_bytes(2, "big") + (b"\0" if self._is_v5 else b"")
            writer.write(_framed(PUBLISH << 4 | 2 | dup, head + payload))

    def _published(self, writer: asyncio.StreamWriter, flags: int, body: bytes) -> bool:
        topic, rest = _split_text(body)
        mid, rest = rest[:2], rest[2:]
        if self._is_v5:
            length, rest = rest[0], rest[1:]
            rest = rest[length:]
        said = Said(topic, rest, bool(flags & 1), self.links)
        self.said.append(said)
        verdict = self.verdict(said)
        if verdict is Verdict.CLOSE:
            return False
        if verdict is Verdict.IGNORE:
            self.under_way += 1
            self.most_under_way = max(self.most_under_way, self.under_way)
            return True
        refusal = bytes([QUOTA_EXCEEDED, 0]) if verdict is Verdict.REFUSE and self._is_v5 else b""
        writer.write(_framed(PUBACK << 4, mid + refusal))
        return True


# -- packets (MQTT 5.0, chapter 2; of properties only those below 128 bytes) ------------------


async def _packet(reader: asyncio.StreamReader) -> tuple[int, int, bytes]:
    first = (await reader.readexactly(1))[0]
    length, shift = 0, 0
    while True:
        digit = (await reader.readexactly(1))[0]
        length |= (digit & 0x7F) << shift
        shift += 7
        if not digit & 0x80:
            return first >> 4, first & 0x0F, await reader.readexactly(length)


def _client_id(hello: bytes) -> str:
    """Who connects (MQTT 5.0, section 3.1)."""
    rest = hello[10:]
    if hello[6] == 5:
        rest = rest[1 + rest[0] :]
    return _split_text(rest)[0]


def _framed(first: int, body: bytes) -> bytes:
    length, digits = len(body), b""
    while True:
        length, digit = divmod(length, 128)
        digits += bytes([digit | (0x80 if length else 0)])
        if not length:
            return bytes([first]) + digits + body


def _text(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def _split_text(body: bytes) -> tuple[str, bytes]:
    end = 2 + int.from_bytes(body[:2], "big")
    return body[2:end].decode(), body[end:]


def _properties(receive_maximum: int | None, maximum_packet_bytes: int | None) -> bytes:
    found = b""
    if receive_maximum is not None:
        found += bytes([RECEIVE_MAXIMUM]) + receive_maximum.to_bytes(2, "big")
    if maximum_packet_bytes is not None:
        found += bytes([MAXIMUM_PACKET]) + maximum_packet_bytes.to_bytes(4, "big")
    return bytes([len(found)]) + found
