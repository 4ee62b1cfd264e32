"""An agent whose server looks through vectors: it holds none, finds the same, and says so."""

from __future__ import annotations

import asyncio
import logging
from contextlib import closing
from pathlib import Path

import pytest

from glance_agent.cli.doctor import library as examined
from glance_agent.cli.doctor.finding import Patient
from glance_agent.config.load import load
from glance_agent.config.settings import Config
from glance_agent.domain.errors import ConfigError, StoreError
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.copying import copy_library
from glance_agent.store.history import History
from glance_agent.store.index import VectorIndex
from glance_agent.store.opening import fill_served, open_library
from glance_agent.store.served_view import ServedView
from glance_agent.wiring import following
from tests.away import moved, showing
from tests.broker import Broker
from tests.cli.typed import typed
from tests.home import Home
from tests.postgres import Server

pytest.importorskip("psycopg")


def by_pgvector(home: Home, port: int, place: PostgresPlace) -> Config:
    """The household's configuration, with its library on a server that looks for pictures."""
    config = moved(home, port, place)
    path = home.folder / "glance.toml"
    text = path.read_text(encoding="utf-8")
    url = f'url = "{place.url}"'
    path.write_text(text.replace(url, f'{url}\nsearch = "pgvector"'), encoding="utf-8")
    assert config.library.search == "replica"
    return load(path, {})


@pytest.fixture
def searched(home: Home, searched_place: PostgresPlace) -> PostgresPlace:
    """The household's library, where a server has pgvector."""
    copy_library(home.database, searched_place, lambda table, rows: None)
    return searched_place


async def test_an_agent_finds_pictures_without_vectors_of_its_own(
    home: Home,
    broker: Broker,
    searched: PostgresPlace,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    views = set[type]()
    now = VectorIndex.now

    def noted(index: VectorIndex) -> object:
        view = now(index)
        views.add(type(view))
        return view

    monkeypatch.setattr(VectorIndex, "now", noted)
    caplog.set_level(logging.INFO)
    async with showing(by_pgvector(home, broker.port, searched)) as phone:
        assert "pgvector 0." in caplog.text
        assert "looks through the vectors of the library; none are held here" in caplog.text
        shown = await phone.ask("command/search", {"query": "red", "display": "wall"})
        assert shown["artwork"]["id"] == home.work("red")
        assert (await phone.ask("command/like", {"user": "mia", "display": "wall"}))["ok"]
        like_it = {"artwork": home.work("red"), "display": "hall"}
        assert (await phone.ask("command/similar", like_it))["ok"]
        assert (await phone.ask("command/next", {"user": "mia"}))["ok"]
        facts = (await phone.expect("agent")).json()
        assert (facts["search"], facts["embedded"]) == ("pgvector", facts["artworks"])
    assert views == {ServedView}
    with closing(open_library(searched)) as db:
        assert History(db).liked("mia", home.work("red")) is True


async def test_an_agent_goes_on_when_its_server_is_back(
    home: Home,
    broker: Broker,
    searched: PostgresPlace,
    server_with_pgvector: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(following, "WATCH_SECONDS", 0.05)
    way = tmp_path / "way"
    way.symlink_to(server_with_pgvector.folder)
    place = PostgresPlace(f"{searched.url.partition('host=')[0]}host={way}")
    asked, like_it = {"query": "blue", "display": "hall"}, {"artwork": home.work("red")}
    async with showing(by_pgvector(home, broker.port, place)) as phone:
        assert (await phone.ask("command/search", asked))["ok"]
        way.unlink()
        server_with_pgvector.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname LIKE 'library%' AND pid <> pg_backend_pid()"
        )
        for verb, words in (("search", asked), ("similar", like_it)):
            refused = await phone.ask(f"command/{verb}", words)
            assert refused["error"]["code"] == "library_unusable"
        way.symlink_to(server_with_pgvector.folder)
        while not (await phone.ask("command/similar", like_it))["ok"]:
            pass
        found = await phone.ask("command/search", asked)
        assert found["artwork"]["id"] == home.work("blue")


async def test_who_searches_is_told_when_the_extension_was_dropped(
    home: Home, broker: Broker, server_with_pgvector: Server
) -> None:
    name = server_with_pgvector.created()
    place = PostgresPlace(server_with_pgvector.url(name))
    copy_library(home.database, place, lambda table, rows: None)
    asked = {"query": "blue", "display": "hall"}
    async with showing(by_pgvector(home, broker.port, place)) as phone:
        for _ in range(6):
            assert (await phone.ask("command/search", asked))["ok"]
        server_with_pgvector.run("DROP EXTENSION vector CASCADE", name)
        refused = await phone.ask("command/similar", {"display": "hall", "query": "green"})
        assert refused["error"]["code"] == "library_unusable"
        assert "cannot look for pictures just now" in refused["message"]
        assert (await phone.ask("command/like", {"display": "hall"}))["ok"]
        status = (await phone.ask("command/status"))["message"]
        assert "What pgvector is to look through is not in the library" in status
        assert "All is well" not in status
        with closing(open_library(PostgresPlace(place.url, looks_through=True))) as db:
            space = db.execute("SELECT space FROM embeddings").fetchone()[0]
            assert fill_served(db, space, lambda: None)
        assert (await phone.ask("command/search", asked))["ok"]


def found(config: Config, path: Path) -> dict[str, tuple[bool, str]]:
    """What the doctor says of the library."""

    async def examine() -> dict[str, tuple[bool, str]]:
        looked = examined.check(Patient(config, path))
        return {one.what: (one.ok, str(one.said)) async for one in looked}

    return asyncio.run(examine())


def test_who_asks_is_told_what_looks_for_pictures(home: Home, searched: PostgresPlace) -> None:
    config, path = by_pgvector(home, 1, searched), home.folder / "glance.toml"
    said = typed("status", "--config", path, folder=home.folder)
    assert "The server of the library looks for pictures, by pgvector." in said.stdout
    fine, what = found(config, path)["search"]
    assert fine
    assert "looks through vectors on the server; this machine holds none" in what


def test_a_server_without_pgvector_is_not_waited_for(
    home: Home, postgres_place: PostgresPlace
) -> None:
    copy_library(home.database, postgres_place, lambda table, rows: None)
    config, path = by_pgvector(home, 1, postgres_place), home.folder / "glance.toml"
    with pytest.raises(StoreError, match="has no pgvector"):
        asyncio.run(following.there(config.library.place, asyncio.Event()))
    said = found(config, path)
    assert [said[what][0] for what in ("library", "search")] == [True, False]
    assert "has no pgvector" in said["search"][1]
    looked = typed("status", "--config", path, folder=home.folder)
    assert "has no pgvector" in " ".join(looked.stderr.split())
    assert "by pgvector" not in looked.stdout
    refused = typed("run", "--config", path, folder=home.folder)
    assert refused.returncode == 2
    assert 'set library.search to "replica"' in " ".join(refused.stderr.split())


def test_a_file_is_looked_through_by_the_agent(tmp_path: Path) -> None:
    path = tmp_path / "glance.toml"
    path.write_text('[library]\nsearch = "pgvector"\n')
    with pytest.raises(ConfigError, match="search by pgvector needs url"):
        load(path, {})
    address = "postgresql://ann@host/glance"
    for search in ("replica", "pgvector"):
        path.write_text(f'[library]\nurl = "{address}"\nsearch = "{search}"\n')
        place = load(path, {}).library.place
        assert isinstance(place, PostgresPlace)
        assert place.looks_through == (search == "pgvector")
