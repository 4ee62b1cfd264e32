"""A server that keeps files in a folder by WebDAV (RFC 4918), as far as a picture needs one."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from urllib.request import parse_http_list, parse_keqv_list

from aiohttp import web

from tests.displays.devices.at_home import AtHome

DIGEST = 'Digest realm="files", nonce="4711", qop="auth", algorithm=MD5'
PROPERTIES = b'<?xml version="1.0"?><d:multistatus xmlns:d="DAV:"/>'


@dataclass(kw_only=True)
class WebdavServer(AtHome):
    """What it keeps and takes is set here."""

    folder: str = "/dav/frame/"
    user: str = ""
    password: str = ""
    digest: bool = False
    """Whether it lets in who shows a digest of the password (RFC 7616), and nobody else."""
    room: int = 10_000_000
    locked: bool = False
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}{self.folder}"

    async def until_it_has(self, name: str, data: bytes) -> None:
        """Return once this file is this one."""
        await self.until(lambda: self.files.get(name) == data)

    async def answer(self, request: web.Request) -> web.Response:
        if self.user and not self._lets_in(request):
            asks = DIGEST if self.digest else 'Basic realm="files"'
            return web.Response(status=401, headers={"WWW-Authenticate": asks})
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

    def _lets_in(self, request: web.Request) -> bool:
        how, _, shown = request.headers.get("Authorization", "").partition(" ")
        if not self.digest:
            login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return (how, shown) == ("Basic", login)
        told = parse_keqv_list(parse_http_list(shown)) if how == "Digest" else {}
        known = _md5(f"{self.user}:files:{self.password}")
        asked = _md5(f"{request.method}:{request.path}")
        between = [told.get(name, "") for name in ("nonce", "nc", "cnonce", "qop")]
        return told.get("response") == _md5(":".join([known, *between, asked]))

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


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()
