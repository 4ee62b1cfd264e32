"""Reading apart from writing: connections that can only look, beside the one that writes.

Whoever reads here waits for no writer and no writer waits for it (sqlite.org/wal.html). What is
read within one block is of one moment. It has to be over soon: as long as it lasts, the log of
writes cannot be emptied, so that a reading which takes too long is ended.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.store.connection import cannot_be_opened
from glance_agent.store.database import Database
from glance_agent.store.sqlite import Connection, connect
from glance_agent.store.sqlite_database import SqliteDatabase

AT_ONCE = 2
"""How many readings there may be at a time; each needs a connection with a cache of its own."""
MOST_SECONDS = 3.0
_STEPS = 4_000
"""After how many steps of SQLite's machine the time is looked at: some hundred microseconds."""
_T = TypeVar("_T")


class _Desk(NamedTuple, Generic[_T]):
    """A connection, and what reads by it."""

    connection: Connection
    reader: _T


class Readings(Generic[_T]):
    """A library that is only looked at; safe to use from several threads."""

    def __init__(
        self,
        path: Path,
        reader: Callable[[Database], _T],
        *,
        damaged: Callable[[str], None] = lambda fault: None,
        seconds: float = MOST_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`reader` is made anew for each connection, `damaged` is told of damage that was met.

        One reading may take so many seconds by the clock.
        """
        self._path = path
        self._reader = reader
        self._damaged = damaged
        self._seconds = seconds
        self._clock = clock
        self._places = threading.Semaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._free: list[_Desk[_T]] = []
        self._closed = False

    @contextmanager
    def now(self) -> Iterator[_T]:
        """What reads the library as it is at this moment, within the block and no longer.

        Raises StoreError where the file stands in the way, and where reading takes too long.
        """
        with self._places:
            desk = self._taken()
            fault: str | None = None
            sound = False
            try:
                until = self._clock() + self._seconds
                desk.connection.set_progress_handler(lambda: self._clock() > until, _STEPS)
                # A file that is no longer the one that was opened is found out by this.
                desk.connection.execute("BEGIN")
                yield desk.reader
                sound = True
            except StoreError as error:
                sound = error.trouble is Trouble.LATE
                fault = str(error) if error.trouble is Trouble.DAMAGED else None
                raise
            finally:
                self._give_back(desk, sound=sound, fault=fault)

    def close(self) -> None:
        """Close every connection; one that is in use is closed when its reading is over."""
        with self._lock:
            self._closed = True
            free, self._free = self._free, []
        for desk in free:
            desk.connection.close()

    def _taken(self) -> _Desk[_T]:
        with self._lock:
            if self._free:
                return self._free.pop()
        try:
            connection = connect(self._path, how="mode=ro")
            try:
                connection.execute("PRAGMA query_only=ON")
                connection.remember_place()
                connection.let_go_of_rows()
                return _Desk(connection, self._reader(SqliteDatabase(connection)))
            except BaseException:
                connection.close()
                raise
        except (OSError, StoreError) as error:
            raise cannot_be_opened(self._path, error) from error

    def _give_back(self, desk: _Desk[_T], *, sound: bool, fault: str | None) -> None:
        """End the reading; the connection stays open for the next one where nothing befell it."""
        connection = desk.connection
        connection.set_progress_handler(None, 0)
        with suppress(StoreError):
            connection.let_go_of_rows()
            connection.rollback()
        if fault := connection.damage or fault:
            self._damaged(fault)
        with self._lock:
            if sound and not self._closed and not (fault or connection.unreadable):
                self._free.append(desk)
                return
        connection.close()
