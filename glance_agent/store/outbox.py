"""What people said and displays showed while the library was away: a small file, until it is in.

Each entry is on the disk before it is acknowledged, and has a number that never comes again in the
run that kept it. The library keeps the highest number of a run that it has taken in, in the same
transaction: so an entry that it has, but that could not be removed here any more, is not taken in
twice. A file that was copied holds the same entries of the same run; what comes to either copy
later is of another run.
"""

from __future__ import annotations

import logging
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from pydantic import ValidationError

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.private import PRIVATE
from glance_agent.domain.unsent import Unsent
from glance_agent.store.connection import cannot_be_opened
from glance_agent.store.sqlite import connect

_TABLES = (
    "CREATE TABLE IF NOT EXISTS outbox (id TEXT NOT NULL)",
    "CREATE TABLE IF NOT EXISTS unsent (number INTEGER PRIMARY KEY AUTOINCREMENT, "
    "library TEXT NOT NULL, entry TEXT NOT NULL, tried INTEGER NOT NULL DEFAULT 0)",
)
_log = logging.getLogger(__name__)


def opened_outbox(path: Path) -> LibraryOutbox:
    """The outbox of this path; one that is damaged is put aside, so that an agent can run. Raises
    StoreError."""
    try:
        return LibraryOutbox(path)
    except StoreError as error:
        if error.trouble is not Trouble.DAMAGED:
            raise
        aside = path.with_name(f"{path.name}.damaged-{secrets.token_hex(3)}")
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{path}{end}").rename(f"{aside}{end}")
        _log.error("%s What it held is kept as %s.", error, aside)
    return LibraryOutbox(path)


class LibraryOutbox:
    """What is not in the library yet, oldest first; one thread at a time. Raises StoreError."""

    def __init__(self, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_WRONLY | os.O_CLOEXEC, PRIVATE))
            self._db = connect(path)
        except (OSError, StoreError) as error:
            raise cannot_be_opened(path, error) from error
        try:
            self._db.isolation_level = None
            self._db.execute("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            self.run = secrets.token_hex(8)
            self._first_run = self._made()
            self.belong_to("")
        except StoreError as error:
            self._db.close()
            raise cannot_be_opened(path, error) from error
        except BaseException:
            self._db.close()
            raise

    def belong_to(self, library: str) -> None:
        """Be for the library of this installation from now on; what waits for another one stays
        until that is there again."""
        self._library = library
        self._entries = self._read()
        self._tried = self._last_tried()

    @property
    def waiting(self) -> int:
        """How many entries there are; any thread may ask."""
        return len(self._entries)

    def entries(self, most: int) -> list[tuple[int, Unsent]]:
        """So many entries at most with their numbers, oldest first."""
        return list(self._entries.items())[:most]

    def answered(self, receipt: str) -> str | None:
        """What was answered to the command of this receipt, where it waits here."""
        found = (e.reply for e in reversed(self._entries.values()) if receipt in e.receipts)
        return next(found, None)

    def keep(self, entry: Unsent) -> None:
        """Keep an entry: it is on the disk when this returns."""
        entry = self._of_now(entry)
        with self._transaction():
            number = self._insert(entry)
        self._entries[number] = entry

    def last(self, display: str) -> tuple[int, Unsent] | None:
        """The last entry of a display that stands, where the library cannot have it yet."""
        of_display = ((n, e) for n, e in reversed(self._entries.items()) if e.display == display)
        found = next(((n, e) for n, e in of_display if e.works and not e.is_showing), None)
        return None if found is None or found[0] <= self._tried else found

    def showings(self) -> list[tuple[int, Unsent]]:
        """What displays have shown, oldest first."""
        return [(n, entry) for n, entry in self._entries.items() if entry.is_showing]

    def drop(self, number: int) -> None:
        """Forget an entry."""
        with self._transaction():
            self._db.execute("DELETE FROM unsent WHERE number = ?", [number])
        del self._entries[number]

    def take_back(self, number: int, undo: Unsent) -> None:
        """Let an entry say nothing any more, and keep the command that took it back."""
        empty, undo = self._entries[number].model_copy(update={"works": ()}), self._of_now(undo)
        with self._transaction():
            self._db.execute(
                "UPDATE unsent SET entry = ? WHERE number = ?", [empty.model_dump_json(), number]
            )
            added = self._insert(undo)
        self._entries[number], self._entries[added] = empty, undo

    def send(self, number: int) -> None:
        """From now on the library may have all entries up to this one."""
        if number > self._tried:
            with self._transaction():
                sql = "UPDATE unsent SET tried = 1 WHERE library = ? AND number <= ?"
                self._db.execute(sql, [self._library, number])
            self._tried = number

    def sent(self, number: int) -> None:
        """The library has all entries up to this one."""
        with self._transaction():
            sql = "DELETE FROM unsent WHERE library = ? AND number <= ?"
            self._db.execute(sql, [self._library, number])
        self._entries = {n: entry for n, entry in self._entries.items() if n > number}

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _of_now(self, entry: Unsent) -> Unsent:
        return entry.model_copy(update={"run": self.run})

    def _insert(self, entry: Unsent) -> int:
        sql = "INSERT INTO unsent (library, entry) VALUES (?, ?)"
        return int(self._db.execute(sql, [self._library, entry.model_dump_json()]).lastrowid)

    def _made(self) -> str:
        """The tables, where there are none yet; the run of entries that name none, as all were
        once of the same."""
        with self._transaction():
            for table in _TABLES:
                self._db.execute(table)
            row = self._db.execute("SELECT id FROM outbox").fetchone()
            if row is None:
                row = [secrets.token_hex(8)]
                self._db.execute("INSERT INTO outbox VALUES (?)", row)
        return str(row[0])

    def _read(self) -> dict[int, Unsent]:
        entries = dict[int, Unsent]()
        sql = "SELECT number, entry FROM unsent WHERE library = ? ORDER BY number"
        rows = self._db.execute(sql, [self._library])
        for number, entry in rows.fetchall():
            try:
                kept = Unsent.model_validate_json(entry)
                run = kept.run or self._first_run
                entries[number] = kept.model_copy(update={"run": run})
            except ValidationError:
                _log.error("what was kept for the library as number %d makes no sense", number)
        return entries

    def _last_tried(self) -> int:
        """Up to which number the library may have entries."""
        sql = "SELECT coalesce(max(number), 0) FROM unsent WHERE library = ? AND tried = 1"
        return int(self._db.execute(sql, [self._library]).fetchone()[0])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._db.execute("COMMIT")
        except BaseException:
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")
            raise
