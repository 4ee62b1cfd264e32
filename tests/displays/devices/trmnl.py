"""A TRMNL: what its firmware asks, keeps, draws and refuses, without saying why as it does."""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from io import BytesIO

from aiohttp import ClientSession
from PIL import Image

BMP_BYTES = 48_062
OG_MOST_BYTES = 90_000


class Refused(Exception):
    """The device shows nothing new, or an error."""


@dataclass
class Trmnl:
    """One device; `spelled` is how its firmware writes names of headers."""

    mac: str = "AA:BB:CC:DD:EE:FF"
    size_px: tuple[int, int] = (800, 480)
    volts: str = "4.05"
    spelled: str = "-"
    key: str = ""
    drawn: list[bytes] = field(default_factory=list)
    """Every picture that it has drawn."""
    kept: str = ""
    """The name of what it drew last."""
    sleeps: int = 0

    async def set_up(self, session: ClientSession) -> None:
        """Ask for a key, as a device does that has none. Raises Refused."""
        async with session.get("/api/setup/", headers={"ID": self.mac}) as answer:
            if answer.status != 200:
                raise Refused(f"not registered: {answer.status}")
            told = await answer.json()
        if told["status"] != 200 or not told["api_key"] or not told["friendly_id"]:
            raise Refused("no key")
        self.key = told["api_key"]

    async def wake_up(self, session: ClientSession) -> bool:
        """Ask what to show, and draw it where it is new; whether it was. Raises Refused."""
        async with session.get("/api/display", headers=self._headers()) as answer:
            if answer.status != 200:
                raise Refused(f"no connection to the API: {answer.status}")
            told = await answer.json()
        if told["status"] == 500 or told["reset_firmware"]:
            self.key = ""
            raise Refused("it has forgotten its Wi-Fi")
        self.sleeps = told["refresh_rate"]
        check_name(told["filename"])
        if told["filename"] == self.kept:
            return False
        async with session.get(told["image_url"]) as answer:
            data = await answer.read()
        if answer.status != 200:
            raise Refused(f"no picture: {answer.status}")
        check_picture(data, self.size_px)
        self.drawn.append(data)
        self.kept = told["filename"]
        return True

    async def complain(self, session: ClientSession, body: bytes) -> int:
        """Send its log; the status of the answer."""
        async with session.post("/api/log", data=body, headers=self._headers()) as answer:
            return answer.status

    def _headers(self) -> dict[str, str]:
        told = {
            "ID": self.mac,
            "Access-Token": self.key,
            "Refresh-Rate": "900",
            "Battery-Voltage": self.volts,
            "FW-Version": "1.8.15",
            "Model": "og",
            "RSSI": "-61",
            "Width": str(self.size_px[0]),
            "Height": str(self.size_px[1]),
        }
        return {name.replace("-", self.spelled): value for name, value in told.items()}


def check_name(name: str) -> None:
    """Raises Refused where the device would forget all that it keeps, each time."""
    if len(name) < 24 or not re.fullmatch(r"[0-9]{10}", name[-10:]):
        raise Refused(f"its cache is purged for {name}")


def check_picture(data: bytes, size_px: tuple[int, int]) -> None:
    """Raises Refused for what the panel stays as it is for."""
    if data[:2] == b"BM":
        _check_bmp(data, size_px)
    elif data[:8] == b"\x89PNG\r\n\x1a\n":
        _check_png(data, size_px)
    else:
        raise Refused("neither BMP nor PNG")
    if size_px == (800, 480) and len(data) > OG_MOST_BYTES:
        raise Refused("it has no memory for that")


def _check_bmp(data: bytes, size_px: tuple[int, int]) -> None:
    if size_px != (800, 480) or len(data) != BMP_BYTES:
        raise Refused(f"a BMP of {len(data)} bytes")
    offset, header, width, height, planes, bits = struct.unpack("<IIiiHH", data[10:30])
    colours = struct.unpack("<I", data[46:50])[0]
    wanted = (62, 40, 800, 480, 1, 1, 2)
    if (offset, header, width, abs(height), planes, bits, colours) != wanted:
        raise Refused("a BMP that is none of version 3 with two colours")


def _check_png(data: bytes, size_px: tuple[int, int]) -> None:
    width, height, bits, colours = struct.unpack(">IIBB", data[16:26])
    if (width, height) != size_px:
        raise Refused(f"a PNG of {width} x {height}")
    if bits not in (1, 2, 4, 8) or colours not in (0, 3):
        raise Refused(f"a PNG of {bits} bits of kind {colours}")
    Image.open(BytesIO(data)).load()
