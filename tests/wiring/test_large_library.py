"""A large library: labels answer while its vectors are read, and what was made of them is kept."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from signal import SIGTERM

import pytest

from glance_agent.domain.display import Showing
from glance_agent.domain.picture_verbs import Next
from glance_agent.store import index as index_room
from glance_agent.store import works as works_room
from glance_agent.store.index import VectorIndex
from glance_agent.store.side_files import SideFiles
from glance_agent.store.works import Works
from glance_agent.wiring.catching_up import Follower
from glance_agent.wiring.rooms import open_rooms
from tests.broker import Broker
from tests.home import SOURCE, Home, agent, spawn_agent
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_room, "EXACT_UP_TO", 5)


async def test_labels_answer_until_the_vectors_are_read_and_the_next_start_reads_none(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, read = threading.Event(), threading.Event()
    prepare = Follower.prepare

    def held_up(follower: Follower) -> None:
        assert go_on.wait(PATIENCE_SECONDS)
        prepare(follower)
        read.set()

    monkeypatch.setattr(Follower, "prepare", held_up)
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        try:
            status = await phone.ask("command/status")
            found = await phone.ask("command/search", "red field")
            none = await phone.ask("command/search", "zzyzx")
            chosen = await phone.ask("command/next")
        finally:
            go_on.set()
        assert status["ok"]
        assert "still being read in; going by labels alone" in found["message"]
        assert found["artwork"]["title"] == "Red Field"
        assert "still being read in, and no label says" in none["message"]
        assert chosen["ok"]
        assert await asyncio.to_thread(read.wait, PATIENCE_SECONDS)
        again = await phone.ask("command/search", "red field")
        assert "still being read in" not in again["message"]
        assert again["ok"]
    assert (home.folder / "glance.db.index" / "manifest").exists()

    def filled(*_: object) -> None:
        raise AssertionError("the vectors are read again")

    monkeypatch.setattr(VectorIndex, "fill", filled)
    read.clear()
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        assert await asyncio.to_thread(read.wait, PATIENCE_SECONDS)
        assert (await phone.ask("command/search", "red field"))["message"] == again["message"]


async def test_who_stops_waits_for_no_index_that_is_being_written(
    home: Home, broker: Broker
) -> None:
    """A disk that is slow enough would else hold up a shutdown until the power is taken away."""
    config = home.toml(broker.port)
    files = SideFiles(home.database)
    async with Phone(broker.port) as phone:
        first = await spawn_agent(config, "large")
        await phone.expect("display/wall/image")
        await first.says("the index is read")
        assert await first.end(SIGTERM) == 0, first.text
    before = files.read()
    second = await spawn_agent(config, "slow-disk")
    await second.says("a part of the index is written", times=2)
    assert len([*files.folder.iterdir()]) > 3
    assert await second.end(SIGTERM) == 0, second.text
    assert files.read() == before
    assert len([*files.folder.iterdir()]) == 3


async def test_chance_looks_at_some_hundred_works_of_a_large_library(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(works_room, "FEW_TO_DRAW", 5)
    with open_rooms(home.config(1), at_once=True) as rooms:
        left = {home.work("red"), home.work("blue")}
        for (work,) in home.rows("SELECT id FROM artworks"):
            if work not in left:
                rooms.library.hide(work)

        def all_of_them(*_: object) -> None:
            raise AssertionError("every work is looked at")

        monkeypatch.setattr(rooms.library, "matching", all_of_them)
        shown = [rooms.answers.answer(Next()).glances[0].artwork.id for _ in range(4)]
    assert set(shown) == left
    assert rooms.follower.unread


async def test_works_in_reach_are_found_by_their_sources_while_most_are_away(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nor is each work asked for its source, before vectors are read."""
    monkeypatch.setattr(works_room, "FEW_TO_DRAW", 5)
    monkeypatch.setattr(works_room, "DRAWN", 2)
    monkeypatch.setattr(Works, "matching", None)
    left = {home.work("red"), home.work("blue")}
    with open_rooms(home.config(1), at_once=True) as rooms:
        some, answers = ", ".join(f"'{work}'" for work in left), rooms.answers
        rooms.library.db.execute(f"UPDATE artworks SET source = 'nas' WHERE id NOT IN ({some})")
        shown = {answers.answer(Next()).glances[0].artwork.id for _ in range(6)}
        assert shown <= left
        kept = {home.work("green"), home.work("pink")}
        kept_at = {rooms.library.location(work) or "" for work in kept}
        rooms.library.kept_pictures = lambda: kept_at
        for work in kept:
            rooms.history.show(Showing("wall", work, NOW, "next", "anna", ""))
        rooms.library.leave_alone(SOURCE)
        rooms.library.forget_read()
        assert {answers.answer(Next()).glances[0].artwork.id for _ in range(4)} == kept
    assert rooms.follower.unread
