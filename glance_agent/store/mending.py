"""A damaged library in, a sound one in its place: what can be read is kept, the rest is named.

Everything legible is copied into a new file, where word search and indexes are made anew; that
file then replaces the content of the damaged one in one transaction, beside whoever has it open.
The damaged file is kept aside as it was.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from glance_agent.domain.display import DisplaySettings
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.private import PRIVATE
from glance_agent.domain.said import in_a_row, listed, say
from glance_agent.store.connection import open_database
from glance_agent.store.database import Database
from glance_agent.store.label_folding import fold_labels
from glance_agent.store.side_files import Seals
from glance_agent.store.sqlite import Connection, connect
from glance_agent.store.sqlite_database import SqliteDatabase

TOLD = {
    "artworks": say("works"),
    "reactions": say("likes and dislikes"),
    "showings": say("showings"),
    "folded_showings": say("older showings"),
    "display_settings": say("settings of displays"),
    "facts": say("facts about this installation"),
    "folders": say("folders that were brought in by hand"),
    "embeddings": say("vectors"),
    "query_vectors": say("vectors of words"),
    "items": say("items of sources"),
    "cursors": say("places in listings"),
    "answers": say("answers"),
    "changes": say("changes that could be taken back"),
    "receipts": say("receipts"),
}
"""What each table holds, in the words of people."""
COMES_BACK = ("embeddings", "query_vectors", "items", "cursors")
"""What is found or computed anew by itself."""
_STEP_BY_ONE = 100
_FARTHEST = 2**53


@dataclass(frozen=True, slots=True)
class Mended:
    """What was done: how much of which table is lost (None for some), where the damaged file is."""

    fault: str
    aside: Path
    lost: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def said(self) -> str:
        """What was done, in sentences."""
        told = {table: _much(count, TOLD[table]) for table, count in self.lost.items()}
        gone = listed(said for table, said in told.items() if table not in COMES_BACK)
        again = listed(said for table, said in told.items() if table in COMES_BACK)
        return in_a_row(
            say(
                "The library was damaged ({fault}). Word search and indexes were made anew.",
                fault=self.fault,
            ),
            say("Will be found again: {works}.", works=again) if again else "",
            say("Lost: {works}.", works=gone) if gone else say("Nothing is lost."),
            say("The damaged file is kept as {file}.", file=self.aside),
        )

    def __str__(self) -> str:
        return str(self.said)


def _much(count: int | None, what: str) -> str:
    if count is None or count == 0:
        return say("some {what}", what=what)
    return say("{count} {what}", count=count, what=what)


def fault_of(db: Database | Connection) -> str | None:
    """What SQLite finds wrong with the file, in its own words; None for nothing."""
    try:
        found = str(db.execute("PRAGMA integrity_check(1)").fetchone()[0])
        if found != "ok":
            return found.replace("*** in database main ***", "").strip()
        for index in _indexes(db):
            db.execute(f"INSERT INTO {index} ({index}, rank) VALUES ('integrity-check', 0)")
    except StoreError as error:
        if error.trouble is not Trouble.DAMAGED:
            raise
        return str(error.__cause__)
    return None


def _indexes(db: Database | Connection) -> list[str]:
    """The indexes of words; an older version's is there until all labels are folded."""
    names = db.execute("SELECT name FROM sqlite_schema WHERE sql LIKE '%USING fts5%'")
    return [row[0] for row in names.fetchall()]


def mend(path: Path, fault: str, *, instance: str, now: datetime) -> Mended:
    """Replace the content of a damaged library by what can be read of it.

    `instance` is the id of this installation, for a library that no longer knows it. Other
    connections see the new content with their next statement. Raises StoreError where there is
    no room for it, where the file is no library any more, or where someone wrote meanwhile; the
    library is as it was then.
    """
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
    draft = path.with_name(f"{path.name}.mended")
    _remove(draft)
    try:
        with closing(connect(path)) as damaged:
            before = damaged.execute("PRAGMA data_version").fetchone()
            _paged_like(damaged, draft)
            with closing(open_database(draft, synchronous="NORMAL")) as sound:
                lost = _copied(damaged, sound, instance, now)
                while not fold_labels(sound):
                    pass
                _set_aside(damaged, aside)
                if damaged.execute("PRAGMA data_version").fetchone() != before:
                    busy = say("It was written while it was being mended; it is mended later.")
                    raise StoreError(busy, trouble=Trouble.BUSY)
                sound.conn.backup(damaged)
    finally:
        _remove(draft)
    return Mended(fault, aside, lost)


def _paged_like(damaged: Connection, draft: Path) -> None:
    """An empty file with pages of the same size: only such a one can take the other's place."""
    page_bytes = damaged.execute("PRAGMA page_size").fetchone()[0]
    with closing(connect(draft)) as empty:
        empty.execute(f"PRAGMA page_size={page_bytes}")
        empty.execute("VACUUM")


