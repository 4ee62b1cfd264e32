"""A library in use -> a copy of it in one file that is known to be sound; and the way back."""

from __future__ import annotations

import os
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, count
from pathlib import Path
from typing import Any

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.on_disk import sync
from glance_agent.domain.private import PRIVATE
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system
from glance_agent.store.connection import open_database
from glance_agent.store.mending import fault_of
from glance_agent.store.sqlite import connect

FILES = ("", "-wal", "-shm")
"""What belongs to a library: what was written last may be in the second file alone."""

SHOWN = {
    "hidden": "hidden = 0",
    "on_request": "on_request = 0",
    "unusable": "unusable IS NULL",
}
"""What a work has to be to be shown, by column."""
_DATABASE = b"SQLite format 3\0"
"""How every file of SQLite begins (https://www.sqlite.org/fileformat.html, 1.3)."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What a copy holds: works that can be shown, likes and dislikes; `aside` is where something
    had to go."""

    works: int
    likes: int
    dislikes: int
    aside: Path | None = None

    @property
    def reactions(self) -> int:
        """Likes and dislikes together."""
        return self.likes + self.dislikes


def back_up(library: Path, to: Path) -> Copied:
    """Copy a library, in use or not, into one file; a file of this name is replaced at the end.

    The copy is read again and checked before it gets its name. Raises StoreError, also where the
    file of this name is no database.
    """
    if not library.is_file():
        raise StoreError(say("There is no library {library}.", library=library))
    if to.exists() and any(_same(to, Path(f"{library}{suffix}")) for suffix in FILES):
        raise StoreError(say("{to} is the library itself; name another file.", to=to))
    if to.is_file() and not _may_be_replaced(to):
        raise StoreError(say("{to} is no backup and is left as it is; name another file.", to=to))
    draft = to.with_name(f"{to.name}.part")
    try:
        return _placed(library, draft, to)
    except OSError as error:
        raise StoreError(
            say("The backup {to} cannot be written: {why}.", to=to, why=said_by_system(error))
        ) from error
    finally:
        _remove(draft)


def _may_be_replaced(file: Path) -> bool:
    """Whether a file is a database, as backups are, or empty."""
    try:
        with file.open("rb") as opened:
            begun = opened.read(len(_DATABASE))
    except OSError as error:
        raise StoreError(
            say("The backup {to} cannot be written: {why}.", to=file, why=said_by_system(error))
        ) from error
    return begun in (_DATABASE, b"")


def restore(backup: Path, library: Path, *, now: datetime) -> Copied:
    """Put a backup in the place of a library, which is kept aside; nobody may have it open.

    Raises StoreError where the file is no sound library of this version or an older one.
    """
    if not backup.is_file():
        raise StoreError(say("There is no file {backup}.", backup=backup))
    draft = library.with_name(f"{library.name}.restored")
    try:
        _remove(draft)
        found = _copied(backup, draft)
        open_database(draft).close()
        aside = _set_aside(library, now)
        os.replace(draft, library)
        sync(library.parent)
    except OSError as error:
        raise StoreError(
            say("The backup cannot be restored: {why}.", why=said_by_system(error))
        ) from error
    finally:
        _remove(draft)
    return replace(found, aside=aside)


def _placed(library: Path, draft: Path, to: Path) -> Copied:
    _remove(draft)
    found = _copied(library, draft)
    os.replace(draft, to)
    sync(to.parent)
    return found


def _copied(library: Path, draft: Path) -> Copied:
    """Copy every page of one moment, and read the copy from end to end."""
    os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, PRIVATE))
    try:
        held = _copied_and_read(library, draft)
    except StoreError as error:
        if error.trouble is not Trouble.DAMAGED:
            raise
        said = f"{library} is damaged, or no library of glance-agent: no copy of it is sound."
        raise StoreError(said, trouble=Trouble.DAMAGED) from error
    sync(draft)
    return held


def _copied_and_read(library: Path, draft: Path) -> Copied:
    with closing(connect(library)) as source, closing(connect(draft)) as copy:
        if not _is_library(source):
            raise StoreError(say("{library} is no library of glance-agent.", library=library))
        source.backup(copy)
        copy.isolation_level = None
        # One file, without a WAL beside it that would have to be copied along.
        copy.execute("PRAGMA journal_mode=DELETE")
        if fault := fault_of(copy):
            raise StoreError(
                say(
                    "{library} is damaged ({fault}), so that no copy of it is sound.",
                    library=library,
                    fault=fault,
                )
            )
        return Copied(_shown(copy), _said(copy, "like"), _said(copy, "dislike"))


def _shown(copy: Any) -> int:
    """How many works can be shown, as `status` counts them; older files know less of that."""
    columns = {row[1] for row in copy.execute("PRAGMA table_info(artworks)")}
    wanted = [condition for column, condition in SHOWN.items() if column in columns]
    sql = f"SELECT count(*) FROM artworks WHERE {' AND '.join(['1', *wanted])}"
    return int(copy.execute(sql).fetchone()[0])


def _said(copy: Any, kind: str) -> int:
    """How many likes, or dislikes, there are."""
    sql = "SELECT count(*) FROM reactions WHERE kind = ?"
    return int(copy.execute(sql, [kind]).fetchone()[0])


def _is_library(source: Any) -> bool:
    sql = "SELECT count(*) FROM sqlite_schema WHERE name IN ('artworks', 'reactions', 'showings')"
    return bool(source.execute(sql).fetchone()[0] == 3)


def _set_aside(library: Path, now: datetime) -> Path | None:
    """Give what is there another name, with all that belongs to it; None for nothing there."""
    if not library.exists():
        _remove(library)
        return None
    name = f"{library.name}.before-{now:%Y%m%d-%H%M%S}"
    names = chain([name], (f"{name}-{number}" for number in count(2)))
    aside = next(one for one in map(library.with_name, names) if not one.exists())
    for suffix in FILES[::-1]:
        with suppress(FileNotFoundError):
            os.replace(f"{library}{suffix}", f"{aside}{suffix}")
    return aside


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.samefile(other)


def _remove(path: Path) -> None:
    for suffix in (*FILES, "-journal"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
