"""A Samsung TV “The Frame”: its REST, its channels and its art app, with what real ones refuse.

What it is brought is shown as a grey area where it is no plain JPEG of the panel's own size with a
colour for each four pixels; a second client at its art app is never greeted; whoever selects a
picture while it shows television ends that.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import json
import os
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from aiohttp import WSMsgType, web
from PIL import Image

from tests.spawned import PATIENCE_SECONDS

ART = "com.samsung.art-app"
_NUMBERS = itertools.count(1)


def address_of_its_own() -> str:
    """TVs have fixed ports, so that each of the tests' has a loopback address."""
    pid, number = os.getpid(), next(_NUMBERS)
    return f"127.{pid >> 8 & 0xFF | 1}.{pid & 0xFF}.{number % 254 + 1}"


@dataclass
class Kept:
    """A picture on the TV."""

    data: bytes
    date: str
    category: str = "MY-C0002"


@dataclass
class FrameTv:
    """One TV; what is set here is how it behaves from now on."""

    host: str = field(default_factory=address_of_its_own)
    size_px: tuple[int, int] = (160, 96)
    api: str = "4.3.4.0"
    bears_token: bool = True
    """Whether its art app bears a token, and gives one; those since 2024 do not."""
    people: str = "allow"
    """What they do when it asks whether somebody may come in: allow, deny or nothing."""
    capacity: int = 35
    art: bool = True
    added: str = "named"
    """How it tells of a new picture: named, unnamed, foreign or never."""
    ends_art: bool = False
    """Whether somebody switches to television while it takes a picture, which it does not tell."""
    silent: bool = False
    dates: bool = True
    has_art: str = "true"
    power: str = "on"
    mac: str = "aa:bb:cc:dd:ee:ff"
    garbage: tuple[str | bytes, ...] = ()
    """What it says before each of its answers."""
    claims: str = ""
    """Another address that it names as its own."""
    refuses: dict[str, int] = field(default_factory=dict)
    """Requests, and the error that it answers them with."""
    once: dict[str, int] = field(default_factory=dict)
    """The same, for the next request alone."""
    certificate: tuple[str, str] | None = None

    pictures: dict[str, Kept] = field(default_factory=dict)
    current: str = "SAM-S100"
    clients: dict[str, str] = field(default_factory=dict)
    """Whom it has let in, and their tokens."""
    asked: list[str] = field(default_factory=list)
    """What the art app was asked, in order."""
    tokens_seen: list[str | None] = field(default_factory=list)
    prompts: int = 0
    woken: int = 0
    deleted: list[str] = field(default_factory=list)
    most_clients: int = 0
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    _sockets: set[web.WebSocketResponse] = field(default_factory=set)
    _artists: set[web.WebSocketResponse] = field(default_factory=set)
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    @property
    def port(self) -> int:
        return 8002 if self.certificate else 8001

    @property
    def shown(self) -> bytes | None:
        """The picture that hangs; none where it is grey, or not ours."""
        kept = self.pictures.get(self.current)
        return kept.data if kept and self.art and self.is_shown_well(kept.data) else None

    def is_shown_well(self, data: bytes) -> bool:
        """Whether the TV can show this, or paints an area grey."""
        try:
            image = Image.open(BytesIO(data))
            image.load()
        except Exception:
            return False
        if image.format != "JPEG" or image.size != self.size_px or "progressive" in image.info:
            return False
        # Pillow tells of each component (id, across, down, table).
        layers = [layer[1:3] for layer in getattr(image, "layer", ())]
        return layers == [(2, 2), (1, 1), (1, 1)]

    async def until(self, condition: Any) -> None:
        """Return once this holds, which is looked at whenever something changes."""
        async with asyncio.timeout(PATIENCE_SECONDS), self.changed:
            await self.changed.wait_for(condition)

    async def note(self) -> None:
        """Something has changed."""
        async with self.changed:
            self.changed.notify_all()

    # -- on and off ---------------------------------------------------------------------------

    @asynccontextmanager
    async def on(self) -> AsyncIterator[FrameTv]:
        """It is in the network until the block ends."""
        app = web.Application()
        app.router.add_get("/api/v2/", self._facts)
        app.router.add_get("/api/v2/channels/{channel}", self._channel)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        context = None
        if self.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.certificate)
        await web.TCPSite(runner, self.host, self.port, ssl_context=context).start()
        try:
            yield self
        finally:
            await self.cut()
            await runner.cleanup()

    async def cut(self) -> None:
        """Break all of its connections off."""
        for socket in list(self._sockets):
            if socket._req is not None and socket._req.transport is not None:
                socket._req.transport.abort()

    async def show_art(self, on: bool, *, tell: bool = True) -> None:
        """Somebody presses the button of its remote control."""
        self.art = on
        if tell:
            await self.tell({"event": "art_mode_changed", "status": "on" if on else "off"})

    async def tell(self, said: dict[str, Any]) -> None:
        """Say this to everyone at the art app."""
        frame = {"event": "d2d_service_message", "data": json.dumps(said), "from": "host"}
        for socket in list(self._artists):
            with suppress(ConnectionError):
                await socket.send_str(json.dumps(frame))

    def bring(
        self, data: bytes = b"a photo of the family", date: str = "2024:01:02 10:00:00"
    ) -> str:
        """Somebody's own picture, brought by their telephone."""
        name = f"MY_F{next(self._ids):04}"
        self.pictures[name] = Kept(data, date)
        return name

    # -- what is asked ------------------------------------------------------------------------

    async def _facts(self, _request: web.Request) -> web.Response:
        size = "{}x{}".format(*self.size_px)
        device = {
            "FrameTVSupport": self.has_art, "PowerState": self.power, "TokenAuthSupport": "true",
            "resolution": size, "modelName": "QE55LS03D", "wifiMac": self.mac,
        }  # fmt: skip
        return web.json_response({"device": device})

    async def _channel(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=16_000_000)
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            await self._serve(socket, request)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._sockets.discard(socket)
            self._artists.discard(socket)
            await self.note()
        return socket

    async def _serve(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        name = base64.b64decode(request.query["name"], validate=True).decode()
        is_art = request.match_info["channel"] == ART
        token = request.query.get("token")
        self.tokens_seen.append(token)
        if is_art and self._artists:
            await socket.receive()  # another client is there: this one is never greeted
            return
        if is_art:
            self._artists.add(socket)
            self.most_clients = max(self.most_clients, len(self._artists))
        await socket.send_json({"event": "ed.edenTV.update", "data": {}})
        if (refused := self._refused(name, token, is_art=is_art)) is not None:
            await socket.send_json({"event": refused})
            await socket.close()
            return
        given = {"token": self.clients[name]} if self.bears_token or not is_art else {}
        await socket.send_json({"event": "ms.channel.connect", "data": {"id": "1", **given}})
        if is_art:
            await socket.send_json({"event": "ms.channel.ready"})
        await self.note()
        async for message in socket:
            if message.type in (WSMsgType.TEXT, WSMsgType.BINARY) and not self.silent:
                await self._asked(socket, message.data)

    def _refused(self, name: str, token: str | None, *, is_art: bool) -> str | None:
        """Why somebody does not come in, if so; people are asked where they are not known."""
        if is_art and not self.bears_token:
            allowed = token is None and name in self.clients
            return None if allowed else "ms.channel.timeOut"
        if name in self.clients and token in (None, self.clients[name]):
            return None
        self.prompts += 1
        if self.people != "allow":
            return "ms.channel.unauthorized" if self.people == "deny" else "ms.channel.timeOut"
        self.clients[name] = f"{10_000_000 + next(self._ids)}"
        return None

    async def _asked(self, socket: web.WebSocketResponse, data: str | bytes) -> None:
        jpeg = b""
        if isinstance(data, bytes):
            length = int.from_bytes(data[:2], "big")
            text, jpeg = data[2 : 2 + length], data[2 + length :]
        else:
            text = data.encode()
        frame = json.loads(text)
        assert frame["method"] == "ms.channel.emit", frame
        assert (frame["params"]["event"], frame["params"]["to"]) == ("art_app_request", "host")
        told = json.loads(frame["params"]["data"])
        self.asked.append(told["request"])
        await self.note()
        for rubbish in self.garbage:
            if isinstance(rubbish, str):
                await socket.send_str(rubbish)
            else:
                await socket.send_bytes(rubbish)
        code = self.once.pop(told["request"], self.refuses.get(told["request"]))
        answers = getattr(self, f"_{told['request']}", None)
        if code is not None or answers is None:
            await self._error(socket, told, code or -9)
        elif told["request"] == "send_image":
            await self._send_image(socket, told, jpeg)
        else:
            await self._say(socket, told, await answers(told))
        await self.note()

    async def _say(
        self, socket: web.WebSocketResponse, told: dict[str, Any], said: dict[str, Any] | int
    ) -> None:
        if isinstance(said, int):
            return await self._error(socket, told, said)
        inner = {"event": told["request"], "request_id": told["id"], **said}
        frame = {"event": "d2d_service_message", "data": json.dumps(inner), "from": "host"}
        with suppress(ConnectionError):
            await socket.send_str(json.dumps(frame))
        return None

    async def _error(self, socket: web.WebSocketResponse, told: dict[str, Any], code: int) -> None:
        what = json.dumps({"request": told["request"], "id": told["id"]})
        said = {"event": "error", "error_code": str(code), "request_data": what}
        await self._say(socket, told, said)

    async def _api_version(self, told: dict[str, Any]) -> dict[str, Any] | int:
        return -9 if self.api == "0.97" else {"version": self.api}

    async def _get_api_version(self, told: dict[str, Any]) -> dict[str, Any] | int:
        return {"version": self.api}

    async def _get_artmode_status(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"status" if self.api.startswith("5") else "value": "on" if self.art else "off"}

    async def _get_current_artwork(self, told: dict[str, Any]) -> dict[str, Any]:
        return {"content_id": self.current, "matte_id": "none"}

    async def _get_content_list(self, told: dict[str, Any]) -> dict[str, Any]:
        found = [
            {"content_id": name, "category_id": kept.category, "width": 1, "height": 1}
            | ({"image_date": kept.date} if self.dates else {})
            for name, kept in self.pictures.items()
            if told["category"] in (None, kept.category)
        ]
        return {"content_list": json.dumps(found)}

    async def _select_image(self, told: dict[str, Any]) -> dict[str, Any] | int:
        if told["content_id"] not in self.pictures:
            return -10
        if told["show"] and not self.art:
            self.woken += 1
            self.art = True
        self.current = told["content_id"]
        return {"event": "image_selected", "content_id": self.current}

    async def _delete_image_list(self, told: dict[str, Any]) -> dict[str, Any] | int:
        names = [one["content_id"] for one in told["content_id_list"]]
        if not set(names) <= self.pictures.keys():
            return -10
        for name in names:
            del self.pictures[name]
        self.deleted += names
        return {"content_id_list": json.dumps(told["content_id_list"])}

    async def _send_image(
        self, socket: web.WebSocketResponse, told: dict[str, Any], jpeg: bytes
    ) -> None:
        if len(self.pictures) >= self.capacity:
            return await self._error(socket, told, -11)
        if self.api == "0.97":
            if told["file_type"] != "JPEG" or not jpeg:
                return await self._error(socket, told, -7)
            return await self._keep(socket, told, jpeg, "")
        if jpeg or told["file_type"] != "jpg" or told["request_id"] != told["id"]:
            return await self._error(socket, told, -7)
        received: asyncio.Queue[bytes | None] = asyncio.Queue()

        async def receive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            received.put_nowait(await _received(reader, told["file_size"], key))
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()

        key = os.urandom(8).hex()
        server = await asyncio.start_server(receive, self.host, 0)
        async with server:
            where = {
                "ip": self.claims or self.host,
                "port": str(server.sockets[0].getsockname()[1]),
                "key": key,
                "secured": False,
            }
            said = {"event": "ready_to_use", "conn_info": json.dumps(where)}
            await self._say(socket, told, said)
            data = await received.get()
        if data is None:
            return await self._error(socket, told, -1)
        return await self._keep(socket, told, data, told["image_date"])

    async def _keep(
        self, socket: web.WebSocketResponse, told: dict[str, Any], data: bytes, date: str
    ) -> None:
        name = self.bring(data, date)
        said = {"event": "image_added", "content_id": name}
        self.art = self.art and not self.ends_art
        if self.added == "named":
            await self._say(socket, told, said)
        elif self.added == "unnamed":
            await self.tell(said)
        elif self.added == "foreign":
            other = self.bring()
            await self.tell({**said, "content_id": other, "request_id": "of-somebody-else"})
            await self._say(socket, told, {**said, "request_id": "another"})


async def _received(reader: asyncio.StreamReader, size: int, key: str) -> bytes | None:
    """A picture as it comes at the port of the TV; None for what it does not take."""
    try:
        length = int.from_bytes(await reader.readexactly(4), "big")
        header = json.loads((await reader.readexactly(length)).decode("ascii"))
        expected = {"num": 0, "total": 1, "fileLength": size, "fileType": "jpg", "secKey": key}
        if expected.items() - header.items():
            return None
        data = await reader.readexactly(size)
        return data if not await reader.read(1) else None
    except (asyncio.IncompleteReadError, ValueError):
        return None
