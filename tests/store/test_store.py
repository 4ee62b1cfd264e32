"""The library's file: its migrations, its durability, and that it keeps what it was given."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.errors import StoreError
from glance_agent.domain.items import Look, StoredWork
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.vectors import Matrix, unit, unit_rows
from glance_agent.domain.wall_rule import WallRule
from glance_agent.store import schema
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.sqlite_database import SqliteDatabase
from glance_agent.store.vectors import Vectors
from tests.databases.make import AT, SPACE, fill
from tests.views import kept_in

OLD_DATABASES = sorted(Path(__file__).parent.parent.glob("databases/*.db"))


@pytest.fixture
def db(tmp_path: Path) -> Iterator[SqliteDatabase]:
    """The database of a new library."""
    database = open_database(tmp_path / "glance.db")
    yield database
    database.close()


@pytest.fixture
def of_any_engine(place: LibraryPlace) -> Iterator[Database]:
    """The database of a new library, in a file or in PostgreSQL."""
    database = open_library(place)
    yield database
    database.close()


def seen_by_another(db: SqliteDatabase, sql: str) -> list[tuple[object, ...]]:
    """What a second connection reads: only what is committed."""
    path = db.execute("PRAGMA database_list").fetchone()[2]
    with closing(sqlite3.connect(path)) as other:
        return other.execute(sql).fetchall()


def shape_of(db: SqliteDatabase) -> dict[str, str]:
    """Every table, index and trigger with the SQL that makes it."""
    return dict(db.execute("SELECT name, sql FROM sqlite_master WHERE sql NOT NULL").fetchall())


def held(db: Database, space: str, dimension: int) -> tuple[list[str], Matrix]:
    """All vectors of a space, by id."""
    kept = kept_in(db, space, dimension)
    return [*kept], np.array([*kept.values()], np.float32).reshape(len(kept), dimension)


# -- versions ------------------------------------------------------------------------------------


def test_there_are_old_databases_to_open() -> None:
    assert {"m005.db", "v0.1.db"} <= {path.name for path in OLD_DATABASES}


@pytest.mark.parametrize("path", OLD_DATABASES, ids=lambda path: path.stem)
def test_an_old_database_is_opened_with_everything_in_it(
    path: Path, tmp_path: Path, db: SqliteDatabase
) -> None:
    old = tmp_path / "old.db"
    shutil.copy(path, old)
    with closing(open_database(old)) as opened:
        library, history = Library(opened), History(opened)
        assert not schema.pending(opened)
        assert shape_of(opened) == shape_of(db)
        assert library.fault() is None
        assert library.count() == 2
        assert {*library.withheld()} == {"kept:3"}
        horses = library.get("kept:1")
        assert horses is not None
        assert (horses.title, horses.artist) == ("Blue Horses", "Franz Marc")
        assert (horses.tags, horses.colours) == (("horse",), ("#102030", "#405060"))
        ids, matrix = held(opened, SPACE, 4)
        assert ids == ["kept:1", "kept:2", "kept:3"]
        assert np.allclose(matrix, np.eye(4)[1:])
        assert library.cursor("kept") == "3.jpg"
        assert library.folders() == {"kept": "/kept"}
        assert [s.artwork_id for s in history.showings("wall", 9)] == ["kept:1", "kept:2"]
        assert history.liked("household", "kept:1") is True
        assert history.liked("ann", "kept:2") is False
        settings = history.settings("wall")
        assert settings is not None
        assert (settings.mood, settings.interval_seconds) == ("calm", 60)
        assert history.receipt("transaction:abc", AT - timedelta(days=1)) == '{"ok": true}'
        assert len(history.instance_id) == 12


def test_pictures_from_an_address_no_longer_count_as_hidden(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    shutil.copy(Path(__file__).parent.parent / "databases" / "v0.1.db", old)
    with closing(sqlite3.connect(old)) as before:
        before.execute("UPDATE artworks SET source = 'outside', hidden = 1 WHERE id = 'kept:2'")
        before.commit()
    with closing(open_database(old)) as opened:
        library = Library(opened)
        assert {*library.withheld()} == {"kept:2", "kept:3"}
        assert library.barred() == {"kept:3"}
        assert [library.hidden(f"kept:{n}") for n in (1, 2, 3)] == [False, False, True]
        assert library.count() == 1


def test_screenshots_of_an_old_library_are_called_so(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    shutil.copy(Path(__file__).parent.parent / "databases" / "v0.1.db", old)
    name = "/kept/Bildschirmfoto 2024-01-02.png"
    with closing(sqlite3.connect(old)) as before:
        change = "UPDATE artworks SET artist = ?, location = ? WHERE id = ?"
        before.executemany(change, [("Franz Marc", name, "kept:1"), (None, name, "kept:2")])
        before.commit()
    with closing(open_database(old)) as opened:
        library = Library(opened)
        rules = {"kept": WallRule(screenshots=False)}
        library.rules = lambda: rules
        assert {*library.off_wall()} == {"kept:2"}, "what an artist made was never on a screen"
        rules["kept"] = WallRule()
        library.forget_read()
        assert {*library.off_wall()} == set()


def test_vectors_of_an_old_library_are_numbered_in_their_order(tmp_path: Path) -> None:
    old, wide = tmp_path / "old.db", 512
    shutil.copy(Path(__file__).parent.parent / "databases" / "v0.1.db", old)
    rows = unit_rows(np.random.default_rng(1).standard_normal((200, wide)))
    with closing(sqlite3.connect(old)) as before:
        insert = "INSERT INTO embeddings (artwork_id, space, vector) VALUES (?, 'clip', ?)"
        blobs = [(f"clip:{n:03}", row.astype("<f2").tobytes()) for n, row in enumerate(rows)]
        before.executemany(insert, blobs)
        before.execute("CREATE TEMP TABLE one AS SELECT * FROM artworks LIMIT 1")
        for artwork, _ in blobs:
            before.execute("UPDATE one SET id = ?", [artwork])
            before.execute("INSERT INTO artworks SELECT * FROM one")
        before.commit()
    with closing(open_database(old)) as opened:
        ids, matrix = held(opened, "clip", wide)
        assert ids == [artwork for artwork, _ in blobs]
        assert np.allclose(matrix, rows, atol=1e-3)
        Vectors(opened).put("clip:003", "clip", rows[4])
        told = Vectors(opened).changes_since(0, "clip", wide)
        assert told.ids == ["clip:003"]
        numbers = opened.execute("SELECT number FROM embeddings WHERE artwork_id = 'clip:003'")
        assert numbers.fetchall() == [(204,)]  # of all vectors, three are of the library's own


def test_vectors_of_512_numbers_share_their_pages(db: SqliteDatabase) -> None:
    def pages() -> int:
        return int(db.execute("PRAGMA page_count").fetchone()[0])

    before = pages()
    for n, row in enumerate(unit_rows(np.random.default_rng(1).standard_normal((200, 512)))):
        Vectors(db).put(f"clip:{n}", "clip", row)
    assert pages() - before < 100  # 1 kB each, four on a page; 200 where each has its own


def test_two_spellings_of_a_name_become_one_person_who_said_all(tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    shutil.copy(Path(__file__).parent.parent / "databases" / "v0.1.db", old)
    said = [
        ("Mia", "kept:1", "like", "2026-01-02T00:00:00+00:00"),
        ("mia", "kept:1", "dislike", "2026-01-01T00:00:00+00:00"),
        ("mia", "kept:2", "like", "2026-01-03T00:00:00+00:00"),
        ("MIA", "kept:2", "dislike", "2026-01-01T00:00:00+00:00"),
        ("Zoë", "kept:3", "like", "2026-01-01T00:00:00+00:00"),
    ]
    with closing(sqlite3.connect(old)) as before:
        before.executemany("INSERT INTO reactions VALUES (?, ?, ?, ?)", said)
        before.execute("UPDATE showings SET user = 'Mia'")
        before.commit()
    with closing(open_database(old)) as opened:
        history = History(opened)
        assert history.users() == ["ann", "household", "mia", "zoë"]
        assert [(r.artwork_id, r.kind) for r in history.reactions("mia")] == [
            ("kept:1", "like"),
            ("kept:2", "like"),
        ]
        assert {s.user for s in history.showings(None, 9)} == {"mia"}


@pytest.mark.usefixtures("made_step_by_step")
def test_a_second_opening_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    for _ in range(2):
        with closing(open_database(path)) as db:
            shape, instance = shape_of(db), History(db).instance_id
            applied = schema.applied(db)
    with closing(open_database(path)) as db:
        assert (shape_of(db), History(db).instance_id) == (shape, instance)
        assert schema.applied(db) == applied == list(schema.NAMES)


@pytest.mark.usefixtures("made_step_by_step")
def test_a_library_that_several_programs_make_at_once_is_made_by_one(tmp_path: Path) -> None:
    together = Barrier(3)

    def opened() -> list[str]:
        together.wait()
        with closing(open_database(tmp_path / "glance.db")) as db:
            return schema.pending(db)

    with ThreadPoolExecutor(3) as programs:
        assert [made.result() for made in [programs.submit(opened) for _ in range(3)]] == [[]] * 3


@pytest.mark.usefixtures("made_step_by_step")
def test_a_library_that_cannot_be_made_whole_stays_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(db: Database) -> None:
        raise StoreError("The disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(schema, "_IN_ORDER", (*schema._IN_ORDER[:5], fails))
        with pytest.raises(StoreError, match="The disk is full"):
            open_database(tmp_path / "glance.db")
    with closing(sqlite3.connect(tmp_path / "glance.db")) as db:
        assert db.execute("SELECT name FROM sqlite_master").fetchall() == []
    open_database(tmp_path / "glance.db").close()


def test_a_newer_database_is_refused_in_a_sentence(tmp_path: Path, db: SqliteDatabase) -> None:
    table = next(n for n in shape_of(db) if "migrations" in n)
    cursor = db.execute(f"SELECT * FROM [{table}] LIMIT 1")
    row = dict(zip([about[0] for about in cursor.description], cursor.fetchone(), strict=True))
    columns = [c for c in row if c != "id"]
    values = [row[c] if c != "name" else "m999_dreams" for c in columns]
    marks = ", ".join("?" for _ in columns)
    db.execute(f"INSERT INTO [{table}] ({', '.join(columns)}) VALUES ({marks})", values)
    db.conn.commit()
    with pytest.raises(StoreError, match=r"newer version of glance-agent \(m999_dreams\)"):
        open_database(tmp_path / "glance.db")


@pytest.mark.parametrize("content", [b"this is no database, but long enough to be read as one" * 9])
def test_a_file_that_is_no_library_is_refused_in_a_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "glance.db"
    path.write_bytes(content)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(path)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(tmp_path)
    with pytest.raises(StoreError, match="cannot be opened"):
        open_database(path / "below" / "a-file.db")
    assert path.read_bytes() == content


def test_a_library_that_another_program_writes_is_busy(tmp_path: Path, db: SqliteDatabase) -> None:
    db.execute("PRAGMA busy_timeout=0")
    with (
        closing(open_database(tmp_path / "glance.db")) as other,
        History(other).transaction(),
        pytest.raises(StoreError, match="another program is writing it") as caught,
        History(db).transaction(),
    ):
        pass
    assert caught.value.busy
    with History(db).transaction():
        assert History(db).instance_id


# -- durability ------------------------------------------------------------------------------------


def test_each_connection_is_as_durable_as_was_asked(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    for level, number in (("FULL", 2), ("NORMAL", 1)):
        with closing(open_database(path, synchronous=level)) as db:  # type: ignore[arg-type]
            assert db.execute("PRAGMA synchronous").fetchone()[0] == number
            assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            assert db.execute("PRAGMA foreign_keys").fetchone()[0] == 1
            assert db.execute("PRAGMA busy_timeout").fetchone()[0] == 10_000


def test_what_is_written_is_committed_when_the_call_returns(db: SqliteDatabase) -> None:
    fill(Library(db), History(db))
    expected = {"artworks": 3, "items": 5, "embeddings": 3, "cursors": 1, "folders": 1}
    expected |= {"reactions": 2, "showings": 2, "display_settings": 1, "receipts": 1}
    for table, count in expected.items():
        assert seen_by_another(db, f"SELECT count(*) FROM {table}") == [(count,)], table
    History(db).forget_deliveries()
    Library(db).mark_unusable("kept:1", "broken")
    assert seen_by_another(db, "SELECT unusable FROM artworks WHERE id='kept:1'") == [("broken",)]


def test_a_transaction_is_all_or_nothing(of_any_engine: Database, place: LibraryPlace) -> None:
    history = History(of_any_engine)
    fill(Library(of_any_engine), history)

    def fail_halfway() -> None:
        with history.transaction():
            Library(of_any_engine).hide("kept:1")
            history.forget("household", "kept:1")
            raise KeyError

    with pytest.raises(KeyError):
        fail_halfway()
    assert history.liked("household", "kept:1") is True
    assert {*Library(of_any_engine).withheld()} == {"kept:3"}
    with history.transaction():
        history.forget("household", "kept:1")
        with closing(open_library(place)) as another:
            assert another.execute("SELECT count(*) FROM reactions").fetchone() == (2,)
    with closing(open_library(place)) as another:
        assert another.execute("SELECT count(*) FROM reactions").fetchone() == (1,)


def test_a_part_of_a_transaction_is_undone_alone(db: SqliteDatabase) -> None:
    history = History(db)
    fill(Library(db), history)
    with history.transaction():
        Library(db).hide("kept:1")
        with suppress(KeyError), db.atomic():
            history.forget("household", "kept:1")
            with db.atomic():
                Library(db).hide("kept:2")
            raise KeyError
    assert history.liked("household", "kept:1") is True
    assert {*Library(db).withheld()} == {"kept:1", "kept:3"}
    assert not db.conn.in_transaction


def test_a_statement_that_fails_leaves_no_transaction_open(db: SqliteDatabase) -> None:
    with pytest.raises(sqlite3.IntegrityError):
        db.execute("INSERT INTO facts SELECT name, value FROM facts")
    assert not db.conn.in_transaction
    db.execute("INSERT INTO facts VALUES ('tried', 'again')")
    assert seen_by_another(db, "SELECT value FROM facts WHERE name = 'tried'") == [("again",)]


def test_a_work_comes_with_its_vector_and_item_or_not_at_all(db: SqliteDatabase) -> None:
    db.execute(
        "CREATE TRIGGER refuse BEFORE INSERT ON items BEGIN SELECT RAISE(ABORT, 'full'); END"
    )
    stored = StoredWork(Artwork(id="a:1"), "/x", "f", "h", "s", unit(np.ones(4)))
    with pytest.raises(sqlite3.IntegrityError):
        Library(db).add("a", "1.jpg", stored)
    for table in ("artworks", "embeddings", "items"):
        assert seen_by_another(db, f"SELECT count(*) FROM {table}") == [(0,)]


# -- what is kept ----------------------------------------------------------------------------------


def test_vectors_survive_as_half_precision(of_any_engine: Database) -> None:
    library = Library(of_any_engine)
    random = np.random.default_rng(3)
    vectors = {f"a:{n}": unit(random.standard_normal(512)) for n in range(20)}
    for artwork, vector in vectors.items():
        stored = StoredWork(Artwork(id=artwork), "/x", "f", artwork, "s", vector)
        library.add("a", artwork, stored)
    (length,) = of_any_engine.execute("SELECT DISTINCT length(vector) FROM embeddings").fetchall()[
        0
    ]
    assert length == 2 * 512
    ids, matrix = held(of_any_engine, "s", 512)
    assert matrix.dtype == np.float32
    assert matrix.flags.c_contiguous
    for artwork, row in zip(ids, matrix, strict=True):
        assert np.linalg.norm(row) == pytest.approx(1.0, abs=1e-6)
        assert float(row @ vectors[artwork]) > 0.99999
    assert held(of_any_engine, "another space", 512)[1].shape == (0, 512)
    assert held(of_any_engine, "s", 256)[0] == []


def test_a_work_that_comes_again_keeps_its_past(of_any_engine: Database) -> None:
    library, history = Library(of_any_engine), History(of_any_engine)
    fill(library, history)
    again = StoredWork(
        Artwork(id="kept:3", title="New Name", source="kept"), "/new", "f", "h3", SPACE, None
    )
    library.add("kept", "3.jpg", again)
    assert {*library.withheld()} == {"kept:3"}
    assert library.location("kept:3") == "/new"
    found = library.get("kept:3")
    assert found is not None
    assert found.title == "New Name"
    assert len(held(of_any_engine, SPACE, 4)[0]) == 3


def test_works_are_counted_as_they_come_and_go(of_any_engine: Database) -> None:
    library = Library(of_any_engine)
    fill(library, History(of_any_engine))
    work = StoredWork(Artwork(id="kept:1", source="kept"), "/x", "f", "h", SPACE, None)
    for _ in range(2):
        library.add("kept", "1.jpg", work)
    shown, everything = library.count(), Vectors(of_any_engine).at_most()
    assert (
        of_any_engine.execute("SELECT count(*) FROM artworks").fetchone()[0]
        == everything
        > shown
        > 0
    )
    of_any_engine.execute("DELETE FROM artworks WHERE id = 'kept:1'")
    assert (library.count(), Vectors(of_any_engine).at_most()) == (shown - 1, everything - 1)


def test_what_is_shown_on_request_alone_keeps_no_work_out(of_any_engine: Database) -> None:
    library, look = Library(of_any_engine), Look(b"0" * 16, 1.5)
    work = Artwork(id="outside:1", source="outside")
    library.add("outside", "1", StoredWork(work, "/x", "f", "bytes", "s", None, look=look))
    assert library.owner_of("bytes") == "outside:1"
    assert library.likely_alike(look, 1.0, nearly=False) == {"outside:1": look}
    library.keep_on_request("outside:1")
    assert library.owner_of("bytes") is None
    assert library.likely_alike(look, 1.0, nearly=False) == {}


def test_a_work_is_read_anew_after_every_change(
    of_any_engine: Database, place: LibraryPlace
) -> None:
    library = Library(of_any_engine)
    fill(library, History(of_any_engine))

    def title() -> str:
        work = library.get("kept:1")
        assert work is not None
        for likely in (["kept:1", "kept:none"], []):
            assert library.families(likely).kin("kept:1").artist == work.artist
        return work.title

    def renamed(name: str) -> StoredWork:
        work = Artwork(id="kept:1", title=name, artist=f"who painted {name}", source="kept")
        return StoredWork(work, "/kept/1.jpg", "f", "h1", SPACE, None)

    assert title() == "Blue Horses"
    with closing(open_library(place)) as other:
        Library(other).add("kept", "1.jpg", renamed("By Another"))
    assert title() == "By Another"
    library.add("kept", "1.jpg", renamed("By Us"))
    assert title() == "By Us"
    with suppress(RuntimeError), library.together():
        library.add("kept", "1.jpg", renamed("In Vain"))
        assert title() == "In Vain"
        raise RuntimeError
    assert title() == "By Us"


def test_receipts_are_dropped_after_their_time(of_any_engine: Database) -> None:
    history = History(of_any_engine)
    history.keep_receipts(["delivery:1"], "old", AT)
    history.keep_receipts(["transaction:1"], "new", AT + timedelta(days=6))
    assert history.receipt("delivery:1", AT) == "old"
    assert history.receipt("delivery:1", AT + timedelta(seconds=1)) is None
    history.forget_deliveries()
    assert history.receipt("delivery:1", AT) is None
    assert history.receipt("transaction:1", AT) == "new"
    history.keep_receipts(["delivery:2", "transaction:2"], "newest", AT + timedelta(days=14))
    assert history.receipt("transaction:2", AT) == history.receipt("delivery:2", AT) == "newest"
    assert history.drop_receipts(AT + timedelta(days=14)) == 2
    assert history.drop_receipts(AT + timedelta(days=14)) == 0
    assert history.receipt("transaction:1", AT) is None
    assert history.receipt("delivery:2", AT) == "newest"


def test_who_reads_before_writing_is_never_refused(db: SqliteDatabase, tmp_path: Path) -> None:
    library = Library(db)
    with closing(sqlite3.connect(tmp_path / "glance.db", timeout=0)) as other:
        with library.together():
            assert library.owner_of("hash") is None
            with pytest.raises(sqlite3.OperationalError, match="locked"), other:
                other.execute("INSERT INTO folders VALUES ('late', '/late')")
            library.remember_folder("early", "/early")
        with other:
            other.execute("INSERT INTO folders VALUES ('late', '/late')")
    assert library.folders() == {"early": "/early", "late": "/late"}


def test_what_cannot_be_shown_is_counted_off_once(of_any_engine: Database) -> None:
    library = Library(of_any_engine)
    fill(library, History(of_any_engine))
    everything = len(library.matching(Filters()))
    library.hide("kept:1")
    library.keep_on_request("kept:1")
    library.mark_unusable("kept:1", "gone")
    library.keep_on_request("kept:2")
    shown = library.matching(Filters()) - library.uncounted()
    assert library.count() == len(shown) < everything
    assert library.counts_by_source()["kept"] == library.count_of("kept") < everything
