"""Agents that share a library: on each display one shows, and another one when that is gone."""

from __future__ import annotations

import asyncio
import json
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from typer.testing import CliRunner

from glance_agent.cli import main as cli
from glance_agent.cli.doctor import library
from glance_agent.cli.doctor.finding import Patient
from glance_agent.commands.idempotency import Asked
from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Like
from glance_agent.domain.display import Glance, ShownArtwork
from glance_agent.domain.errors import StoreError
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.picture_verbs import Next
from glance_agent.store.database import Database
from glance_agent.store.display_leases import LEASE_SECONDS, HeldLeases, display_lease, holders
from glance_agent.store.history import History
from glance_agent.store.opening import news_of, open_library
from glance_agent.wiring import lease_keeper
from glance_agent.wiring.catching_up import Follower
from glance_agent.wiring.going_on import going_on
from glance_agent.wiring.lease_keeper import GRACE_SECONDS, MARGIN_SECONDS, Keeper, topics_of
from glance_agent.wiring.running import serve
from tests.away import showing
from tests.broker import Broker
from tests.home import Home, agent, spawn_agent
from tests.phone import Phone
from tests.proxy import Proxy
from tests.spawned import PATIENCE_SECONDS, Spawned


def config_of(
    home: Home, port: int, name: str, place: PostgresPlace | None = None, **changes: dict[str, Any]
) -> Path:
    """The configuration of one more agent of this household's library, in a folder of its own."""
    folder = home.folder.parent / name
    folder.mkdir(exist_ok=True)
    path = replace(home, folder=folder).toml(port, **changes)
    text = path.read_text(encoding="utf-8")
    library = f'url = "{place.url}"' if place else f'path = "{home.database}"'
    path.write_text(text.replace('path = "glance.db"', library), encoding="utf-8")
    return path


@asynccontextmanager
async def spawned(config: Path) -> AsyncIterator[Spawned]:
    process = await spawn_agent(config, "impatient")
    try:
        yield process
    finally:
        await process.end(signal.SIGKILL)


async def shown(port: int) -> str:
    """The work that hangs on the wall, as whoever comes now is told."""
    async with Phone(port) as phone:
        return str((await phone.expect("display/wall/artwork")).json()["id"])


async def test_another_agent_takes_over_who_was_killed_and_who_stops(
    home: Home, broker: Broker, shared: PostgresPlace
) -> None:
    pi, attic = (config_of(home, broker.port, name, shared) for name in ("pi", "attic"))
    async with spawned(pi) as first, Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
        hangs = await shown(broker.port)
        async with spawned(attic) as second:
            await second.says("stands by: the agent ")
            assert (await phone.ask("command/like", {"display": "wall"}))["ok"]
            first.send(signal.SIGKILL)
            assert await first.ended() == -signal.SIGKILL
            await phone.publish("command/like", {"transaction": 77, "display": "wall"})
            await second.says("has topics")
            await phone.expect("response", lambda m: m.json()["transaction"] == 77)
            assert await shown(broker.port) == hangs
            assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
            async with spawned(pi) as third:
                await third.says("stands by: the agent ")
                assert await second.end(signal.SIGTERM) == 0
                await third.says("has topics")
                assert (await phone.ask("command/next", {"display": "hall"}))["ok"]
                with closing(open_library(shared)) as db:
                    asked = "SELECT count(*) FROM showings WHERE display = 'wall' AND verb = 'next'"
                    # One by itself, at first, and two that were asked for: none is done again.
                    assert db.execute(asked).fetchone()[0] == 3
    assert "speaks on the same topics" not in first.text + second.text + third.text


