"""Routes on a real port of loopback, and a client that asks there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiohttp import ClientSession, TCPConnector

from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.reply import Reply
from glance_agent.doors.web.access import Access
from glance_agent.doors.web.door import WebDoor
from glance_agent.doors.web.route import Route
from glance_agent.doors.web.settings import WebSettings
from tests.home import Home, agent

PATIENCE_SECONDS = 20.0


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


def door_of(routes: Sequence[Route], access: Access | None = None, **settings: Any) -> WebDoor:
    """A door at any free port."""
    access = access or Access(None)
    return WebDoor(WebSettings(port=0, **settings), routes, access)


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
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            with suppress(OSError):
                async with session.get("/healthz") as answer:
                    if answer.status == 200:
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
