"""Folders that change while the agent runs: what is new is brought in, nobody has to ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from glance_agent.commands.idempotency import Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.reply import Reply
from glance_agent.doors.folders import FoldersDoor
from glance_agent.sources.folders import watch
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.home import Home, agent, paint, picture
from tests.phone import Message, Phone


class Stirred:
    """A folder that tells of so many changes, and then nothing for ever."""

    def __init__(self, times: int) -> None:
        self._times = times

    async def changes(self) -> AsyncGenerator[None, None]:
        for _ in range(self._times):
            yield
        await asyncio.Event().wait()


class Asked:
    """An agent that notes what it is told to bring in."""

    def __init__(self, times: int) -> None:
        self.sources: list[str | None] = []
        self._left = times
        self.all_done = asyncio.Event()

    async def handle(self, command: Command, delivery: Delivery | None = None) -> Reply:
        assert command.verb == "ingest"
        self.sources.append(command.source)
        if len(self.sources) == self._left:
            self.all_done.set()
        return Reply(verb="ingest", ok=True, message="")


async def test_every_change_is_one_ingest_of_its_source() -> None:
    asked = Asked(3)
    door = FoldersDoor(asked, {"a": Stirred(2), "b": Stirred(1), "c": Stirred(0)})
    task = asyncio.create_task(door.run())
    async with asyncio.timeout(10):
        await asked.all_done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sorted(s for s in asked.sources if s) == ["a", "a", "b"]


async def after(phone: Phone, change: Callable[[], object] | None = None, **wanted: object) -> None:
    """Wait until an ingest that follows a change is over, with these counts."""
    mark = len(phone.messages) if change is not None else 0
    if change is not None:
        change()

    def told(message: Message) -> bool:
        payload = message.json()
        return payload["event_type"] == "finished" and payload.items() >= wanted.items()

    await phone.expect("event/ingest", told, after=mark)


async def test_the_agent_brings_in_what_changes(
    home: Home, broker: Broker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "QUIET_SECONDS", 0.2)
    paint(tmp_path / "pictures")
    home.database.unlink()
    own = Home(home.folder, tmp_path / "pictures", watch=True)
    new, data, known = own.pictures / "a-red.png", picture("red", number=77), len(COLOURS)

    def kept() -> list[tuple[str, str | None]]:
        return own.rows("SELECT title, unusable FROM artworks WHERE location = ?", str(new))

    async with agent(own.config(broker.port)), Phone(broker.port) as phone:
        await after(phone, added=known)
        await after(phone, lambda: new.write_bytes(data[:80]), left_out={"truncated": 1})
        await after(phone, lambda: new.write_bytes(data), added=1, unchanged=known)
        assert kept() == [("A Red", None)]
        beside = new.with_name("a-red.png.json")
        await after(phone, lambda: beside.write_text('{"title": "Evening"}'), unchanged=known + 1)
        assert kept() == [("Evening", None)]
        await after(phone, new.unlink, unchanged=known)
        assert kept() == [("Evening", "gone")]
