"""An agent whose wall is a device that asks; what quiet hours there are right now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any

from aiohttp import ClientError, ClientSession

from tests.doors.web.served import client, until
from tests.home import Home, agent
from tests.phone import Phone


@asynccontextmanager
async def agent_for_devices(
    home: Home, broker_port: int, port: int, wall: dict[str, Any], **tables: dict[str, Any]
) -> AsyncIterator[ClientSession]:
    """A client of the devices' door of a whole agent; the wall is set like this."""
    web = {"enabled": False, "devices_host": "127.0.0.1", "devices_port": port}
    config = home.config(broker_port, wall=wall, web=web, **tables)
    async with agent(config), client(port) as session:

        async def answers() -> bool:
            with suppress(OSError, ClientError):
                async with session.get("/") as answer:
                    return answer.status == 404
            return False

        await until(answers)
        yield session


async def hang(phone: Phone, artwork: str) -> bytes:
    """Have the wall show another work; its picture, once it is published."""
    before = (await phone.expect("display/wall/image")).payload
    heard = [message.payload for message in phone.messages if message.topic.endswith("wall/image")]
    await phone.ask("command/show/wall", artwork)
    hung = await phone.expect(
        "display/wall/image", lambda message: message.payload not in (before, *heard)
    )
    return hung.payload


def quiet_now(hours: int = 3) -> tuple[str, float]:
    """Quiet hours that have begun, and how many seconds they still last at most."""
    now = datetime.now()
    ends = (now + timedelta(hours=hours)).replace(minute=0)
    begins = (now - timedelta(hours=1)).replace(minute=0)
    return f"{begins:%H:%M}-{ends:%H:%M}", hours * 3600.0
