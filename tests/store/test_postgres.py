"""A library in PostgreSQL: who waits for whom, what is said when it is away, who learns of what."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.domain.vectors import unit
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.opening import claimed, look_into, open_library
from glance_agent.store.schema import NAMES
from glance_agent.store.transaction import transaction
from glance_agent.store.vectors import Vectors
from glance_agent.store.works import Works
from tests.postgres import Server
from tests.proxy import way_to

pytest.importorskip("psycopg")
from glance_agent.store.postgres import connection as postgres_connection
from glance_agent.store.postgres import line
from glance_agent.store.postgres.claim import PostgresClaim
from glance_agent.store.postgres.reading import PostgresReadings
from glance_agent.store.postgres.schema import BASELINE, LATER
from glance_agent.store.postgres.statements import translated

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
SPACE = "s"


@pytest.fixture
def db(postgres_place: PostgresPlace) -> Iterator[Database]:
    with closing(open_library(postgres_place)) as database:
        yield database


@pytest.fixture
def another(postgres_place: PostgresPlace) -> Iterator[Database]:
    """Another program's connection."""
    with closing(open_library(postgres_place)) as database:
        yield database


def bring(db: Database, name: str) -> None:
    work = Artwork(id=f"a:{name}", source="a", title=name)
    vector = unit(np.random.default_rng(len(name)).standard_normal(8))
    Library(db).add("a", name, StoredWork(work, "-", "-", name, SPACE, vector))


# -- statements ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant", "values"),
    [
        ("SELECT a WHERE b = ? AND c = ?", "SELECT a WHERE b = $1 AND c = $2", (0, 1)),
        ("SELECT ?2, ?1, ?2", "SELECT $1, $2, $1", (1, 0)),
        ("SELECT :b || ':c?' || :b", "SELECT $1 || ':c?' || $1", ("b",)),
        ("SELECT user WHERE :a IS NULL", 'SELECT "user" WHERE $1::text IS NULL', ("a",)),
        ("SELECT a WHERE +space = ?", "SELECT a WHERE space = $1", (0,)),
        ("a LIKE 'x%' AND b GLOB '[0-9]'", "a ILIKE 'x%' AND b SIMILAR TO '[0-9]'", ()),
        ("SELECT 1 LIMIT -1 OFFSET ?", "SELECT 1 LIMIT ALL OFFSET $1", (0,)),
        ("CAST(x * 32 AS INTEGER)", "CAST(trunc(CAST(x * 32 AS numeric)) AS bigint)", ()),
        ("INSERT OR IGNORE INTO t SELECT 1", "INSERT INTO t SELECT 1 ON CONFLICT DO NOTHING", ()),
        (
            "INSERT OR REPLACE INTO folders VALUES (?, ?)",
            "INSERT INTO folders (name, path) VALUES ($1, $2) "
            "ON CONFLICT (name) DO UPDATE SET name = excluded.name, path = excluded.path",
            (0, 1),
        ),
        ("SELECT a::text, :b", "SELECT a::text, $1", ("b",)),
    ],
)  # fmt: skip
def test_what_sqlite_says_is_said_in_other_words(
    written: str, meant: str, values: tuple[int | str, ...]
) -> None:
    assert translated(written) == (meant, values)


def test_every_migration_has_its_like(db: Database) -> None:
    """A migration of SQLite that comes later needs one of its name in `LATER`, with what it does in
    PostgreSQL."""
    assert (*LATER,) == NAMES[NAMES.index(BASELINE) + 1 :]
    applied = db.execute("SELECT name FROM migrations")
    assert {row[0] for row in applied} == {*NAMES}


def test_a_newer_library_is_refused_in_a_sentence(
    db: Database, postgres_place: PostgresPlace
) -> None:
    db.execute("INSERT INTO migrations (name) VALUES ('m999_dreams')")
    try:
        with pytest.raises(StoreError, match=r"newer version of glance-agent \(m999_dreams\)"):
            open_library(postgres_place)
    finally:
        db.execute("DELETE FROM migrations WHERE name = 'm999_dreams'")


# -- several at a time -----------------------------------------------------------------------------


def test_no_change_is_missed_of_two_who_write_at_a_time(db: Database, another: Database) -> None:
    """A number is given when its change is kept, not when it is begun."""
    bring(db, "one")
    vectors, done = Vectors(db), threading.Event()

    def write() -> None:
        bring(another, "three")
        done.set()

    writing = threading.Thread(target=write)
    with transaction(db):
        bring(db, "two")
        writing.start()
        assert not done.wait(0.2), "the second one has its turn when the first one is done"
        with_two = vectors.latest()
    writing.join()
    told = vectors.changes_since(0, SPACE, 8)
    assert told.ids == ["a:one", "a:two", "a:three"]
    assert vectors.changes_since(with_two, SPACE, 8).ids == ["a:three"]