def _copied(
    damaged: Connection, sound: SqliteDatabase, instance: str, now: datetime
) -> dict[str, int | None]:
    """Copy every table; how many rows of each could not be read, None where nobody knows."""
    lost: dict[str, int | None] = {}
    with sound.atomic():
        sound.execute("DELETE FROM facts")
        # Whoever follows changes reads them all again: their numbers are higher than any.
        for table in ("vector_changes", "work_changes"):
            sound.execute(
                "INSERT INTO sqlite_sequence VALUES (?, ?)", [table, int(now.timestamp())]
            )
        for table in TOLD:
            if (missing := _copy(damaged, sound, table)) != 0:
                lost[table] = missing
        sound.execute("INSERT OR IGNORE INTO facts VALUES ('instance_id', ?)", [instance])
        Seals(sound).forget()
        # What is no work any more is not known as one: its source brings it again.
        sound.execute(
            "DELETE FROM items WHERE artwork_id NOT NULL "
            "AND artwork_id NOT IN (SELECT id FROM artworks)"
        )
    return lost


def _copy(damaged: Connection, sound: Database, table: str) -> int | None:
    """Copy what is legible of a table; how many rows were not, None where nobody knows."""
    theirs = _columns(damaged, table)
    names = [name for name in _columns(sound.conn, table) if name in theirs]
    if not names:
        return 0
    values = ", ".join("?" * len(names))
    insert = f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) VALUES ({values})"
    copied = 0
    for row in _legible(damaged, table, names):
        if _sensible(table, dict(zip(names, row, strict=True))):
            copied += sound.execute(insert, row).rowcount
    total = _count(damaged, table)
    return None if total is None else max(0, total - copied)


def _columns(connection: Any, table: str) -> list[str]:
    """The columns of a table; none where it is not there."""
    return [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]


def _count(damaged: Connection, table: str) -> int | None:
    """How many rows a table has: by an index, where the table itself is damaged, or without."""
    for way in ("", " NOT INDEXED"):
        try:
            return int(damaged.execute(f"SELECT count(*) FROM {table}{way}").fetchone()[0])
        except StoreError:
            continue
    return None


def _legible(damaged: Connection, table: str, names: Sequence[str]) -> Iterator[Sequence[Any]]:
    """The rows that can be read, in whichever way the table lets them be found."""
    sql = damaged.execute("SELECT sql FROM sqlite_schema WHERE name = ?", [table]).fetchone()[0]
    columns = ", ".join(names)
    if "WITHOUT ROWID" in sql:
        keys = ", ".join(f"{row[1]} {{0}}" for row in _key_of(damaged, table))
        ordered = f"SELECT {columns} FROM {table} ORDER BY {keys}"
        yield from _from_both_ends(damaged, ordered)
    else:
        yield from _by_rowid(damaged, f"SELECT rowid, {columns} FROM {table} NOT INDEXED")


def _key_of(damaged: Connection, table: str) -> list[Any]:
    """The columns of the primary key, in order."""
    info = damaged.execute(f"PRAGMA table_info({table})").fetchall()
    return sorted((row for row in info if row[5]), key=lambda row: row[5])


def _by_rowid(damaged: Connection, select: str) -> Iterator[Sequence[Any]]:
    """Rows by ascending rowid; where some cannot be read, those behind them."""
    last = skipped = 0
    while last + skipped < _FARTHEST:
        try:
            sql = f"{select} WHERE rowid > ? ORDER BY rowid"
            for row in damaged.execute(sql, [last + skipped]):
                last, skipped = int(row[0]), 0
                yield row[1:]
            return
        except StoreError as error:
            if error.trouble is not Trouble.DAMAGED:
                raise
            skipped += 1 if skipped < _STEP_BY_ONE else skipped


def _from_both_ends(damaged: Connection, ordered: str) -> Iterator[Sequence[Any]]:
    """Rows in ascending order up to what cannot be read, then in descending order down to it."""
    for direction in ("ASC", "DESC"):
        try:
            yield from damaged.execute(ordered.format(direction))
            return
        except StoreError as error:
            if error.trouble is not Trouble.DAMAGED:
                raise


def _set_aside(damaged: Connection, aside: Path) -> None:
    """Keep the pages of the damaged file as they are, noise and all."""
    with closing(connect(aside)) as copy:
        damaged.backup(copy)
    aside.chmod(PRIVATE)


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


# -- whether what was read means anything ---------------------------------------------------------


def _sensible(table: str, row: Mapping[str, Any]) -> bool:
    """Whether a row of a damaged table is one, not noise that happens to be read as one."""
    try:
        return all(test(row[name]) for name, test in _TESTS.get(table, {}).items() if name in row)
    except (ValueError, TypeError):
        return False


def _moment(value: Any) -> bool:
    return datetime.fromisoformat(value).tzinfo is not None


def _object(value: Any) -> bool:
    return isinstance(json.loads(value), dict)


def _list(value: Any) -> bool:
    return isinstance(json.loads(value), list)


def _text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


_TESTS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "artworks": {"id": _text, "location": _text, "colours": _list, "tags": _list},
    "reactions": {"kind": lambda kind: kind in ("like", "dislike"), "at": _moment},
    "showings": {"shown_at": _moment, "parts": _object},
    "folded_showings": {"last_at": _moment},
    "display_settings": {
        "settings": lambda s: isinstance(DisplaySettings.model_validate_json(s), DisplaySettings)
    },
    "answers": {"at": _moment, "reply": _object},
    "changes": {"at": _moment, "change": _object},
    "embeddings": {"vector": lambda vector: isinstance(vector, bytes)},
    "query_vectors": {"vector": lambda vector: isinstance(vector, bytes)},
}
