"""SQLite as the engine of a library: what the ports ask, over a connection that translates.

Transactions are those of sqlite-utils, whose migrations run on the same connection. It is loaded
only where there is one to run: that takes longer than all else of opening a library.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from glance_agent.domain.folding import findable
from glance_agent.store.sqlite import Connection
from glance_agent.store.words import Fts5Words


class SqliteDatabase:
    """The library in one file; one thread at a time."""

    def __init__(self, connection: Connection) -> None:
        self.conn: Any = connection
        self._marks = False
        connection.create_function("glance_fold", 1, findable, deterministic=True)
        connection.execute("PRAGMA recursive_triggers=ON")

    @cached_property
    def words(self) -> Fts5Words:
        """The index of the words of labels."""
        return Fts5Words(self)

    def execute(self, sql: str, parameters: Any = None) -> Any:
        """A cursor over what a statement gives; a write is kept at once, unless a transaction is
        open."""
        connection = self.conn
        was_open = connection.in_transaction
        try:
            cursor = connection.execute(sql, parameters or ())
        except BaseException:
            if not was_open:
                self.rollback()
            raise
        opened = not was_open and connection.in_transaction
        if opened and cursor.description is None and not _begins(sql):
            self.commit()
        return cursor

    def unfollowed(self, sql: str, parameters: Any = None) -> list[Any]:
        """The rows of a statement that changes something, which is kept at once."""
        own = not self.conn.in_transaction
        if own:
            self.begin()
        try:
            rows: list[Any] = self.conn.execute(sql, parameters or ()).fetchall()
            if own:
                self.commit()
        except BaseException:
            if own:
                self.rollback()
            raise
        return rows

    def stream(self, sql: str, parameters: Any) -> Iterator[Any]:
        """The rows of a statement, as SQLite finds them."""
        return iter(self.execute(sql, parameters))

    def begin(self) -> None:
        """Take the write lock at once: SQLite refuses a reader that turns into a writer after
        someone else has written, without waiting for its busy timeout."""
        self.execute("BEGIN IMMEDIATE")

    def commit(self) -> None:
        """Keep what the open transaction has written."""
        if self.conn.in_transaction:
            self.conn.execute("COMMIT")

    def rollback(self) -> None:
        """Undo what the open transaction has written."""
        if self.conn.in_transaction:
            self.conn.execute("ROLLBACK")

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """A part of an open transaction, which is undone alone where it raises; may lie in
        another."""
        self.conn.execute("SAVEPOINT part")  # the innermost of a name is meant
        try:
            yield
        except BaseException:
            if self.conn.in_transaction:  # an error may have ended all of it
                self.conn.execute("ROLLBACK TO part")
                self.conn.execute("RELEASE part")
            raise
        self.conn.execute("RELEASE part")

    def enable_wal(self) -> None:
        """Write into a log beside the file (sqlite.org/wal.html), from now on and for good."""
        if self.conn.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            self.conn.execute("PRAGMA journal_mode=WAL")

    def fill(self, table: str, columns: Sequence[str], rows: Sequence[Any]) -> None:
        """Add many new rows to a table."""
        values = ", ".join("?" for _ in columns)
        names = ", ".join(columns)
        self.conn.executemany(f"INSERT INTO {table} ({names}) VALUES ({values})", rows)

    def end_silent_writers(self, seconds: float) -> None:
        """SQLite knows nobody else."""

    def renumber(self) -> None:
        """SQLite does so by itself."""

    def mark_of_kept_out(self) -> int | None:
        """Triggers of this connection alone draw a new number."""
        if not self._marks:
            return None
        return int(self.execute("SELECT number FROM temp.kept_out").fetchone()[0])

    def mark_kept_out(self) -> None:
        """Draw a number from now on whenever what is kept out may be other works."""
        self.conn.execute("CREATE TEMP TABLE kept_out AS SELECT random() AS number")
        for event, condition in _KEPT_OUT.items():
            self.conn.execute(
                f"CREATE TEMP TRIGGER kept_out_{event.partition(' ')[0]} AFTER {event} "
                f"ON main.artworks WHEN {condition} BEGIN "
                "UPDATE kept_out SET number = random(); END"
            )
        self._marks = True

    def data_version(self) -> int:
        """A number that changes when another connection commits (`PRAGMA data_version`)."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def fault(self) -> str | None:
        """What SQLite finds wrong with the file, or None."""
        found = str(self.execute("PRAGMA quick_check(1)").fetchone()[0])
        return None if found == "ok" else found

    def close(self) -> None:
        """End the connection."""
        self.conn.close()


_COLUMNS = ("id", "hidden", "unusable", "twin_of", "on_request")
_KEPT_OUT = {
    "UPDATE": " OR ".join(f"new.{column} IS NOT old.{column}" for column in _COLUMNS),
    "INSERT": "new.hidden OR new.on_request OR coalesce(new.unusable, new.twin_of) IS NOT NULL "
    "OR EXISTS (SELECT 1 FROM artworks WHERE twin_of = new.id)",
    "DELETE": "true",  # it may have copies, which are none any more
}


def _begins(sql: str) -> bool:
    """Whether a statement opens a transaction itself."""
    return sql.lstrip()[:5].upper() in ("BEGIN", "SAVEP")
