"""The devices' door: what it knows, whom it answers, and how much it takes."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from aiohttp import ClientSession

from glance_agent.domain.device_http import (
    MOST_BODY_BYTES,
    DeviceAddress,
    DeviceAnswer,
    DeviceRequest,
    json_answer,
)
from glance_agent.doors.web import devices as door_file
from glance_agent.doors.web.devices import DeviceDoor, HomeCrowd, is_at_home
from glance_agent.doors.web.rates import Rate
from glance_agent.doors.web.settings import WebSettings
from tests.doors.web.served import client, connected, port_of


async def told(request: DeviceRequest) -> DeviceAnswer:
    """What was asked, as JSON."""
    return json_answer(
        {
            "id": request.header("access-token"),
            "parts": dict(request.parts),
            "body": request.body.decode("latin-1"),
            "address": request.address,
            "base": request.base_url,
        }
    )


async def broken(_request: DeviceRequest) -> DeviceAnswer:
    raise RuntimeError("/home/secret is far away")


ADDRESSES = [
    DeviceAddress("GET", "/api/what", told),
    DeviceAddress("POST", "/api/what/{which}", told),
    DeviceAddress("GET", "/api/broken", broken),
]


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[ClientSession]:
    """A client of the door at any free port of loopback."""
    web = WebSettings(**{"devices_host": "127.0.0.1", "devices_port": 0, **settings})
    door = DeviceDoor(web, ADDRESSES)
    task = asyncio.create_task(door.run())
    port = await door.opened()
    assert port is not None
    try:
        async with client(port) as session:
            yield session
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.mark.parametrize(
    ("address", "home"),
    [
        ("127.0.0.1", True),
        ("10.1.2.3", True),
        ("172.16.0.1", True),
        ("172.32.0.1", False),
        ("192.168.178.40", True),
        ("169.254.3.4", True),
        ("100.64.0.7", True),
        ("100.128.0.7", False),
        ("8.8.8.8", False),
        ("192.0.2.1", False),
        ("0.0.0.0", False),
        ("240.0.0.1", False),
        ("::1", True),
        ("::ffff:192.168.1.2", True),
        ("::ffff:8.8.8.8", False),
        ("fd00::7", True),
        ("fe80::1%eth0", True),
        ("2001:db8::1", False),
        ("2600::1", False),
        ("", False),
        ("hall.local", False),
    ],
)
def test_who_is_at_home(address: str, home: bool) -> None:
    assert is_at_home(address) is home
    assert HomeCrowd(most=3, most_of_one=2).has_room(address, []) is home


def test_there_is_room_for_so_many() -> None:
    crowd = HomeCrowd(most=3, most_of_one=2)
    assert crowd.has_room("10.0.0.1", ["10.0.0.1"])
    assert not crowd.has_room("10.0.0.1", ["10.0.0.1"] * 2)
    assert not crowd.has_room("10.0.0.1", ["10.0.0.2", "10.0.0.3", "10.0.0.4"])


async def test_who_is_not_at_home_is_not_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_file, "is_at_home", lambda address: False)
    async with serving() as session, connected(port_of(session)) as (reader, writer):
        with suppress(ConnectionError):
            writer.write(b"GET /api/what HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert await reader.read() == b""


async def test_a_device_is_answered_in_its_own_spelling_and_with_a_length() -> None:
    async with serving() as session:
        for name in ("ACCESS_TOKEN", "Access-Token", "access-token"):
            async with session.get("/api/what", headers={name: "abc"}) as answer:
                said = await answer.json()
                assert said["id"] == "abc"
                assert int(answer.headers["Content-Length"]) > 0
                assert "Transfer-Encoding" not in answer.headers
        assert said["base"] == f"http://127.0.0.1:{port_of(session)}"
        assert said["address"] == "127.0.0.1"
        async with session.post("/api/what/x", data=b"{}", headers={"Content-Type": "a/b"}) as post:
            assert (await post.json())["parts"] == {"which": "x"}


async def test_it_knows_its_own_addresses_alone() -> None:
    async with serving() as session:
        for path in (
            "/",
            "/healthz",
            "/api/status",
            "/api/command",
            "/d/token/wall.jpg",
            "/thumbs/a",
        ):
            async with session.get(path) as answer:
                assert answer.status == 404
        async with session.get("/api/what/x") as answer:
            assert answer.status == 404
        async with session.get("/api/broken") as answer:
            assert answer.status == 500
            assert "secret" not in await answer.text()


async def test_bodies_are_bounded() -> None:
    async with serving() as session:
        async with session.post("/api/what/x", data=b"x" * MOST_BODY_BYTES) as answer:
            assert answer.status == 200
        async with session.post("/api/what/x", data=b"x" * (MOST_BODY_BYTES + 1)) as answer:
            assert answer.status == 413


async def test_pages_are_not_answered_nor_names_of_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with serving() as session:
        for headers in ({"Origin": "http://a.example"}, {"Sec-Fetch-Site": "cross-site"}):
            async with session.get("/api/what", headers=headers) as answer:
                assert answer.status == 403
        for name, status in (
            ("serverpi.local:3000", 200),
            ("pi", 200),
            ("192.168.1.5:3000", 200),
            ("evil.example", 421),
        ):
            async with session.get("/api/what", headers={"Host": name}) as answer:
                assert answer.status == status
        with caplog.at_level(logging.WARNING):
            async with session.get("/api/what", headers={"Host": "evil.example"}) as answer:
                assert answer.status == 421
    assert len([r for r in caplog.records if "evil.example" in r.getMessage()]) <= 1


async def test_an_address_may_ask_so_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door_file, "Rate", lambda *_: Rate(2, 1000))
    async with serving() as session:
        statuses = []
        for _ in range(3):
            async with session.get("/api/what") as answer:
                statuses.append(answer.status)
    assert statuses == [200, 200, 429]


async def test_a_port_in_use_is_said_and_ends_nothing(caplog: pytest.LogCaptureFixture) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        door = DeviceDoor(WebSettings(devices_host="127.0.0.1", devices_port=port), ADDRESSES)
        await door.run()
        assert await door.opened() is None
    assert "web.devices_port" in caplog.text
