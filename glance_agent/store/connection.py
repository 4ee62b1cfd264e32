"""Opening the library's file, in the state in which every room expects it."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Literal

from sqlite_utils import Database

from glance_agent.errors import StoreError
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
    except (OSError, sqlite3.DatabaseError) as error:
        raise StoreError(f"The library {path} cannot be opened: {error}.") from error
    return db


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
