"""A Glance frame: what its firmware asks, keeps and draws. It looks at no status."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from aiohttp import ClientResponse, ClientSession

PIXEL_BYTES = 5_760_000
INKS = {0b000, 0b111, 0b110, 0b100, 0b001, 0b010}
"""Black, white, yellow, red, blue and green, as which of red, green and blue are full."""


class Refused(Exception):
    """What the frame does not take, or draws as rubbish."""


@dataclass
class GlanceFrame:
    """One frame; `says` is what newer firmware says of itself beside its voltage."""

    id: str = "esp32-ab12cd"
    volts: float = 3.95
    says: dict[str, Any] = field(default_factory=dict)
    kept: str = ""
    """The id of what it drew last."""
    drawn: list[bytes] = field(default_factory=list)
    sleeps: float = 0
    """Seconds."""

    async def wake_up(self, session: ClientSession) -> bool:
        """Ask, draw what is new, say how it is; whether anything was new. Raises Refused."""
        async with session.get("/api/firmware/version") as answer:
            check_no_update(answer.status, await answer.read())
        async with session.get("/api/current.json") as answer:
            told = facts_of(answer, await answer.read())
        image_id = str(told.get("imageId", "default"))[:63]
        self.sleeps = told.get("sleepDuration", 3.6e9) / 1e6
        if image_id == self.kept:
            return False
        async with session.get("/api/image.bin") as answer:
            check_pixels(answer, data := await answer.read())
        await self.say(session, "display_updating")
        self.drawn.append(data)
        self.kept = image_id
        return True

    async def say(self, session: ClientSession, status: str) -> int:
        """Say how it is; the status of the answer, which it does not look at."""
        told = {"batteryVoltage": self.volts, "signalStrength": -58, "freeHeap": 1, "bootCount": 7}
        body = {"deviceId": self.id, "status": {**told, "status": status, **self.says}}
        async with session.post("/api/device-status", json=body) as answer:
            return answer.status


def facts_of(answer: ClientResponse, body: bytes) -> dict[str, Any]:
    """What current.json says. Raises Refused."""
    length = answer.headers.get("Content-Length")
    if length is None or not 0 < int(length) <= 100_000:
        raise Refused(f"its length is {length}")
    try:
        told = json.loads(body)
    except ValueError:
        raise Refused("no JSON") from None
    if not isinstance(told, dict):
        raise Refused("no object")
    return told


def check_pixels(answer: ClientResponse, data: bytes) -> None:
    """Raises Refused for what would be rubbish on the panel."""
    length = answer.headers.get("Content-Length")
    if length is None or int(length) != PIXEL_BYTES or len(data) != PIXEL_BYTES:
        raise Refused(f"{length} bytes of pixels")
    if strange := inks_in(data) - INKS:
        raise Refused(f"no inks: {sorted(strange)}")


def inks_in(data: bytes) -> set[int]:
    """Which colours there are; -1 for any that is not pure."""
    pixels = np.frombuffer(data, np.uint8)
    full = pixels == 255
    impure = {-1} if bool(np.any(~full & (pixels != 0))) else set[int]()
    red, green, blue = full[0::3], full[1::3], full[2::3]
    counts = np.bincount(red * np.uint8(4) + green * np.uint8(2) + blue, minlength=8)
    return impure | {code for code in range(8) if counts[code]}


def check_no_update(status: int, body: bytes) -> None:
    """Raises Refused where the frame would look for another firmware: any version but its own."""
    if status == 200 and body:
        raise Refused("it would fetch another firmware")
