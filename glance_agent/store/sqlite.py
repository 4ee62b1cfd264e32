"""Every call into SQLite: what befalls the library's file is a StoreError, whoever called.

The connection and its cursors translate by themselves, so that no statement, no row and no
commit can go round it. A mistake in our own SQL stays what it is.
"""

from __future__ import annotations

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial, wraps
from itertools import chain
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, ParamSpec, TypeVar
from urllib.parse import quote
from weakref import WeakSet

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.said import say

BUSY_TIMEOUT_SECONDS = 10.0
NO_ROOM_BYTES = 1_000_000
"""Where less than this is free, a file that could not grow is a disk that is full."""

_P = ParamSpec("_P")
_R = TypeVar("_R")

_TROUBLE = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_INTERRUPT: Trouble.LATE,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.UNWRITABLE,
    sqlite3.SQLITE_PERM: Trouble.UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNREACHABLE,
    sqlite3.SQLITE_IOERR: Trouble.FAILING,
    sqlite3.SQLITE_PROTOCOL: Trouble.FAILING,
    sqlite3.SQLITE_NOMEM: Trouble.FAILING,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_FORMAT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
}
ADVICE = {
    Trouble.BUSY: say("another program is writing it; try again in a moment"),
    Trouble.LATE: say("reading it took too long; ask for less, or try again in a moment"),
    Trouble.FULL: say("the disk is full; make room"),
    Trouble.UNWRITABLE: say("it may not be written; check who owns it and its folder"),
    Trouble.READ_ONLY: say("its disk can only be read now; the system's log (dmesg) says why"),
    Trouble.UNREACHABLE: say("check library.path, and who may write there"),
    Trouble.FAILING: say("the disk reports errors"),
    Trouble.DAMAGED: say("it is damaged; restore a backup, or move it away and ingest anew"),
}
_DISK_TELLS_MORE = (Trouble.FAILING, Trouble.UNWRITABLE, Trouble.UNREACHABLE)
ROWS_AT_ONCE = 256
_READING = ("SELECT", "PRAGMA")
_FIRST_WORD = max(map(len, _READING))
_DAMAGE_IN_WORDS = ("vtable constructor failed", "Could not decode to UTF-8", "fts5: corrupt")
"""How SQLite and Python say damage where they give no code of their own for it."""


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


def trouble_of(error: sqlite3.Error) -> Trouble | None:
    """What has befallen the file by this error; None where the statement is at fault."""
    code = getattr(error, "sqlite_errorcode", None)
    found = _TROUBLE.get((code or 0) & 0xFF)
    if found is None and any(words in str(error) for words in _DAMAGE_IN_WORDS):
        return Trouble.DAMAGED
    return found


@contextmanager
def legible() -> Iterator[None]:
    """Within it, a stored value that cannot be understood is damage: a StoreError says so."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        said = say("a value in it makes no sense: {advice}.", advice=ADVICE[Trouble.DAMAGED])
        raise StoreError(said, trouble=Trouble.DAMAGED) from error


def _said(error: sqlite3.Error, path: Path | None) -> StoreError | None:
    """The error as the house knows it: SQLite's own words, and what to do about it."""
    trouble = trouble_of(error)
    if trouble is None:
        return None
    if trouble in _DISK_TELLS_MORE and path is not None:
        trouble = _of_disk(path, trouble)
    return StoreError(say("{why}: {advice}.", why=error, advice=ADVICE[trouble]), trouble=trouble)


def _of_disk(path: Path, trouble: Trouble) -> Trouble:
    """What has befallen the whole disk, which SQLite knows only as one thing that failed."""
    if trouble is Trouble.FAILING and _no_room(path):
        return Trouble.FULL
    return Trouble.READ_ONLY if _is_read_only(path) else trouble


def _is_read_only(path: Path) -> bool:
    """Whether nothing at all may be written there: a system that finds errors on a disk sees to
    that, and not all of them say so of the mount."""
    try:
        with TemporaryFile(dir=path.absolute().parent):
            return False
    except OSError as error:
        return error.errno == errno.EROFS


def _no_room(path: Path) -> bool:
    """Whether the disk is full: SQLite says so of one write that fails, not of every one."""
    try:
        return shutil.disk_usage(path.absolute().parent).free < NO_ROOM_BYTES
    except OSError:
        return False


@contextmanager
def _translating(path: Path | None) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        if (said := _said(error, path)) is None:
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
    said = _said(error, connection.path)
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
