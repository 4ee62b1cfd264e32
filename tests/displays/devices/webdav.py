"""A server that keeps files in a folder by WebDAV (RFC 4918), as far as a picture needs one."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

PROPERTIES = b'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"/>'


@dataclass
class WebdavServer:
    """What it keeps and takes is set here; what it was asked is noted."""

    folder: str = "/dav/frame/"
    user: str = ""
    password: str = ""
    room: int = 10_000_000
    locked: bool = False
    status: int = 0
    """What it answers whatever it is asked, if anything."""
    location: str = ""
    port: int = 0
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.folder}"

    @asynccontextmanager
    async def on(self) -> AsyncIterator[WebdavServer]:
        """It serves until the block ends."""
        app = web.Application(client_max_size=20_000_000)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        self.port = runner.addresses[0][1]
        try:
            yield self
        finally:
            await runner.cleanup()

    async def until_it_has(self, name: str, data: bytes) -> None:
        """Return once this file is this one."""
        async with asyncio.timeout(20), self.changed:
            await self.changed.wait_for(lambda: self.files.get(name) == data)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        answer = await self._answered(request)
        async with self.changed:
            self.changed.notify_all()
        return answer

    async def _answered(self, request: web.Request) -> web.Response:
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if self.status:
            headers = {"Location": self.location} if self.location else None
            return web.Response(status=self.status, headers=headers)
        if self.user and request.headers.get("Authorization") != f"Basic {login}":
            return web.Response(status=401, headers={"WWW-Authenticate": 'Basic realm="files"'})
        within = request.path.startswith(self.folder)
        name = request.path.removeprefix(self.folder)
        if request.method == "PROPFIND":
            return web.Response(status=207 if within else 404, body=PROPERTIES if within else b"")
        if request.method == "GET":
            found = self.files.get(name) if within else None
            return web.Response(status=404 if found is None else 200, body=found)
        if request.method == "PUT":
            return web.Response(status=await self._put(request, name if within else None))
        return web.Response(status=405)

    async def _put(self, request: web.Request, name: str | None) -> int:
        data = await request.read()
        if name is None or "/" in name:
            return 409
        if request.headers.get("If-None-Match") == "*" and name in self.files:
            return 412
        if self.locked:
            return 423
        if sum(map(len, self.files.values())) + len(data) > self.room:
            return 507
        status = 204 if name in self.files else 201
        self.files[name] = data
        return status
