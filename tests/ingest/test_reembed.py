"""Changing the model: the old vectors answer until the new ones are complete, then all at once."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from typer.testing import CliRunner

from glance_agent.cli import main as cli
from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.command import Like
from glance_agent.domain.errors import ModelError, SourceError
from glance_agent.domain.picture_verbs import Search, Show
from glance_agent.embedding.encoder import open_encoder
from glance_agent.ingest.progress import Progress
from glance_agent.ingest.reembed import REEMBEDDING, Reembed
from glance_agent.store.work_leases import WorkLeases
from glance_agent.wiring import encoding
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.agents import agent_of
from glance_agent.wiring.facts import facts_of
from glance_agent.wiring.ingestion import Ingestion
from glance_agent.wiring.reading import reading_room
from glance_agent.wiring.rooms import Rooms, open_rooms
from glance_agent.wiring.run_threads import NICENESS
from tests.embedding.toy import COLOURS, Toy, entry_of, install, write_catalogue, write_files
from tests.lasting_decoders import LastingDecoders
from tests.spawned import PATIENCE_SECONDS

WORKS = list(COLOURS)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two models whose spaces differ, with words and pictures for six colours."""
    directory = tmp_path_factory.mktemp("models")
    old = Toy(name="old", tokenizer="wordpiece")
    new = Toy(name="new", tokenizer="wordpiece", changes={"image_size_px": 16})
    files = write_files(directory / "made", old)
    entries = [install(directory, old, files), entry_of(new, files)]
    write_catalogue(directory, *entries)
    return directory


@pytest.fixture
def household(
    tmp_path: Path, models: Path, decoders: LastingDecoders, monkeypatch: pytest.MonkeyPatch
) -> Callable[[str], Config]:
    """The configuration with a model of this name; one library, six pictures of one colour."""
    monkeypatch.setattr(wired, "Decoders", decoders)
    folder = tmp_path / "pictures"
    folder.mkdir()
    for number, (name, colour) in enumerate(COLOURS.items()):
        Image.new("RGB", (40 + number, 30), colour).save(folder / f"{name}.png")

    def config(model: str) -> Config:
        text = (
            f'[library]\npath = "glance.db"\n[model]\nname = "{model}"\n'
            f'directory = "{models}"\n[[sources]]\nname = "paint"\nkind = "folder"\n'
            f'path = "{folder}"\n'
        )
        (tmp_path / "glance.toml").write_text(text, encoding="utf-8")
        return load(tmp_path / "glance.toml", {})

    with open_rooms(config("old")) as rooms:
        asyncio.run(ran(rooms, "paint"))
    return config


async def ran(rooms: Rooms, name: str, stop_after: int | None = None) -> Progress:
    """A run to its end, or until so many works are done."""
    last: Progress | None = None
    steps = Ingestion(rooms).run(name, None)
    async for last in steps:
        if last.done == stop_after:
            break
    await steps.aclose()
    assert last is not None
    return last


def best(rooms: Rooms, colour: str) -> str:
    reply = rooms.answers.answer(Search(query=colour, limit=1, show=False)).reply
    assert reply.ok, reply
    return reply.results[0].artwork.title.lower()


def work(rooms: Rooms, colour: str) -> str:
    rows = rooms.library.db.execute(
        "SELECT id FROM artworks WHERE location LIKE ?", [f"%{colour}%"]
    )
    return str(rows.fetchone()[0])


def test_the_same_model_has_nothing_to_do(household: Callable[[str], Config]) -> None:
    with open_rooms(household("old")) as rooms:
        assert rooms.successor is None
        assert rooms.duties() == ["paint"]
        assert facts_of(rooms)["model"] == "old"


def test_the_old_model_answers_until_the_new_one_is_complete(
    household: Callable[[str], Config],
) -> None:
    with open_rooms(household("new")) as rooms:
        assert rooms.successor is not None
        assert facts_of(rooms)["model"] == "old"
        assert rooms.duties() == [REEMBEDDING, "paint"]
        assert best(rooms, "red") == "red"
        progress = asyncio.run(ran(rooms, REEMBEDDING, stop_after=4))
        assert progress.total == len(WORKS)
        assert best(rooms, "blue") == "blue"
    with open_rooms(household("new")) as rooms:
        assert facts_of(rooms)["model"] == "old"
        progress = asyncio.run(ran(rooms, REEMBEDDING))
        assert (progress.total, progress.added) == (2, 2)
    with open_rooms(household("new")) as rooms:
        assert rooms.successor is None
        assert facts_of(rooms)["model"] == "new"
        assert rooms.duties() == ["paint"]
        assert len(rooms.index) == len(WORKS)
        assert {best(rooms, colour) for colour in WORKS} == set(WORKS)


