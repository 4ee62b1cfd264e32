"""A source that is learned late, or is not there: its works are shown, or left as they are."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from glance_agent.config.settings import Config
from glance_agent.ingest.progress import Progress
from glance_agent.wiring.ingestion import Ingestion
from glance_agent.wiring.rooms import open_rooms
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.home import Home, agent, picture
from tests.phone import Phone


async def brought_in(config: Config, name: str, folder: Path) -> Progress:
    """A folder is brought in by another program beside the agent."""
    with open_rooms(config) as rooms:
        rooms.library.remember_folder(name, str(folder))
    with open_rooms(config) as rooms:
        steps: AsyncGenerator[Progress, None] = Ingestion(rooms).run(name, None)
        async for progress in steps:
            last = progress
    return last


@pytest.fixture
def holiday(tmp_path: Path) -> Path:
    """A folder that the configuration does not know."""
    folder = tmp_path / "holiday"
    folder.mkdir()
    for number in range(3):
        (folder / f"late-{number}.png").write_bytes(picture("red", number=70 + number))
    return folder


async def test_what_another_program_brings_in_can_be_shown_at_once(
    home: Home, broker: Broker, holiday: Path
) -> None:
    config = home.config(broker.port)
    async with agent(config), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        assert (await brought_in(config, "holiday", holiday)).added == 3
        work = home.rows("SELECT id FROM artworks WHERE source = 'holiday'")[0][0]
        mark = len(phone.messages)
        assert (await phone.ask("command/show", work))["ok"]
        await phone.expect("display/wall/image", after=mark)
        shown = await phone.expect("display/wall/artwork", after=mark)
        assert shown.json()["id"] == work
        assert (await phone.ask("command/ingest", "holiday"))["ok"]
    assert home.rows("SELECT id FROM artworks WHERE unusable NOT NULL") == []


async def test_works_of_a_source_that_is_not_there_are_left_as_they_are(
    home: Home, broker: Broker, holiday: Path
) -> None:
    await brought_in(home.config(broker.port), "holiday", holiday)
    config = home.config(broker.port)
    missing = config.model_copy(update={"sources": ()})
    there = {row[0] for row in home.rows("SELECT id FROM artworks WHERE source = 'holiday'")}
    async with agent(missing), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        for _ in range(len(COLOURS)):
            answer = await phone.ask("command/next")
            assert answer["artwork"]["id"] in there
        refused = await phone.ask("command/show", home.work("red"))
        assert (refused["ok"], refused["error"]["code"]) == (False, "picture_unreadable")
        assert "the source “paint” is away" in refused["message"]
    assert home.rows("SELECT id FROM artworks WHERE unusable NOT NULL") == []
