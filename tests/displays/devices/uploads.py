"""A device at home that takes pictures over HTTP, and refuses what it cannot show."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from io import BytesIO

from aiohttp import web
from PIL import Image


@dataclass
class PictureDevice:
    """What it takes is set here; what it shows and was asked is noted."""

    method: str = "POST"
    path: str = "/api/display-image"
    form: str | None = None
    """The field of a form that it looks into; else the body is the picture."""
    token: str = ""
    size_px: tuple[int, int] = (160, 96)
    most_bytes: int = 1_000_000
    status: int = 0
    """What it answers whatever it is sent, if anything."""
    location: str = ""
    port: int = 0
    shown: list[bytes] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.path}"

    @asynccontextmanager
    async def on(self) -> AsyncIterator[PictureDevice]:
        """It is in the network until the block ends."""
        app = web.Application(client_max_size=10_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self.port)
        await site.start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    async def until_shown(self, data: bytes) -> None:
        """Return once this picture is on its panel."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: self.shown[-1:] == [data])

    async def until_asked(self, times: int) -> None:
        """Return once it was asked so many times."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: len(self.asked) >= times)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        status = await self._status(request)
        async with self.changed:
            self.changed.notify_all()
        headers = {"Location": self.location} if self.location else None
        return web.Response(status=status, headers=headers)

    async def _status(self, request: web.Request) -> int:
        if self.status:
            return self.status
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
