"""The engine of a library in PostgreSQL: what every room asks of it, by one connection."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any

import psycopg

from glance_agent.domain.errors import StoreError
from glance_agent.store.postgres.connection import PostgresConnection, translating
from glance_agent.store.postgres.line import SCHEMA
from glance_agent.store.postgres.words import PostgresWords

_NUMBERED = (
    ("artworks", "rowid"),
    ("embeddings", "number"),
    ("query_vectors", "rowid"),
    ("reactions", "rowid"),
    ("showings", "id"),
    ("answers", "id"),
    ("changes", "id"),
    ("web_keys", "id"),
)
"""The columns whose numbers are given by a sequence."""


class PostgresDatabase:
    """PostgreSQL as the engine of a library; one thread at a time."""

    def __init__(self, connection: PostgresConnection) -> None:
        self.conn = connection

    @cached_property
    def words(self) -> PostgresWords:
        """The index of the words of labels."""
        return PostgresWords(self)

    def execute(self, sql: str, parameters: Any = None) -> Any:
        """A cursor over what a statement gives. Raises StoreError."""
        return self.conn.execute(sql, parameters)

    def unfollowed(self, sql: str, parameters: Any = None) -> list[Any]:
        """The rows of a statement that changes only what nobody follows, in no turn. Raises
        StoreError."""
        return self.conn.unfollowed(sql, parameters)

    def stream(self, sql: str, parameters: Any) -> Iterator[Any]:
        """The rows of a statement, some at a time however many they are. Raises StoreError."""
        return self.conn.stream(sql, parameters)

    def begin(self) -> None:
        """Open a transaction in which nobody else may write. Raises StoreError."""
        self.conn.begin()

    def commit(self) -> None:
        """Keep what was written in it. Raises StoreError."""
        self.conn.commit()

    def rollback(self) -> None:
        """Undo it."""
        self.conn.rollback()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """A part of a transaction that can be undone alone."""
        self.conn.execute("SAVEPOINT part")
        try:
            yield
        except BaseException:
            with suppress(StoreError, psycopg.Error):
                self.conn.execute("ROLLBACK TO SAVEPOINT part")
                self.conn.execute("RELEASE SAVEPOINT part")
            raise
        self.conn.execute("RELEASE SAVEPOINT part")

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Add many new rows to a table, by COPY. Raises StoreError."""
        names = ", ".join(f'"{name}"' for name in columns)
        into = f"COPY {table} ({names}) FROM STDIN"
        driver = self.conn.driver()
        with translating(self.conn), driver.cursor() as cursor, cursor.copy(into) as copy:
            for row in rows:
                copy.write_row(row)

    def renumber(self) -> None:
        """Let each sequence go on behind the last number that was copied. Raises StoreError."""
        for table, column in _NUMBERED:
            self.execute(
                f"SELECT setval(pg_get_serial_sequence('{SCHEMA}.{table}', '{column}'), "
                f"(SELECT max({column}) FROM {table})) "
                f"WHERE EXISTS (SELECT 1 FROM {table})"
            )

    def mark_of_kept_out(self) -> int | None:
        """That of the last change of a work, whatever has changed."""
        sql = "SELECT coalesce(max(number), 0) FROM work_changes"
        return int(self.execute(sql).fetchone()[0])

    def data_version(self) -> int:
        """A number that changes when another connection commits."""
        return self.conn.data_version()

    def end_silent_writers(self, seconds: float) -> None:
        """End what a program has begun to write and said nothing of for so long. Raises
        StoreError."""
        self.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE usename = current_user AND pid <> pg_backend_pid() AND pid IN (SELECT pid "
            "FROM pg_locks WHERE relation = 'written'::regclass AND mode = 'RowExclusiveLock') "
            "AND state LIKE 'idle in transaction%' "
            "AND state_change < now() - make_interval(secs => ?)",
            [float(seconds)],
        ).fetchall()

    def fault(self) -> str | None:
        """PostgreSQL looks after its files itself."""
        return self.conn.damage

    def close(self) -> None:
        """End the connection."""
        self.conn.close()
