"""A connection to a library in PostgreSQL: it speaks as SQLite's does, and comes back by itself.

One writer at a time, as in SQLite: every transaction that writes first takes the row of `written`,
whose number is that of the write. So changes are numbered in the order in which they are kept, and
whoever has read up to one has missed none before it.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.said import say
from glance_agent.store.postgres.errors import said_of
from glance_agent.store.postgres.line import Driver
from glance_agent.store.postgres.statements import is_reading, translated

AGAIN_SECONDS = 1.0
"""So long a server that did not answer is not asked again: who asks meanwhile is told at once."""
ROWS_AT_ONCE = 1_000
_WRITE = "UPDATE written SET number = number + 1, by = pg_current_xact_id() RETURNING number"


class PostgresConnection:
    """What a library's database is reached by; one thread at a time."""

    path = None

    def __init__(self, connect: Callable[[], Driver], *, only_looks: bool = False) -> None:
        """`connect` makes a connection of the driver, now and whenever one has broken. Where it
        `only_looks`, it takes no turn among those who write."""
        self._connect = connect
        self._write = None if only_looks else _WRITE
        self._driver: Driver | None = None
        self._closing = threading.Lock()
        self._closed = False
        self._failed: tuple[float, StoreError] | None = None
        self.damage: str | None = None
        """What was said when damage was met first."""
        self.unreadable: set[str] = set()
        """The parts of the library that could not be read, as people call them."""
        self.in_transaction = False
        self._number = 0
        self._known = -1
        self._version = 0

    @property
    def place(self) -> None:
        """Which file was opened: none."""

    def check_place(self) -> None:
        """Nobody replaces a database under an open connection."""

    # -- statements ---------------------------------------------------------------------------

    def execute(self, sql: str, parameters: Any = None) -> Any:
        """A cursor over what a statement gives; a write is kept at once, unless a transaction is
        open. Raises StoreError."""
        if self.in_transaction:
            return self._done(sql, parameters)
        if is_reading(sql):
            return self._again(lambda: self._done(sql, parameters))
        self.begin()
        try:
            cursor = self._done(sql, parameters)
            self.commit()
        except BaseException:
            self.rollback()
            raise
        return cursor

    def executemany(self, sql: str, rows: Sequence[Any]) -> None:
        """One statement for many rows, in an open transaction. Raises StoreError."""
        said = translated(sql)
        with translating(self), self.driver().cursor() as cursor:
            cursor.executemany(said.sql, [_in_order(said.values, row) for row in rows])

    def unfollowed(self, sql: str, parameters: Any = None) -> list[Any]:
        """The rows of a statement that changes only what nobody follows: it waits for no turn.
        Raises StoreError."""
        cursor = self._done(sql, parameters)
        with translating(self):
            return cursor.fetchall() if cursor.description else []

    def stream(self, sql: str, parameters: Any) -> Iterator[Any]:
        """The rows of a statement, some at a time however many they are. Raises StoreError."""
        said = translated(sql)
        driver = self.driver()
        own = not self.in_transaction
        with translating(self):
            if own:
                driver.execute("BEGIN READ ONLY")
            try:
                with driver.cursor("rows") as cursor:
                    cursor.itersize = ROWS_AT_ONCE
                    cursor.execute(said.sql, _in_order(said.values, parameters))
                    yield from cursor
            finally:
                if own:
                    with suppress(psycopg.Error):
                        driver.execute("ROLLBACK")

    def begin(self) -> None:
        """Open a transaction in which nobody else may write. Raises StoreError."""
        self._again(self._begin)

    def begin_reading(self) -> None:
        """Open a transaction that sees one moment, and can only look. Raises StoreError."""
        self._again(self._begin_reading)

    def commit(self) -> None:
        """Keep what was written. Raises StoreError: then it may be kept or not, if the connection
        broke just then."""
        if not self.in_transaction:
            return
        with translating(self):
            self.driver().execute("COMMIT")
        self.in_transaction = False
        # Where another connection wrote in between, that is still to be found out.
        self._known = self._number if self._number == self._known + 1 else -1

    def rollback(self) -> None:
        """Undo what was written since the transaction was opened."""
        if not self.in_transaction:
            return
        self.in_transaction = False
        with suppress(psycopg.Error):
            if self._driver is not None:
                self._driver.execute("ROLLBACK")

    def data_version(self) -> int:
        """A number that changes when another connection commits."""
        number = int(self.execute("SELECT number FROM written").fetchone()[0])
        if self.in_transaction and number == self._number:
            return self._version
        if number != self._known:
            self._known, self._version = number, self._version + 1
        return self._version

    def close(self) -> None:
        """End the connection for good, from whichever thread."""
        with self._closing:
            self._closed = True
            if self._driver is not None:
                self._driver.close()

    # -- the driver ---------------------------------------------------------------------------

    def driver(self) -> Driver:
        """The connection of the driver, made anew where it has broken. Raises StoreError."""
        if self._driver is not None and not self._driver.closed:
            if self.in_transaction or not self._driver.suspect:
                return self._driver
            self._driver.close()
        if self.in_transaction:
            raise StoreError(
                say("The connection to the database broke."), trouble=Trouble.UNREACHABLE
            )
        if self._failed and time.monotonic() - self._failed[0] < AGAIN_SECONDS:
            raise self._failed[1]
        try:
            driver = self._connect() if not self._closed else None
        except StoreError as error:
            if not error.told:  # else whoever watches over the server knows when it is back
                self._failed = time.monotonic(), error
            raise
        self._failed = None
        with self._closing:  # whoever closed it meanwhile would never see this one
            if self._closed or driver is None:
                if driver is not None:
                    driver.close()
                raise StoreError(say("The library was closed."), trouble=Trouble.UNREACHABLE)
            self._driver = driver
        return driver

    def _done(self, sql: str, parameters: Any) -> Any:
        said = translated(sql)
        with translating(self):
            return self.driver().execute(said.sql, _in_order(said.values, parameters))

    def _begin(self) -> None:
        driver = self.driver()
        with translating(self):
            driver.execute("BEGIN")
            try:
                row = driver.execute(self._write).fetchone() if self._write else None
            except psycopg.Error:
                with suppress(psycopg.Error):
                    driver.execute("ROLLBACK")
                raise
        self._number = int(row[0]) if row else 0
        self.in_transaction = True

    def _begin_reading(self) -> None:
        with translating(self):
            self.driver().execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        self.in_transaction = True

    def _again(self, step: Callable[[], Any]) -> Any:
        """What a step gives that changes nothing; tried twice where the connection had broken
        since it was used last."""
        known = self._driver
        try:
            return step()
        except StoreError as error:
            broken = known is not None and known is self._driver and known.closed
            if error.trouble is not Trouble.UNREACHABLE or not broken:
                raise
        return step()


@contextmanager
def translating(connection: PostgresConnection) -> Iterator[None]:
    """Within it, what befalls the library is a StoreError; a mistake in our SQL stays one."""
    try:
        yield
    except psycopg.Error as error:
        if (said := said_of(error)) is None:
            raise
        if said.trouble is Trouble.DAMAGED:
            connection.damage = connection.damage or str(said)
        raise said from error


def _in_order(values: Sequence[int | str], parameters: Any) -> list[Any]:
    """The values of a statement as `$1`, `$2`, …"""
    return [parameters[value] for value in values] if values else []
