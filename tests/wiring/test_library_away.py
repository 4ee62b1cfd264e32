"""An agent whose library is in PostgreSQL, while the server is away: it goes on, and says so."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any

import pytest

from glance_agent.agent import source_runs
from glance_agent.cli.faults import leaves
from glance_agent.config.settings import Config
from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.doors import folders
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.opening import LibraryClaim, claimed, news_of
from glance_agent.wiring import following, upkeep
from glance_agent.wiring import running as wired
from glance_agent.wiring.lease_keeper import Keeper
from glance_agent.wiring.rooms import Rooms
from glance_agent.wiring.running import serve
from tests.away import moved, showing
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.home import Home, agent
from tests.phone import Message, Phone
from tests.proxy import Proxy

pytest.importorskip("psycopg")


async def test_a_server_that_is_away_is_said_once_and_everything_is_answered(
    home: Home,
    broker: Broker,
    shared: PostgresPlace,
    way: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(folders, "LOOK_SECONDS", 0.05)
    config = moved(home, broker.port, way.place(shared), language="de")
    async with showing(config) as phone:
        assert (await phone.ask("command/search", {"query": "red", "display": "wall"}))["ok"]
        await phone.expect("display/wall/settings")
        caplog.clear()
        way.refuse()
        lacking = "ist gerade nicht zu erreichen"
        await phone.expect("agent", lambda told: lacking in str(told.json().get("away")))
        for verb in ("undo", "status", "describe", "mood"):
            asked = {"display": "wall", **({"mood": "red"} if verb == "mood" else {})}
            told = await phone.ask(f"command/{verb}", asked)
            assert told["error"]["code"] == "library_unusable", verb
            assert "ist gerade nicht zu erreichen" in told["message"]
        await broker.stop()
        await broker.start()
        async with Phone(broker.port) as another:
            hangs = await another.expect("display/wall/artwork")
            assert hangs.json()["id"] == home.work("red")
            await another.expect("display/wall/settings")
            await another.expect("agent")
            way.forward()
            while not (await another.ask("command/undo", {"display": "wall"}))["ok"]:
                pass
    loud = [r for r in caplog.records if r.levelno >= logging.WARNING]
    assert not [record for record in loud if record.exc_info]
    said = [record.getMessage() for record in loud]
    assert len([line for line in said if "It is tried again until it can be." in line]) == 1
    assert len([line for line in said if "can be reached again" in line]) == 1
    ours = [line for line in said if "mqtt" not in line and "broker" not in line]
    assert len(ours) <= 3, ours


async def test_what_was_said_while_the_server_was_away_survives_the_agent(
    home: Home, config_by_way: Config, way: Proxy, elsewhere: Database
) -> None:
    red = home.work("red")
    async with showing(config_by_way) as phone:
        assert (await phone.ask("command/search", {"query": "red", "display": "wall"}))["ok"]
        way.refuse()
        for user in ("ann", "ben", "cem"):
            told = await phone.ask("command/like", {"user": user, "display": "wall"})
            assert told["ok"], told
        assert (await phone.ask("command/undo", {"display": "wall"}))["ok"]
        other = {"user": "dan", "display": "wall", "then": "next"}
        assert (await phone.ask("command/dislike", other))["ok"]
    way.forward()
    assert History(elsewhere).users() == []
    async with showing(config_by_way) as phone:
        assert (await phone.ask("command/like", {"user": "eve", "display": "wall"}))["ok"]
        assert History(elsewhere).users() == ["ann", "ben", "dan", "eve"]
        assert History(elsewhere).liked("dan", red) is False


async def test_where_another_agent_may_show_it_says_that_it_shows_nothing(
    home: Home,
    config_by_way: Config,
    way: Proxy,
    elsewhere: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    owned, red = threading.Event(), home.work("red")
    owned.set()
    monkeypatch.setattr(Keeper, "owns", lambda keeper: owned.is_set())
    async with showing(config_by_way) as phone:
        assert (await phone.ask("command/search", {"query": "red", "display": "wall"}))["ok"]
        shown = [one.artwork_id for one in History(elsewhere).showings("wall", 99)]
        way.refuse()
        owned.clear()
        for verb in ("next", "previous", "next"):
            told = await phone.ask(f"command/{verb}", {"display": "wall"})
            assert told["error"]["code"] == "library_unusable"
            assert "another agent may show here" in told["message"]
            assert "Showing" not in told["message"]
        told = await phone.ask("command/like", {"user": "ann", "display": "wall"})
        assert (told["ok"], told["artwork"]["id"]) == (True, red)
        owned.set()
        way.forward()
        while not (await phone.ask("command/status"))["ok"]:
            pass
        assert [one.artwork_id for one in History(elsewhere).showings("wall", 99)] == shown
        assert History(elsewhere).liked("ann", red)


async def test_what_one_broken_connection_kept_back_comes_in_by_itself(
    home: Home,
    broker: Broker,
    shared: PostgresPlace,
    elsewhere: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(source_runs, "CATCH_UP_SECONDS", 0.05)
    broken = iter([True])

    def react(history: History, reaction: Reaction) -> None:
        if next(broken, None):
            raise StoreError("The connection to the database broke.", trouble=Trouble.UNREACHABLE)
        reacted(history, reaction)

    reacted = History.react
    monkeypatch.setattr(History, "react", react)
    with closing(news_of(shared)) as news:
        news.wait(0)
        async with showing(moved(home, broker.port, shared)) as phone:
            told = await phone.ask("command/like", {"user": "ann", "display": "wall"})
            assert "It is kept" in told["message"]
            while not History(elsewhere).users():
                await asyncio.to_thread(news.wait, 10)


@pytest.mark.parametrize("seen", [True, False])
async def test_what_was_being_brought_in_goes_on_as_soon_as_the_server_is_back(
    seen: bool,
    home: Home,
    config_by_way: Config,
    way: Proxy,
    elsewhere: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also where only one connection broke, so that nobody has seen it away."""
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr(source_runs, "SOON_SECONDS", 1e6 if seen else 0.05)
    gone = asyncio.Event()
    monkeypatch.setattr(following._log, "error", lambda *said: gone.set())
    for table in ("artworks", "items", "embeddings"):
        elsewhere.execute(f"DELETE FROM {table}")
    added, add = Counter[str](), Library.add

    def cut(library: Library, source: str, *what: Any) -> None:
        added[source] += 1
        if added[source] == 3 and not seen:
            raise StoreError("The connection to the database broke.", trouble=Trouble.UNREACHABLE)
        if added[source] == 3:
            way.refuse()
        add(library, source, *what)

    monkeypatch.setattr(Library, "add", cut)
    async with agent(config_by_way), Phone(config_by_way.mqtt.effective_port) as phone:
        ended = await phone.expect("event/ingest", lambda told: told.json()["error"] is not None)
        if seen:
            await asyncio.wait_for(gone.wait(), 40)
        way.forward()

        def finished(told: Message) -> bool:
            return told.json()["event_type"] == "finished" and told.json()["error"] is None

        await phone.expect("event/ingest", finished, after=phone.messages.index(ended))
    assert Library(elsewhere).count() == len(COLOURS)


