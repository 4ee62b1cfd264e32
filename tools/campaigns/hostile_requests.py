"""What a hostile agent may send to `serve-encoder`, and whether the service bears it.

A request fails where it is answered with 500, or not at all though it was whole, or where the
service does not answer the next honest one.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from aiohttp import web

from glance_agent.domain.errors import BadPicture
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.doors.encoder_http import EncoderDoor
from tools.campaigns.hostile_answers import VALUES, Hostile, odd_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from PIL.Image import Image

PATIENCE_SECONDS = 5.0
_FIELDS = (
    b"Authorization", b"Content-Type", b"Content-Length", b"Transfer-Encoding", b"Expect",
    b"Content-Encoding", b"Cookie", b"Connection", b"Upgrade", b"Host",
)  # fmt: skip
_OTHER_PLACES = (
    b"/", b"*", b"//", b"/v1/../v1/space", b"/v1/space?%", b"/%ff", b"/" + b"a" * 9000,
    b"http://[::1", b"/healthz\x00", b"/v1/space#\x1b",
)  # fmt: skip


class _Toy:
    """An encoder of three numbers."""

    space, dimension = "toy", 3

    def embed_text(self, text: str) -> Vector:
        return np.array([1, 0, len(text)], np.float32)

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        return np.ones((len(images), 3), np.float32)


class _NoPictures:
    """Takes nothing for a picture: the decoders have a campaign of their own."""

    def small(self, data: bytes, wanted_px: int) -> Any:
        raise BadPicture("not a picture", f"{len(data)} bytes, {wanted_px} px")


@asynccontextmanager
async def service() -> AsyncIterator[int]:
    """The service at a port of loopback; its token is “t”."""
    with ThreadPoolExecutor(1) as executor:
        door = EncoderDoor(
            _Toy(), executor=executor, decoder=_NoPictures(), token="t", body_seconds=0.5
        )
        quiet = logging.getLogger("hostile")
        quiet.setLevel(logging.CRITICAL)
        runner = web.AppRunner(door.app(), access_log=None, logger=quiet, shutdown_timeout=0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            yield runner.addresses[0][1]
        finally:
            await runner.cleanup()


def requests() -> Iterator[Hostile]:
    """Whole requests that break rules, each to the three doors of the service."""
    for place in (b"/v1/space", b"/v1/embed/text", b"/v1/embed/image"):
        for field in _FIELDS:
            for value in VALUES:
                shown = value[:40].decode("ascii", "backslashreplace")
                name = f"{place.decode()} {field.decode()}: {shown!r}"
                yield Hostile(name, _request(place, b"{}", {field: value}))
        for odd in odd_json():
            body = odd.sent.partition(b"\r\n\r\n")[2]
            if odd.name.startswith("200"):
                yield Hostile(f"{place.decode()} {odd.name[4:]}", _request(place, body))
    for place in _OTHER_PLACES:
        yield Hostile(f"{place[:20]!r}", _request(place, b""))


def _request(place: bytes, body: bytes, fields: dict[bytes, bytes] | None = None) -> bytes:
    head = {b"Host": b"a", b"Authorization": b"Bearer t", b"Content-Length": b"%d" % len(body)}
    head |= {b"Connection": b"close"} | (fields or {})
    lines = b"".join(b"%s: %s\r\n" % pair for pair in head.items())
    method = b"GET" if place == b"/v1/space" else b"POST"
    return b"%s %s HTTP/1.1\r\n%s\r\n%s" % (method, place, lines, body)


async def fault_of(port: int, sent: bytes) -> str:
    """Why the service failed this request; empty where it did not."""
    status = await _status(port, sent)
    if status == 500:
        return "answered 500"
    honest = await _status(port, b"GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    return "" if honest == 200 else f"an honest request after it: {honest}"


async def _status(port: int, sent: bytes) -> int:
    """The status that a request is answered with; 0 where the service hangs up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            writer.write(sent)
            found = re.match(rb"HTTP/1\.1 (\d{3})", await reader.readline())
            return int(found[1]) if found else 0
    except OSError:  # it hung up before it had everything
        return 0
    finally:
        writer.close()
