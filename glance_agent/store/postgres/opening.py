"""Opening a library in PostgreSQL, for this agent alone or to be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.postgres.connection import (
    SCHEMA,
    Driver,
    PostgresConnection,
    PostgresDatabase,
    connected,
    translating,
)
from glance_agent.store.postgres.schema import bring_up_to_date, check_version

_ONE_AGENT: Final = 0x676C6E6361676E74
"""The advisory lock of the agent that runs with a library: “glncagnt”."""


def open_postgres(place: PostgresPlace, *, durable: bool = True) -> PostgresDatabase:
    """The library of this address, its tables made or brought up to date.

    Where nothing need be `durable`, what was written last may be lost with the server's machine.
    The connection may be handed to another thread, but only one may use it at a time. Raises
    StoreError.
    """
    connection = PostgresConnection(lambda: connected(place, durable=durable))
    try:
        bring_up_to_date(connection)
    except StoreError as error:
        connection.close()
        raise cannot_be_opened(place, error) from error
    except BaseException:
        connection.close()
        raise
    return PostgresDatabase(connection)


def cannot_be_opened(place: PostgresPlace, error: StoreError) -> StoreError:
    """Why a library is of no use, in a sentence that names its place without a password."""
    if error.trouble is Trouble.UNUSABLE:
        return error
    said = f"The library {place} cannot be opened: {error}"
    return StoreError(said, trouble=error.trouble)


@contextmanager
def look_into_postgres(place: PostgresPlace) -> Iterator[PostgresDatabase]:
    """The library for whoever only looks: what is written there is undone at the end.

    Raises StoreError where it cannot be read, or is of an older version.
    """
    connection = PostgresConnection(lambda: connected(place, also=_only_look), only_looks=True)
    try:
        try:
            check_version(connection)
        except StoreError as error:
            raise cannot_be_opened(place, error) from error
        yield PostgresDatabase(connection)
    finally:
        connection.close()


def _only_look(driver: Driver) -> None:
    """Let a connection change nothing but `facts`, which are its own: a temporary table of the same
    name comes first."""
    made = driver.execute(f"SELECT to_regclass('{SCHEMA}.facts')").fetchone()
    if made and made[0]:
        driver.execute("CREATE TEMP TABLE facts (name text PRIMARY KEY, value text NOT NULL)")
        driver.execute(f"INSERT INTO pg_temp.facts SELECT name, value FROM {SCHEMA}.facts")
    driver.execute("SET default_transaction_read_only = on")


class PostgresClaim:
    """That no other agent runs with a library, for as long as its connection lives."""

    instance: str | None = None

    def settle(self, place: object, instance: str) -> str | None:
        """Nothing has to be remembered of a library that no file is."""


@contextmanager
def claimed_postgres(place: PostgresPlace) -> Iterator[PostgresClaim]:
    """The library for this agent alone. Raises StoreError where another one runs with it."""
    try:
        driver = connected(place)
    except StoreError as error:
        raise cannot_be_opened(place, error) from error
    try:
        _claim(driver, place)
        yield PostgresClaim()
    finally:
        with suppress(psycopg.Error):
            driver.close()


def _claim(driver: Driver, place: PostgresPlace) -> None:
    with translating(PostgresConnection(lambda: driver)):
        taken = driver.execute(f"SELECT pg_try_advisory_lock({_ONE_AGENT})").fetchone()
    if taken is None or not taken[0]:
        raise StoreError(
            f"Another agent is running with the library {place}. Stop that one first, or "
            "give this one a library of its own with library.url.",
            trouble=Trouble.BUSY,
        )
