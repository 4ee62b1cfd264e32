"""An agent whose library is in PostgreSQL: it waits for the server, and hears of others' writes."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable, Coroutine
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import StoreError
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.opening import open_library
from glance_agent.wiring import following
from glance_agent.wiring.running import serve
from glance_agent.wiring.working import work
from tests.away import moved, showing
from tests.broker import Broker
from tests.home import Home
from tests.postgres import Server
from tests.proxy import Proxy

pytest.importorskip("psycopg")


async def test_an_agent_runs_with_a_library_in_postgresql(
    home: Home,
    broker: Broker,
    shared: PostgresPlace,
    elsewhere: Database,
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.05)
    way = tmp_path / "way"
    way.symlink_to(server.folder)
    place = PostgresPlace(f"{shared.url.partition('host=')[0]}host={way}")
    config, red = moved(home, broker.port, place), home.work("red")
    async with showing(config) as phone:
        shown = await phone.ask("command/search", {"query": "red", "display": "wall"})
        assert shown["artwork"]["id"] == red
        assert (await phone.ask("command/like", {"user": "mia", "display": "wall"}))["ok"]
        assert History(elsewhere).liked("mia", red) is True
        assert red in [s.artwork_id for s in History(elsewhere).showings("wall", 9)]
        filtered = {"query": "source:paint blue", "display": "hall"}
        found = await phone.ask("command/search", filtered)
        assert found["artwork"]["id"] == home.work("blue")
        way.unlink()
        elsewhere.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        refused = await phone.ask("command/search", filtered)
        assert refused["error"]["code"] == "library_unusable"
        kept = await phone.ask("command/like", {"user": "ben", "display": "wall"})
        assert kept["ok"], kept
        assert "added to the library as soon as that can be reached" in kept["message"]
        way.symlink_to(server.folder)
        while not (await phone.ask("command/search", filtered))["ok"]:
            pass
        assert History(elsewhere).liked("ben", red) is True


async def worked(config: Config, stopping: asyncio.Event) -> None:
    await work(config, lambda done, left: None, stopping)


@pytest.mark.parametrize("run", [serve, worked])
async def test_who_is_to_stop_does_not_wait_for_what_takes_calls_and_says_nothing(
    home: Home,
    broker: Broker,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[[Config, asyncio.Event], Coroutine[Any, Any, None]],
) -> None:
    monkeypatch.setattr("glance_agent.store.postgres.line.CONNECT_SECONDS", 600)
    called, stopping = asyncio.Event(), asyncio.Event()

    async def take(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        with closing(writer):
            await reader.read()

    async with await asyncio.start_server(take, "127.0.0.1", 0) as mute:
        port = mute.sockets[0].getsockname()[1]
        place = PostgresPlace(f"postgresql://glance@127.0.0.1:{port}/glance")
        running = asyncio.create_task(run(moved(home, broker.port, place), stopping))
        await asyncio.wait_for(called.wait(), 40)
        stopping.set()
        await asyncio.wait_for(running, 40)


async def test_nor_does_one_whose_server_falls_silent_while_it_runs(
    config_by_way: Config, way: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("glance_agent.store.postgres.line.CONNECT_SECONDS", 600)
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.05)
    monkeypatch.setattr("glance_agent.store.postgres.claim.HEARTBEAT_SECONDS", 0.2)
    async with showing(config_by_way) as phone:
        way.swallow()
        while "kept" not in (await phone.ask("command/like", {"display": "wall"}))["message"]:
            pass


async def test_what_another_program_writes_is_taken_up_at_once(
    home: Home, postgres_place: PostgresPlace
) -> None:
    woken = asyncio.Event()
    listening = asyncio.create_task(following.listen(postgres_place, woken.set))
    with closing(open_library(postgres_place)) as elsewhere:
        now = datetime.now(UTC)
        for user in map(str, range(100)):
            History(elsewhere).react(Reaction(user, "a:1", "like", now))
            try:
                await asyncio.wait_for(woken.wait(), 0.2)
                break
            except TimeoutError:  # it listens as soon as it is connected
                continue
    listening.cancel()
    assert woken.is_set()


def then(step: Callable[..., None], also: Callable[[], None]) -> Callable[..., None]:
    def both(*arguments: object) -> None:
        step(*arguments)
        also()

    return both


async def test_an_agent_waits_for_its_server(
    home: Home,
    broker: Broker,
    postgres_place: PostgresPlace,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(following, "FIRST_WAIT_SECONDS", 0.05)
    monkeypatch.setattr(following, "LONGEST_WAIT_SECONDS", 0.05)
    socket = Path(postgres_place.url.partition("host=")[2].replace("%2F", "/"))
    away = tmp_path / "socket"
    url = postgres_place.url.replace("glance@", "glance:s3cret@").partition("host=")[0]
    place = PostgresPlace(f"{url}host={away}")
    caplog.set_level(logging.ERROR)
    said = threading.Event()
    monkeypatch.setattr(caplog.handler, "emit", then(caplog.handler.emit, said.set))
    stopping = asyncio.Event()
    waiting = asyncio.create_task(following.there(place, stopping))
    await asyncio.wait_for(asyncio.to_thread(said.wait), 20)
    assert "It is tried again until it can be." in caplog.text
    assert "s3cret" not in caplog.text
    away.symlink_to(socket)
    assert await waiting
    assert len(caplog.records) == 1
    away.unlink()
    config = moved(home, broker.port, place)
    running = asyncio.create_task(serve(config, stopping))
    stopping.set()
    await running


async def test_an_agent_that_is_refused_does_not_wait(
    postgres_place: PostgresPlace, server: Server
) -> None:
    server.guard("stranger", "another one")
    guarded = postgres_place.url.replace("glance@", "stranger:s3cret@")
    with pytest.raises(StoreError, match="is not the right one") as caught:
        await following.there(PostgresPlace(guarded), asyncio.Event())
    assert "s3cret" not in str(caught.value)


def test_an_address_and_a_file_exclude_each_other(tmp_path: Path) -> None:
    from glance_agent.domain.errors import ConfigError

    path = tmp_path / "glance.toml"
    address = "postgresql://ann:s3cret@host/glance"
    for text, said in (
        (f'path = "a.db"\nurl = "{address}"', "path and url exclude each other"),
        ('url = "mysql://ann:s3cret@host/glance"', "an address looks like postgresql://"),
        ('url = "postgresql://ann:s3cret@host"', "names no database"),
        ('url = "postgresql://ann:s3cr@t:x@host:port/glance"', "an address looks like"),
        ('url = "postgresql://ann:7/s3cret@host/glance"', "an address looks like"),
        ('url = "postgresql://ann:/s3cret@host"', "an address looks like"),
        ('password_file = "secret"', "password_file is for url"),
    ):
        path.write_text(f"[library]\n{text}\n")
        with pytest.raises(ConfigError) as caught:
            load(path, {})
        assert said in str(caught.value)
        assert "s3cr" not in str(caught.value)
    for hosts, told in (("One,two:5433", "one,two:5433"), ("[::1]:5432", "[::1]:5432")):
        path.write_text(f'[library]\nurl = "postgresql://ann:s3cret@{hosts}/glance"\n')
        assert str(load(path, {}).library.place) == f"postgresql://{told}/glance"
    path.write_text(f'[library]\nurl = "{address}"\npassword_file = "secret"\n')
    config = load(path, {})
    assert str(config.library.place) == "postgresql://host/glance"
    assert "s3cret" not in repr(config) + json.dumps(config.model_dump(mode="json"))
    place = config.library.place
    assert isinstance(place, PostgresPlace)
    assert place.password_file == tmp_path / "secret"
