"""Reading goes on beside writing, sees one moment, cannot write, and ends in time."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from itertools import chain, repeat
from pathlib import Path
from threading import Event

import pytest

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.library import Library
from glance_agent.store.reading import AT_ONCE, Readings
from glance_agent.store.transaction import transaction
from glance_agent.store.works import Works

COUNT = "SELECT count(*) FROM artworks"
FOR_EVER = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def writer(tmp_path: Path, stocked: Path) -> Iterator[Database]:
    """The one connection that writes."""
    path = Path(shutil.copy(stocked, tmp_path / "glance.db"))
    with closing(open_database(path)) as database:
        yield database


@pytest.fixture
def path(writer: Database, tmp_path: Path) -> Path:
    return tmp_path / "glance.db"


def read(path: Path, seconds: float = 60.0) -> Readings[Database]:
    return Readings(path, lambda database: database, seconds=seconds)


def counted(database: Database) -> int:
    return int(database.execute(COUNT).fetchone()[0])


def emptied(writer: Database) -> bool:
    """Whether all of the log can go into the file: nobody reads what is older than its end."""
    _, logged, taken_over = writer.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
    return bool(logged == taken_over)


def test_what_is_being_written_keeps_nobody_from_reading(path: Path, writer: Database) -> None:
    with closing(read(path)) as readings:
        with transaction(writer), readings.now() as database:
            before = counted(database)
            writer.execute("DELETE FROM artworks")
            assert counted(database) == before > 0
        with readings.now() as database:
            assert counted(database) == 0


def test_a_long_reading_keeps_nobody_from_writing(path: Path, writer: Database) -> None:
    begun = Event()

    def read_for_long() -> None:
        with readings.now() as database:
            begun.set()
            database.execute(FOR_EVER).fetchone()

    with closing(read(path, seconds=0.3)) as readings, ThreadPoolExecutor(1) as others:
        reading = others.submit(read_for_long)
        begun.wait()
        with transaction(writer):
            writer.execute("UPDATE artworks SET hidden = 1")
        assert not reading.done()
        with pytest.raises(StoreError, match="took too long"):
            reading.result()
    assert Works(writer).count() == 0


def test_what_is_read_in_one_block_is_of_one_moment(path: Path, writer: Database) -> None:
    with closing(read(path)) as readings, readings.now() as database:
        before = counted(database)
        writer.execute("DELETE FROM artworks")
        writer.commit()
        assert counted(database) == before


def test_nothing_can_be_written(path: Path, writer: Database) -> None:
    with closing(Readings(path, Library)) as readings, readings.now() as library:
        for write in (
            lambda: library.mark_unusable("paint:1", "gone"),
            lambda: library.remember_folder("new", "/new"),
            lambda: library.db.execute("CREATE TABLE made (up)"),
            lambda: library.db.execute("DELETE FROM reactions"),
        ):
            with pytest.raises(StoreError) as refused:
                write()
            assert refused.value.trouble is Trouble.UNWRITABLE


def test_a_reading_that_takes_too_long_ends_and_the_log_can_be_emptied(
    path: Path, writer: Database
) -> None:
    seconds = chain([0.0], repeat(1.0, 1_000), repeat(100.0))

    def read_for_long() -> None:
        with readings.now() as database:
            counted(database)
            writer.execute("UPDATE artworks SET hidden = 1")
            writer.commit()
            assert not emptied(writer)
            database.execute(FOR_EVER).fetchone()

    with closing(Readings(path, lambda db: db, seconds=60, clock=seconds.__next__)) as readings:
        with pytest.raises(StoreError) as late:
            read_for_long()
        assert late.value.trouble is Trouble.LATE
        assert emptied(writer)
        with readings.now() as database:
            assert counted(database) > 0


def test_between_readings_nothing_keeps_the_log(path: Path, writer: Database) -> None:
    with closing(read(path)) as readings:
        for _ in range(3):
            with readings.now() as database:
                # A row is left unread, as by whoever wants only the first.
                rows = database.execute("SELECT id FROM artworks")
                next(rows)
        writer.execute("UPDATE artworks SET hidden = 1")
        writer.commit()
        assert emptied(writer)


@pytest.mark.parametrize(
    ("befall", "said"),
    [
        (Path.unlink, "was deleted while it was open"),
        (lambda path: shutil.move(shutil.copy(path, f"{path}.new"), path), "replaced by another"),
    ],
)
def test_a_library_that_is_no_longer_the_one_that_was_opened_is_said(
    path: Path, befall: Callable[[Path], object], said: str
) -> None:
    with closing(read(path)) as readings:
        with readings.now() as database:
            counted(database)
        befall(path)
        with pytest.raises(StoreError, match=said) as refused, readings.now():
            pass
        assert refused.value.trouble is Trouble.REPLACED


def test_a_library_that_cannot_be_opened_is_said(tmp_path: Path) -> None:
    readings = read(tmp_path / "nowhere" / "glance.db")
    with pytest.raises(StoreError, match="cannot be opened") as refused, readings.now():
        pass
    assert refused.value.trouble is Trouble.UNREACHABLE


def test_damage_is_told_and_the_next_reading_begins_afresh(path: Path, writer: Database) -> None:
    root = writer.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'reactions'").fetchone()
    size = int(writer.execute("PRAGMA page_size").fetchone()[0])
    assert emptied(writer)
    met: list[str] = []
    with closing(Readings(path, Works, damaged=met.append)) as readings:
        with path.open("r+b") as file:
            file.seek((root[0] - 1) * size)
            sound = file.read(size)
            file.seek((root[0] - 1) * size)
            file.write(os.urandom(size))
        with readings.now() as works:
            # Only what cannot be read is missing.
            assert works.liked_locations() == frozenset()
            assert works.count() > 0
        assert "malformed" in met[0]
        with path.open("r+b") as file:
            file.seek((root[0] - 1) * size)
            file.write(sound)
        with readings.now() as works:
            works.liked_locations()
        assert len(met) == 1


def test_connections_are_used_again_and_closed_at_the_end(path: Path) -> None:
    opened: list[Database] = []

    def reader(database: Database) -> Database:
        opened.append(database)
        return database

    readings = Readings(path, reader)
    for _ in range(3):
        with readings.now() as database:
            counted(database)
    with readings.now() as one, readings.now() as another:
        assert one is not another
    assert len(opened) == AT_ONCE == 2
    readings.close()
    for database in opened:
        with pytest.raises(sqlite3.ProgrammingError, match="closed"):
            database.execute(COUNT)
