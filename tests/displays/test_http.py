"""The HTTP client of displays, against real servers that behave and some that do not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from aiohttp import web

from glance_agent.displays.http import (
    MOST_ANSWER_BYTES,
    HttpRequest,
    HttpUnreachable,
    http_answer,
)
from tests.broker import free_port


@asynccontextmanager
async def saying(raw: bytes, *, ends: bool = True) -> AsyncIterator[str]:
    """A server that answers whatever it is asked with these bytes; its address."""

    tasks: set[asyncio.Task[None]] = set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(raw)
            if ends:
                writer.write_eof()
            await reader.read()
        writer.transport.abort()

    def begin(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(answer(reader, writer)))

    server = await asyncio.start_server(begin, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        await asyncio.gather(*tasks)


async def test_it_sends_what_it_is_told_and_says_what_was_answered() -> None:
    seen: list[tuple[str, bytes, str | None]] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.method, await request.read(), request.headers.get("X-Own")))
        return web.Response(status=418, body=b"tea")

    app, port = web.Application(), free_port()
    app.router.add_route("*", "/", answer)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        asked = HttpRequest("PUT", f"http://127.0.0.1:{port}/", b"picture", {"X-Own": "1"})
        answered = await http_answer(asked)
    finally:
        await runner.cleanup()
    assert (answered.status, answered.body) == (418, b"tea")
    assert seen == [("PUT", b"picture", "1")]


async def test_a_redirect_is_an_answer_and_is_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    async with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") as elsewhere:
        moved = f"HTTP/1.1 307 Moved\r\nLocation: {elsewhere}\r\nContent-Length: 0\r\n\r\n"
        async with saying(moved.encode()) as url:
            assert (await http_answer(HttpRequest("POST", url, b"picture"))).status == 307


async def test_no_more_is_read_than_is_of_use() -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n"
    async with saying(head + b"x" * 1_000_000, ends=False) as url:
        answered = await http_answer(HttpRequest("GET", url))
    assert answered.body == b"x" * MOST_ANSWER_BYTES


@pytest.mark.parametrize(
    ("raw", "ends", "why"),
    [
        (b"", True, "broke off"),
        (b"\x00\xff garbage\r\n\r\n", True, "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", True, "broke off"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf", False, "in time"),
        (b"", False, "in time"),
    ],
)
async def test_what_is_no_answer_is_said_in_words_of_ours(raw: bytes, ends: bool, why: str) -> None:
    async with saying(raw, ends=ends) as url:
        with pytest.raises(HttpUnreachable, match=why):
            await http_answer(HttpRequest("GET", url, seconds=0.5))


async def test_nobody_there_and_no_such_name() -> None:
    with pytest.raises(HttpUnreachable, match="cannot be reached"):
        await http_answer(HttpRequest("GET", f"http://127.0.0.1:{free_port()}/"))
    with pytest.raises(HttpUnreachable, match=r"the name of its host|cannot be reached"):
        await http_answer(HttpRequest("GET", "http://nobody.invalid/"))
