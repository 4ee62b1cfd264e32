"""How large a message the broker lets through: tried, since not every broker says so.

Mosquitto with MQTT 3.1.1 confirms a message that is above its message_size_limit, and drops it.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import Final

from glance_agent.domain.topics import Topics
from glance_agent.doors.mqtt.client import open_beside
from glance_agent.doors.mqtt.link import Link, Received
from glance_agent.doors.mqtt.outgoing import Publication
from glance_agent.doors.mqtt.paho import MAXIMUM_PACKET_BYTES
from glance_agent.doors.mqtt.settings import MqttSettings

ECHO_SECONDS: Final = 5.0
"""How long a message that comes back may take."""
STEP_BYTES: Final = 1024
MOST_BYTES: Final = MAXIMUM_PACKET_BYTES - STEP_BYTES
"""More than this the broker is asked not to send to us."""


async def largest_payload(settings: MqttSettings, wanted_bytes: int) -> int | None:
    """How many bytes of payload come through, up to so many and to 1 kB; None where not even a
    short message comes back. Raises LinkError where the broker cannot be reached."""
    wanted_bytes = min(wanted_bytes, MOST_BYTES)
    async with _Echo(settings) as echo:
        if not await echo.brings(0):
            return None
        if await echo.brings(wanted_bytes):
            return wanted_bytes
        through, dropped = 0, wanted_bytes
        while dropped - through > STEP_BYTES:
            middle = (through + dropped) // 2
            through, dropped = (middle, dropped) if await echo.brings(middle) else (through, middle)
        return through


class _Echo:
    """Sends messages to itself, on a connection that is opened again where the broker ends it."""

    def __init__(self, settings: MqttSettings) -> None:
        # The limit that is being looked for must not keep a message back.
        self._settings = settings.model_copy(update={"max_payload_bytes": None})
        self._topic = Topics(settings.base_topic).probe(secrets.token_hex(6))
        self._link: Link | None = None
        self._came: asyncio.Queue[bytes] = asyncio.Queue()

    async def __aenter__(self) -> _Echo:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._link is not None:
            await self._link.close(1.0)

    async def brings(self, size_bytes: int) -> bool:
        """Whether a message of this size comes back before the short one that follows it."""
        link = await self._open()
        mark = secrets.token_bytes(8)
        link.publish(self._topic, mark + b" " * (size_bytes - len(mark)), retain=False)
        last = link.publish(self._topic, end := b"end " + mark, retain=False)
        has_come = False
        while (came := await self._next(link, last)) is not None and came != end:
            has_come |= came.startswith(mark) and len(came) == max(size_bytes, len(mark))
        return has_come

    async def _open(self) -> Link:
        if self._link is None or self._link.has_ended:
            self._link = await open_beside(self._settings, self._heard)
            self._link.subscribe((self._topic,))
        return self._link

    async def _next(self, link: Link, last: Publication) -> bytes | None:
        """What comes next; None where nothing does any more, or the last message is refused."""
        coming = asyncio.ensure_future(self._came.get())
        ended = asyncio.ensure_future(_over(link, last))
        await asyncio.wait(
            (coming, ended), timeout=ECHO_SECONDS, return_when=asyncio.FIRST_COMPLETED
        )
        ended.cancel()
        if coming.done():
            return coming.result()
        coming.cancel()
        return None

    def _heard(self, received: Received) -> None:
        received.link.acknowledge(received)
        self._came.put_nowait(received.payload)


async def _over(link: Link, last: Publication) -> None:
    """Return when nothing comes any more: the link is gone, or the last message was refused."""
    await asyncio.shield(last.fate)
    if last.refused is None:
        await link.closed()
