"""A library copied from one engine into another, table by table, and compared with what it was.

What is there is copied in the order of keys, in transactions of some thousand rows: a copy that was
interrupted goes on behind the last key that is there. Indexes of words and the numbers of changes
are made anew.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import LibraryPlace, spelled
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.label_folding import fold_labels
from glance_agent.store.opening import (
    UNFINISHED_COPY,
    claimed,
    copied_from,
    is_there,
    look_into,
    open_to_copy,
    patience_with,
)
from glance_agent.store.side_files import Seals
from glance_agent.store.transaction import transaction

AT_ONCE: Final = 2_000
"""The fact that a copy is not complete: of which installation it is."""
_log = logging.getLogger(__name__)
Tell = Callable[[str, int], None]
"""Is told of a table how many of its rows are there."""


class Table(NamedTuple):
    """A table that is copied, by its key; `numbered` where rows have a number beside it."""

    name: str
    key: tuple[str, ...]
    numbered: bool = False


TABLES: Final = (
    Table("artworks", ("rowid",), numbered=True),
    Table("items", ("source", "key")),
    Table("cursors", ("source",)),
    Table("folders", ("name",)),
    Table("embeddings", ("space", "artwork_id")),
    Table("query_vectors", ("space", "query"), numbered=True),
    Table("reactions", ("user", "artwork_id"), numbered=True),
    Table("showings", ("id",)),
    Table("folded_showings", ("artwork_id", "display")),
    Table("display_settings", ("display",)),
    Table("answers", ("id",)),
    Table("receipts", ("key",)),
    Table("changes", ("id",)),
    Table("web_keys", ("id",)),
)
"""What a library holds but for its facts, in the order in which it is copied."""
_FACTS: Final = Table("facts", ("name",))


@dataclass(frozen=True, slots=True)
class CopiedRows:
    """How many rows each table has, in both libraries alike, and how many were copied now."""

    rows: dict[str, int]
    now: int


def copy_library(
    source: LibraryPlace,
    target: LibraryPlace,
    tell: Tell,
    waits: Callable[[str], None] = _log.warning,
) -> CopiedRows:
    """Copy a library into another place, where none is or a copy of it that was interrupted.

    No agent may run with either. Both are read from end to end and compared before it counts as
    complete. Once it has begun, a server that goes away is waited for, which `waits` hears. Raises
    StoreError.
    """
    if not is_there(source):
        raise StoreError(f"There is no library {spelled(source)}.")
    copying = _Copying(source, target, tell)
    try:
        return copying.run()
    except StoreError as error:
        if not copying.begun or error.trouble is not Trouble.UNREACHABLE:
            raise
    with patience_with((source, target), waits) as patience:
        return patience.outlast(copying.run)


class _Copying:
    """One copy, which may be begun again where it was."""

    def __init__(self, source: LibraryPlace, target: LibraryPlace, tell: Tell) -> None:
        self.begun = False
        """Whether anything can have been copied."""
        self._source = source
        self._target = target
        self._tell = tell
        self._now = 0

    def run(self) -> CopiedRows:
        """Copy what is missing, and compare. Raises StoreError."""
        with ExitStack() as stack:
            for place in (self._source, self._target):
                stack.enter_context(_by_itself(place))
            theirs = stack.enter_context(look_into(self._source))
            ours = stack.enter_context(closing(open_to_copy(self._target, durable=False)))
            instance = History(theirs).instance_id
            if not self.begun or History(ours).instance_id != instance:
                _begin(ours, instance, spelled(self._target))
            self.begun = True
            for table in TABLES:
                self._copy(theirs, ours, table)
            ours.renumber()
            while not fold_labels(ours, AT_ONCE):
                pass
            rows = {table.name: _compare(theirs, ours, table) for table in TABLES}
            _copy_facts(theirs, ours)
            return CopiedRows(rows, self._now)

    def _copy(self, theirs: Database, ours: Database, table: Table) -> None:
        """Copy what is missing of a table."""
        columns, last, done = _columns(theirs, table), _last_key(ours, table), 0
        while rows := _after(theirs, table, columns, last):
            with transaction(ours):
                ours.fill(table.name, columns, rows)
            places = [columns.index(name) for name in table.key]
            last = [rows[-1][place] for place in places]
            done += len(rows)
            self._now += len(rows)
            self._tell(table.name, done)


@contextmanager
def _by_itself(place: LibraryPlace) -> Iterator[None]:
    """A library with which nothing else runs. Raises StoreError where something does."""
    with ExitStack() as stack:
        try:
            stack.enter_context(claimed(place))
        except StoreError as error:
            if not error.busy:
                raise
            raise StoreError(
                f"An agent runs with the library {spelled(place)}, or it is being copied already. "
                "Stop that first, for example with: systemctl stop glance-agent",
                trouble=error.trouble,
            ) from error
        yield


def _begin(ours: Database, instance: str, target: str) -> None:
    """Note whose copy it is. Raises StoreError where something else is there."""
    begun = copied_from(ours)
    if begun is None:
        tables = ("artworks", "reactions", "showings", "display_settings")
        if any(ours.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone() for table in tables):
            raise StoreError(
                f"There is a library in {target} already, and nothing is copied over it. Name "
                "another place, or remove that one.",
                trouble=Trouble.UNUSABLE,
            )
        ours.execute("INSERT INTO facts (name, value) VALUES (?, ?)", [UNFINISHED_COPY, instance])
    elif begun != instance:
        raise StoreError(f"In {target} is an interrupted copy of another library: remove it first.")


def _copy_facts(theirs: Database, ours: Database) -> None:
    """Take over what is known of the installation, which ends the copy."""
    columns = _columns(theirs, _FACTS)
    rows = theirs.execute(f"SELECT {_named(columns)} FROM facts").fetchall()
    with transaction(ours):
        ours.execute("DELETE FROM facts")
        ours.fill(
            "facts", columns, [row for row in rows if row[columns.index("name")] != UNFINISHED_COPY]
        )
        # An index that is kept beside the library counts changes as that one does, not as this one.
        Seals(ours).forget()


def _columns(db: Database, table: Table) -> list[str]:
    told = db.execute(f"SELECT * FROM {table.name} LIMIT 0").description
    names = [column[0] for column in told]
    return names if not table.numbered or "rowid" in names else ["rowid", *names]


def _last_key(db: Database, table: Table) -> Sequence[Any] | None:
    order = ", ".join(f"{name} DESC" for name in table.key)
    sql = f"SELECT {_named(table.key)} FROM {table.name} ORDER BY {order} LIMIT 1"
    found: Sequence[Any] | None = db.execute(sql).fetchone()
    return found


def _after(
    db: Database, table: Table, columns: Sequence[str], key: Sequence[Any] | None
) -> list[Any]:
    """The next rows behind a key, or the first ones."""
    names = _named(table.key)
    beyond = "" if key is None else f"WHERE ({names}) > ({', '.join('?' for _ in table.key)}) "
    rows: list[Any] = db.execute(
        f"SELECT {_named(columns)} FROM {table.name} {beyond}ORDER BY {names} LIMIT ?",
        [*(key or ()), AT_ONCE],
    ).fetchall()
    return rows


def _compare(theirs: Database, ours: Database, table: Table) -> int:
    """How many rows a table has. Raises StoreError where it is not the same in both."""
    columns = _columns(theirs, table)
    expected, found = (_digest(_all(db, table, columns)) for db in (theirs, ours))
    if expected != found:
        raise StoreError(
            f"The copy differs from the library in {table.name}: {found[0]:,} rows instead of "
            f"{expected[0]:,}, or other ones. Remove it and copy again, with no agent running."
        )
    return expected[0]


def _all(db: Database, table: Table, columns: Sequence[str]) -> Iterator[Any]:
    sql = f"SELECT {_named(columns)} FROM {table.name} ORDER BY {_named(table.key)}"
    return db.stream(sql, [])


def _digest(rows: Iterator[Any]) -> tuple[int, str]:
    """How many rows there are, and the SHA-256 of them all."""
    count, digest = 0, hashlib.sha256()
    for row in rows:
        count += 1
        # PostgreSQL keeps no NUL in a text.
        kept = [value.replace("\0", "�") if isinstance(value, str) else value for value in row]
        digest.update(repr(kept).encode("utf-8", "surrogatepass"))
    return count, digest.hexdigest()


def _named(columns: Sequence[str]) -> str:
    return ", ".join(columns)
