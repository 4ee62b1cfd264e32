"""What a TV's art app is asked, and what it answers: one request after the other."""

from __future__ import annotations

import asyncio
import json
import re
import ssl
from collections.abc import AsyncIterator, Callable, Container, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final
from uuid import uuid4

from samsungtvws.art.art import ArtChannelEmitCommand
from samsungtvws.event import D2D_SERVICE_MESSAGE_EVENT
from samsungtvws.helper import generate_connection_id, get_ssl_context
from websockets.exceptions import ConnectionClosed

from glance_agent.displays.frame_tv.troubles import TvAnswersError, TvSilent
from glance_agent.displays.frame_tv.wire import TvWire, heard
from glance_agent.domain.foreign import JsonLimits, json_value, whole

ANSWER_SECONDS: Final = 20.0
UPLOAD_SECONDS: Final = 120.0
ADDED_SECONDS: Final = 30.0
OURS: Final = "MY-C0002"
"""The pictures that were brought to a TV, among all that it has."""
_JSON: Final = JsonLimits(1_000_000, 100_000, 20_000, 20)
_CHUNK: Final = 1 << 19
_MOST_UNREAD: Final = 200
_OLDEST: Final = "0.97"
_Said = dict[str, Any]


class ArtChannel:
    """The art app of one TV. Requests raise TvSilent and TvAnswersError."""

    def __init__(self, wire: TvWire, hear: Callable[[str, _Said], None]) -> None:
        """`hear` is called with whatever the TV says, and which event it is."""
        self._wire = wire
        self._hear = hear
        self._turn = asyncio.Lock()
        self._unread: asyncio.Queue[_Said | None] | None = None
        self._ended = False
        self._version: str | None = None
        self._reading = asyncio.create_task(self._read())

    @property
    def is_open(self) -> bool:
        """Whether the connection is there still; `hear` is called with `closed` once it is not."""
        return not self._ended

    async def close(self) -> None:
        """End the connection."""
        await self._wire.close()
        self._reading.cancel()
        with suppress(asyncio.CancelledError):
            await self._reading

    async def shows_art(self) -> bool:
        """Whether it is in art mode."""
        said = await self._ask("get_artmode_status")
        return (said.get("value") or said.get("status")) == "on"

    async def current(self) -> str | None:
        """The picture that is selected."""
        return _content_id(await self._ask("get_current_artwork"))

    async def pictures(self) -> dict[str, str]:
        """The pictures that were brought to it, and the date that it has of each."""
        said = await self._ask("get_content_list", category=OURS)
        listed = _inner(said.get("content_list"))
        found = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
        dated = {_content_id(one): str(one.get("image_date", "")) for one in found}
        return {name: date[:64] for name, date in dated.items() if name is not None}

    async def select(self, content_id: str) -> None:
        """Show this one of its pictures."""
        await self._ask("select_image", category_id=None, content_id=content_id, show=True)

    async def delete(self, content_ids: list[str]) -> None:
        """Delete these of its pictures."""
        names = [{"content_id": one} for one in content_ids]
        await self._ask("delete_image_list", content_id_list=names)

    async def upload(self, jpeg: bytes, date: str, before: Container[str]) -> str | None:
        """Bring it a picture; its id, or None where the TV does not say for certain which it is.

        It is none of those before. The TV lists it under this date.
        """
        number, version = str(uuid4()), await self._api_version()
        async with self._conversation(UPLOAD_SECONDS) as said:
            if version == _OLDEST:
                await self._send_whole(jpeg, number)
            else:
                await self._send({**_offer(jpeg, date, number), **_numbered(number)})
                ready = await _answer(said, number, "ready_to_use")
                await self._hand_over(_inner(ready.get("conn_info")), jpeg)
            with suppress(TimeoutError):
                async with asyncio.timeout(ADDED_SECONDS):
                    return await _added(said, number, before)
        return None

    # -- requests -----------------------------------------------------------------------------

    async def _ask(self, request: str, **told: Any) -> _Said:
        number = str(uuid4())
        async with self._conversation(ANSWER_SECONDS) as said:
            await self._send({"request": request, **told, **_numbered(number)})
            return await _answer(said, number)

    async def _api_version(self) -> str:
        """Its version; empty where it says none. Old ones know the request by another name."""
        if self._version is None:
            for request in ("api_version", "get_api_version"):
                with suppress(TvAnswersError):
                    self._version = str((await self._ask(request)).get("version", ""))[:16]
                    break
        return self._version or ""

    @asynccontextmanager
    async def _conversation(self, seconds: float) -> AsyncIterator[asyncio.Queue[_Said | None]]:
        """What is said from now on, for whoever's turn it is: an app answers one at a time."""
        async with self._turn:
            if self._ended:
                raise TvSilent
            said = self._unread = asyncio.Queue(_MOST_UNREAD)
            try:
                async with asyncio.timeout(seconds):
                    yield said
            except (TimeoutError, ConnectionClosed, OSError, ssl.SSLError) as error:
                raise TvSilent from error
            finally:
                self._unread = None

    async def _send(self, request: Mapping[str, Any]) -> None:
        command = ArtChannelEmitCommand.art_app_request(dict(request))
        await self._wire.send_commands([command], key_press_delay=0)

    async def _send_whole(self, jpeg: bytes, number: str) -> None:
        """A picture as the first models take it: behind its request, in one message."""
        inner = {"request": "send_image", "file_type": "JPEG", "matte_id": "none", "id": number}
        command = ArtChannelEmitCommand.art_app_request(inner)
        header = json.dumps(json.loads(command.get_payload()), separators=(",", ":")).encode()
        if self._wire.connection is not None:
            await self._wire.connection.send(len(header).to_bytes(2, "big") + header + jpeg)

    async def _hand_over(self, info: Any, jpeg: bytes) -> None:
        """Bring the bytes to the port that the TV has opened, and to no other machine."""
        port = whole(str(info.get("port")), 65_535) if isinstance(info, dict) else None
        if not port:
            raise TvSilent
        key = str(info.get("key", ""))[:256]
        header = json.dumps({
            "num": 0, "total": 1, "fileLength": len(jpeg), "fileName": "image", "fileType": "jpg",
            "secKey": key, "version": "0.0.1",
        }).encode("ascii")  # fmt: skip
        secured = get_ssl_context() if info.get("secured") in (True, "true") else None
        _, writer = await asyncio.open_connection(self._wire.host, port, ssl=secured)
        try:
            writer.write(len(header).to_bytes(4, "big") + header)
            for start in range(0, len(jpeg), _CHUNK):
                writer.write(jpeg[start : start + _CHUNK])
                await writer.drain()
            writer.close()
            await writer.wait_closed()
        finally:
            writer.transport.abort()

    # -- what it says -------------------------------------------------------------------------

    async def _read(self) -> None:
        connection = self._wire.connection
        try:
            while connection is not None:
                frame = heard(await connection.recv())
                said = _inner(frame.get("data"))
                if frame.get("event") == D2D_SERVICE_MESSAGE_EVENT and isinstance(said, dict):
                    self._take(said)
        except ConnectionClosed:
            pass
        finally:
            self._ended = True
            if self._unread is not None:
                _put(self._unread, None)
            self._hear("closed", {})

    def _take(self, said: _Said) -> None:
        if self._unread is not None:
            _put(self._unread, said)
        self._hear(str(said.get("event"))[:64], said)


