"""Every call into SQLite goes through one place, which says what has befallen the file."""

from __future__ import annotations

import ast
import errno
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.store import sqlite, sqlite_errors
from glance_agent.store.connection import open_database
from glance_agent.store.sqlite import connect
from glance_agent.store.sqlite_errors import error_of, trouble_of
from tests.source_code import nodes

HARMLESS = {"setinputsizes", "setoutputsize", "close"}
"""What a cursor has that never reaches the file."""
LASTING = {
    "backup", "commit", "rollback", "cursor", "execute", "executemany", "executescript", "close",
}  # fmt: skip
"""What a connection has that reaches the file; the rest is settings of the connection."""


def importing(module: str) -> Iterator[Path]:
    """The files that import a module, wherever in them."""
    for path, node in nodes(module):
        plainly = isinstance(node, ast.Import) and module in [name.name for name in node.names]
        if plainly or (isinstance(node, ast.ImportFrom) and node.module == module):
            yield path


def test_nobody_else_knows_the_driver() -> None:
    assert {*importing("sqlite3")} == {Path(sqlite.__file__), Path(sqlite_errors.__file__)}


def test_no_database_is_made_but_of_a_translating_connection() -> None:
    making = {
        (path.name, ast.unparse(node))
        for path, node in nodes("SqliteDatabase")
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "SqliteDatabase"
    }
    assert making
    given = ("connection)", "connect(", "connect_nowhere())", "db.conn)")
    translating = tuple(f"SqliteDatabase({how}" for how in given)
    assert not {made for made in making if not made[1].startswith(translating)}


def test_a_cursor_translates_all_that_it_does() -> None:
    calls = {name for name in dir(sqlite3.Cursor) if callable(getattr(sqlite3.Cursor, name))}
    own = {name for name in calls if not name.startswith("_")} | {"__next__"}
    assert own - HARMLESS <= set(vars(sqlite.Cursor))


def test_a_connection_translates_all_that_reaches_the_file() -> None:
    assert set(vars(sqlite.Connection)) >= LASTING


def raised(code: int, words: str = "words of SQLite") -> sqlite3.OperationalError:
    error = sqlite3.OperationalError(words)
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("error", "trouble"),
    [
        (raised(sqlite3.SQLITE_BUSY_SNAPSHOT), Trouble.BUSY),
        (raised(sqlite3.SQLITE_INTERRUPT), Trouble.LATE),
        (raised(sqlite3.SQLITE_FULL), Trouble.FULL),
        (raised(sqlite3.SQLITE_READONLY_DBMOVED), Trouble.UNWRITABLE),
        (raised(sqlite3.SQLITE_CANTOPEN_ISDIR), Trouble.UNREACHABLE),
        (raised(sqlite3.SQLITE_IOERR_WRITE), Trouble.FAILING),
        (raised(sqlite3.SQLITE_CORRUPT_VTAB), Trouble.DAMAGED),
        (raised(sqlite3.SQLITE_ERROR, "vtable constructor failed: artworks_fts"), Trouble.DAMAGED),
        (sqlite3.OperationalError("Could not decode to UTF-8 column 'x'"), Trouble.DAMAGED),
        (raised(sqlite3.SQLITE_ERROR, "no such column: x"), None),
        (raised(sqlite3.SQLITE_CONSTRAINT_UNIQUE), None),
    ],
)
def test_each_error_is_what_it_is(error: sqlite3.Error, trouble: Trouble | None) -> None:
    assert trouble_of(error) is trouble


def test_reading_row_by_row_is_translated_too(tmp_path: Path) -> None:
    path = tmp_path / "glance.db"
    open_database(path).close()
    with closing(connect(path)) as connection:
        cursor = connection.execute("SELECT 1 UNION SELECT CAST(x'ff' AS TEXT)")
        with pytest.raises(StoreError, match="damaged"):
            list(cursor)
    assert connection.damage


def test_a_mistake_in_our_sql_stays_one(tmp_path: Path) -> None:
    with (
        closing(open_database(tmp_path / "glance.db")) as db,
        pytest.raises(sqlite3.OperationalError, match="no such table"),
    ):
        db.execute("SELECT * FROM paintings")


@pytest.mark.parametrize(
    ("number", "trouble"), [(errno.EROFS, Trouble.READ_ONLY), (errno.EIO, Trouble.FAILING)]
)
def test_a_disk_that_can_only_be_read_now_is_said_to_be_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, trouble: Trouble
) -> None:
    """Linux makes a disk with errors so; SQLite knows only of a write that failed."""

    def refused(**_: object) -> None:
        raise OSError(number, "")

    monkeypatch.setattr(sqlite_errors, "TemporaryFile", refused)
    said = error_of(raised(sqlite3.SQLITE_IOERR_WRITE), tmp_path / "glance.db")
    assert said is not None
    assert said.trouble is trouble
    assert ("can only be read" in str(said)) == (trouble is Trouble.READ_ONLY)
