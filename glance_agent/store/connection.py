"""Opening the library's file, in the state in which every room expects it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from sqlite_utils import Database

from glance_agent.domain.errors import StoreError
from glance_agent.store.schema import migrations

BUSY_TIMEOUT_SECONDS = 10.0


def open_database(path: Path, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> Database:
    """The library's database in WAL mode, with all migrations applied.

    `FULL` makes every commit durable before it returns; `NORMAL`, for work that can be done
    again, only keeps the file consistent. The connection may be handed to another thread, but
    only one thread may use it at a time. Raises StoreError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = Database(sqlite3.connect(path, timeout=BUSY_TIMEOUT_SECONDS, check_same_thread=False))
        try:
            db.enable_wal()
            db.execute(f"PRAGMA synchronous={synchronous}")
            db.execute("PRAGMA foreign_keys=ON")
            _migrate(db)
        except BaseException:
            db.close()
            raise
    except OSError as error:
        raise StoreError(f"The library {path} cannot be opened: {error.strerror}.") from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"The library {path} cannot be opened: {_said(error)}") from error
    return db


@contextmanager
def translated() -> Iterator[None]:
    """Within it, what befalls the file is a StoreError; a mistake in our SQL stays what it is."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _code(error) not in _ADVICE:
            raise
        raise StoreError(_said(error), busy=_code(error) == sqlite3.SQLITE_BUSY) from error


_ADVICE = {
    sqlite3.SQLITE_BUSY: "another program is writing it; try again in a moment",
    sqlite3.SQLITE_FULL: "the disk is full; make room",
    sqlite3.SQLITE_READONLY: "it may not be written; check who owns it and its folder",
    sqlite3.SQLITE_CANTOPEN: "check library.path, and who may write there",
    sqlite3.SQLITE_IOERR: "the disk reports errors",
    sqlite3.SQLITE_CORRUPT: "it is damaged; restore a backup, or move it away and ingest anew",
    sqlite3.SQLITE_NOTADB: "it is not a library; move it away, or choose another library.path",
}


def _code(error: sqlite3.DatabaseError) -> int | None:
    """SQLite's primary result code: the low byte of the extended one."""
    code: int | None = getattr(error, "sqlite_errorcode", None)
    return code and code & 0xFF


def _said(error: sqlite3.DatabaseError) -> str:
    """SQLite's own words, and what to do about it."""
    advice = _ADVICE.get(_code(error) or 0)
    return f"{error}: {advice}." if advice else f"{error}."


def _migrate(db: Database) -> None:
    """Bring an older file up to date; refuse one that a newer version has written."""
    known = {migration.name for migration in migrations.pending(Database(memory=True))}
    newer = [m.name for m in migrations.applied(db) if m.name not in known]
    if newer:
        raise StoreError(
            f"The library was written by a newer version of glance-agent ({newer[-1]}). "
            "Install that version, or choose another library.path."
        )
    if migrations.pending(db):
        migrations.apply(db)
