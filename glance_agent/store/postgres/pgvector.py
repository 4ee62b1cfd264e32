"""Vectors as pgvector looks through them: a table beside `embeddings`, which a trigger follows.

It is made where a configuration asks for it, and by no migration: a library is the same with it
and without. Whatever program writes an embedding, of whichever version, the trigger keeps it here
in the same transaction; what was there before is filled in some at a time. A number stands for one
vector for good, so that no row can be out of date.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from glance_agent.domain.errors import StoreError
from glance_agent.domain.said import say
from glance_agent.store.database import Database
from glance_agent.store.postgres.connection import PostgresConnection, translating
from glance_agent.store.postgres.line import SCHEMA, Driver
from glance_agent.store.postgres.schema import one_at_a_time

FILLED_AT_ONCE: Final = 500
"""So many vectors are filled in at a time: some tenths of a second."""
_INSTALL: Final = "CREATE EXTENSION vector SCHEMA public"
_UPDATE: Final = "ALTER EXTENSION vector UPDATE"
_HERE: Final = (
    "SELECT quote_ident(n.nspname), e.extversion, "
    "to_regtype(quote_ident(n.nspname) || '.halfvec') IS NOT NULL "
    "FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'vector'"
)
"""Where the extension's types are, its version, and whether it has the type that is needed."""
_AVAILABLE: Final = (
    "SELECT current_setting('server_version_num'), (SELECT bool_or((r.rolsuper OR v.trusted AND "
    "has_database_privilege(current_database(), 'CREATE')) "
    "AND has_schema_privilege('public', 'CREATE')) "
    "FROM pg_available_extension_versions v, pg_roles r "
    "WHERE v.name = 'vector' AND r.rolname = current_user)"
)
"""The version of the server, and whether this user may bring the extension in; NULL where the
server has none."""
_READY: Final = (
    "SELECT EXISTS (SELECT 1 FROM pg_attribute "
    f"WHERE attrelid = to_regclass('{SCHEMA}.search_vectors') "
    "AND attname = 'vector' AND NOT attisdropped) AND EXISTS (SELECT 1 FROM pg_trigger "
    f"WHERE tgrelid = to_regclass('{SCHEMA}.embeddings') AND tgname = 'looked_through')"
)
_BROKEN: Final = f"SELECT to_regclass('{SCHEMA}.search_vectors') IS NOT NULL"
_EMPTY: Final = (
    f"SELECT EXISTS (SELECT 1 FROM {SCHEMA}.embeddings) "
    f"AND NOT EXISTS (SELECT 1 FROM {SCHEMA}.search_vectors)"
)
_TABLES: Final = """
DROP TABLE IF EXISTS search_vectors CASCADE;
DROP FUNCTION IF EXISTS follow_embedding() CASCADE;
DROP FUNCTION IF EXISTS as_halfvec(bytea) CASCADE;

-- A row stays in its page: what lies elsewhere is found five times as slowly.
CREATE TABLE search_vectors (number bigint PRIMARY KEY, vector {x}.halfvec)
  WITH (toast_tuple_target = 8160);

-- The same numbers of 16 bits, which the library has with their low byte first; NULL for what is
-- no vector.
CREATE FUNCTION as_halfvec(kept bytea) RETURNS {x}.halfvec LANGUAGE plpgsql IMMUTABLE STRICT AS $$
BEGIN
  RETURN ARRAY(
    SELECT ((1 - (bits >> 14 & 2)) * 5.9604644775390625e-08::float8 * CASE bits & 31744
      WHEN 0 THEN bits & 1023
      ELSE (1024 + (bits & 1023))::bigint << ((bits >> 10 & 31) - 1) END)::real
    FROM (SELECT get_byte(kept, 2 * n) | (get_byte(kept, 2 * n + 1) << 8) AS bits
      FROM generate_series(0, (length(kept) - 1) / 2) n) AS halves
  )::{x}.halfvec;
EXCEPTION WHEN data_exception THEN
  RETURN NULL;
END $$;

-- By its owner's rights: whoever may write an embedding need not know of this table.
CREATE FUNCTION follow_embedding() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET search_path FROM CURRENT AS $$
BEGIN
  IF TG_OP <> 'INSERT' THEN
    DELETE FROM search_vectors WHERE number = old.number;
  END IF;
  IF TG_OP <> 'DELETE' THEN
    -- There is one where an older state was restored around this table: numbers come again then.
    INSERT INTO search_vectors VALUES (new.number, as_halfvec(new.vector))
      ON CONFLICT (number) DO UPDATE SET vector = excluded.vector;
  END IF;
  RETURN NULL;
-- Where somebody has dropped the extension, works are embedded all the same.
EXCEPTION WHEN undefined_table OR undefined_column OR undefined_function OR undefined_object THEN
  RETURN NULL;
END $$;
CREATE TRIGGER looked_through AFTER INSERT OR UPDATE OR DELETE ON embeddings
  FOR EACH ROW EXECUTE FUNCTION follow_embedding();
"""
_LACKING: Final = (
    "SELECT number FROM embeddings e WHERE space = ? AND number > ? AND NOT EXISTS "
    "(SELECT 1 FROM search_vectors s WHERE s.number = e.number) ORDER BY number LIMIT ?"
)
_FILL: Final = (
    # Locked, so that none is filled in that is just being deleted.
    "INSERT INTO search_vectors SELECT number, as_halfvec(vector) FROM embeddings "
    "WHERE space = ? AND number = ANY(?::bigint[]) FOR KEY SHARE ON CONFLICT DO NOTHING"
)


