"""The words of labels in SQLite's full-text index, FTS5 (sqlite.org/fts5.html)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.label import Tokens
from glance_agent.store.database import Database

FOLDED = "labels_fts"
BEFORE = "artworks_fts"
"""The index of an older version, with the letters as they were printed."""
WEIGHTS = (4.0, 4.0, 1.0, 2.0, 1.0)
"""How much a word counts in each field: title, artist, medium, tags, description."""
TOKENIZE = "porter unicode61 remove_diacritics 0 categories 'L* N* C* M*'"
"""What a word is: letters, digits and marks, by its stem."""


class Fts5Words:
    """The words of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._folded = False

    def put(self, labels: Mapping[int, Sequence[str]]) -> None:
        self._db.conn.executemany(
            f"DELETE FROM {FOLDED} WHERE rowid = ?", [(work,) for work in labels]
        )
        self._db.conn.executemany(
            f"INSERT INTO {FOLDED} (rowid, title, artist, medium, tags, description) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            [(work, *texts) for work, texts in labels.items()],
        )

    def complete(self) -> bool:
        sql = "SELECT 1 FROM sqlite_master WHERE name = ?"
        return self._db.execute(sql, [BEFORE]).fetchone() is None

    def retire_former(self) -> None:
        from sqlite_utils import Database as WithTables  # nothing else here needs it

        WithTables(self._db.conn).table("artworks").disable_fts()

    def best(self, tokens: Tokens, most: int) -> list[str]:
        words = self._name
        rows = self._db.execute(
            f"SELECT a.id FROM (SELECT rowid AS hit, "
            f"bm25({words}, {', '.join(map(str, WEIGHTS))}) AS rank FROM {words} "
            f"WHERE {words} MATCH ? ORDER BY 2 LIMIT ?) "
            "JOIN artworks a ON a.rowid = hit ORDER BY rank, a.id",
            [expression(tokens), most],
        )
        return [row[0] for row in rows]

    def all_with(self, tokens: Tokens, most: int) -> list[str]:
        words = self._name
        rows = self._db.execute(
            f"SELECT a.id FROM (SELECT rowid AS hit FROM {words} WHERE {words} MATCH ? LIMIT ?) "
            "JOIN artworks a ON a.rowid = hit",
            [expression(tokens), most],
        )
        return [row[0] for row in rows]

    def places(self, tokens: Tokens) -> NDArray[np.int64]:
        words = self._name
        # All in one text: to take over a row for each would take four times as long.
        sql = f"SELECT group_concat(rowid) FROM {words} WHERE {words} MATCH ?"
        found = self._db.execute(sql, [expression(tokens)]).fetchone()[0]
        return np.fromstring(found, np.int64, sep=",") if found else np.empty(0, np.int64)

    def count(self, tokens: Tokens, most: int) -> int:
        words = self._name
        # Longer lists lie on many pages, of which only the first are read.
        sql = f"SELECT count(*) FROM (SELECT 1 FROM {words} WHERE {words} MATCH ? LIMIT ?)"
        return int(self._db.execute(sql, [expression(tokens), most]).fetchone()[0])

    def titles(self, words: str, longest: int) -> list[tuple[str, str]]:
        index = self._name
        rows = self._db.execute(
            f"SELECT a.id, a.title FROM {index} "
            f"JOIN artworks a ON a.rowid = {index}.rowid "
            f"WHERE {index} MATCH ? AND length(a.title) <= ?",
            [f"title : {quoted(words)}", longest],
        )
        return [(row[0], row[1]) for row in rows]

    def has(self, word: str) -> bool:
        words = self._name
        sql = f"SELECT 1 FROM {words} WHERE {words} MATCH ? LIMIT 1"
        return self._db.execute(sql, [quoted(word)]).fetchone() is not None

    @property
    def _name(self) -> str:
        """The index to be asked: that of an older version, until all labels are folded."""
        self._folded = self._folded or self.complete()
        return FOLDED if self._folded else BEFORE


def expression(tokens: Tokens) -> str:
    """The tokens in the syntax of FTS5, each of them taken literally."""
    joined = (" OR " if tokens.any else " AND ").join(quoted(word) for word in tokens.words)
    return f"{{{' '.join(tokens.within)}}} : ({joined})" if tokens.within else joined


def quoted(words: str) -> str:
    """A phrase in the syntax of FTS5."""
    return '"' + words.replace('"', '""').replace("\0", " ") + '"'