def test_liked_and_recently_shown_works_come_first(household: Callable[[str], Config]) -> None:
    with open_rooms(household("old")) as rooms:
        for colour in ("yellow", "green"):
            rooms.answers.answer(Show(artwork=work(rooms, colour)))
        rooms.answers.answer(Like(artwork=work(rooms, "white")))
        leases = WorkLeases(rooms.library.db, "one")
        pending = [one.artwork_id for _ in range(3) for one in leases.lease("another", 1)]
        assert pending == [work(rooms, colour) for colour in ("white", "green", "yellow")]


def test_a_model_that_is_gone_leaves_the_answers_to_the_new_one(
    household: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_old(name: str, *rest: Any, **options: Any) -> Any:
        if name == "old":
            raise ModelError("Its files are gone.")
        return open_encoder(name, *rest, **options)

    monkeypatch.setattr(encoding, "open_encoder", without_old)
    with open_rooms(household("new")) as rooms:
        assert rooms.successor is None
        assert facts_of(rooms)["model"] == "new"
        assert rooms.duties() == [REEMBEDDING, "paint"]
        asyncio.run(ran(rooms, REEMBEDDING))
    with open_rooms(household("new")) as rooms:
        assert best(rooms, "red") == "red"


def test_going_back_needs_no_work(household: Callable[[str], Config]) -> None:
    with open_rooms(household("new")) as rooms:
        asyncio.run(ran(rooms, REEMBEDDING))
    with open_rooms(household("old")) as rooms:
        assert rooms.successor is None
        assert facts_of(rooms)["model"] == "old"
        assert best(rooms, "red") == "red"


class Collector:
    """A door that keeps what it is told, and says when a run has ended."""

    def __init__(self, source: str) -> None:
        self.told: list[Any] = []
        self.finished = asyncio.Event()
        self._source = source

    async def announce(self, news: Any) -> None:
        self.told.append(news)
        payload = getattr(news, "payload", {})
        if payload.get("source") == self._source and payload.get("event_type") == "finished":
            self.finished.set()


async def test_the_running_agent_changes_over_between_two_commands(
    household: Callable[[str], Config],
) -> None:
    with (
        open_rooms(household("new")) as rooms,
        ThreadPoolExecutor(1) as worker,
        reading_room(rooms) as reading,
    ):
        agent = agent_of(rooms, worker, reading)
        door = Collector("paint")
        telling = asyncio.create_task(agent.add_outlet(door).run())
        before = await agent.handle(Search(query="red", limit=1, show=False))
        running = asyncio.create_task(agent.run(rooms.duties))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await door.finished.wait()
        after = await agent.handle(Search(query="red", limit=1, show=False))
        for task in (running, telling):
            task.cancel()
        await asyncio.gather(running, telling, return_exceptions=True)
    assert before.results[0].artwork == after.results[0].artwork
    runs = [n.payload for n in door.told if getattr(n, "name", "") == "ingest"]
    assert [r["source"] for r in runs if r["event_type"] == "finished"] == [REEMBEDDING, "paint"]
    abouts = [n.facts for n in door.told if type(n).__name__ == "About"]
    assert (abouts[0]["model"], abouts[-1]["model"]) == ("old", "new")
    assert abouts[-1]["embedded"] == len(WORKS)


async def test_the_running_agent_changes_over_when_others_have_embedded(
    household: Callable[[str], Config], tmp_path: Path
) -> None:
    config = household("new")
    (tmp_path / "pictures").rename(tmp_path / "away")
    with (
        open_rooms(config) as rooms,
        ThreadPoolExecutor(1) as worker,
        reading_room(rooms) as reading,
    ):
        agent = agent_of(rooms, worker, reading)
        door = Collector(REEMBEDDING)
        telling = asyncio.create_task(agent.add_outlet(door).run())
        running = asyncio.create_task(agent.run(rooms.duties))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await door.finished.wait()
        assert (await reading.facts(rooms, worker))["model"] == "old"
        door.finished.clear()
        (tmp_path / "away").rename(tmp_path / "pictures")
        with open_rooms(config) as others:
            leases = WorkLeases(others.library.db, "others")
            assert others.successor is not None
            space = others.successor.space
            for one in leases.lease(space, 100) + leases.lease(space, 100):
                leases.keep(one.artwork_id, space, others.successor.embed_text("red"))
        agent.background.look()
        async with asyncio.timeout(PATIENCE_SECONDS):
            await door.finished.wait()
        for task in (running, telling):
            task.cancel()
        await asyncio.gather(running, telling, return_exceptions=True)
        assert (await reading.facts(reading.answering, worker))["model"] == "new"


@pytest.mark.skipif(sys.platform != "linux", reason="threads have priorities of their own there")
def test_threads_that_answer_go_before_those_that_embed(
    household: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    def noting(kind: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def noted(*arguments: Any, **more: Any) -> Any:
            thread = threading.get_native_id()
            seen.setdefault(kind, set()).add(os.getpriority(os.PRIO_PROCESS, thread))
            return work(*arguments, **more)

        return noted

    seen: dict[str, set[int]] = {}
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    with open_rooms(household("new")) as rooms:
        assert rooms.successor is not None
        embedding = noting("embedding", rooms.successor.embed_images)
        monkeypatch.setattr(rooms.successor, "embed_images", embedding)
        asyncio.run(ran(rooms, REEMBEDDING))
        for process in rooms.decoders.in_background.pids():
            seen.setdefault("decoding", set()).add(os.getpriority(os.PRIO_PROCESS, process))
    behind = min(usual + NICENESS, 19)
    assert seen == {"embedding": {behind}, "decoding": {behind}}
    assert os.getpriority(os.PRIO_PROCESS, 0) == usual


class Flaky:
    """Reads pictures; one is broken, and the rest may be away."""

    def __init__(self, folder: Any, *, away: bool) -> None:
        self._folder, self._away = folder, away

    async def read(self, location: str) -> bytes:
        if "red" in location:
            return b"no picture"
        if self._away:
            raise SourceError("The museum is closed.")
        data: bytes = await self._folder.read(location)
        return data


@pytest.mark.parametrize("away", [True, False])
def test_the_change_waits_for_a_source_but_not_for_a_broken_picture(
    household: Callable[[str], Config], away: bool
) -> None:
    with open_rooms(household("new")) as rooms:
        ingestion = Ingestion(rooms, {"paint": Flaky(rooms.sources["paint"], away=away)})

        async def run() -> Progress:
            async for progress in ingestion.run(REEMBEDDING, None):
                last = progress
            return last

        progress = asyncio.run(run())
        assert progress.left_out["not a picture"] == 1
        assert (progress.left_out["source away"] > 0) is away
    with open_rooms(household("new")) as rooms:
        assert facts_of(rooms)["model"] == ("old" if away else "new")


def test_a_model_that_fails_stops_the_run_and_the_old_one_goes_on(
    household: Callable[[str], Config], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise ModelError("It does not fit into memory.")

    monkeypatch.setattr(Reembed, "_keep", fail)
    with open_rooms(household("new")) as rooms:
        progress = asyncio.run(ran(rooms, REEMBEDDING))
        assert progress.stopped_by == "It does not fit into memory."
        assert best(rooms, "red") == "red"
    with open_rooms(household("new")) as rooms:
        assert facts_of(rooms)["model"] == "old"


def test_prune_deletes_what_answers_no_more(
    household: Callable[[str], Config], tmp_path: Path
) -> None:
    def pruned() -> str:
        arguments = ["models", "prune", "--config", str(tmp_path / "glance.toml")]
        return CliRunner().invoke(cli.app, arguments).output

    with open_rooms(household("new")) as rooms:
        assert "0 vectors" in pruned()
        asyncio.run(ran(rooms, REEMBEDDING))
    assert "6 vectors of earlier models are deleted" in pruned()
    with open_rooms(household("new")) as rooms:
        assert best(rooms, "red") == "red"
