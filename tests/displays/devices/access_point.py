"""An access point of OpenEPaperLink, as the handlers of its firmware answer (web.cpp, tag_db.cpp).

It takes a form whose fields come before the file, for a tag that it knows, decodes plain JPEGs
alone, and takes the nearest ink for each pixel. Where it has taken nothing it may say 200 as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import numpy as np
from aiohttp import BodyPartReader, web
from PIL import Image

from glance_agent.pictures.rendering.inks import PANELS
from tests.displays.devices.at_home import AtHome

TAG = "0000021E4FE33B1A"
BWR_296 = {"name": "M2 2.9", "width": 296, "height": 128, "rotatebuffer": 1, "bpp": 2}


@dataclass(kw_only=True)
class AccessPoint(AtHome):
    """Which tags it knows is set here; what they show is noted, as inks by their numbers."""

    tags: dict[str, dict[str, Any]] = field(
        default_factory=lambda: {
            TAG: {"lastseen": 1_700_000_000, "nextcheckin": 1_700_000_600, "hwType": 1,
                  "batteryMv": 2_700, "RSSI": -61, "ver": 0x29}
        }
    )  # fmt: skip
    kinds: dict[str, dict[str, Any]] = field(default_factory=lambda: {"01": dict(BWR_296)})
    inks: str = "bwr"
    is_busy: bool = False
    shown: dict[str, Image.Image] = field(default_factory=dict)
    dithered: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def until_shown(self, times: int) -> None:
        """Return once so many pictures were taken."""
        await self.until(lambda: len(self.dithered) >= times)

    async def answer(self, request: web.Request) -> web.Response:
        if request.method == "GET" and request.path == "/get_db":
            return web.json_response(self._record(request.query.get("mac", "")))
        if request.method == "GET" and request.path.startswith("/tagtypes/"):
            kind = self.kinds.get(request.path[10:].removesuffix(".json"))
            return web.json_response(kind) if kind else web.Response(status=404)
        if request.method == "POST" and request.path == "/imgupload":
            return await self._upload(request)
        return web.Response(status=404)

    def _record(self, mac: str) -> dict[str, Any]:
        if not _is_mac(mac):
            return {"error": "malformatted parameter"}
        told = self.tags.get(mac)
        return {"tags": [] if told is None else [{"mac": mac, "pending": 0, **told}]}

    async def _upload(self, request: web.Request) -> web.Response:
        fields: dict[str, str] = {}
        taken = web.Response()
        if request.content_type != "multipart/form-data":
            return taken
        async for part in await request.multipart():
            assert isinstance(part, BodyPartReader)
            data = bytes(await part.read())
            if part.filename is None:
                fields[str(part.name)] = data.decode()
            else:
                # Only what came before it is known of a file.
                taken = self._file(dict(fields), data)
        return taken

    def _file(self, fields: dict[str, str], data: bytes) -> web.Response:
        if self.is_busy:
            return web.Response(status=409, text="Come back later")
        if "mac" not in fields:
            return web.Response(status=400, text="parameters incomplete")
        if not _is_mac(fields["mac"]):
            return web.Response()
        if (tag := self.tags.get(fields["mac"])) is None:
            return web.Response(status=400, text="mac not found")
        kind = self.kinds[f"{tag['hwType']:02X}"]
        # The picture is decoded later: one that cannot be is taken, and never seen.
        if (picture := _decoded(data, (kind["width"], kind["height"]))) is not None:
            self.shown[fields["mac"]] = self._inked(picture)
            self.dithered.append(fields.get("dither", "1"))
        return web.Response(text="Ok, saved")

    def _inked(self, picture: Image.Image) -> Image.Image:
        """The nearest ink of each pixel, by its number."""
        inks = np.array(PANELS[self.inks].nominal, dtype=np.int64)
        pixels = np.asarray(picture.convert("RGB"), dtype=np.int64)
        far = ((pixels[:, :, None, :] - inks) ** 2).sum(axis=3)
        return Image.fromarray(far.argmin(axis=2).astype(np.uint8))


def _is_mac(text: str) -> bool:
    return len(text) in (12, 16) and all(c in "0123456789abcdefABCDEF" for c in text)


def _decoded(data: bytes, size_px: tuple[int, int]) -> Image.Image | None:
    """What its decoder makes of a picture; it knows plain JPEGs of the tag's own size."""
    try:
        image = Image.open(BytesIO(data))
        image.load()
    except Exception:
        return None
    plain = image.format == "JPEG" and "progressive" not in image.info
    return image if plain and image.size == size_px else None
