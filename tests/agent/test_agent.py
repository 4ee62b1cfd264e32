"""The agent as a whole, over a real broker: displays are kept supplied, whatever happens."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from PIL.Image import Image

from glance_agent.agent import source_runs
from glance_agent.domain.vectors import Matrix
from glance_agent.embedding.remote.settings import RemoteSettings
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from glance_agent.wiring import rooms as wired
from tests.broker import Broker
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.home import SOURCE, Home, agent, ingest_all, paint, picture
from tests.in_process import header_of
from tests.phone import Message, Phone
from tests.spawned import PATIENCE_SECONDS

ALL = len(COLOURS)


@pytest.fixture
def own(home: Home, tmp_path: Path) -> Home:
    """A household with pictures of its own, and no library yet."""
    home.database.unlink()
    paint(tmp_path / "pictures")
    return Home(home.folder, tmp_path / "pictures")


def finished(message: Message) -> bool:
    return bool(message.json()["event_type"] == "finished")


async def settled(phone: Phone) -> None:
    """The first run over the source is over, and something is on every display."""
    await phone.expect("event/ingest", finished)
    for display in ("wall", "hall"):
        await phone.expect(f"display/{display}/image")


async def test_a_first_start_fills_the_library_and_the_displays(own: Home, broker: Broker) -> None:
    async with Phone(broker.port) as phone, agent(own.config(broker.port)):
        await settled(phone)
        told = await phone.expect("event/ingest", finished)
        assert (told.json()["added"], told.json()["failed"]) == (ALL, 0)
        about = await phone.expect("agent", lambda m: m.json()["artworks"] == ALL)
        assert about.json()["sources"] == [SOURCE]
        for display in ("wall", "hall"):
            artwork = await phone.expect(f"display/{display}/artwork")
            assert artwork.json()["position"] == 1


async def test_after_a_restart_the_same_picture_is_up(home: Home, broker: Broker) -> None:
    config = home.config(broker.port)
    async with Phone(broker.port) as phone:
        async with agent(config):
            await settled(phone)
            shown = (await phone.ask("command/search", "green"))["artwork"]["id"]
        mark = len(phone.messages)
        async with agent(config):
            artwork = await phone.expect("display/wall/artwork", after=mark)
            await phone.expect("display/wall/image", after=mark)
    assert artwork.json()["id"] == shown == home.work("green")
    assert home.showings()[-1] == shown


async def test_a_new_picture_is_found_after_an_ingest(own: Home, broker: Broker) -> None:
    async with agent(own.config(broker.port)), Phone(broker.port) as phone:
        await settled(phone)
        (own.pictures / "another-red.png").write_bytes(picture("red", number=77))
        mark = len(phone.messages)
        assert (await phone.ask("command/ingest", SOURCE))["ok"]
        told = await phone.expect("event/ingest", finished, after=mark)
        assert (told.json()["added"], told.json()["unchanged"]) == (1, ALL)
        results = (await phone.ask("command/search", {"query": "red", "limit": 2}))["results"]
        assert "Another Red" in {result["artwork"]["title"] for result in results}


async def test_it_is_told_from_where_pictures_come_in_until_they_have(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_runs, "PROGRESS_SECONDS", 0.0)
    async with Phone(broker.port) as phone, agent(own.config(broker.port)):
        bringing = await phone.expect("agent", lambda m: m.json().get("ingesting") == SOURCE)
        after = phone.messages.index(bringing)
        await phone.expect("agent", lambda m: "ingesting" not in m.json(), after=after)


async def test_while_a_disk_is_away_the_works_of_others_are_shown(
    own: Home, broker: Broker, tmp_path: Path
) -> None:
    nas = tmp_path / "nas"
    paint(nas)
    for path in [*nas.glob("[a-m]*.png"), *own.pictures.glob("[n-z]*.png")]:
        path.unlink()
    with closing(open_database(own.database)) as database:
        Library(database).remember_folder("nas", str(nas))
    async with Phone(broker.port) as phone, agent(own.config(broker.port)):
        await phone.several(2, "event/ingest", finished)
        away = {row[0] for row in own.rows("SELECT id FROM artworks WHERE source = 'nas'")}
        shutil.rmtree(nas)
        nas.mkdir()
        mark = len(phone.messages)
        for work in away:
            await phone.ask("command/show", {"artwork": work, "transaction": work})
        await phone.expect("error", after=mark)
        shown = [(await phone.ask("command/next"))["artwork"]["id"] for _ in range(2 * ALL)]
        assert not away & set(shown)
        assert own.rows("SELECT count(*) FROM artworks WHERE unusable NOT NULL") == [(0,)]


async def test_a_hidden_picture_leaves_the_display_and_never_comes_back(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await settled(phone)
        await phone.ask("command/show", home.work("red"))
        mark = len(phone.messages)
        assert (await phone.ask("command/hide"))["artwork"]["id"] == home.work("red")
        artwork = await phone.expect("display/wall/artwork", after=mark)
        assert artwork.json()["id"] != home.work("red")
        for _ in range(2 * ALL):
            assert (await phone.ask("command/next"))["artwork"]["id"] != home.work("red")
        results = (await phone.ask("command/search", {"query": "red", "limit": 100}))["results"]
        assert home.work("red") not in {r["artwork"]["id"] for r in results}


async def test_a_hidden_picture_leaves_the_other_display_too(home: Home, broker: Broker) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await settled(phone)
        for display in ("wall", "hall"):
            mark = len(phone.messages)
            await phone.ask(f"command/show/{display}", home.work("red"))
            await phone.expect(f"display/{display}/image", after=mark)
        mark = len(phone.messages)
        assert (await phone.ask("command/hide"))["ok"]
        for display in ("wall", "hall"):
            work = (await phone.expect(f"display/{display}/artwork", after=mark)).json()
            assert work["id"] != home.work("red")
            await phone.expect(f"display/{display}/image", after=mark)
            here = lambda m: m.json()["display"] == display  # noqa: E731, B023 - used at once
            told = (await phone.expect("event/shown", here, after=mark)).json()
            assert told["id"] == work["id"]
        about = (await phone.expect("agent", after=mark)).json()
        assert (about["artworks"], about["embedded"]) == (ALL - 1, ALL - 1)


async def test_a_like_shows_in_the_retained_artwork_and_as_an_event(
    home: Home, broker: Broker
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await settled(phone)
        for verb, liked in (("like", True), ("dislike", False), ("forget", None)):
            mark = len(phone.messages)
            assert (await phone.ask(f"command/{verb}"))["artwork"]["liked"] is liked
            artwork = await phone.expect("display/wall/artwork", after=mark)
            assert artwork.json()["liked"] is liked
            event = (await phone.expect("event/reaction", after=mark)).json()
            assert (event["event_type"], event["user"]) == (verb, "household")


async def test_settings_are_retained_and_survive_a_restart(home: Home, broker: Broker) -> None:
    config = home.config(broker.port)
    commands: list[tuple[str, Any]] = [
        ("command/mood", "calm, warm"),
        ("command/slideshow", "300"),
        ("command/discovery", "70"),
    ]
    async with Phone(broker.port) as phone:
        async with agent(config):
            await settled(phone)
            for topic, payload in commands:
                assert (await phone.ask(topic, payload))["ok"]
        mark = len(phone.messages)
        async with agent(config):
            settings = (await phone.expect("display/wall/settings", after=mark)).json()
            other = (await phone.expect("display/hall/settings", after=mark)).json()
    assert (settings["mood"], settings["discovery"]) == ("calm, warm", 70)
    assert (settings["slideshow"], settings["interval_seconds"]) == (True, 300)
    assert (other["mood"], other["slideshow"]) == (None, False)


class SlowEncoder(ColourEncoder):
    """Takes all the time there is for a picture, until the test lets it go."""

    def __init__(self) -> None:
        self.started = threading.Event()
        self.released = threading.Event()

    def embed_images(self, images: Sequence[Image]) -> Matrix:
        self.started.set()
        assert self.released.wait(PATIENCE_SECONDS)
        return super().embed_images(images)


async def test_commands_do_not_wait_for_pictures_that_are_brought_in(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = SlowEncoder()
    monkeypatch.setattr(wired, "encoder_of", lambda config: slow)
    await ingest_all(own.database, FolderSource(SOURCE, own.pictures, header_of))
    (own.pictures / "new.png").write_bytes(picture("pink", number=55))
    try:
        async with agent(own.config(broker.port)), Phone(broker.port) as phone:
            await phone.expect("status", lambda m: m.payload == b"online")
            assert await asyncio.to_thread(slow.started.wait, PATIENCE_SECONDS)
            mark = len(phone.messages)
            for number in range(3):
                said = {"query": "blue", "transaction": number}
                assert (await phone.ask("command/search", said))["ok"]
            assert [m for m in phone.heard("event/ingest", after=mark) if finished(m)] == []
            assert not slow.released.is_set()
            slow.released.set()
            await phone.expect("event/ingest", finished)
    finally:
        slow.released.set()


async def test_the_agent_stops_while_an_encoder_elsewhere_is_silent(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = SlowEncoder()
    monkeypatch.setattr(wired, "encoder_of", lambda config: silent)
    config = own.config(broker.port)
    elsewhere = RemoteSettings(kind="service", url="http://127.0.0.1:9")
    model = config.model.model_copy(update={"remote": elsewhere})
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            async with agent(config.model_copy(update={"model": model})):
                assert await asyncio.to_thread(silent.started.wait, PATIENCE_SECONDS)
        assert not silent.released.is_set()
    finally:
        silent.released.set()
    # What was being embedded is no work yet: it comes with the next start.
    assert own.rows("SELECT count(*) FROM artworks") == [(0,)]


async def test_an_ingest_without_any_source_is_an_error(own: Home, broker: Broker) -> None:
    config = own.config(broker.port).model_copy(update={"sources": ()})
    async with agent(config), Phone(broker.port) as phone:
        await phone.expect("agent")
        for payload in ("", "louvre"):
            reply = await phone.ask("command/ingest", payload)
            assert not reply["ok"]
            assert reply["error"]["code"] == "unknown_source"
            assert reply["message"] == "No source of pictures is configured."
            assert "glance-agent sources add" in reply["error"]["hint"]
