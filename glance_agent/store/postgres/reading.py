"""Reading a library in PostgreSQL beside its writer: from connections of psycopg's pool."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from psycopg_pool import ConnectionPool, PoolTimeout

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.database import Database
from glance_agent.store.postgres.connection import PostgresConnection
from glance_agent.store.postgres.database import PostgresDatabase
from glance_agent.store.postgres.errors import cannot_be_opened
from glance_agent.store.postgres.line import (
    CONNECT_SECONDS,
    Driver,
    connected,
    prepare,
    settings_of,
)
from glance_agent.store.postgres.watching import check_reach

# Whoever asks is told what is wrong; the pool would say the same of every attempt.
logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
LOOK_SECONDS = 1.0
"""How often whoever waits for a connection looks whether the server is known to be away."""
_T = TypeVar("_T")


class _Desk(Driver):
    """A connection of the driver, and what reads by it."""

    seat: PostgresConnection | None = None
    reader: Any = None


class PostgresReadings(Generic[_T]):
    """A library that is only looked at; safe to use from several threads."""

    def __init__(
        self,
        place: PostgresPlace,
        reader: Callable[[Database], _T],
        *,
        at_once: int,
        seconds: float,
        damaged: Callable[[str], None] = lambda fault: None,
    ) -> None:
        """`reader` is made anew for each connection, of which there are so many at a time;
        `damaged` is told of damage that was met. One statement may take so many seconds.
        """
        self._place = place
        self._reader = reader
        self._damaged = damaged
        self._seconds = seconds
        self._pool: ConnectionPool[_Desk] = ConnectionPool(
            place.url,
            connection_class=_Desk,
            kwargs=settings_of(place),
            min_size=0,
            max_size=at_once,
            configure=self._prepare,
            timeout=LOOK_SECONDS,
            open=False,
        )

    @contextmanager
    def now(self) -> Iterator[_T]:
        """What reads the library as it is at this moment, within the block and no longer.

        Raises StoreError where the database stands in the way, and where reading takes too long.
        """
        desk, connection = self._begun()
        try:
            yield desk.reader
        finally:
            connection.rollback()
            if connection.damage:
                self._damaged(connection.damage)
            self._pool.putconn(desk)

    def close(self) -> None:
        """Close every connection; one that is in use is closed when its reading is over."""
        self._pool.close(timeout=1.0)

    def _begun(self) -> tuple[_Desk, PostgresConnection]:
        """A connection in a reading; those that broke since they were used are thrown away."""
        left = self._pool.max_size
        while True:
            desk = self._taken()
            connection = self._seated(desk)
            try:
                connection.begin_reading()
            except StoreError as error:
                self._pool.putconn(desk)
                left -= 1
                if error.trouble is not Trouble.UNREACHABLE or left < 0:
                    raise
            else:
                return desk, connection

    def _taken(self) -> _Desk:
        self._pool.open()
        until = time.monotonic() + 2 * CONNECT_SECONDS
        while True:
            check_reach(self._place)
            try:
                return self._pool.getconn()
            except PoolTimeout:
                if time.monotonic() < until:
                    continue
            # The pool does not say why; whoever is refused again does.
            try:
                connected(self._place).close()
            except StoreError as error:
                raise cannot_be_opened(self._place, error) from error
            said = "Too much is read of the library at a time; try again in a moment."
            raise StoreError(said, trouble=Trouble.LATE) from None

    def _seated(self, desk: _Desk) -> PostgresConnection:
        if desk.seat is None:
            desk.seat = PostgresConnection(lambda: desk)
            desk.reader = self._reader(PostgresDatabase(desk.seat))
        return desk.seat

    def _prepare(self, desk: _Desk) -> None:
        desk.reach = self._place.reach
        desk.watched_by(desk.reach.watch)
        prepare(desk)
        # No statement takes so long that it is worth compiling.
        desk.execute(f"SET statement_timeout = {int(1_000 * self._seconds)}; SET jit = off")
