"""Whoever only looks at a library makes and changes nothing."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from glance_agent.domain.errors import StoreError
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from glance_agent.store.looking import look_into
from glance_agent.store.spaces import Answering, Spaces

OLD = Path(__file__).parents[1] / "databases"


def tree(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, with what is in it."""
    return {p.name: p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture
def library(tmp_path: Path, stocked: Path) -> Path:
    (tmp_path / "library").mkdir()
    return Path(shutil.copy(stocked, tmp_path / "library" / "glance.db"))


@pytest.fixture
def in_use(library: Path) -> Iterator[sqlite3.Connection]:
    """The library while an agent has it open, with something in its write-ahead log."""
    with closing(open_database(library)) as database:
        database.execute("UPDATE artworks SET title = 'In the log' WHERE title = 'Red Field'")
        yield database.conn


def titles(path: Path) -> set[str]:
    with look_into(path) as database:
        return {row[0] for row in database.execute("SELECT title FROM artworks")}


def test_a_library_at_rest_stays_as_it_is(library: Path) -> None:
    before = tree(library.parent)
    assert "Red Field" in titles(library)
    assert tree(library.parent) == before


def test_what_a_running_agent_has_written_is_seen(
    library: Path, in_use: sqlite3.Connection
) -> None:
    names = set(tree(library.parent))
    assert "In the log" in titles(library)
    assert set(tree(library.parent)) == names
    in_use.execute("UPDATE artworks SET title = 'Written after' WHERE title = 'In the log'")


def test_a_copy_with_its_log_alone_is_read_whole(
    library: Path, in_use: sqlite3.Connection, tmp_path: Path
) -> None:
    copies = tmp_path / "copies"
    copies.mkdir()
    for name in ("glance.db", "glance.db-wal"):
        shutil.copy(library.with_name(name), copies)
    before = tree(copies)
    assert "In the log" in titles(copies / "glance.db")
    assert tree(copies) == before


def test_where_there_is_no_library_an_empty_one_is_looked_at(tmp_path: Path) -> None:
    with look_into(tmp_path / "deep" / "glance.db") as database:
        assert Library(database).count() == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [path.name for path in sorted(OLD.glob("*.db"))])
def test_an_older_library_is_read_as_today_and_left_as_it_was(tmp_path: Path, name: str) -> None:
    path = Path(shutil.copy(OLD / name, tmp_path))
    before = tree(tmp_path)
    with look_into(path) as database:
        assert Library(database).count() > 0
    assert tree(tmp_path) == before


def test_what_is_noted_meanwhile_is_forgotten(library: Path) -> None:
    before = tree(library.parent)
    with look_into(library) as database:
        spaces = Spaces(database)
        spaces.answer_with(Answering("another", "model"))
        assert spaces.answering() == Answering("another", "model")
    assert tree(library.parent) == before


def test_nothing_else_can_be_written(library: Path) -> None:
    with look_into(library) as database, pytest.raises(StoreError, match="readonly"):
        database.execute("UPDATE artworks SET title = ''")


def test_what_is_no_library_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    path.write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match="cannot be opened"), look_into(path):
        pass
