"""The tables of a library in PostgreSQL are made, and brought up to date.

Migrations are named as there, so that a library tells its version in the same words in both. What
there was when the first library came to PostgreSQL is made at once; what comes later, step by step.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from typing import Final

from glance_agent.domain.errors import StoreError
from glance_agent.domain.said import say
from glance_agent.store.looks import BANDS, RATIO
from glance_agent.store.postgres.connection import PostgresConnection, translating
from glance_agent.store.postgres.functions import FUNCTIONS
from glance_agent.store.postgres.line import SCHEMA, Driver
from glance_agent.store.postgres.statements import translated
from glance_agent.store.postgres.tables import TABLES, TRIGGERS, WRITTEN
from glance_agent.store.schema import NAMES

BASELINE: Final = "m029_counted"
"""All migrations up to this one are in the tables that are made at first."""
LATER: Final[Mapping[str, str]] = {
    # Nobody follows leases: whoever takes one needs no turn among those who write.
    "m030_work_leases": """
CREATE TABLE work_leases (
  space TEXT NOT NULL, artwork_id TEXT NOT NULL, holder TEXT NOT NULL,
  until double precision NOT NULL, PRIMARY KEY (space, artwork_id)
);
-- The time of this server, the same for all who ask.
CREATE FUNCTION julianday(text) RETURNS double precision LANGUAGE sql VOLATILE AS
  'SELECT extract(epoch FROM clock_timestamp())::double precision / 86400 + 2440587.5';
""",
    "m031_display_leases": """
CREATE TABLE display_leases (
  name TEXT PRIMARY KEY, agent TEXT NOT NULL, place TEXT NOT NULL, run TEXT NOT NULL,
  title TEXT NOT NULL, until double precision NOT NULL
);
CREATE TABLE agents (
  run TEXT PRIMARY KEY, agent TEXT NOT NULL, title TEXT NOT NULL, wants TEXT NOT NULL,
  until double precision NOT NULL
);
""",
    "m032_kept_back_changes": """
DROP TRIGGER artworks_changed ON artworks;
CREATE TRIGGER artworks_changed AFTER UPDATE ON artworks FOR EACH ROW WHEN (
  (new.source, new.artist, new.date, new.year_from, new.year_to, new.medium, new.width, new.height,
   new.id, new.hidden, new.unusable, new.twin_of, new.on_request)
  IS DISTINCT FROM
  (old.source, old.artist, old.date, old.year_from, old.year_to, old.medium, old.width, old.height,
   old.id, old.hidden, old.unusable, old.twin_of, old.on_request)
) EXECUTE FUNCTION note_artwork();
CREATE FUNCTION note_copies() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    PERFORM note_work(id) FROM artworks WHERE twin_of = old.id;
  END IF;
  IF TG_OP = 'DELETE' THEN
    PERFORM note_work(old.id);  -- by the last number is known whether works are kept back
  ELSE
    PERFORM note_work(id) FROM artworks WHERE twin_of = new.id;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER originals_added AFTER INSERT OR DELETE ON artworks
  FOR EACH ROW EXECUTE FUNCTION note_copies();
CREATE TRIGGER originals_changed AFTER UPDATE ON artworks FOR EACH ROW WHEN (
  (new.id, new.hidden, new.unusable) IS DISTINCT FROM (old.id, old.hidden, old.unusable)
) EXECUTE FUNCTION note_copies();
""",
}
"""What each later migration does in PostgreSQL, by its name; empty where it is SQLite's alone."""
_ONE_AT_A_TIME = 0x676C616E
"""The advisory lock of whoever makes the tables: “glan”."""


def bring_up_to_date(connection: PostgresConnection) -> None:
    """Make the tables, or bring older ones up to date. Raises StoreError; also where a newer
    version has made them."""
    if _applied(connection) == {*NAMES}:
        return
    driver = connection.driver()
    with translating(connection), driver.working(), driver.transaction():
        one_at_a_time(driver)
        applied = _applied(connection)
        _refuse_newer(applied)
        if not applied:
            _make(driver)
            applied = {*NAMES[: NAMES.index(BASELINE) + 1]}
            _note(driver, sorted(applied))
        for name in [name for name in NAMES if name not in applied]:
            if change := LATER[name]:
                driver.execute(_typed(change))
            _note(driver, [name])


def one_at_a_time(driver: Driver) -> None:
    """Be the only one that makes tables until the transaction ends."""
    driver.execute(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})")


def check_version(connection: PostgresConnection) -> None:
    """Raises StoreError where there are no tables of this version."""
    applied = _applied(connection)
    if not applied:
        raise StoreError(
            say(
                "There is no library in the database of library.url yet; glance-agent run and "
                "glance-agent ingest make it."
            )
        )
    _refuse_newer(applied)
    if applied != {*NAMES}:
        raise StoreError(
            say(
                "The library was written by an older version of glance-agent; glance-agent run "
                "brings it up to date."
            )
        )


def _refuse_newer(applied: set[str]) -> None:
    if newer := applied.difference(NAMES):
        raise StoreError(
            say(
                "The library was written by a newer version of glance-agent ({version}). Install "
                "that version, or choose another library.url.",
                version=max(newer),
            )
        )


def _applied(connection: PostgresConnection) -> set[str]:
    """The migrations that were applied; none where there are no tables yet."""
    with translating(connection):
        driver = connection.driver()
        made = driver.execute(f"SELECT to_regclass('{SCHEMA}.migrations')").fetchone()
        if made is None or made[0] is None:
            return set()
        return {row[0] for row in driver.execute("SELECT name FROM migrations").fetchall()}


def _make(driver: Driver) -> None:
    execute = driver.execute
    execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    # Functions name tables that are not there yet, and indexes call functions.
    execute("SET LOCAL check_function_bodies = off")
    execute(FUNCTIONS)
    execute(_typed(TABLES))
    for number, band in enumerate(BANDS):
        indexed = translated(f"(({band}), ({RATIO})) WHERE look IS NOT NULL").sql
        execute(f"CREATE INDEX artworks_look_{number} ON artworks {indexed}")
    # Whoever writes, by whatever program, names no schema within them.
    execute(TRIGGERS.replace("plpgsql AS", "plpgsql SET search_path FROM CURRENT AS"))
    for table in WRITTEN:
        execute(
            f"CREATE TRIGGER a_turn BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION take_turn()"
        )
    execute("INSERT INTO facts VALUES ('instance_id', $1)", [secrets.token_hex(6)])


def _typed(tables: str) -> str:
    """Text that is compared and put in order as SQLite does: by its bytes."""
    return tables.replace(" TEXT", ' text COLLATE "C"')


def _note(driver: Driver, names: Iterable[str]) -> None:
    for name in names:
        driver.execute("INSERT INTO migrations (name) VALUES ($1)", [name])
