"""What has befallen the library's file, by the error codes of SQLite (sqlite.org/rescode.html)."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from pathlib import Path
from tempfile import TemporaryFile

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.said import say

NO_ROOM_BYTES = 1_000_000
"""Where less than this is free, a file that could not grow is a disk that is full."""
_TROUBLE = {
    sqlite3.SQLITE_BUSY: Trouble.BUSY,
    sqlite3.SQLITE_LOCKED: Trouble.BUSY,
    sqlite3.SQLITE_INTERRUPT: Trouble.LATE,
    sqlite3.SQLITE_FULL: Trouble.FULL,
    sqlite3.SQLITE_READONLY: Trouble.UNWRITABLE,
    sqlite3.SQLITE_PERM: Trouble.UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNREACHABLE,
    sqlite3.SQLITE_IOERR: Trouble.FAILING,
    sqlite3.SQLITE_PROTOCOL: Trouble.FAILING,
    sqlite3.SQLITE_NOMEM: Trouble.FAILING,
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_FORMAT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
}
ADVICE = {
    Trouble.BUSY: say("another program is writing it; try again in a moment"),
    Trouble.LATE: say("reading it took too long; ask for less, or try again in a moment"),
    Trouble.FULL: say("the disk is full; make room"),
    Trouble.UNWRITABLE: say("it may not be written; check who owns it and its folder"),
    Trouble.READ_ONLY: say("its disk can only be read now; the system's log (dmesg) says why"),
    Trouble.UNREACHABLE: say("check library.path, and who may write there"),
    Trouble.FAILING: say("the disk reports errors"),
    Trouble.DAMAGED: say("it is damaged; restore a backup, or move it away and ingest anew"),
}
_DISK_TELLS_MORE = (Trouble.FAILING, Trouble.UNWRITABLE, Trouble.UNREACHABLE)
_DAMAGE_IN_WORDS = ("vtable constructor failed", "Could not decode to UTF-8", "fts5: corrupt")
"""How SQLite and Python say damage where they give no code of their own for it."""


def trouble_of(error: sqlite3.Error) -> Trouble | None:
    """What has befallen the file by this error; None where the statement is at fault."""
    code = getattr(error, "sqlite_errorcode", None)
    found = _TROUBLE.get((code or 0) & 0xFF)
    if found is None and any(words in str(error) for words in _DAMAGE_IN_WORDS):
        return Trouble.DAMAGED
    return found


def error_of(error: sqlite3.Error, path: Path | None) -> StoreError | None:
    """The error as the house knows it: SQLite's own words, and what to do about it.

    None where the statement is at fault. The disk that `path` is on is asked what it knows.
    """
    trouble = trouble_of(error)
    if trouble is None:
        return None
    if trouble in _DISK_TELLS_MORE and path is not None:
        trouble = _of_disk(path, trouble)
    return StoreError(say("{why}: {advice}.", why=error, advice=ADVICE[trouble]), trouble=trouble)


def _of_disk(path: Path, trouble: Trouble) -> Trouble:
    """What has befallen the whole disk, which SQLite knows only as one thing that failed."""
    if trouble is Trouble.FAILING and _no_room(path):
        return Trouble.FULL
    return Trouble.READ_ONLY if _is_read_only(path) else trouble


def _is_read_only(path: Path) -> bool:
    """Whether nothing at all may be written there: a system that finds errors on a disk sees to
    that, and not all of them say so of the mount."""
    try:
        with TemporaryFile(dir=path.absolute().parent):
            return False
    except OSError as error:
        return error.errno == errno.EROFS


def _no_room(path: Path) -> bool:
    """Whether the disk is full: SQLite says so of one write that fails, not of every one."""
    try:
        return shutil.disk_usage(path.absolute().parent).free < NO_ROOM_BYTES
    except OSError:
        return False
