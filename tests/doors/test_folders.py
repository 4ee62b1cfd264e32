"""Folders that change while the agent runs: what is new is brought in, nobody has to ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from glance_agent.commands.idempotency import Delivery
from glance_agent.domain.command import Command
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.reply import Reply
from glance_agent.doors.folders import FoldersDoor
from glance_agent.sources.folders import watch
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.home import Home, agent, paint, picture, spawned_agent
from tests.phone import Message, Phone
from tests.spawned import PATIENCE_SECONDS, Spawned


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
    found: dict[str, Stirred] = {"a": Stirred(2), "b": Stirred(1), "c": Stirred(0)}

    async def folders() -> dict[str, Stirred]:
        return found

    door = FoldersDoor(asked, folders)
    task = asyncio.create_task(door.run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asked.all_done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert sorted(s for s in asked.sources if s) == ["a", "a", "b"]


async def test_a_folder_that_comes_later_is_looked_through_and_watched() -> None:
    asked, found = Asked(3), {"a": Stirred(1)}

    async def folders() -> dict[str, Stirred]:
        if asked.sources:
            found["late"] = Stirred(1)
        return found

    task = asyncio.create_task(FoldersDoor(asked, folders, look_seconds=0.01).run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asked.all_done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert asked.sources == ["a", "late", "late"]


async def test_a_library_in_trouble_keeps_no_folder_from_being_watched() -> None:
    asked, times = Asked(1), [0]

    async def folders() -> dict[str, Stirred]:
        times[0] += 1
        if times[0] == 1:
            raise StoreError("busy", trouble=Trouble.BUSY)
        return {"a": Stirred(1)}

    task = asyncio.create_task(FoldersDoor(asked, folders, look_seconds=0.01).run())
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asked.all_done.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


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


async def test_a_folder_that_is_brought_in_beside_the_agent_is_watched_at_once(
    home: Home, broker: Broker, tmp_path: Path
) -> None:
    holiday = tmp_path / "holiday"
    holiday.mkdir()
    (holiday / "first.png").write_bytes(picture("red", number=71))
    config = str(home.toml(broker.port))
    async with spawned_agent(Path(config)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        program = ("never", "ingest", str(holiday), "--config", config)
        bringing = await Spawned.loaded("-m", "tests.doomed_agent", *program)
        assert await bringing.ended() == 0, bringing.text
        mine = {"source": "holiday", "event_type": "finished"}
        await phone.expect("event/ingest", lambda m: m.json().items() >= mine.items())
        about = await phone.expect("agent", lambda m: "holiday" in m.json()["sources"])
        assert about.json()["artworks"] == len(COLOURS) + 1
        mark = len(phone.messages)
        (holiday / "second.png").write_bytes(picture("blue", number=72))
        added = mine | {"added": 1}
        await phone.expect("event/ingest", lambda m: m.json().items() >= added.items(), after=mark)
        work = home.rows("SELECT id FROM artworks WHERE title = 'Second'")[0][0]
        assert (await phone.ask("command/show", work))["ok"]
