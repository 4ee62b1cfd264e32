"""A frame with esp32-photoframe: what it asks, keeps, draws as it is, and would spoil."""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from io import BytesIO

from aiohttp import ClientSession
from PIL import Image

INKS = {(0, 0, 0), (255, 255, 255), (255, 255, 0), (255, 0, 0), (0, 0, 255), (0, 255, 0)}
TRIES = 3


class Refused(Exception):
    """The frame stays as it is, or what it would draw is not what it was sent."""


@dataclass
class Photoframe:
    """One frame; it is told an address alone."""

    path: str
    size_px: tuple[int, int] = (800, 480)
    token: str = ""
    dithers: bool = False
    """Whether it is meant to dither by itself."""
    tag: str = ""
    drawn: list[bytes] = field(default_factory=list)

    async def wake_up(self, session: ClientSession) -> bool:
        """Fetch, and draw what is new; whether anything was. Raises Refused."""
        for _ in range(TRIES):
            async with session.get(self.path, headers=self._headers()) as answer:
                data, status = await answer.read(), answer.status
                tag = answer.headers.get("ETag", "")
            if status == 304:
                if not self.tag:
                    raise Refused("304 for what it never had")
                return False
            if status == 200 and data:
                check_picture(data, self.size_px, dithers=self.dithers)
                self.drawn.append(data)
                self.tag = tag
                return True
        raise Refused(f"it could not fetch: {status}")

    def _headers(self) -> dict[str, str]:
        told = {
            "X-Display-Width": str(self.size_px[0]),
            "X-Display-Height": str(self.size_px[1]),
            "X-Display-Orientation": "landscape",
            "X-Firmware-Version": "2.7.0",
            "X-Color-Palette": '{"black": {"r": 2, "g": 2, "b": 2}}',
            "X-Processing-Settings": '{"exposure": 1.0}',
        }
        known = {"If-None-Match": self.tag} if self.tag else {}
        return told | known | ({"Authorization": f"Bearer {self.token}"} if self.token else {})


def check_picture(data: bytes, size_px: tuple[int, int], *, dithers: bool) -> None:
    """Raises Refused for what it cannot decode, or would dither a second time."""
    if data[:2] == b"\xff\xd8":
        if "progressive" in Image.open(BytesIO(data)).info:
            raise Refused("a progressive JPEG")
        if not dithers:
            raise Refused("it dithers a JPEG")
        return
    if data[:8] != b"\x89PNG\r\n\x1a\n":
        raise Refused("neither JPEG nor PNG")
    width, height, bits, kind = struct.unpack(">IIBB", data[16:26])
    if (width, height) != size_px or (bits, kind) != (8, 2):
        raise Refused(f"it dithers a PNG of {width} x {height}, {bits} bits of kind {kind}")
    colours = Image.open(BytesIO(data)).getcolors(256) or [(0, None)]
    if {colour for _, colour in colours} - INKS:
        raise Refused("it dithers what is not pure")
