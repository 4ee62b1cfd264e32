"""Every call into SQLite: what befalls the library's file is a StoreError, whoever called.

The connection and its cursors translate by themselves, so that no statement, no row and no
commit can go round it. A mistake in our own SQL stays what it is.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from itertools import chain
from pathlib import Path
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote
from weakref import WeakSet

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.said import say
from glance_agent.store.sqlite_errors import error_of

BUSY_TIMEOUT_SECONDS = 10.0
_P = ParamSpec("_P")
_R = TypeVar("_R")
ROWS_AT_ONCE = 256
_READING = ("SELECT", "PRAGMA")
_FIRST_WORD = max(map(len, _READING))


@dataclass(frozen=True, slots=True)
class DatabasePlace:
    """Which file a path means, by the numbers that its file system gives it."""

    device: int
    inode: int


def connect(path: Path, *, how: str = "mode=rwc") -> Connection:
    """A connection whose calls raise StoreError, which waits BUSY_TIMEOUT_SECONDS for others.

    `how` are parameters of SQLite (sqlite.org/uri.html): `mode=ro`, `immutable=1`, …
    """
    with _translating(path):
        connection = sqlite3.connect(
            f"file:{quote(os.fsencode(path.absolute()))}?{how}",
            uri=True,
            timeout=BUSY_TIMEOUT_SECONDS,
            check_same_thread=False,
            factory=Connection,
        )
    connection.path = path
    return connection


def connect_nowhere() -> Connection:
    """The same for an empty database in memory."""
    return sqlite3.connect(":memory:", check_same_thread=False, factory=Connection)


@contextmanager
def _translating(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if (said := error_of(error, path)) is None:
            raise
        raise said from error


def _translated(call: Callable[_P, _R]) -> Callable[_P, _R]:
    """The same method of a connection or a cursor, raising StoreError."""

    @wraps(call)
    def translated(*arguments: _P.args, **named: _P.kwargs) -> _R:
        try:
            return call(*arguments, **named)
        except sqlite3.Error as error:
            owner: Any = arguments[0]
            if (said := _said_of(owner, error)) is None:
                raise
            raise said from error

    return translated


def _said_of(owner: sqlite3.Cursor | sqlite3.Connection, error: sqlite3.Error) -> StoreError | None:
    """The error of a connection or a cursor as the house knows it; remembers damage."""
    connection: Any = owner.connection if isinstance(owner, sqlite3.Cursor) else owner
    said = error_of(error, connection.path)
    if said is not None and said.trouble is Trouble.DAMAGED:
        connection.damage = connection.damage or str(error)
    return said


def _replaced(path: Path, what: str) -> StoreError:
    return StoreError(
        say(
            "The library {path} was {what} while it was open. Nothing more is "
            "written, since it would be lost; started again, glance-agent opens "
            "what is there.",
            path=path,
            what=what,
        ),
        trouble=Trouble.REPLACED,
    )


def _reads(sql: str) -> bool:
    return sql.lstrip()[:_FIRST_WORD].upper().startswith(_READING)


class Cursor(sqlite3.Cursor):
    """A cursor whose statements and rows raise StoreError."""

    def execute(self, sql: str, *parameters: Any) -> Any:
        """One statement; none that begins to write where the file is no longer the one opened."""
        connection: Any = self.connection
        if not connection.in_transaction and not _reads(sql):
            connection.check_place()
        try:
            return super().execute(sql, *parameters)
        except sqlite3.Error as error:
            if (said := _said_of(self, error)) is None:
                raise
            raise said from error

    executemany = _translated(sqlite3.Cursor.executemany)
    executescript = _translated(sqlite3.Cursor.executescript)
    fetchone = _translated(sqlite3.Cursor.fetchone)
    fetchmany = _translated(sqlite3.Cursor.fetchmany)
    fetchall = _translated(sqlite3.Cursor.fetchall)

    @_translated
    def __next__(self) -> Any:
        return super().__next__()

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """The rows, some at a time: a call that translates costs as much as reading a row."""
        return chain.from_iterable(iter(partial(self.fetchmany, ROWS_AT_ONCE), []))


class Connection(sqlite3.Connection):
    """A connection whose every use raises StoreError where the file stands in the way."""

    path: Path | None = None

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self.damage: str | None = None
        """What was said when damage was met first, until it is mended."""
        self.unreadable: set[str] = set()
        """The parts of the library that could not be read, as people call them."""
        self._place: DatabasePlace | None = None
        self._cursors: WeakSet[Cursor] | None = None

    @property
    def place(self) -> DatabasePlace | None:
        """Which file was opened; None until that is remembered."""
        return self._place

    def remember_place(self) -> None:
        """From now on nothing is written unless the path still means this file."""
        found = (self.path or Path()).stat()
        self._place = DatabasePlace(found.st_dev, found.st_ino)

    def check_place(self) -> None:
        """Raises StoreError where the path means another file now, or none.

        What is written then goes into a file that nobody will ever open again.
        """
        if self._place is None or self.path is None:
            return
        try:
            found = self.path.stat()
        except FileNotFoundError:
            raise _replaced(self.path, say("deleted")) from None
        except OSError:
            # Nobody can say: a share that does not answer now is no other file.
            return
        if DatabasePlace(found.st_dev, found.st_ino) != self._place:
            raise _replaced(self.path, say("replaced by another file"))

    def cursor(self, factory: Any = Cursor) -> Any:
        """A translating cursor."""
        cursor = super().cursor(factory)
        if self._cursors is not None:
            self._cursors.add(cursor)
        return cursor

    def let_go_of_rows(self) -> None:
        """End what was asked since this was called first: rows that nobody has read to their end
        keep a moment of the file in use, and with it the log of all that is written since.
        """
        for cursor in self._cursors or ():
            cursor.close()
        self._cursors = WeakSet()

    def execute(self, *statement: Any) -> Any:
        """One statement in a cursor of its own."""
        return self.cursor().execute(*statement)

    def executemany(self, *statement: Any) -> Any:
        """One statement for many rows, in a cursor of its own."""
        return self.cursor().executemany(*statement)

    def executescript(self, *script: Any) -> Any:
        """Many statements, in a cursor of their own."""
        return self.cursor().executescript(*script)

    commit = _translated(sqlite3.Connection.commit)
    rollback = _translated(sqlite3.Connection.rollback)
    backup = _translated(sqlite3.Connection.backup)
    close = _translated(sqlite3.Connection.close)
