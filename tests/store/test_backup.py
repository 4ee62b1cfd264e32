"""A backup is whole and sound, whoever writes meanwhile; and it can be put back."""

from __future__ import annotations

import os
import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import StoreError
from glance_agent.store.backup import back_up, restore
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from tests.commands.test_unkept import damage
from tests.databases.make import AT, fill

OLD = Path(__file__).parent.parent / "databases" / "v0.1.db"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Database]:
    """A library in use: what was written last is in its WAL alone."""
    with closing(open_database(tmp_path / "glance.db")) as db:
        fill(Library(db), History(db))
        yield db


def path_of(db: Database) -> Path:
    return Path(db.execute("PRAGMA database_list").fetchone()[2])


def likes(path: Path) -> int:
    with closing(sqlite3.connect(path)) as db:
        return int(db.execute("SELECT count(*) FROM reactions").fetchone()[0])


def test_a_backup_holds_what_is_in_the_wal(library: Database, tmp_path: Path) -> None:
    History(library).react(Reaction("mia", "kept:1", "like", AT))
    done = back_up(path_of(library), tmp_path / "kept.db")
    # Of its three works one is hidden.
    assert (done.works, done.likes, done.dislikes) == (2, 2, 1)
    assert likes(tmp_path / "kept.db") == 3
    assert [p.name for p in tmp_path.glob("kept*")] == ["kept.db"]
    assert stat.S_IMODE((tmp_path / "kept.db").stat().st_mode) == 0o600


def test_a_copied_file_alone_would_not(library: Database, tmp_path: Path) -> None:
    # What docs/backup.md warns of, so that the page stays true.
    (tmp_path / "copied.db").write_bytes(path_of(library).read_bytes())
    with closing(sqlite3.connect(tmp_path / "copied.db")) as db, pytest.raises(sqlite3.Error):
        assert db.execute("SELECT count(*) FROM reactions").fetchone()[0]


def test_a_backup_takes_the_place_of_the_one_before(library: Database, tmp_path: Path) -> None:
    to = tmp_path / "kept.db"
    back_up(path_of(library), to)
    History(library).react(Reaction("mia", "kept:1", "like", AT))
    assert back_up(path_of(library), to).reactions == 3
    assert likes(to) == 3


def test_a_damaged_library_leaves_the_last_backup_alone(library: Database, tmp_path: Path) -> None:
    to, path = tmp_path / "kept.db", path_of(library)
    back_up(path, to)
    before = to.read_bytes()
    library.close()
    damage(path, "items")
    with pytest.raises(StoreError, match="damaged"):
        back_up(path, to)
    assert to.read_bytes() == before
    assert not [*tmp_path.glob("*.part*")]


def test_a_file_that_is_no_backup_is_left_as_it_is(library: Database, tmp_path: Path) -> None:
    to = tmp_path / "holiday.jpg"
    to.write_bytes(b"\xff\xd8\xff\xe0 a picture")
    with pytest.raises(StoreError, match="is no backup and is left as it is; name another file"):
        back_up(path_of(library), to)
    assert to.read_bytes() == b"\xff\xd8\xff\xe0 a picture"
    to.write_bytes(b"")
    assert back_up(path_of(library), to).reactions == 2


@pytest.mark.parametrize("to", ["glance.db", "glance.db-wal", "nowhere/kept.db"])
def test_where_a_backup_cannot_go_is_said(library: Database, tmp_path: Path, to: str) -> None:
    with pytest.raises(StoreError):
        back_up(path_of(library), tmp_path / to)
    assert likes(path_of(library)) == 2


def test_what_is_not_there_cannot_be_backed_up(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="There is no library"):
        back_up(tmp_path / "none.db", tmp_path / "kept.db")
    assert not [*tmp_path.iterdir()]


def test_a_backup_is_put_back_and_what_was_there_is_kept(library: Database, tmp_path: Path) -> None:
    path, kept = path_of(library), tmp_path / "kept.db"
    back_up(path, kept)
    History(library).react(Reaction("mia", "kept:1", "like", AT))
    library.close()
    done = restore(kept, path, now=AT)
    assert (done.works, done.reactions) == (2, 2)
    assert likes(path) == 2
    assert done.aside is not None
    assert likes(done.aside) == 3
    assert kept.exists()
    with closing(open_database(path)) as db:
        assert Library(db).count() == 2


def test_what_was_put_aside_in_the_same_second_stays(library: Database, tmp_path: Path) -> None:
    path, kept = path_of(library), tmp_path / "kept.db"
    back_up(path, kept)
    library.close()
    first, second, third = (restore(kept, path, now=AT).aside for _ in range(3))
    assert len({first, second, third}) == 3
    assert {first, second, third} == {*tmp_path.glob("glance.db.before-*")}


def test_what_is_in_the_wal_of_the_old_one_stays_with_it(library: Database, tmp_path: Path) -> None:
    path, kept = path_of(library), tmp_path / "kept.db"
    back_up(path, kept)
    History(library).react(Reaction("mia", "kept:1", "like", AT))
    # As after a crash: nobody closed it, and its WAL is still there.
    done = restore(kept, path, now=AT)
    assert done.aside is not None
    assert likes(path) == 2
    assert likes(done.aside) == 3


def test_an_old_backup_is_brought_up_to_date(tmp_path: Path) -> None:
    done = restore(OLD, tmp_path / "glance.db", now=AT)
    assert done.aside is None
    with closing(open_database(tmp_path / "glance.db")) as db:
        assert History(db).liked("household", "kept:1") is True


@pytest.mark.parametrize("content", [b"", b"no library" * 999])
def test_what_is_no_backup_changes_nothing(
    library: Database, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "kept.db").write_bytes(content)
    with pytest.raises(StoreError):
        restore(tmp_path / "kept.db", path_of(library), now=AT + timedelta(days=1))
    assert likes(path_of(library)) == 2
    assert {p.name for p in tmp_path.iterdir()} == {
        "glance.db", "glance.db-wal", "glance.db-shm", "kept.db",
    }  # fmt: skip


def test_a_backup_is_made_while_others_write(library: Database, tmp_path: Path) -> None:
    with closing(sqlite3.connect(path_of(library), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("INSERT INTO folders VALUES ('half', 'done')")
        assert back_up(path_of(library), tmp_path / "kept.db").works == 2
        other.execute("ROLLBACK")
    assert os.listdir(tmp_path).count("kept.db") == 1
