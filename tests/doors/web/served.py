"""Routes on a real port of loopback, and a client that asks there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

from aiohttp import ClientSession, TCPConnector

from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.reply import Reply
from glance_agent.domain.web_key import WebKey, hashed
from glance_agent.doors.web.access import Access
from glance_agent.doors.web.door import WebDoor
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.settings import WebSettings
from glance_agent.store.connection import bring_up_to_date
from glance_agent.store.sqlite import connect_nowhere
from glance_agent.store.sqlite_database import SqliteDatabase
from glance_agent.store.web_keys import WebKeys
from tests.home import Home, agent
from tests.spawned import PATIENCE_SECONDS

NOW = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)


@asynccontextmanager
async def serving(door: WebDoor) -> AsyncIterator[ClientSession]:
    """A client of these pages, until the block ends."""
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


def client(port: int) -> ClientSession:
    """What asks at a port; every request has a connection of its own."""
    return ClientSession(f"http://127.0.0.1:{port}", connector=TCPConnector(force_close=True))


@asynccontextmanager
async def connected(
    port: int | None,
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A bare connection to a port, closed and gone when the block ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()
        with suppress(OSError):
            await writer.wait_closed()


def port_of(session: ClientSession) -> int:
    """The port that a client asks at."""
    return (session._base_url and session._base_url.port) or 0


def door_of(routes: Sequence[Route], access: Access | None = None, **settings: Any) -> WebDoor:
    """A door at any free port."""
    access = access or access_of()
    return WebDoor(WebSettings(port=0, **settings), routes, access)


class KeysInMemory:
    """Keys as the library keeps them, in a database in memory."""

    def __init__(self) -> None:
        db = SqliteDatabase(connect_nowhere())
        bring_up_to_date(db)
        self.kept = WebKeys(db)

    async def find(self, digest: str) -> WebKey | None:
        return self.kept.find(digest)

    async def add(self, digest: str, key: WebKey) -> None:
        self.kept.add(digest, key)

    async def redeem(self, invitation: str, session: str, now: datetime) -> WebKey | None:
        return self.kept.redeem(invitation, session, now)

    async def end(self, digest: str) -> None:
        self.kept.end(digest)


def access_of(keys: KeysInMemory | None = None, secret: str | None = None) -> Access:
    """What lets people in, with the token of the configuration or without one."""
    digest = None if secret is None else hashed(secret)
    return Access(keys or KeysInMemory(), lambda: NOW, secret=digest)


@asynccontextmanager
async def agent_with_pages(
    home: Home, broker_port: int, port: int, **web: Any
) -> AsyncIterator[ClientSession]:
    """A client of a whole agent whose pages are at this port."""
    config = home.config(broker_port, web={"enabled": True, "port": port, **web})
    async with agent(config), client(port) as session:
        await answering(session)
        yield session


async def answering(session: ClientSession) -> None:
    """Return once somebody answers there."""

    async def lives() -> bool:
        with suppress(OSError):
            async with session.get("/healthz") as answer:
                return answer.status == 200
        return False

    await until(lives)


async def until(ready: Callable[[], Awaitable[bool]]) -> None:
    """Return once it is so, of what tells nobody when it is."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if await ready():
                return
            await asyncio.sleep(0.02)


class Obedient:
    """An agent that carries everything out at once, and remembers it; `may` lets it go on."""

    def __init__(self) -> None:
        self.handled: list[Command] = []
        self.refused: list[Reply] = []
        self.may = asyncio.Event()
        self.may.set()
        self.begun = asyncio.Event()

    async def handle(
        self, command: Command, delivery: Delivery | None = None, also: Sequence[Asked] = ()
    ) -> Reply:
        self.begun.set()
        await self.may.wait()
        self.handled.append(command)
        return Reply(verb=command.verb, ok=True, message="Done.", transaction=command.transaction)

    async def refuse(self, reply: Reply) -> None:
        self.refused.append(reply)
