"""A hub on loopback that speaks the real protocol, and fails in the ways real ones do.

Files are redirected from 127.0.0.1 to localhost: another origin, as a content network is.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@dataclass(frozen=True)
class Seen:
    """One request that came in."""

    host: str
    path: str
    authorisation: str | None
    range: str | None


@dataclass
class Fault:
    """What goes wrong with one body: cut or stalled after so many bytes, or replaced."""

    cut_after: int | None = None
    stall_after: int | None = None
    body: Callable[[bytes], bytes] = lambda data: data
    ignore_range: bool = False
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


class LoopbackHub:
    """Serves files by path of one repository; faults are used up one a request, in order."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.seen: list[Seen] = []
        self.faults: defaultdict[str, list[Fault]] = defaultdict(list)
        self.refusals: dict[str, web.Response] = {}
        self.announce_hash = True
        self.redirect_to: str | None = None
        self.open = asyncio.Event()  # bodies are sent
        self.open.set()
        self.noticed = asyncio.Event()  # the client has read something since the last cut
        self._closing = asyncio.Event()
        self.endpoint = ""
        self.port = 0

    def bodies(self, path: str) -> list[Seen]:
        """The requests for the bytes of a file."""
        return [s for s in self.seen if s.path == f"/blobs/{path}"]

    async def _revision(self, request: web.Request) -> web.Response:
        self._note(request)
        return web.json_response({"id": "toys/colours", "sha": COMMIT, "siblings": []})

    async def _resolve(self, request: web.Request) -> web.Response:
        self._note(request)
        path = request.match_info["path"]
        if path in self.refusals:
            return self.refusals[path]
        data = self.files[path]
        headers = {
            "X-Repo-Commit": request.match_info["revision"],
            "X-Linked-Size": str(len(data)),
            "Location": self.redirect_to or f"http://localhost:{self.port}/blobs/{path}?sig=secret",
        }
        if self.announce_hash:
            headers["X-Linked-Etag"] = f'"{hashlib.sha256(data).hexdigest()}"'
        return web.Response(status=302, headers=headers)

    async def _blob(self, request: web.Request) -> web.StreamResponse:
        self._note(request)
        path = request.match_info["path"]
        fault = self.faults[path].pop(0) if self.faults[path] else Fault()
        if fault.status != 200:
            return web.Response(status=fault.status, headers=fault.headers)
        await self.open.wait()
        data = fault.body(self.files[path])
        first = 0 if fault.ignore_range else _first_byte(request.headers.get("Range"))
        if first and first >= len(data):
            return web.Response(status=416, headers={"Content-Range": f"bytes */{len(data)}"})
        return await self._send(request, data, first, fault)

    async def _send(
        self, request: web.Request, data: bytes, first: int, fault: Fault
    ) -> web.StreamResponse:
        answer = web.StreamResponse(status=206 if first else 200)
        if first:
            answer.headers["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        answer.headers.update(fault.headers)
        answer.content_length = len(data) - first
        await answer.prepare(request)
        stop = fault.cut_after if fault.cut_after is not None else fault.stall_after
        await answer.write(data[first:] if stop is None else data[first : first + stop])
        if fault.stall_after is not None:
            await self._closing.wait()
        elif fault.cut_after is not None and request.transport:
            if fault.cut_after:
                await asyncio.wait_for(self.noticed.wait(), 5)
            self.noticed.clear()
            request.transport.close()
        return answer

    def _note(self, request: web.Request) -> None:
        headers = request.headers
        self.seen.append(
            Seen(request.host, request.path, headers.get("Authorization"), headers.get("Range"))
        )

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[LoopbackHub]:
        app = web.Application()
        app.router.add_get("/api/models/{owner}/{name}/revision/{revision}", self._revision)
        app.router.add_get("/{owner}/{name}/resolve/{revision}/{path:.+}", self._resolve)
        app.router.add_get("/blobs/{path:.+}", self._blob)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        self.port = runner.addresses[0][1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        try:
            yield self
        finally:
            self._closing.set()
            await runner.cleanup()


def _first_byte(header: str | None) -> int:
    return int(header.removeprefix("bytes=").rstrip("-")) if header else 0
