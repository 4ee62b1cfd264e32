"""A library that stands in the way for a while: the agent shows on, and catches up by itself."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from signal import SIGKILL, SIGTERM
from typing import Any

import pytest

from glance_agent.agent.agent import Agent
from glance_agent.store.opening import open_library
from glance_agent.wiring import agents, run_threads
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.home import SOURCE, Home, agent, paint, picture
from tests.phone import Message, Phone
from tests.spawned import Spawned

ALL = len(COLOURS)
POWERLESS = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
"""Root may write what may not be written; without these two powers it may not (capabilities(7))."""


@pytest.fixture
def own(home: Home, tmp_path: Path) -> Home:
    """A household with pictures of its own, and no library yet."""
    home.database.unlink()
    paint(tmp_path / "pictures")
    return Home(home.folder, tmp_path / "pictures")


def ended(*, well: bool) -> Callable[[Message], bool]:
    """A run that is over, and went well or not."""

    def fits(message: Message) -> bool:
        told = message.json()
        return told["event_type"] == "finished" and (told["error"] is None) == well

    return fits


async def still_shows(phone: Phone) -> None:
    """The next picture comes."""
    mark = len(phone.messages)
    assert (await phone.ask("command/next"))["artwork"] is not None
    await phone.expect("display/wall/image", after=mark)


async def comes_by_itself(home: Home, phone: Phone, *, after: int) -> None:
    """What could not be brought in is, and nobody has to ask."""
    told = await phone.expect("event/ingest", ended(well=True), after=after)
    assert (told.json()["added"], told.json()["unchanged"]) == (1, ALL)
    assert home.rows("SELECT count(*) FROM artworks WHERE title = 'Late'") == [(1,)]


async def test_an_empty_library_on_a_full_disk_is_told_of_as_that(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "Agent", partial(Agent, again_seconds=0.2))
    full = True

    def opened(path: Path, **how: Any) -> Any:
        database = open_library(path, **how)
        if full:
            database.execute("PRAGMA max_page_count=1")
        return database

    for picture_of in own.pictures.glob("*.png"):
        # More than there is room for on the pages that the file has.
        beside = {"title": "Long", "description": "long " * 800}
        picture_of.with_name(f"{picture_of.name}.json").write_text(json.dumps(beside))
    monkeypatch.setattr(run_threads, "open_library", opened)
    async with Phone(broker.port) as phone, agent(own.config(broker.port)):
        await phone.expect("event/ingest", ended(well=False))
        for asked in ("command/next", "command/search"):
            error = (await phone.ask(asked, {"query": "red"} if "search" in asked else {}))["error"]
            assert error["code"] == "disk_full"
            assert error["message"] == (
                "The library holds no artwork yet. The disk is full: nothing can be kept."
            )
            assert error["hint"].startswith("Make room")
        full = False
        await phone.expect("event/ingest", ended(well=True))
        await phone.expect("display/wall/image")


async def test_an_ingest_that_found_the_disk_full_is_tried_again(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agents, "Agent", partial(Agent, again_seconds=0.2))
    full = False

    def opened(path: Path, **how: Any) -> Any:
        database = open_library(path, **how)
        if full:
            # As on a full disk, the file may grow no more.
            database.execute("PRAGMA max_page_count=1")
        return database

    monkeypatch.setattr(run_threads, "open_library", opened)
    async with Phone(broker.port) as phone, agent(own.config(broker.port)):
        await phone.expect("event/ingest", ended(well=True))
        await phone.expect("display/wall/image")
        full = True
        # More than there is room for on the pages that the file has.
        beside = {"title": "Late", "description": "long " * 800}
        (own.pictures / "late.png.json").write_text(json.dumps(beside))
        (own.pictures / "late.png").write_bytes(picture("red", number=77))
        mark = len(phone.messages)
        assert (await phone.ask("command/ingest", SOURCE))["ok"]
        failed = await phone.expect("event/ingest", ended(well=False), after=mark)
        assert "the disk is full" in failed.json()["error"]
        await still_shows(phone)
        full, mark = False, len(phone.messages)
        await comes_by_itself(own, phone, after=mark)


@asynccontextmanager
async def powerless_agent(config: Path) -> AsyncIterator[Spawned]:
    """The agent in a process that may write only what its user may."""
    powerless = POWERLESS if os.geteuid() == 0 else ()
    program = (sys.executable, "-m", "tests.doomed_agent", "hurried")
    process = await Spawned.start(*powerless, *program, "run", "--config", str(config))
    try:
        yield process
        assert await process.end(SIGTERM) == 0, process.text
    finally:
        await process.end(SIGKILL)


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root may all")
async def test_a_folder_that_may_not_be_written_for_a_while_is_caught_up_with(
    own: Home, broker: Broker
) -> None:
    async with (
        Phone(broker.port) as phone,
        powerless_agent(own.toml(broker.port)) as process,
    ):
        await phone.expect("event/ingest", ended(well=True))
        await phone.expect("display/wall/image")
        files = sorted(own.folder.glob("glance.db*"))
        for path in files:
            path.chmod(0o400)
        own.folder.chmod(0o500)
        try:
            (own.pictures / "late.png").write_bytes(picture("red", number=77))
            mark = len(phone.messages)
            assert (await phone.ask("command/ingest", SOURCE))["ok"]
            failed = await phone.expect("event/ingest", ended(well=False), after=mark)
            assert "The library cannot be used now" in failed.json()["error"]
            await still_shows(phone)
            assert process.text.count("Traceback") == 0
        finally:
            own.folder.chmod(0o700)
            for path in files:
                path.chmod(0o600)
        await comes_by_itself(own, phone, after=len(phone.messages))
