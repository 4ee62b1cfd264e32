"""Folding labels: what is printed on works, filled into the index of words as it is looked for.

A trigger notes each work whose label has changed, and here it is folded: at once for a work that
is added, in slices for a library that an older version has filled. Until that is done its own index
answers, as it did before.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from glance_agent.domain.folding import findable, folded_words
from glance_agent.store.database import Database
from glance_agent.store.transaction import transaction

AT_ONCE = 100
"""So many labels are folded at a time, while nobody waits."""
_SHORTEST_WORD = 4
_SHORTEST_IN_NAME = 2


def fold_labels(db: Database, most: int = AT_ONCE) -> bool:
    """Fold some labels that have not been; True once none is left."""
    rows = db.execute(
        "SELECT a.rowid, title, artist, medium, tags, description FROM unfolded "
        "JOIN artworks a ON a.rowid = unfolded.work LIMIT ?",
        [most],
    ).fetchall()
    if rows:
        with transaction(db):
            _fold(db, rows)
        return False
    if is_folded(db):
        return True
    with transaction(db):
        db.words.retire_former()
        db.execute("DELETE FROM unfolded")
    return True


def fold_label(db: Database, artwork_id: str) -> None:
    """Fold the label of one work, if that has to be done."""
    rows = db.execute(
        "SELECT a.rowid, title, artist, medium, tags, description FROM artworks a "
        "JOIN unfolded ON unfolded.work = a.rowid WHERE a.id = ?",
        [artwork_id],
    ).fetchall()
    _fold(db, rows)


def is_folded(db: Database) -> bool:
    """Whether the folded labels answer: all were folded once."""
    return db.words.complete()


def _fold(db: Database, rows: Iterable[Any]) -> None:
    labels: dict[int, list[str]] = {}
    words: set[str] = set()
    for work, title, artist, medium, tags, description in rows:
        of_tags = _spoken(tags)
        printed = (title, artist, medium, of_tags, description)
        labels[work] = [findable(text) for text in printed]
        words.update(_words(title), _words(artist), _words(of_tags), _end_of_name(artist))
    db.words.put(labels)
    spelled = [(word,) for word in sorted(words)]
    db.conn.executemany("INSERT OR IGNORE INTO label_words VALUES (?)", spelled)
    folded = json.dumps([*labels])
    of_these = "SELECT CAST(value AS INTEGER) FROM json_each(?)"
    db.execute(f"DELETE FROM unfolded WHERE work IN ({of_these})", [folded])


def _spoken(tags: str) -> str:
    """Tags as words; none where they cannot be read."""
    try:
        return " ".join(map(str, json.loads(tags)))
    except ValueError:
        return ""


def _words(text: str | None) -> Iterator[str]:
    """The words of a text that may be misspelt."""
    for word in folded_words(text):
        if len(word) >= _SHORTEST_WORD and word.isalpha():
            yield word


def _end_of_name(artist: str | None) -> Iterator[str]:
    """`van gogh` of an artist's name, which is misspelt as one."""
    words = folded_words(artist)[-2:]
    if len(words) == 2 and all(len(w) >= _SHORTEST_IN_NAME and w.isalpha() for w in words):
        yield " ".join(words)