def test_a_reader_between_two_writers_is_told_all_later(
    db: Database, another: Database, postgres_place: PostgresPlace
) -> None:
    known, told = 0, list[str]()
    stop = threading.Event()

    def write(to: Database, who: str) -> None:
        for number in range(12):
            bring(to, f"{who}{number}")

    writers = [threading.Thread(target=write, args=who) for who in ((db, "x"), (another, "y"))]
    with closing(open_library(postgres_place)) as reader:
        for writer in writers:
            writer.start()
        while not stop.is_set():
            if not any(writer.is_alive() for writer in writers):
                stop.set()
            changes = Vectors(reader).changes_since(known, SPACE, 8)
            known, told = changes.number, told + changes.ids
    assert len(told) == len(set(told)) == 24


def test_who_waits_too_long_for_its_turn_is_told_so(db: Database, another: Database) -> None:
    another.execute("SELECT set_config('lock_timeout', '50ms', false)")
    with (
        transaction(db),
        pytest.raises(StoreError, match="another program is writing the library") as caught,
        transaction(another),
    ):
        pass
    assert caught.value.busy
    bring(another, "later")


def test_writes_of_others_are_noticed_and_own_ones_are_not(db: Database, another: Database) -> None:
    works = Works(db)
    works.unchanged_by_others()
    bring(db, "own")
    assert works.unchanged_by_others()
    bring(another, "foreign")
    assert not works.unchanged_by_others()
    bring(another, "more")
    bring(db, "own-again")
    assert not works.unchanged_by_others()
    assert works.unchanged_by_others()


def test_a_reading_is_of_one_moment_and_changes_nothing(
    db: Database, postgres_place: PostgresPlace
) -> None:
    with closing(PostgresReadings(postgres_place, Works, at_once=1, seconds=0.3)) as readings:
        with readings.now() as works:
            assert works.count() == 0
            bring(db, "one")
            assert works.count() == 0
            with pytest.raises(StoreError) as caught:
                works.hide("a:one")
            assert caught.value.trouble is Trouble.READ_ONLY
        with readings.now() as works:
            assert works.count() == 1
            with pytest.raises(StoreError) as late:
                works.db.execute("SELECT pg_sleep(60)")
            assert late.value.trouble is Trouble.LATE


def test_who_only_looks_keeps_nothing(db: Database, postgres_place: PostgresPlace) -> None:
    bring(db, "one")
    with look_into(postgres_place) as looking:
        History(looking).keep_published({"topic": {"a": "b"}})
        assert History(looking).published()
        assert History(looking).instance_id == History(db).instance_id
        with pytest.raises(StoreError, match="may only be read"):
            Library(looking).hide("a:one")
    assert History(db).published() == {}


def test_one_agent_runs_with_a_library(postgres_place: PostgresPlace) -> None:
    with claimed(postgres_place):
        with (
            pytest.raises(StoreError, match="Another agent is running") as caught,
            claimed(postgres_place),
        ):
            pass
        assert caught.value.busy
    with claimed(postgres_place):
        pass


# -- what stands in the way ------------------------------------------------------------------------


