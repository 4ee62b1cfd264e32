"""The server as strangers find it: what every answer says, what breaks nothing, what is bounded."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack

import pytest
from aiohttp import ClientSession, web

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.doors.web import bodies, connection
from glance_agent.doors.web.access import Access
from glance_agent.doors.web.assets import Assets
from glance_agent.doors.web.commands import CommandDesk
from glance_agent.doors.web.connection import Crowd
from glance_agent.doors.web.door import WebDoor
from glance_agent.doors.web.life import life_route
from glance_agent.doors.web.refusing import json_response
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.settings import WebSettings
from glance_agent.doors.web.signing_in import SigningIn
from tests.broker import Broker, free_port
from tests.doors.web.served import (
    Obedient,
    access_of,
    agent_with_pages,
    connected,
    door_of,
    serving,
    until,
)
from tests.home import Home, agent
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS

ASSETS = Assets.of_the_package()
HOST = b"Host: localhost\r\n"
JSON = HOST + b"Content-Type: application/json\r\n"
NEXT = b"POST /api/command/next HTTP/1.1\r\n" + JSON
STATIC = f"GET /static/{ASSETS.version}/".encode()
SAFE: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Server": "glance-agent",
}
POLICY = {
    "default-src 'self'",
    "img-src 'self' data: blob:",
    "media-src 'self' data: blob:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'self'",
}


async def lives() -> None:
    """Somebody who lives."""


async def breaks(_request: web.Request) -> web.Response:
    raise RuntimeError("the inside of /home/me")


async def lacks_library(_request: web.Request) -> web.Response:
    raise StoreError("/home/me/glance.db is damaged", trouble=Trouble.DAMAGED)


async def picture(_request: web.Request) -> web.Response:
    return json_response({})


def usual(access: Access, desk: CommandDesk) -> list[Route]:
    return [
        life_route(lives),
        ASSETS.files_route(),
        ASSETS.page_route("/", "index.html"),
        *SigningIn(access).routes(),
        *desk.routes(),
        Route("GET", "/breaks", breaks),
        Route("GET", "/lacks", lacks_library),
        Route("GET", "/picture", picture, elsewhere=True),
    ]


def usual_door(agent: Obedient, **settings: object) -> WebDoor:
    access = access_of()
    return door_of(usual(access, CommandDesk(agent, access)), access, **settings)


async def answered(port: int, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of the answer to some bytes; 0 where the connection just ends."""
    async with connected(port) as (reader, writer), asyncio.timeout(PATIENCE_SECONDS):
        writer.write(request)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0, {}, b""
        fields = (line.split(": ", 1) for line in head[1:] if ": " in line)
        headers = {name.title(): value for name, value in fields}
        length = 0 if request.startswith(b"HEAD") else int(headers.get("Content-Length", 0))
        return int(head[0].split()[1]), headers, await reader.readexactly(length)