async def test_who_stops_hands_over_before_it_has_ended(
    home: Home, broker: Broker, shared: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is kept at the end takes long for a large library; and nobody has to ask for it."""
    handed_over = threading.Event()
    keep = Follower.keep

    def slowly(self: Follower, *, stopping: bool = False) -> None:
        assert not stopping or handed_over.wait(PATIENCE_SECONDS)
        keep(self, stopping=stopping)

    monkeypatch.setattr(Follower, "keep", slowly)
    pi, attic = (config_of(home, broker.port, name, shared) for name in ("pi", "attic"))
    stopping = asyncio.Event()
    first = asyncio.create_task(serve(load(pi, {}), stopping))
    async with Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        hangs = await shown(broker.port)
        process = await spawn_agent(attic, "patient")
        try:
            await process.says("stands by: the agent ")
            stopping.set()
            await process.says("has topics")
            handed_over.set()
            await first
            assert (await phone.ask("command/like", {"display": "wall"}))["artwork"]["id"] == hangs
        finally:
            await process.end(signal.SIGKILL)


async def test_what_was_said_to_an_agent_that_stands_by_is_taken_in(
    home: Home, broker: Broker, shared: PostgresPlace
) -> None:
    """It was killed while the server was away, and another one has its displays since then."""
    pi, attic = (config_of(home, broker.port, name, shared) for name in ("pi", "attic"))
    with closing(open_library(shared)) as db, closing(news_of(shared)) as news:
        past, work = History(db), home.work("red")
        async with agent(load(attic, {})), Phone(broker.port) as phone:
            await phone.expect("display/wall/image")
            hangs = await shown(broker.port)
            with going_on(load(pi, {})) as away:
                away.belong_to(past.instance_id, lambda work: [])
                seen = ShownArtwork(id=work, source="folder", title="Red")
                await away.announce(
                    Glance(
                        display="wall", artwork=seen, shown_at=datetime.now(UTC), why="", position=1
                    )
                )
                away.restock([(Artwork(id=home.work("blue"), source="a", title="Blue"), "/blue")])
                for said in (Like(user="ann"), Next()):
                    assert away.answer([Asked(said)], ["wall"]) is not None
            news.wait(0)
            async with spawned(pi) as standing_by:
                while past.liked("ann", work) is None:
                    assert await asyncio.to_thread(news.wait, PATIENCE_SECONDS)
                assert await standing_by.end(signal.SIGTERM) == 0
            assert past.showings("wall", 1)[0].artwork_id == hangs
            with going_on(load(pi, {})) as away:
                away.belong_to(past.instance_id, lambda work: [])
                assert away.waiting == 0


async def test_agents_with_other_displays_run_side_by_side(
    home: Home, broker: Broker, shared: PostgresPlace
) -> None:
    ours = config_of(home, broker.port, "pi", shared)
    theirs = config_of(
        home,
        broker.port,
        "bar",
        shared,
        agent={"id": "guests"},
        mqtt={"base_topic": "bar"},
        wall={"name": "bar"},
    )
    async with agent(load(ours, {})), Phone(broker.port) as phone:
        await phone.expect("display/hall/image")
        async with agent(load(theirs, {})), Phone(broker.port, base="bar") as guest:
            await guest.expect("display/bar/image")
            assert (await guest.ask("command/next", {"display": "bar"}))["ok"]
            assert (await phone.ask("command/next", {"display": "hall"}))["ok"]
            refused = await guest.ask("command/next", {"display": "hall"})
            assert refused["error"]["code"] == "unknown_display"
            with closing(open_library(shared)) as db:
                assert sorted(holders(db)) == ["bar", "hall", "wall"]
            told = CliRunner().invoke(cli.app, ["status", "--json", "--config", str(ours)])
            held_by = json.loads(told.output)["held_by"]
            assert sorted(held_by) == ["bar", "hall", "wall"]
            assert held_by["bar"].startswith("the agent guests on ")
            finding = [f async for f in library.check(Patient(load(ours, {}), ours))][-1]
            named = (ours.parent / "glance.db.agent").read_text().strip()
            assert f"hall by the agent {named} on " in finding.said
    with closing(open_library(shared)) as db:
        assert holders(db) == {}


async def test_two_agents_do_not_run_with_the_same_files(
    home: Home, broker: Broker, shared: PostgresPlace
) -> None:
    ours = load(config_of(home, broker.port, "pi", shared), {})
    async with agent(ours), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        with pytest.raises(StoreError, match="a folder of its own"):
            await serve(ours, asyncio.Event())


# -- who may be sure of what, by clocks that are handed in ----------------------------------------


class Clock:
    """Goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(lease_keeper, "steady_seconds", one)
    return one


@contextmanager
def together(home: Home, place: PostgresPlace | None = None) -> Iterator[list[Keeper]]:
    """Two agents with the same configuration."""
    with ThreadPoolExecutor(1) as thread:
        found = [
            Keeper(load(config_of(home, 1, name, place), {}), name, thread)
            for name in ("pi", "attic")
        ]
        yield found
        for keeper in found:
            thread.submit(keeper.close).result()


@pytest.fixture
def keepers(home: Home) -> Iterator[list[Keeper]]:
    """Two agents with the same configuration."""
    with together(home) as found:
        yield found


async def test_who_is_alone_goes_on_however_long_it_cannot_renew(
    keepers: list[Keeper], clock: Clock
) -> None:
    first, _ = keepers
    assert not first.owns()
    assert await first.ask()
    clock.now += 1e6
    assert first.owns()


async def test_who_is_not_alone_is_silent_before_others_may_take_over(
    keepers: list[Keeper], clock: Clock
) -> None:
    first, second = keepers
    await first.ask()
    assert not await second.ask()
    assert not second.owns()
    await first.ask()
    clock.now += LEASE_SECONDS - MARGIN_SECONDS - 0.1
    assert first.owns()
    clock.now += 0.2
    assert not first.owns()
    back = first.ownership().back
    assert not back.is_set()
    await first.ask()
    assert first.owns()
    assert back.is_set()


async def test_who_was_not_alone_lately_is_silent_before_the_other_one_may_come_back(
    keepers: list[Keeper], clock: Clock
) -> None:
    """It may be started again while this one is cut off, from the broker, too."""
    first, second = keepers
    await first.ask()
    await second.ask()
    second.close()
    await first.ask()
    clock.now += LEASE_SECONDS - MARGIN_SECONDS + 0.1
    assert not first.owns()


async def test_time_spent_in_asking_counts(
    keepers: list[Keeper], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = keepers
    await first.ask()
    await second.ask()
    hold = first._hold

    def slowly(patient: bool) -> Any:
        found = hold(patient)
        clock.now += LEASE_SECONDS
        return found

    monkeypatch.setattr(first, "_hold", slowly)
    await first.ask()
    assert not first.owns()


OVER = "UPDATE display_leases SET until = 0"


@pytest_asyncio.fixture
async def cut_off(
    home: Home, shared: PostgresPlace, way: Proxy, clock: Clock
) -> AsyncIterator[tuple[Keeper, Keeper]]:
    """Two agents that know of each other, the first of which shows; their server is away."""
    with together(home, way.place(shared)) as (first, second):
        await first.ask()
        await second.ask()
        way.refuse()
        for keeper in (first, second):
            assert not await keeper.ask()
        yield first, second


async def test_after_an_outage_a_display_stays_with_who_has_it(
    cut_off: tuple[Keeper, Keeper], way: Proxy, elsewhere: Database, clock: Clock
) -> None:
    first, second = cut_off
    held = first.held
    elsewhere.execute(OVER)
    clock.now += LEASE_SECONDS
    way.forward()
    assert not await second.ask(), "it waits, and asks again soon"
    clock.now += GRACE_SECONDS - 0.1
    assert not await second.ask()
    assert second.held == ()
    assert await first.ask()
    assert first.owns()
    clock.now += 0.2
    await second.ask()
    assert (first.held, second.held) == (held, ())


async def test_who_does_not_come_back_after_an_outage_is_not_waited_for(
    cut_off: tuple[Keeper, Keeper], way: Proxy, elsewhere: Database, clock: Clock
) -> None:
    first, second = cut_off
    elsewhere.execute(OVER)
    way.forward()
    await second.ask()
    clock.now += GRACE_SECONDS
    await second.ask()
    assert second.held == first.held
    await first.ask()
    assert first.held == ()


async def test_who_is_killed_while_the_server_is_there_is_taken_over_at_once(
    home: Home, shared: PostgresPlace, clock: Clock
) -> None:
    with closing(open_library(shared)) as db, together(home, shared) as (first, second):
        await first.ask()
        await second.ask()
        clock.now += GRACE_SECONDS
        await second.ask()
        db.execute(OVER)
        await second.ask()
        assert second.held == first.held


async def test_who_is_new_leaves_the_owner_time_to_come_back(
    home: Home, shared: PostgresPlace, clock: Clock
) -> None:
    """For all that it knows the server was away just now, and nobody could renew."""
    with closing(open_library(shared)) as db, together(home, shared) as (first, second):
        assert await first.ask(), "what nobody has is not waited for"
        db.execute(OVER)
        await second.ask()
        assert second.held == ()
        await first.ask()
        clock.now += GRACE_SECONDS
        await second.ask()
        assert second.held == ()
        db.execute(OVER)
        await second.ask()
        assert second.held == first.held


async def test_who_was_alone_gives_way_to_whoever_comes_while_it_cannot_ask(
    home: Home, shared: PostgresPlace, way: Proxy, clock: Clock
) -> None:
    with together(home, way.place(shared)) as (first, _):
        await first.ask()
        ownership = first.ownership()
        assert not ownership.gives_way(), "the library says whose the displays are"
        way.refuse()
        await first.ask()
        assert ownership.owns(), "as long as nobody else is there"
        assert ownership.gives_way()
        assert not ownership.owns()
        way.forward()
        await first.ask()
        assert ownership.owns()
        assert ownership.back.is_set()


async def test_who_was_alone_and_cut_off_falls_silent_once_another_one_shows(
    home: Home,
    broker: Broker,
    shared: PostgresPlace,
    way: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    elsewhere: Database,
) -> None:
    monkeypatch.setattr(lease_keeper, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(lease_keeper, "RENEWED_EVERY_SECONDS", 0.1)
    given_way, gives_way = asyncio.Event(), Keeper.gives_way

    def noted(keeper: Keeper) -> bool:
        if gives := gives_way(keeper):
            given_way.set()
        return gives

    monkeypatch.setattr(Keeper, "gives_way", noted)
    lone = load(config_of(home, broker.port, "pi", way.place(shared)), {})
    heir = load(config_of(home, broker.port, "attic", shared), {})
    async with showing(lone) as phone:
        way.refuse()
        while "kept" not in (await phone.ask("command/like", {"display": "wall"}))["message"]:
            pass
        await phone.ask("command/next", {"display": "wall"})
        elsewhere.execute(OVER)
        async with agent(heir):
            await asyncio.wait_for(given_way.wait(), 40)
            for turn in count(1):  # the broker may still have the lone one, until the heir comes
                asked = {"display": "wall", "transaction": turn}
                if (told := await phone.ask("command/next", asked))["ok"]:
                    break
                assert "another agent may show here" in told["error"]["message"]
            kept = kept_in(elsewhere)
            for more in range(1, 4):
                assert (await phone.ask("command/next", {"display": "wall"}))["ok"]
                assert kept_in(elsewhere) == kept + more
            hangs = await shown(broker.port)
            way.forward()
            with closing(news_of(shared)) as news:
                while History(elsewhere).users() == []:
                    assert await asyncio.to_thread(news.wait, PATIENCE_SECONDS)
            assert kept_in(elsewhere) == kept + 3, "what it has shown meanwhile is not told of"
            assert await shown(broker.port) == hangs


async def test_two_who_do_not_meet_at_a_broker_never_show_on_one_display_both(
    home: Home,
    broker: Broker,
    shared: PostgresPlace,
    way: Proxy,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The second one was gone when the first could ask last, and comes back while it cannot."""
    monkeypatch.setattr(lease_keeper, "LEASE_SECONDS", 4.5)
    monkeypatch.setattr(lease_keeper, "GRACE_SECONDS", 0.1)
    monkeypatch.setattr(lease_keeper, "RENEWED_EVERY_SECONDS", 0.1)
    stands_by, renewed, tell = asyncio.Event(), asyncio.Event(), Keeper._tell

    def noted(keeper: Keeper, found: HeldLeases) -> None:
        tell(keeper, found)
        (renewed if display_lease("wall") in found.mine else stands_by).set()

    monkeypatch.setattr(Keeper, "_tell", noted)
    own = load(config_of(home, broker.port, "pi", way.place(shared)), {})
    other = {"base_topic": "elsewhere"}
    heir = load(config_of(home, broker.port, "attic", shared, mqtt=other), {})
    async with showing(own) as phone:
        async with agent(heir):
            await asyncio.wait_for(stands_by.wait(), 40)
        renewed.clear()
        await asyncio.wait_for(renewed.wait(), 40)
        way.refuse()
        async with agent(heir), Phone(broker.port, base="elsewhere") as guest:
            await guest.expect("display/wall/image")
            refused = await phone.ask("command/next", {"display": "wall"})
            assert "another agent may show here" in refused["error"]["message"]
            assert (await guest.ask("command/next", {"display": "wall"}))["ok"]


def kept_in(db: Database) -> int:
    """How many showings are kept."""
    return int(db.execute("SELECT count(*) FROM showings").fetchone()[0])


def test_a_broker_on_the_machine_itself_is_another_one_on_each(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def named(host: str) -> Config:
        return load(config_of(home, 1883, "pi", mqtt={"host": host}), {})

    here = topics_of(named("localhost"))
    assert here == topics_of(named("127.0.0.1")) != topics_of(named("broker.local"))
    monkeypatch.setattr("socket.gethostname", lambda: "another machine")
    assert topics_of(named("localhost")) != here
    assert topics_of(named("Broker.local")) == topics_of(named("broker.local"))