async def test_a_slideshow_goes_on_while_the_server_is_away(
    config_by_way: Config,
    way: Proxy,
    elsewhere: Database,
    stocked_up: threading.Event,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.05)
    async with showing(config_by_way) as phone:
        await asyncio.to_thread(stocked_up.wait, 20)
        way.refuse()
        shown = list[str]()
        for _ in range(6):
            heard = len(phone.heard("display/wall/image"))
            told = await phone.ask("command/next", {"display": "wall"})
            assert told["ok"], told
            assert told["message"].startswith("Showing “")
            await phone.expect("display/wall/image", after=heard)
            shown.append(told["artwork"]["id"])
        assert len(set(shown)) == 6
        assert not phone.heard("error")
        told = await phone.ask("command/like", {"user": "ann", "display": "wall"})
        assert told["artwork"]["id"] == shown[-1]
        assert "It is kept" in told["message"]
        told = await phone.ask("command/search", {"query": "red", "display": "wall"})
        assert told["message"] == "The library cannot be reached just now."
        way.forward()
        while not (await phone.ask("command/mood", {"display": "wall", "mood": ""}))["ok"]:
            pass
        past = [one.artwork_id for one in History(elsewhere).showings("wall", 9)]
        assert past[:6] == shown[::-1]
        assert History(elsewhere).liked("ann", shown[-1]) is True


async def test_an_agent_that_ends_while_the_server_is_away_knows_what_hangs(
    config_by_way: Config, way: Proxy, elsewhere: Database, stocked_up: threading.Event
) -> None:
    async with showing(config_by_way) as phone:
        await asyncio.to_thread(stocked_up.wait, 20)
        way.refuse()
        told = await phone.ask("command/next", {"display": "wall"})
        assert told["ok"], told
    shown = told["artwork"]["id"]
    assert History(elsewhere).showings("wall", 1)[0].artwork_id != shown
    way.forward()
    async with agent(config_by_way), Phone(config_by_way.mqtt.effective_port) as phone:
        told = await phone.ask("command/like", {"user": "ann", "display": "wall"})
        assert told["artwork"]["id"] == shown
        assert History(elsewhere).showings("wall", 1)[0].artwork_id == shown


async def test_an_agent_whose_library_another_one_has_taken_stops(
    shared: PostgresPlace,
    config_by_way: Config,
    way: Proxy,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.05)
    running = asyncio.create_task(serve(config_by_way, asyncio.Event()))
    async with Phone(config_by_way.mqtt.effective_port) as phone:
        await phone.expect("display/wall/image")
    way.refuse()
    with claimed(shared):
        way.forward()
        with pytest.raises(ExceptionGroup) as stopped:
            await asyncio.wait_for(running, 30)
    assert "Another agent has taken the library" in str([*leaves(stopped.value)])
    said = [r for r in caplog.records if "tried again until it can be" in r.message]
    assert len(said) <= 1


async def test_a_server_that_goes_while_an_agent_starts_is_waited_for(
    config_by_way: Config, way: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "FIRST_WAIT_SECONDS", 0.05)
    opened, steps = upkeep.opened_sound, list[str]()

    @contextmanager
    def goes(config: Config, claim: LibraryClaim) -> Iterator[Rooms]:
        """The first time it has gone when the library is to be opened; it comes back then."""
        steps.append("opened")
        with ExitStack() as stack:
            if len(steps) == 1:
                way.refuse()
                stack.callback(way.forward)
            yield stack.enter_context(opened(config, claim))

    monkeypatch.setattr(wired, "opened_sound", goes)
    async with showing(config_by_way):
        pass
    assert len(steps) == 2
