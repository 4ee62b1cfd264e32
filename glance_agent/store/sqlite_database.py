"""SQLite as the engine of a library: what the ports ask, over a connection that translates."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

from sqlite_utils import Database

from glance_agent.store.words import Fts5Words


class SqliteDatabase(Database):
    """The library in one file; one thread at a time."""

    @cached_property
    def words(self) -> Fts5Words:
        """The index of the words of labels."""
        return Fts5Words(self)

    def stream(self, sql: str, parameters: Any) -> Iterator[Any]:
        """The rows of a statement, as SQLite finds them."""
        return iter(self.execute(sql, parameters))

    def begin(self) -> None:
        """Take the write lock at once: SQLite refuses a reader that turns into a writer after
        someone else has written, without waiting for its busy timeout."""
        self.execute("BEGIN IMMEDIATE")

    def data_version(self) -> int:
        """A number that changes when another connection commits (`PRAGMA data_version`)."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def fault(self) -> str | None:
        """What SQLite finds wrong with the file, or None."""
        found = str(self.execute("PRAGMA quick_check(1)").fetchone()[0])
        return None if found == "ok" else found
