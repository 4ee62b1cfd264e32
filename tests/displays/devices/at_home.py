"""What is asked over HTTP at home: it comes and goes, notes what it was asked, and may fail."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

from tests.spawned import PATIENCE_SECONDS


@dataclass(kw_only=True)
class AtHome:
    """A device or a server; what it answers is its `answer`."""

    port: int = 0
    status: int = 0
    """What it answers whatever it is asked, if anything."""
    location: str = ""
    asked: list[str] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def answer(self, request: web.Request) -> web.Response:
        """What it says where it does not fail."""
        raise NotImplementedError

    @asynccontextmanager
    async def on(self) -> AsyncIterator[Self]:
        """It is in the network until the block ends."""
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

    async def until(self, so: Callable[[], bool]) -> None:
        """Return once it is so."""
        async with asyncio.timeout(PATIENCE_SECONDS), self.changed:
            await self.changed.wait_for(so)

    async def until_asked(self, times: int) -> None:
        """Return once it was asked so many times."""
        await self.until(lambda: len(self.asked) >= times)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path}")
        if self.status:
            headers = {"Location": self.location} if self.location else None
            answer = web.Response(status=self.status, headers=headers)
        else:
            answer = await self.answer(request)
        async with self.changed:
            self.changed.notify_all()
        return answer