async def _answer(
    unread: asyncio.Queue[_Said | None], number: str, event: str | None = None
) -> _Said:
    """The answer to the request of this number, if need be of this event."""
    while (said := await unread.get()) is not None:
        _raise_error(said, number)
        if _whose(said) == number and event in (None, said.get("event")):
            return said
    raise TvSilent


async def _added(
    unread: asyncio.Queue[_Said | None], number: str, before: Container[str]
) -> str | None:
    """The id of a new picture; None where it may be the one that somebody else has brought."""
    while (said := await unread.get()) is not None:
        _raise_error(said, number)
        content_id = _content_id(said)
        if said.get("event") == "image_added" and content_id and content_id not in before:
            return content_id if _whose(said) in (number, None) else None
    raise TvSilent


def _whose(said: _Said) -> Any:
    """Which request this belongs to; None where it does not say."""
    return said.get("request_id", said.get("id"))


def _raise_error(said: _Said, number: str) -> None:
    if said.get("event") == "error" and _whose(said) in (number, None):
        raise TvAnswersError(_number(said.get("error_code")))


def _put(unread: asyncio.Queue[_Said | None], said: _Said | None) -> None:
    """What is too much is lost, but for the end."""
    if unread.full() and said is None:
        unread.get_nowait()
    with suppress(asyncio.QueueFull):
        unread.put_nowait(said)


def _numbered(number: str) -> dict[str, str]:
    """Old models read the one, new ones the other."""
    return {"id": number, "request_id": number}


def _offer(jpeg: bytes, date: str, number: str) -> dict[str, Any]:
    where = {"d2d_mode": "socket", "connection_id": generate_connection_id(), "id": number}
    return {
        "request": "send_image",
        "file_type": "jpg",
        "file_size": len(jpeg),
        "image_date": date,
        "matte_id": "none",
        "portrait_matte_id": "none",
        "conn_info": where,
    }


def _inner(data: Any) -> Any:
    """JSON within JSON, or what is there already; None for what cannot be understood."""
    if not isinstance(data, str):
        return data
    try:
        return json_value(data.encode("utf-8", "replace"), _JSON)
    except ValueError:
        return None


def _content_id(said: _Said) -> str | None:
    name = said.get("content_id")
    return name if isinstance(name, str) and re.fullmatch(r"[\w.-]{1,64}", name, re.A) else None


def _number(code: Any) -> int | None:
    text = str(code)[:8]
    return int(text) if re.fullmatch(r"-?\d+", text, re.A) else None
