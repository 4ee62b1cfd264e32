"""Empty libraries of tests are copies of one: its steps take five times as long."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable

from glance_agent.store import schema
from glance_agent.store.database import Database
from glance_agent.store.sqlite import connect_nowhere
from glance_agent.store.sqlite_database import SqliteDatabase

step_by_step = schema.apply


def copying() -> Callable[[Database], None]:
    """What does as `schema.apply` does, but that an empty library becomes a copy of one that was
    made by it now, with an id of its own."""
    empty = connect_nowhere()
    step_by_step(SqliteDatabase(empty))

    def copied(db: Database) -> None:
        # Pages of another size cannot be copied.
        if schema.applied(db) or _page_bytes(db.conn) != _page_bytes(empty):
            step_by_step(db)
            return
        empty.backup(db.conn)
        db.execute("UPDATE facts SET value = ? WHERE name = 'instance_id'", [secrets.token_hex(6)])

    return copied


def _page_bytes(connection: sqlite3.Connection) -> int:
    size: int = connection.execute("PRAGMA page_size").fetchone()[0]
    return size
