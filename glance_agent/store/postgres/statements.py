"""Statements as the ports write them, for SQLite -> the same for PostgreSQL.

Each statement is written once. What this knows is all that differs in those that there are; what
differs in functions (`json_each`, `instr`, …) is made alike in the database, by `functions`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

STATEMENTS_KEPT = 512
"""So many translations stay in memory; there are some two hundred statements."""
KEYS = {
    "artworks": "id",
    "cursors": "source",
    "display_settings": "display",
    "embeddings": "space, artwork_id",
    "facts": "name",
    "folders": "name",
    "items": "source, key",
    "query_vectors": "space, query",
    "reactions": '"user", artwork_id',
    "receipts": "key",
}
"""What tells the rows of a table apart, where a row may take the place of another one."""
COLUMNS = {
    "cursors": "source, cursor, updated_at",
    "display_settings": "display, settings",
    "facts": "name, value",
    "folders": "name, path",
    "items": "source, key, fingerprint, artwork_id, location, reason, detail, checked_at",
    "query_vectors": "space, query, vector, used_at",
    "receipts": "key, answer",
}
"""The columns of tables, for statements that name none."""
NUMBERED = {"reactions": "rowid", "query_vectors": "rowid", "embeddings": "number"}
"""The column that says in which order rows were written, which a row in the place of another one
gets anew, as in SQLite."""


class Statement(NamedTuple):
    """A statement for PostgreSQL, and which value each of `$1`, `$2`, … is: a place or a name."""

    sql: str
    values: tuple[int | str, ...]


@lru_cache(STATEMENTS_KEPT)
def translated(sql: str) -> Statement:
    """The same statement for PostgreSQL."""
    values: dict[int | str, int] = {}
    places = iter(range(1_000))

    def number(key: int | str) -> str:
        return f"${values.setdefault(key, len(values) + 1)}"

    def spelled(found: re.Match[str]) -> str:
        kind, text = str(found.lastgroup), found[0]
        match kind:
            case "place":
                return number(int(text[1:]) - 1 if text[1:] else next(places))
            case "name":
                return number(text[1:])
            case "unknown":
                # Of nothing, PostgreSQL does not know what it would be.
                return f"{number(text[1:-8])}::text IS NULL"
            case _:
                return _SPELLED.get(kind, text)

    said = _WORDS.sub(spelled, _written(sql))
    return Statement(_CAST.sub(r"CAST(trunc(CAST(\1 AS numeric)) AS bigint)", said), (*values,))


def is_reading(sql: str) -> bool:
    """Whether a statement only looks."""
    return sql.lstrip()[:6].upper().startswith(("SELECT", "WITH"))


_SPELLED = {
    # A function of PostgreSQL's, unless it is quoted: it says who is connected.
    "user": '"user"',
    "glob": "SIMILAR TO",  # the patterns that there are mean the same
    "like": "ILIKE",  # SQLite's makes no difference between capitals and small letters
    "all": "LIMIT ALL",
    "hint": "",  # to SQLite, not to use an index; it means nothing
    "skip": "FOR NO KEY UPDATE SKIP LOCKED",  # what others are just taking; SQLite has one writer
}
_WORDS = re.compile(
    r"(?P<text>'(?:[^']|'')*'|\"[^\"]*\"|::\w+)|(?P<place>\?\d*)"
    r"|(?P<unknown>:[a-z_]\w* IS NULL)|(?P<name>:[a-z_]\w*)"
    r"|(?P<user>\buser\b)|(?P<glob>\bGLOB\b)|(?P<like>\bLIKE\b)|(?P<all>\bLIMIT -1\b)"
    r"|(?P<skip>/\* skip locked \*/)|(?P<hint>(?<=[\s(])\+(?=[a-z_]))"
)
_CAST = re.compile(r"CAST\(([^()]+) AS INTEGER\)")
"""SQLite leaves off what is behind the point, PostgreSQL rounds."""
_INSTEAD = re.compile(r"INSERT OR REPLACE INTO (\w+)(?: \(([^)]*)\))? (VALUES .*)", re.DOTALL)
_UNLESS = re.compile(r"INSERT OR IGNORE INTO (.*)", re.DOTALL)


def _written(sql: str) -> str:
    """A statement that writes, with what SQLite says in two words as a clause."""
    if unless := _UNLESS.fullmatch(sql):
        return f"INSERT INTO {unless[1]} ON CONFLICT DO NOTHING"
    if (instead := _INSTEAD.fullmatch(sql)) is None:
        return sql
    table, columns, values = instead[1], instead[2] or COLUMNS[instead[1]], instead[3]
    changed = [name.strip() for name in columns.split(",")]
    if table in NUMBERED:
        changed.append(NUMBERED[table])
    changes = ", ".join(f"{name} = excluded.{name}" for name in changed)
    return (
        f"INSERT INTO {table} ({columns}) {values} "
        f"ON CONFLICT ({KEYS[table]}) DO UPDATE SET {changes}"
    )
