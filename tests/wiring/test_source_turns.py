"""Programs that share a library bring in a source one at a time."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glance_agent.agent import source_runs
from glance_agent.cli import main as cli
from glance_agent.config.load import load
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.ingest.progress import Progress
from glance_agent.store.database import Database
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.source_leases import Lister, SourceLease, listers
from glance_agent.wiring import source_turns
from glance_agent.wiring.ingestion import Ingestion
from glance_agent.wiring.rooms import Rooms, open_rooms
from glance_agent.wiring.source_turns import SourceTurns
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.home import SOURCE, Home, agent
from tests.phone import Phone
from tests.store.conftest import ENGINES

WORKS = len(COLOURS)
ELSEWHERE = Lister("the attic", "elsewhere", 1)


@pytest.fixture(params=ENGINES)
def config(request: pytest.FixtureRequest, home: Home, broker: Broker) -> Path:
    """The configuration of a household with an empty library, in either engine."""
    home.database.unlink()
    path = home.toml(broker.port)
    if request.param == "postgres":
        place: PostgresPlace = request.getfixturevalue("postgres_place")
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('path = "glance.db"', f'url = "{place.url}"'), "utf-8")
    return path


@pytest.fixture
def db(config: Path) -> Iterator[Database]:
    with closing(open_library(load(config, {}).library.place)) as one:
        yield one


class Inline(Executor):
    """Does at once what it is asked for."""

    def submit(self, fn: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        done = Future[Any]()
        done.set_result(fn(*arguments, **named))
        return done


def with_turns(rooms: Rooms, me: Lister, waits: Callable[[str], None] | None = None) -> Ingestion:
    ingestion = Ingestion(rooms)
    ingestion._turns = SourceTurns(me, waits)
    return ingestion


async def brought_in(
    ingestion: Ingestion, begun: asyncio.Event | None = None, go_on: asyncio.Event | None = None
) -> Progress:
    async for progress in ingestion.run(SOURCE, None):
        if begun is not None:
            begun.set()
        if go_on is not None:
            await go_on.wait()
        last = progress
    return last


async def test_of_two_at_a_time_one_waits_and_reads_nothing_twice(
    config: Path, db: Database, fetched: Counter[str]
) -> None:
    begun, waited, told = asyncio.Event(), asyncio.Event(), list[str]()
    loop = asyncio.get_running_loop()

    def waits(said: str) -> None:
        told.append(said)
        loop.call_soon_threadsafe(waited.set)

    with ExitStack() as stack:
        ours, theirs = (stack.enter_context(open_rooms(load(config, {}))) for _ in range(2))
        pi = with_turns(ours, Lister("the pi", "pi", 1))
        first = asyncio.create_task(brought_in(pi, begun, waited))
        await begun.wait()
        assert listers(db) == {SOURCE: "the pi"}
        second = await brought_in(with_turns(theirs, ELSEWHERE, waits))
        done = await first
        for rooms in (ours, theirs):
            await rooms.web.__aexit__(None, None, None)
    assert told == [f"{SOURCE} is being brought in by the pi."]
    assert (done.added, second.added, second.unchanged) == (WORKS, 0, WORKS)
    assert [*fetched.values()] == [1] * WORKS
    assert listers(db) == {}


async def test_a_source_that_is_on_the_web_is_not_listed_twice(
    db: Database,
) -> None:
    """Who was met at it has come to its end since; a folder is looked through again."""
    turns = SourceTurns(ELSEWHERE)
    theirs = SourceLease(db, "met", Lister("the pi", "pi", 1), 60.0)
    theirs.take()

    async def turn(*, again: bool) -> source_turns.SourceTurn:
        async with turns.take(db, Inline(), "met", again=again) as found:
            return found

    assert (await turn(again=False)).left_to == "the pi"
    theirs.give_back(done=False)
    assert (await turn(again=False)).is_ours(), "it was left in the middle"
    theirs.take()
    assert not (await turn(again=True)).is_ours()
    theirs.give_back(done=True)
    assert (await turn(again=True)).is_ours()
    theirs.take()
    await turn(again=False)
    theirs.give_back(done=True)
    found = await turn(again=False)
    assert (found.left_to, found.has_ended) == ("the pi", True)
    assert (await turn(again=False)).is_ours(), "that was about the last time"


async def test_who_loses_its_source_in_the_middle_leaves_it(
    config: Path, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_turns, "LEASE_SECONDS", 0.03)
    lost = asyncio.Event()
    take = SourceLease.take

    def doomed(self: SourceLease) -> str | None:
        if lost.is_set():
            return "the attic"
        return take(self)

    monkeypatch.setattr(SourceLease, "take", doomed)
    with open_rooms(load(config, {})) as rooms:
        steps = with_turns(rooms, Lister("the pi", "pi", 1)).run(SOURCE, None)
        async for progress in steps:
            lost.set()
            if progress.left_to is None:
                await asyncio.sleep(0.05)
            last = progress
        await rooms.web.__aexit__(None, None, None)
    assert (last.left_to, last.finished) == ("the attic", False)
    assert Library(db).count() < WORKS


async def test_an_agent_takes_over_what_another_one_leaves_in_the_middle(
    config: Path, broker: Broker, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, heard = list[object](), asyncio.Event()

    def hear(*what: object) -> None:
        said.append(what)
        heard.set()

    monkeypatch.setattr(source_runs._log, "warning", hear)
    monkeypatch.setattr(source_runs, "ELSEWHERE_SECONDS", 0.05)
    theirs = SourceLease(db, SOURCE, ELSEWHERE, 60.0)
    assert theirs.take() is None
    async with agent(load(config, {})), Phone(broker.port) as phone:
        await heard.wait()
        told = CliRunner().invoke(cli.app, ["status", "--json", "--config", str(config)])
        assert json.loads(told.output)["brought_in_by"] == {SOURCE: "the attic"}
        theirs.give_back(done=False)
        finished = lambda m: m.json()["event_type"] == "finished"  # noqa: E731
        assert (await phone.expect("event/ingest", finished)).json()["added"] == WORKS
    assert said == [("%s", f"{SOURCE}: is brought in by the attic")], "it is said once"
