"""A server that goes away while pictures are brought in, embedded or copied: it is waited for."""

from __future__ import annotations

import json
import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import pytest

from glance_agent.cli import collection, library
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.languages import in_language
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.copying import copy_library
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.work_leases import WorkLeases
from tests.cli.typed import Done, typed
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.home import SOURCE, Home
from tests.postgres import Server
from tests.proxy import Proxy, way_to

pytest.importorskip("psycopg")
from glance_agent.store.postgres import line, patience
from glance_agent.store.postgres.connection import PostgresConnection
from glance_agent.store.postgres.database import PostgresDatabase
from glance_agent.wiring import working

WORKS = len(COLOURS)


@pytest.fixture
def way(server: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """A way to the server; what waits looks again soon."""
    monkeypatch.setattr(patience, "FIRST_WAIT_SECONDS", 0.05)
    with way_to(server) as proxy:
        yield proxy


@pytest.fixture
def told(way: Proxy, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is said of waiting; the server is back as soon as that is."""
    said = list[str]()

    def hear(text: str) -> None:
        said.append(text)
        way.forward()

    monkeypatch.setattr(collection, "complain", hear)
    monkeypatch.setattr(working._log, "error", hear)
    return said


def moved(home: Home, place: PostgresPlace) -> None:
    """The household's library is at another place from now on."""
    path = home.toml(1)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('path = "glance.db"', f'url = "{place.url}"'), "utf-8")


def run(home: Home, *words: str) -> Done:
    return typed(*words, "--config", home.folder / "glance.toml", folder=home.folder)


def before(kind: type, method: str, times: int, meet: Callable[[], None]) -> Any:
    """The method, before which something happens once, when it is called for so many times."""
    original, calls = getattr(kind, method), Counter[str]()

    def doomed(*arguments: Any, **named: Any) -> Any:
        calls[method] += 1
        if calls[method] == times:
            meet()
        return original(*arguments, **named)

    return doomed


def unanswered(times: int, way: Proxy) -> Any:
    """A commit that is kept, of which nobody hears."""
    original, calls = PostgresConnection.commit, Counter[str]()

    def doomed(self: PostgresConnection) -> None:
        calls["commit"] += self.in_transaction
        original(self)
        if calls["commit"] == times:
            calls["commit"] += 1
            way.refuse()
            raise StoreError("It broke.", trouble=Trouble.UNREACHABLE)

    return doomed


@pytest.mark.parametrize("broken", ["in the middle of writing", "before the answer", "in a look"])
def test_who_brings_in_pictures_waits_for_the_server(
    broken: str,
    home: Home,
    way: Proxy,
    told: list[str],
    fetched: Counter[str],
    postgres_place: PostgresPlace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved(home, way.place(postgres_place))
    if broken == "before the answer":
        monkeypatch.setattr(PostgresConnection, "commit", unanswered(4, way))
    else:
        method, times = ("add", 3) if broken == "in the middle of writing" else ("fingerprints", 1)
        monkeypatch.setattr(Library, method, before(Library, method, times, way.refuse))
    done = run(home, "ingest", "--json")
    assert done.returncode == 0, done.stderr
    assert len(told) >= 2
    assert "as soon as the library can be reached again" in told[0]
    assert told[0][0].isupper()
    assert in_language(told[0], "de")[0].isupper()
    assert told[-1] == "The library can be reached again."
    [summary] = json.loads(done.stdout)
    assert (summary["source"], summary["done"], summary["failed"]) == (SOURCE, WORKS, 0)
    assert summary["added"] + summary["unchanged"] == WORKS
    assert [*fetched.values()] == [1] * WORKS, "nothing is read twice"
    with closing(open_library(postgres_place)) as db:
        assert Library(db).count() == WORKS
        vectors = "SELECT count(*), count(DISTINCT artwork_id) FROM embeddings"
        assert tuple(db.execute(vectors).fetchone()) == (WORKS, WORKS)


@pytest.mark.parametrize("silent", [False, True])
def test_ctrl_c_ends_the_waiting_at_once(
    silent: bool,
    home: Home,
    way: Proxy,
    postgres_place: PostgresPlace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Who waited on would never come back here."""

    def interrupt(*said: str) -> None:
        os.kill(os.getpid(), signal.SIGINT)

    def fall_silent() -> None:
        way.swallow(new=False)
        interrupt()

    moved(home, way.place(postgres_place))
    monkeypatch.setattr(patience, "FIRST_WAIT_SECONDS", 1e6)
    monkeypatch.setattr(line.Driver, "silent_seconds", 1e6)
    monkeypatch.setattr(collection, "complain", interrupt)
    doom = fall_silent if silent else way.refuse
    monkeypatch.setattr(Library, "add", before(Library, "add", 3, doom))
    done = run(home, "ingest", "--json")
    assert (done.returncode, done.stdout) == (128 + signal.SIGINT, "")


def test_what_does_not_pass_by_itself_is_not_waited_for(
    home: Home,
    way: Proxy,
    told: list[str],
    postgres_place: PostgresPlace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moved(home, way.place(postgres_place))
    way.refuse()
    assert run(home, "ingest").returncode == 1, "it had not begun"
    way.forward()

    def full() -> None:
        raise StoreError("The disk is full.", trouble=Trouble.FULL)

    monkeypatch.setattr(Library, "add", before(Library, "add", 3, full))
    done = run(home, "ingest", "--json")
    assert done.returncode == 1
    assert "The disk is full." in done.stdout
    assert told == []


def unheard(times: int, way: Proxy) -> Any:
    """Works are leased, and nobody hears so."""
    original, calls = PostgresDatabase.unfollowed, Counter[str]()

    def doomed(self: PostgresDatabase, sql: str, parameters: Any = None) -> Any:
        rows = original(self, sql, parameters)
        calls["lease"] += bool(rows) and sql.startswith("INSERT INTO work_leases")
        if calls["lease"] == times:
            calls["lease"] += 1
            way.refuse()
            raise StoreError("It broke.", trouble=Trouble.UNREACHABLE)
        return rows

    return doomed


@pytest.mark.parametrize("broken", ["lacking", "lease", "keep", "lease unheard", "keep unheard"])
def test_who_embeds_waits_for_the_server(
    broken: str,
    home: Home,
    way: Proxy,
    told: list[str],
    postgres_place: PostgresPlace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    copy_library(home.database, postgres_place, lambda table, rows: None)
    moved(home, way.place(postgres_place))
    with closing(open_library(postgres_place)) as db:
        db.execute("DELETE FROM embeddings")
    if broken == "lease unheard":
        monkeypatch.setattr(PostgresDatabase, "unfollowed", unheard(2, way))
    elif broken == "keep unheard":
        monkeypatch.setattr(PostgresConnection, "commit", unanswered(5, way))
    else:
        times = 1 if broken == "lacking" else 2
        monkeypatch.setattr(WorkLeases, broken, before(WorkLeases, broken, times, way.refuse))
    done = run(home, "work", "--once", "--json")
    assert done.returncode == 0, done.stderr
    assert told[-1] == "The library can be reached again."
    with closing(open_library(postgres_place)) as db:
        kept = "SELECT number FROM embeddings WHERE space = ? ORDER BY number"
        numbers = [int(row[0]) for row in db.execute(kept, [ColourEncoder.space])]
        # Each time a vector is kept it has the next number.
        assert numbers == [*range(numbers[0], numbers[0] + WORKS)]
        assert db.execute("SELECT count(*) FROM work_leases").fetchone()[0] == 0


@pytest.mark.parametrize("table", ["artworks", "items", "embeddings"])
def test_a_copy_waits_for_the_server(
    table: str,
    home: Home,
    way: Proxy,
    postgres_place: PostgresPlace,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = list[str]()

    def hear(text: str) -> None:
        said.append(text)
        if "as soon as" in text:
            way.forward()
        elif text.startswith(f"{table}:"):
            way.refuse()

    monkeypatch.setattr(library, "complain", hear)
    to = way.place(postgres_place).url
    done = typed("library", "copy", home.database, to, folder=home.folder)
    assert done.returncode == 0, done.stderr
    assert "The library can be reached again." in said
    copied = [text for text in said if "rows copied" in text]
    assert len(copied) == len({text.partition(":")[0] for text in copied}), "nothing twice"
    assert f"{WORKS} works" in done.stdout
    with closing(open_library(postgres_place)) as db:
        assert Library(db).count() == WORKS
    back = typed("library", "copy", to, home.folder / "back.db", folder=home.folder)
    assert back.returncode == 0, back.stderr


def test_a_copy_of_whose_end_nobody_heard_is_complete(
    home: Home, way: Proxy, postgres_place: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, ended = PostgresConnection.commit, list[bool]()

    def doomed(self: PostgresConnection) -> None:
        last = self.in_transaction and not ended and is_last(self)
        original(self)
        if last:
            ended.append(True)
            way.refuse()
            raise StoreError("It broke.", trouble=Trouble.UNREACHABLE)

    def is_last(connection: PostgresConnection) -> bool:
        db = PostgresDatabase(connection)
        known = "SELECT count(*) FROM facts WHERE name = 'copied from'"
        works = "SELECT count(*) FROM changes"
        return not db.execute(known).fetchone()[0] and db.execute(works).fetchone() is not None

    monkeypatch.setattr(PostgresConnection, "commit", doomed)
    monkeypatch.setattr(library, "complain", lambda said: way.forward())
    to = way.place(postgres_place).url
    done = typed("library", "copy", home.database, to, folder=home.folder)
    assert done.returncode == 0, done.stderr
    assert ended
    assert f"{WORKS} works" in done.stdout
