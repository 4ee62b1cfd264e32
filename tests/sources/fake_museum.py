"""A museum on the loopback interface: serves what a test tells it, and keeps the requests."""

from __future__ import annotations

import io
import json
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web
from PIL import Image

from glance_agent.domain.items import Listed, Page, Skipped
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.reach import Reach
from glance_agent.sources.web.request_log import Budget
from glance_agent.sources.web.visit import Visit
from glance_agent.sources.web.web import Surroundings, Web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LOOPBACK = frozenset({"127.0.0.1"})


def jpeg(width: int = 60, height: int = 40, colour: str = "teal") -> bytes:
    """A small JPEG."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, "JPEG")
    return out.getvalue()


@dataclass
class FakeMuseum:
    """Answers by path, or `otherwise`; what has no answer is 404 JSON."""

    handlers: dict[str, Handler] = field(default_factory=dict)
    otherwise: Handler | None = None
    asked: list[web.Request] = field(default_factory=list)
    base: str = ""
    _runner: web.AppRunner | None = None

    async def start(self, tls: ssl.SSLContext | None = None) -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        port = self._runner.addresses[0][1]
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{port}"

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        handler = self.handlers.get(request.path, self.otherwise)
        if handler is None:
            return web.json_response({"detail": "Not Found"}, status=404)
        return await handler(request)

    @property
    def paths(self) -> Counter[str]:
        """How often each path was asked."""
        return Counter(request.path for request in self.asked)

    def on(self, path: str, handler: Handler) -> None:
        self.handlers[path] = handler

    def json(self, path: str, *answers: Any) -> None:
        """Serve these answers one after the other, the last one for ever."""
        waiting = list(answers)

        async def handler(_: web.Request) -> web.Response:
            answer = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return web.Response(body=json.dumps(answer).encode(), content_type="application/json")

        self.on(path, handler)

    def body(self, path: str, body: bytes, kind: str, status: int = 200, **headers: str) -> None:
        """Serve these bytes."""
        shown = {name.replace("_", "-"): value for name, value in headers.items()}

        async def handler(_: web.Request) -> web.Response:
            return web.Response(body=body, status=status, headers={**shown, "Content-Type": kind})

        self.on(path, handler)

    def picture(self, path: str, data: bytes | None = None) -> str:
        """Serve a picture; returns its address."""
        self.body(path, data or jpeg(), "image/jpeg")
        return self.base + path


@dataclass
class Clock:
    """Time that passes only when somebody sleeps."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def surroundings(clock: Clock, directory: Path | None = None) -> Surroundings:
    """A world without waiting, in which loopback addresses may be asked."""
    return Surroundings(
        directory=directory,
        reach=Reach(private=True),
        clock=clock,
        sleep=clock.sleep,
        limiter=_no_limit,
    )


def _no_limit(_: Manners) -> nullcontext[None]:
    return nullcontext()


def visit_of(web_client: Web, *, requests: int = 10_000, **more: Any) -> Visit:
    """The way of a source named `test` to the loopback museum."""
    budget = Budget("test", web_client.request_log, web_client.around.clock, requests, 1000)
    return Visit(web_client, LOOPBACK, budget, **more)


async def all_pages(source: Any, cursor: str | None = None) -> list[Page]:
    """Every page of a source."""
    return [page async for page in source.pages(cursor)]


async def all_items(source: Any, cursor: str | None = None) -> list[Listed | Skipped]:
    """Every item of a source."""
    return [item for page in await all_pages(source, cursor) for item in page.items]
