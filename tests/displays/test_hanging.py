"""Displays with the whole agent around them: they hold what is published, also after trouble."""

from __future__ import annotations

import asyncio
import json
import os
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from glance_agent.config.settings import Config
from glance_agent.displays.kinds.folder import FolderDisplay
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.frame import Frame
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


@pytest.fixture
def hung(monkeypatch: pytest.MonkeyPatch) -> asyncio.Queue[bytes]:
    """Every picture that has reached its folder."""
    queue: asyncio.Queue[bytes] = asyncio.Queue()
    hang = FolderDisplay.hang

    async def noted(display: FolderDisplay, frame: Frame) -> None:
        await hang(display, frame)
        queue.put_nowait(frame.data)

    monkeypatch.setattr(FolderDisplay, "hang", noted)
    return queue


def household(home: Home, port: int, shelf: Path) -> Config:
    """The hall's picture is a file."""
    return home.config(port, hall={"kind": "folder", "path": str(shelf), "keep": 2})


async def arrival(hung: asyncio.Queue[bytes], data: bytes) -> None:
    """Return once this picture has reached its folder."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await hung.get() != data:
            pass


async def test_the_folder_holds_what_is_published_also_after_a_restart(
    home: Home, broker: Broker, shelf: Path, hung: asyncio.Queue[bytes]
) -> None:
    config, picture = household(home, broker.port, shelf), shelf / "hall.jpg"
    async with Phone(broker.port) as phone:
        async with agent(config):
            await phone.expect("display/hall/image")
            mark = len(phone.messages)
            await phone.ask("command/show/hall", home.work("red"))
            red = (await phone.expect("display/hall/image", after=mark)).payload
            await arrival(hung, red)
            assert picture.read_bytes() == red
            assert "progressive" not in Image.open(BytesIO(red)).info
        picture.unlink()
        async with agent(config):
            await arrival(hung, red)
            assert picture.read_bytes() == red
        await phone.expect("display/hall/artwork", lambda m: m.json()["id"] == home.work("red"))


async def test_a_folder_that_is_away_is_told_once_and_caught_up_with(
    home: Home, broker: Broker, shelf: Path, hung: asyncio.Queue[bytes]
) -> None:
    away = shelf.with_name("away")
    away.mkdir()
    (away / "gone").symlink_to(away)
    config = household(home, broker.port, away / "gone" / "later")
    async with agent(config), Phone(broker.port) as phone:
        error = (await phone.expect("error")).json()
        assert (error["code"], error["verb"]) == (ErrorCode.NOT_SHOWN, "deliver")
        assert error["display"] == "hall"
        assert str(away) not in json.dumps(error)
        await phone.expect("display/hall/image")
        for colour in ("red", "green"):
            mark = len(phone.messages)
            assert (await phone.ask("command/show/hall", home.work(colour)))["ok"]
            # One after the other: a picture that comes late would be taken for the next one.
            await phone.expect("display/hall/image", after=mark)
        os.rename(shelf, away / "later")  # as a disk is mounted
        mark = len(phone.messages)
        await phone.ask("command/show/hall", home.work("blue"))
        blue = (await phone.expect("display/hall/image", after=mark)).payload
        await arrival(hung, blue)
        assert (away / "later" / "hall.jpg").read_bytes() == blue
        assert len(phone.heard("error")) == 1


async def test_a_display_that_is_stuck_holds_up_nobody(
    home: Home, broker: Broker, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = asyncio.Event()

    async def hang(display: FolderDisplay, frame: Frame) -> None:
        stuck.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(FolderDisplay, "hang", hang)
    async with agent(household(home, broker.port, shelf)), Phone(broker.port) as phone:
        await phone.expect("display/hall/image")
        async with asyncio.timeout(PATIENCE_SECONDS):
            await stuck.wait()
        for display in ("hall", "wall"):
            mark = len(phone.messages)
            assert (await phone.ask(f"command/next/{display}"))["ok"]
            await phone.expect(f"display/{display}/image", after=mark)


async def test_home_assistant_is_told_of_it_as_of_every_display(
    home: Home, broker: Broker, shelf: Path
) -> None:
    told = []
    for config in (home.config(broker.port), household(home, broker.port, shelf)):
        async with Phone(broker.port) as phone:
            await phone.subscribe("homeassistant/#")
            async with agent(config):
                # It comes after everything that Home Assistant is told.
                await phone.expect("status", lambda m: m.payload == b"online")
            ours = [m.payload for m in phone.messages if m.topic.endswith("_hall/config")]
            told.append(ours[-1])
    assert told[0] == told[1] != b""
