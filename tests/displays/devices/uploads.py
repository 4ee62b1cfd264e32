"""A device at home that takes pictures over HTTP, and refuses what it cannot show."""

from __future__ import annotations

from dataclasses import dataclass, field
from io import BytesIO

from aiohttp import web
from PIL import Image

from tests.displays.devices.at_home import AtHome


@dataclass(kw_only=True)
class PictureDevice(AtHome):
    """What it takes is set here; what it shows is noted."""

    method: str = "POST"
    path: str = "/api/display-image"
    form: str | None = None
    """The field of a form that it looks into; else the body is the picture."""
    token: str = ""
    size_px: tuple[int, int] = (160, 96)
    most_bytes: int = 1_000_000
    shown: list[bytes] = field(default_factory=list)
    names: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    async def until_shown(self, data: bytes) -> None:
        """Return once this picture is on its panel."""
        await self.until(lambda: self.shown[-1:] == [data])

    async def answer(self, request: web.Request) -> web.Response:
        return web.Response(status=await self._status(request))

    async def _status(self, request: web.Request) -> int:
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return 401
        if request.path != self.path:
            return 404
        if request.method != self.method:
            return 405
        if (request.content_length or 0) > self.most_bytes:
            return 413
        data, kind = await self._picture(request)
        if not data or not is_plain(data, kind, self.size_px):
            return 415
        self.shown.append(data)
        return 200

    async def _picture(self, request: web.Request) -> tuple[bytes, str]:
        if self.form is None:
            return await request.read(), request.content_type
        if request.content_type != "multipart/form-data":
            return b"", ""
        found = (await request.post()).get(self.form)
        if not isinstance(found, web.FileField):
            return b"", ""
        self.names.append(found.filename)
        return found.file.read(), found.content_type


def is_plain(data: bytes, kind: str, size_px: tuple[int, int]) -> bool:
    """Whether a small device can read it: as it is called, of its own size, not progressive."""
    try:
        image = Image.open(BytesIO(data))
        image.load()
    except Exception:
        return False
    is_called = f"image/{str(image.format).lower()}" == kind
    return is_called and image.size == size_px and "progressive" not in image.info
