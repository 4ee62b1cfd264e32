"""The library as it is, for whoever only looks: nothing on the disk is made or changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from glance_agent.domain.errors import StoreError
from glance_agent.store.connection import bring_up_to_date, cannot_be_opened
from glance_agent.store.schema import pending
from glance_agent.store.sqlite import connect, connect_nowhere
from glance_agent.store.sqlite_database import SqliteDatabase


@contextmanager
def look_into(path: Path) -> Iterator[SqliteDatabase]:
    """The library's database, read from its file alone; an empty one where there is no file.

    One that an older version has written is brought up to date in memory. What is noted in
    `facts` stays in memory as well. Raises StoreError.
    """
    with ExitStack() as stack:
        db = stack.enter_context(closing(SqliteDatabase(connect_nowhere())))
        try:
            if path.exists():
                db = stack.enter_context(closing(_opened(path, stack)))
            if pending(db):
                db = _copied(db, stack)
            bring_up_to_date(db)
            _shadow_facts(db)
        except (OSError, StoreError) as error:
            raise cannot_be_opened(path, error) from error
        yield db


def _opened(path: Path, stack: ExitStack) -> SqliteDatabase:
    """The file, opened in the way that leaves nothing beside it.

    A reader makes the files of the write-ahead log anew where they are not there, and leaves them
    (sqlite.org/wal.html, “Read-Only Databases”). Without a log there is nobody to share it with,
    and nothing in it; with one alone, as in a copy, a copy of both is read.
    """
    log, shared = Path(f"{path}-wal"), Path(f"{path}-shm")
    if not log.exists():
        return SqliteDatabase(connect(path, how="immutable=1"))
    if shared.exists():
        return SqliteDatabase(connect(path, how="mode=ro"))
    copies = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="glance-agent-")))
    for file in (path, log):
        shutil.copy(file, copies)
    return SqliteDatabase(connect(copies / path.name, how="mode=ro"))


def _copied(db: SqliteDatabase, stack: ExitStack) -> SqliteDatabase:
    copy = stack.enter_context(closing(SqliteDatabase(connect_nowhere())))
    db.conn.backup(copy.conn)
    return copy


def _shadow_facts(db: SqliteDatabase) -> None:
    """A temporary table of the same name comes first wherever `facts` is read or written."""
    db.execute("PRAGMA temp_store = MEMORY")
    db.execute("CREATE TEMP TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL)")
    db.execute("INSERT INTO temp.facts SELECT name, value FROM main.facts")