# -- what every answer says --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/", 200),
        ("GET", f"/static/{ASSETS.version}/gallery.css", 200),
        ("GET", "/nowhere", 404),
        ("OPTIONS", "/", 404),
        ("POST", "/api/command/next", 415),
        ("GET", "/breaks", 500),
        ("GET", "/lacks", 503),
        ("GET", "/api/session", 200),
    ],
)
async def test_every_answer_is_safe_to_receive(
    method: str, path: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    async with (
        serving(usual_door(Obedient())) as session,
        session.request(method, path, headers={"Accept": "text/html"}) as answer,
    ):
        text = await answer.text()
    assert answer.status == status
    assert {name: answer.headers.get(name) for name in SAFE} == SAFE
    assert set(answer.headers["Content-Security-Policy"].split("; ")) == POLICY
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "/home/me" not in text
    assert "Traceback" not in text
    if status >= 400 and text:
        assert answer.content_type == "application/json"


async def test_what_is_no_http_is_answered_as_safely() -> None:
    door = usual_door(Obedient())
    async with serving(door):
        status, headers, body = await answered(await port_of(door), b"<script> / HTTP/9\r\n\r\n")
    assert status == 400
    assert {name: headers.get(name.title()) for name in SAFE} == SAFE
    assert b"script" not in body


async def test_what_is_expected_beside_an_answer_is_refused_as_anything_else() -> None:
    door, body = usual_door(Obedient()), b"Content-Length: 2\r\n\r\n{}"
    async with serving(door):
        port = await port_of(door)
        status, headers, told = await answered(port, NEXT + b"Expect: wine\r\n" + body)
        async with connected(port) as (reader, writer):
            writer.write(NEXT + b"Expect: 100-Continue\r\n" + body)
            assert await reader.readline() == b"HTTP/1.1 100 Continue\r\n"
            assert await reader.readline() == b"\r\n"
            assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
    assert status == 417
    assert {name: headers.get(name.title()) for name in SAFE} == SAFE
    assert json.loads(told)["error"]["code"] == "bad_value"


async def test_pages_of_others_may_show_pictures_and_frame_ours_where_set() -> None:
    ha = "http://homeassistant.local:8123"
    async with serving(usual_door(Obedient(), frame_ancestors=[f"{ha}/"])) as session:
        async with session.get("/") as answer:
            assert f"frame-ancestors 'self' {ha}" in answer.headers["Content-Security-Policy"]
            assert "X-Frame-Options" not in answer.headers
        async with session.get("/picture") as answer:
            assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


async def port_of(door: WebDoor) -> int:
    port = await door.opened()
    assert port is not None
    return port


# -- what strangers send -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_bytes", "statuses"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", {400}),
        (b"GET / HTTP/1.0\r\n\r\n", {421}),
        (b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Host: evil.example\r\n\r\n", {400, 421}),
        (b"GET http://localhost/ HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n evil\r\n\r\n", {400, 421}),
        (b"CONNECT evil:80 HTTP/1.1\r\n" + HOST + b"\r\n", {400, 403, 404}),
        (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", {400, 404}),
        (b"TRACE / HTTP/1.1\r\n" + HOST + b"\r\n", {404, 405}),
        (b"PUT / HTTP/1.1\r\n" + HOST + b"\r\n", {404, 405}),
        (b"HEAD /api/command/next HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (b"GET /api/command/next HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (STATIC + b"../../door.py HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (STATIC + b"%2e%2e/%2e%2e/door.py HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (STATIC + b"..%2f..%2fdoor.py HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (STATIC + b"%2fetc%2fpasswd HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (STATIC + b"gallery.css%00.html HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (STATIC + b"index.html HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (b"GET /static/0000000000/gallery.css HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (b"GET //evil.example/ HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (b"GET /%zz%ff%00 HTTP/1.1\r\n" + HOST + b"\r\n", {404}),
        (b"GET /\xff\xfe HTTP/1.1\r\n" + HOST + b"\r\n", {400, 404}),
        (NEXT + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", {400}),
        (NEXT + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", {400}),
        (NEXT + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n", {400}),
        (NEXT + b"Content-Length: -2\r\n\r\n{}", {400}),
        (NEXT + b"Content-Length: +2\r\n\r\n{}", {400}),
        (NEXT + b"Content-Length : 2\r\n\r\n{}", {400}),
        (NEXT + b"Content-Length: 99999999999\r\n\r\n{}", {413}),
        (NEXT + b"Content-Length: " + b"9" * 400 + b"\r\n\r\n{}", {400}),
        (NEXT + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n" + b"x" * 70_000, {413}),
        (NEXT + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", {400}),
        (NEXT + b"Content-Length: 8\r\n\r\n\x1f\x8b\x08\x00\x00\x00\x00\x00", {400}),
        (b"POST /api/command/next HTTP/1.1\r\n" + HOST + b"Content-Length: 2\r\n\r\n{}", {415}),
        (NEXT.replace(b"application/json", b"text/plain") + b"Content-Length: 2\r\n\r\n{}", {415}),
        (NEXT.replace(b"application/json", b"\xff;=;") + b"Content-Length: 2\r\n\r\n{}", {415}),
        (NEXT + b"Origin: http://evil.example\r\nContent-Length: 2\r\n\r\n{}", {403}),
        (NEXT + b"Sec-Fetch-Site: cross-site\r\nContent-Length: 2\r\n\r\n{}", {403}),
        (NEXT + b"Expect: wine\r\nContent-Length: 2\r\n\r\n{}", {417}),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: " + b"a" * 20_000 + b"\r\n\r\n", {400}),
        (b"GET / HTTP/1.1\r\n" + HOST + b"X: a\r\n" * 200 + b"\r\n", {400}),
        (b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", {400}),
        (b"GET / HTTP/1.1\nHost: localhost\n\n", {400}),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03hello\r\n\r\n", {0, 400}),
        (b"GET /api/session HTTP/1.1\r\n" + HOST + b'Cookie: \xff=;;;"=,a="\\377\r\n\r\n', {200}),
        (b"GET / HTTP/1.1\r\n" + HOST + b'If-None-Match: \xff"\r\n\r\n', {200}),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Range: bytes=0-1,5-99999999999\r\n\r\n", {200}),
        (b"GET / HTTP/1.1\r\n" + HOST + b"Connection: upgrade\r\nUpgrade: x\r\n\r\n", {200}),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
async def test_what_strangers_send_is_refused_and_changes_nothing(
    request_bytes: bytes, statuses: set[int]
) -> None:
    agent = Obedient()
    door = usual_door(agent)
    async with serving(door) as session:
        status, _, _ = await answered(await port_of(door), request_bytes)
        assert status in statuses
        assert agent.handled == []
        async with session.get("/healthz") as answer:
            assert answer.status == 200, "the next one is answered"


# -- bounds --------------------------------------------------------------------------------------


async def test_a_head_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(connection.LIMITS, "keepalive_timeout", 0.2)
    door = usual_door(Obedient())
    async with serving(door), asyncio.timeout(PATIENCE_SECONDS):
        for begun in (b"", b"GET / HTTP/1.1\r\nHost: loc"):
            async with connected(await port_of(door)) as (reader, writer):
                writer.write(begun)
                assert await reader.read() == b""


async def test_a_body_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_SECONDS", 0.1)
    agent = Obedient()
    door = usual_door(agent)
    async with serving(door):
        slow = NEXT + b"Content-Length: 20\r\n\r\n{"
        status, _, body = await answered(await port_of(door), slow)
    assert (status, b"missing_value" in body, agent.handled) == (408, True, [])


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="Linux ends such connections")
async def test_who_reads_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "UNREAD_SECONDS", 0.2)
    ended = asyncio.Event()

    async def long_answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 100_000)
        finally:
            ended.set()

    door = door_of([Route("GET", "/long", long_answer, needs=None)])
    async with serving(door), connected(await port_of(door)) as (_, writer):
        writer.write(b"GET /long HTTP/1.1\r\n" + HOST + b"\r\n")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await ended.wait()


async def test_one_address_has_so_many_connections() -> None:
    door = WebDoor(
        WebSettings(port=0), usual(access_of(), CommandDesk(Obedient(), access_of())), access_of(),
        crowd=Crowd(most=9, most_of_one=2),
    )  # fmt: skip
    async with serving(door):
        port = await port_of(door)
        greeting = b"GET /healthz HTTP/1.1\r\n" + HOST + b"\r\n"
        request = b"GET /healthz HTTP/1.1\r\n" + HOST + b"Connection: close\r\n\r\n"
        async with connected(port) as first, connected(port) as second:
            for reader, writer in (first, second):
                writer.write(greeting)
                assert (await reader.readline()).startswith(b"HTTP/1.1 200")
            assert (await answered(port, request))[0] == 0
            first[1].transport.abort()
            await until(lambda: answers(port, request))


async def answers(port: int, request: bytes) -> bool:
    return (await answered(port, request))[0] == 200


@pytest.mark.parametrize(
    ("address", "others", "has_room"),
    [
        ("10.0.0.1", [], True),
        ("10.0.0.1", ["10.0.0.1"], True),
        ("10.0.0.1", ["10.0.0.1", "10.0.0.1"], False),
        ("10.0.0.2", ["10.0.0.1", "10.0.0.1"], True),
        ("10.0.0.9", ["10.0.0.9", "10.0.0.9"], True),
        ("10.0.0.9", ["10.0.0.1", "10.0.0.2", "10.0.0.3"], False),
    ],
)
def test_there_is_room_for_so_many(address: str, others: list[str], has_room: bool) -> None:
    crowd = Crowd(most=3, most_of_one=2, trusted=["10.0.0.9"])
    assert crowd.has_room(address, others) is has_room


async def test_too_many_waiting_commands_are_told_so() -> None:
    agent = Obedient()
    agent.may.clear()
    access = access_of()
    desk = CommandDesk(agent, access, most=1)
    async with serving(door_of(desk.routes(), access)) as session:
        first = asyncio.create_task(status_of(session))
        await agent.begun.wait()
        assert await status_of(session) == 503
        agent.may.set()
        assert await first == 200
        assert await status_of(session) == 200
    assert len(agent.handled) == 2


async def status_of(session: ClientSession) -> int:
    async with session.post("/api/command/next", json={}) as answer:
        return answer.status


async def test_who_goes_away_has_asked_all_the_same() -> None:
    agent = Obedient()
    agent.may.clear()
    access = access_of()
    desk = CommandDesk(agent, access)
    door = door_of(desk.routes(), access)
    async with serving(door) as session:
        async with connected(await port_of(door)) as (_, writer):
            writer.write(NEXT + b"Content-Length: 2\r\n\r\n{}")
            await agent.begun.wait()
        agent.may.set()
        assert await status_of(session) == 200
    assert (len(agent.handled), desk.waiting) == (2, 0)


# -- the port ------------------------------------------------------------------------------------


async def told(caplog: pytest.LogCaptureFixture, words: str) -> bool:
    return words in caplog.text


async def test_a_port_in_use_is_told_and_the_agent_goes_on(
    home: Home, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as taken:
        port = taken.sockets[0].getsockname()[1]
        config = home.config(broker.port, web={"enabled": True, "port": port})
        with caplog.at_level(logging.ERROR):
            async with agent(config), Phone(broker.port) as phone:
                await phone.expect("status")
                await phone.publish("command/next", {})
                assert (await phone.expect("response")).json()["ok"]
                await until(lambda: told(caplog, "pages cannot be served"))
    assert f"port {port}" in caplog.text


async def test_pages_end_with_the_agent_and_at_once(home: Home, broker: Broker) -> None:
    port = free_port()
    async with AsyncExitStack() as still_open:
        async with agent_with_pages(home, broker.port, port):
            await still_open.enter_async_context(connected(port))
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)
