"""Opening the library's file, in the state in which every room expects it."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.private import PRIVATE
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system
from glance_agent.store import schema
from glance_agent.store.sqlite import connect
from glance_agent.store.sqlite_database import SqliteDatabase


def open_database(path: Path, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> SqliteDatabase:
    """The library's database in WAL mode, with all migrations applied.

    `FULL` makes every commit durable before it returns; `NORMAL`, for work that can be done
    again, only keeps the file consistent. The connection may be handed to another thread, but
    only one thread may use it at a time. Raises StoreError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _make_private(path)
        connection = connect(path)
        db = SqliteDatabase(connection)
        try:
            db.enable_wal()
            db.execute(f"PRAGMA synchronous={synchronous}")
            db.execute("PRAGMA foreign_keys=ON")
            bring_up_to_date(db)
            db.mark_kept_out()
            connection.remember_place()
        except BaseException:
            db.close()
            raise
    except (OSError, StoreError) as error:
        raise cannot_be_opened(path, error) from error
    return db


@contextlib.contextmanager
def to_work_in(path: Path) -> Iterator[SqliteDatabase]:
    """The library's database, every commit durable; closed at the end. Raises StoreError."""
    with contextlib.closing(open_database(path)) as database:
        yield database


def cannot_be_opened(path: Path, error: OSError | StoreError) -> StoreError:
    """Why the library's file is of no use, in a sentence that names it."""
    if isinstance(error, OSError):
        return StoreError(
            say("The library {path} cannot be opened: {why}.", path=path, why=said_by_system(error))
        )
    if error.trouble is Trouble.UNUSABLE:
        return error
    return StoreError(
        say("The library {path} cannot be opened: {why}", path=path, why=error),
        trouble=error.trouble,
    )


def bring_up_to_date(db: SqliteDatabase) -> None:
    """Bring an older file up to date; refuse one that a newer version has written."""
    newer = [name for name in schema.applied(db) if name not in schema.NAMES]
    if newer:
        raise StoreError(
            say(
                "The library was written by a newer version of glance-agent "
                "({newer}). Install that version, or choose another library.path.",
                newer=newer[-1],
            )
        )
    if schema.pending(db):
        schema.apply(db)


def _make_private(path: Path) -> None:
    """The file, new or old, for its owner and group alone; SQLite makes its WAL alike."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, PRIVATE))
    except FileExistsError:
        # It is not opened here: closing it again would drop the locks that SQLite holds on it.
        mode = path.stat().st_mode
        if mode & stat.S_IRWXO:
            for one in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
                with contextlib.suppress(PermissionError, FileNotFoundError):
                    one.chmod(stat.S_IMODE(mode) & ~stat.S_IRWXO)