def test_a_library_is_free_as_soon_as_it_is_let_go(
    postgres_place: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not only when the server has seen that the connection was closed."""
    left: list[line.Driver] = []
    claim = PostgresClaim(postgres_place)
    claim.take()
    with monkeypatch.context() as patched:
        patched.setattr(line.Driver, "close", lambda driver: left.append(driver))
        claim.close()
    with closing(PostgresClaim(postgres_place)) as another:
        another.take()
    [driver] = left
    driver.close()


def test_a_connection_that_broke_comes_back(db: Database, server: Server) -> None:
    bring(db, "one")
    broken = db.execute("SELECT pg_backend_pid()").fetchone()[0]
    server.run(f"SELECT pg_terminate_backend({broken}, 5000)")
    assert Works(db).count() == 1
    broken = db.execute("SELECT pg_backend_pid()").fetchone()[0]
    server.run(f"SELECT pg_terminate_backend({broken}, 5000)")
    with transaction(db):
        History(db).react(Reaction("ann", "a:one", "like", AT))
    assert History(db).users() == ["ann"]


def test_what_an_agent_has_read_is_on_the_servers_disk(postgres_place: PostgresPlace) -> None:
    """An agent goes on when the server has crashed: what it knows of works has to be there."""
    with closing(open_library(postgres_place, durable=False)) as db:
        assert db.execute("SELECT current_setting('synchronous_commit')").fetchone()[0] == "on"


def test_what_was_closed_while_it_connected_stays_closed(postgres_place: PostgresPlace) -> None:
    made: list[line.Driver] = []

    def connect() -> line.Driver:
        made.append(line.connected(postgres_place))
        connection.close()  # as another thread does that waits no longer
        return made[-1]

    connection = postgres_connection.PostgresConnection(connect)
    for _ in range(2):
        with pytest.raises(StoreError, match="was closed"):
            connection.driver()
    assert [driver.closed for driver in made] == [True]


def test_what_cannot_be_made_ready_is_closed(postgres_place: PostgresPlace) -> None:
    made: list[line.Driver] = []

    def refused(driver: line.Driver) -> None:
        made.append(driver)
        driver.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    with pytest.raises(StoreError) as told:
        line.connected(postgres_place, also=refused)
    assert told.value.trouble is Trouble.UNREACHABLE
    assert made[0].closed


def test_what_broke_in_the_middle_is_undone_whole(db: Database, server: Server) -> None:
    broken = db.execute("SELECT pg_backend_pid()").fetchone()[0]

    def fail() -> None:
        with transaction(db):
            History(db).react(Reaction("ann", "a:one", "like", AT))
            server.run(f"SELECT pg_terminate_backend({broken}, 5000)")
            History(db).react(Reaction("ben", "a:one", "like", AT))

    with pytest.raises(StoreError) as caught:
        fail()
    assert caught.value.trouble is Trouble.UNREACHABLE
    assert History(db).users() == []


SECRET = "s3cret-of-ours"


@pytest.mark.parametrize(
    ("what", "said"),
    [
        ("away", "see that the server of library.url runs"),
        ("password", "the password of library.url is not the right one"),
        ("database", "create what is missing there"),
        ("option", "see that its options are spelled rightly"),
        ("percent", "a % in its password is written as %25"),
    ],
)
def test_what_is_wrong_is_said_without_the_password(
    server: Server, tmp_path: Path, what: str, said: str
) -> None:
    url = server.url("postgres", user="guarded", password=SECRET)
    if what == "away":
        url = url.replace(server.folder.name, "nowhere")
    elif what == "password":
        server.guard("guarded", "another one")
    elif what == "database":
        url = server.url("dreams", password=SECRET)
    elif what == "option":
        url = f"{url}&colour={SECRET}"
    else:
        url = url.replace(SECRET, f"{SECRET}%Pw")
    place = PostgresPlace(url)
    with pytest.raises(StoreError, match=said) as caught:
        open_library(place)
    shown = "".join(map(str, (caught.value, caught.value.__cause__, place, repr(place))))
    assert SECRET not in shown
    assert str(place) in str(caught.value) or what in {"option", "percent"}


def test_who_may_make_no_schema_is_told_which_right_is_missing(server: Server) -> None:
    name = server.created()
    server.run("CREATE USER bare")
    with pytest.raises(StoreError, match=f"GRANT CREATE ON DATABASE {name} TO"):
        open_library(PostgresPlace(server.url(name, user="bare")))


def test_of_several_hosts_one_that_is_there_is_found(
    server: Server, postgres_place: PostgresPlace
) -> None:
    folder = str(server.folder)
    url = postgres_place.url.partition("?")[0]
    with closing(open_library(PostgresPlace(f"{url}?host=/nowhere,{folder}"))) as db:
        assert Works(db).count() == 0
    with way_to(server) as one:
        there = one.place(postgres_place).url
        with closing(
            open_library(PostgresPlace(there.replace("127.0.0.1:", "127.0.0.1:1,127.0.0.1:")))
        ) as db:
            assert Works(db).count() == 0


def test_a_server_that_is_too_old_is_refused(
    postgres_place: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "LEAST_VERSION", 99)
    with pytest.raises(StoreError, match=r"PostgreSQL \d+ is too old.*version 99 or newer"):
        open_library(postgres_place)


def test_without_its_driver_an_address_says_what_to_install() -> None:
    program = (
        "import sys; sys.modules['psycopg'] = None\n"
        "from glance_agent.domain.library_place import PostgresPlace\n"
        "from glance_agent.store.opening import open_library\n"
        "try:\n    open_library(PostgresPlace('postgresql://here/there'))\n"
        "except Exception as error:\n    print(type(error).__name__, error)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.stdout.startswith("StoreError library.url needs the driver of PostgreSQL")
    assert "pip install 'glance-agent[postgres]'" in done.stdout