def is_ready(connection: PostgresConnection) -> bool:
    """Whether there is the table, and the trigger that follows. Raises StoreError."""
    with translating(connection):
        row = connection.driver().execute(_READY).fetchone()
    return bool(row and row[0])


def is_lost(connection: PostgresConnection) -> bool:
    """Whether there was the table, and an extension that was dropped took its vectors along; also
    where it was made again since, and has none of them. Raises StoreError."""
    lost = _EMPTY if is_ready(connection) else _BROKEN
    with translating(connection):
        row = connection.driver().execute(lost).fetchone()
    return bool(row and row[0])


def make_searchable(connection: PostgresConnection) -> None:
    """Make the table that pgvector looks through, where it is not there. Raises StoreError, where
    the extension cannot be had too."""
    if is_ready(connection):
        return
    driver = connection.driver()
    with translating(connection), driver.working(), driver.transaction():
        one_at_a_time(driver)
        if not is_ready(connection):
            extension = _extension(driver)
            driver.execute(f"SET LOCAL search_path TO {SCHEMA}, pg_temp")
            driver.execute(_TABLES.format(x=extension))


def extension_of(db: Database) -> tuple[str, str] | None:
    """The schema of the extension, as it is written in statements, and its version; None where it
    is not in the database. Raises StoreError."""
    row = db.execute(_HERE).fetchone()
    return (row[0], row[1]) if row else None


def lacks_any(db: Database, space: str) -> bool:
    """Whether there are vectors of a space that the table does not have. Raises StoreError."""
    if not is_ready(db.conn):
        return False
    return db.execute(_LACKING, [space, 0, 1]).fetchone() is not None


def fill(db: Database, space: str, go_on: Callable[[], None]) -> int:
    """Have the vectors of a space in the table that were there before it; how many were lacking.

    Interrupted, by `go_on` too, it goes on there the next time. Raises StoreError.
    """
    after, filled = 0, 0
    if not is_ready(db.conn):  # to whoever only looks; searches say so
        return 0
    while lacking := db.execute(_LACKING, [space, after, FILLED_AT_ONCE]).fetchall():
        go_on()
        numbers = [row[0] for row in lacking]
        db.unfollowed(_FILL, [space, numbers])
        after, filled = numbers[-1], filled + len(numbers)
    if filled > FILLED_AT_ONCE:
        db.unfollowed("ANALYZE search_vectors")
    return filled


def hindrance(execute: Callable[[str], Any]) -> StoreError | None:
    """Why pgvector cannot look through vectors in a database, by what executes statements there;
    None where it does, or will once that is asked for. Raises StoreError."""
    if (here := execute(_HERE).fetchone()) is not None:
        return None if here[2] else _too_old(here[1])
    release, may = execute(_AVAILABLE).fetchone()
    if may is None:
        said = say(
            "The server of library.url has no pgvector, which library.search asks for. Install it "
            'there (on Debian the package {package}), or set library.search to "replica".',
            package=f"postgresql-{int(release) // 10_000}-pgvector",
        )
        return StoreError(said, refused=True)
    if not may:
        said = say(
            "The user of library.url may not bring pgvector into its database, which "
            "library.search asks for. Have whoever may do so run {sql} there, or set "
            'library.search to "replica".',
            sql=_INSTALL,
        )
        return StoreError(said, refused=True)
    return None


def _too_old(version: str) -> StoreError:
    return StoreError(
        say(
            "pgvector {version} in the database of library.url is too old for library.search: it "
            "has to be 0.7 or newer. Have whoever may do so run {sql} there, or set "
            'library.search to "replica".',
            version=version,
            sql=_UPDATE,
        ),
        refused=True,
    )


def _extension(driver: Driver) -> str:
    """The schema of the extension, which is brought in where it is not there. Raises StoreError
    where that cannot be, or where it is too old."""
    if (why := hindrance(driver.execute)) is not None:
        raise why
    if driver.execute(_HERE).fetchone() is None:
        driver.execute(_INSTALL)
    schema, version, knows = driver.execute(_HERE).fetchone() or ("", "?", False)
    if not knows:  # what the server would bring in
        raise _too_old(version)
    return str(schema)
