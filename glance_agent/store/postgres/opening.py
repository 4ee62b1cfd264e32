"""Opening a library in PostgreSQL, for this agent alone or to be read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glance_agent.domain.errors import StoreError
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.postgres.connection import PostgresConnection
from glance_agent.store.postgres.database import PostgresDatabase
from glance_agent.store.postgres.errors import cannot_be_opened
from glance_agent.store.postgres.line import SCHEMA, Driver, connected
from glance_agent.store.postgres.pgvector import make_searchable
from glance_agent.store.postgres.schema import bring_up_to_date, check_version


def open_postgres(place: PostgresPlace, *, durable: bool = True) -> PostgresDatabase:
    """The library of this address, its tables made or brought up to date; also what pgvector looks
    through, where it is asked for.

    Where nothing need be `durable`, what was written last may be lost with the server's machine.
    The connection may be handed to another thread, but only one may use it at a time. Raises
    StoreError.
    """
    connection = PostgresConnection(lambda: connected(place, durable=durable))
    try:
        bring_up_to_date(connection)
        if place.looks_through:
            make_searchable(connection)
    except StoreError as error:
        connection.close()
        raise cannot_be_opened(place, error) from error
    except BaseException:
        connection.close()
        raise
    return PostgresDatabase(connection)


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
