"""The words of labels in PostgreSQL: cut and stemmed by SQLite, ranked by the same BM25.

SQLite's own tokenizer says which words a label has, so that both engines find the same works. They
are kept as a `tsvector` whose letters say in which field a word stands: A a title, B an artist, C
tags, D a description. A medium's words are other words, since there are but four letters.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.label import Tokens
from glance_agent.store.database import Database
from glance_agent.store.sqlite import connect_nowhere
from glance_agent.store.words import TOKENIZE, WEIGHTS

_FIELDS = ("title", "artist", "medium", "tags", "description")
_LETTERS: Final = {"title": "A", "artist": "B", "tags": "C", "description": "D"}
_OF_MEDIUM = "medium/"
"""What a medium's words begin with; no tokenizer leaves a slash in a word."""
_LONGEST_BYTES = 1_000
"""Of a longer word the beginning counts: PostgreSQL keeps none of 2 kB."""
_FARTHEST = 16_383
"""The last place of a word that PostgreSQL tells from others."""
_K1, _B = 1.2, 0.75
"""The constants of BM25 in SQLite."""
_LEAST_RARITY = 1e-6
_CANDIDATES = 400
"""So many labels at least are ranked exactly, and twice as many as are wanted."""
_ONE = 1.64493406685
"""What `ts_rank` divides by: the sum of 1/n²."""


class PlacedStem(NamedTuple):
    """A word of a text, by its stem, and its place among those of its field."""

    stem: str
    field: int
    place: int


class Tokenizer:
    """SQLite's own, of the index of labels: words of texts by their stems."""

    def __init__(self) -> None:
        self._db = connect_nowhere()
        fields = ", ".join(_FIELDS)
        self._db.execute(f'CREATE VIRTUAL TABLE texts USING fts5({fields}, tokenize="{TOKENIZE}")')
        self._db.execute("CREATE VIRTUAL TABLE seen USING fts5vocab(texts, instance)")
        self._db.commit()

    def words(self, texts: Sequence[str]) -> list[PlacedStem]:
        """The words of these texts, one for each field, in their order."""
        # PostgreSQL keeps no NUL, and a tokenizer takes it for the end.
        whole = [text.replace("\0", " ") for text in texts]
        names = dict(zip(_FIELDS, range(5), strict=True))
        self._db.execute("INSERT INTO texts VALUES (?, ?, ?, ?, ?)", whole)
        try:
            rows = self._db.execute("SELECT term, col, offset FROM seen ORDER BY col, offset")
            return [PlacedStem(_cut(row[0]), names[row[1]], row[2]) for row in rows.fetchall()]
        finally:
            self._db.rollback()

    def phrase(self, text: str) -> tuple[str, ...]:
        """The words of a text in a row."""
        return tuple(word.stem for word in self.words([text, "", "", "", ""]))


class PostgresWords:
    """The words of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self._db = db

    @cached_property
    def _tokenizer(self) -> Tokenizer:
        return Tokenizer()

    def put(self, labels: Mapping[int, Sequence[str]]) -> None:
        if not labels:
            return
        words = [self._tokenizer.words(texts) for texts in labels.values()]
        self._db.execute(
            "INSERT INTO labels (work, artist, tokens, words) SELECT work, artist, tokens, "
            "words::tsvector FROM unnest(?::bigint[], ?::text[], ?::bigint[], ?::text[]) "
            "AS label (work, artist, tokens, words) "
            "ON CONFLICT (work) DO UPDATE SET artist = excluded.artist, "
            "tokens = excluded.tokens, words = excluded.words",
            [
                [*labels],
                [texts[1] for texts in labels.values()],
                [len(of_label) for of_label in words],
                [_vector(of_label) for of_label in words],
            ],
        )

    def complete(self) -> bool:
        return True

    def retire_former(self) -> None:
        pass

    def best(self, tokens: Tokens, most: int) -> list[str]:
        asked = self._asked(tokens)
        if asked is None:
            return []
        phrases, query = asked
        rarities, average = self._statistics(phrases)
        rows = self._db.execute(
            _BEST.format(rank=_rank(rarities)),
            {
                "query": query,
                "most": max(_CANDIDATES, 2 * most),
                "average": average,
                "stems": [stem for phrase in phrases for stem in phrase.lexemes],
                **{f"phrase_{n}": phrase.query for n, phrase in enumerate(phrases)},
            },
        )
        ranked = [
            (-_bm25(phrases, rarities, row[1] / average, row[2]), row[0]) for row in rows.fetchall()
        ]
        return [artwork for _, artwork in sorted(ranked)[:most]]

    def all_with(self, tokens: Tokens, most: int) -> list[str]:
        if (asked := self._asked(tokens)) is None:
            return []
        sql = (
            "SELECT a.id FROM labels l JOIN artworks a ON a.rowid = l.work "
            "WHERE l.words @@ ?::tsquery LIMIT CAST(? AS bigint)"
        )
        return [row[0] for row in self._db.execute(sql, [asked[1], most])]

    def places(self, tokens: Tokens) -> NDArray[np.int64]:
        if (asked := self._asked(tokens)) is None:
            return np.empty(0, np.int64)
        sql = "SELECT work FROM labels WHERE words @@ ?::tsquery"
        rows = self._db.execute(sql, [asked[1]]).fetchall()
        return np.array([row[0] for row in rows], np.int64)

    def count(self, tokens: Tokens, most: int) -> int:
        if (asked := self._asked(tokens)) is None:
            return 0
        sql = (
            "SELECT count(*) FROM (SELECT 1 FROM labels WHERE words @@ ?::tsquery "
            "LIMIT CAST(? AS bigint)) AS some_labels"
        )
        return int(self._db.execute(sql, [asked[1], most]).fetchone()[0])

    def titles(self, words: str, longest: int) -> list[tuple[str, str]]:
        if (asked := self._asked(Tokens((words,), within=("title",)))) is None:
            return []
        sql = (
            "SELECT a.id, a.title FROM labels l JOIN artworks a ON a.rowid = l.work "
            "WHERE l.words @@ ?::tsquery AND length(a.title) <= ?"
        )
        return [(row[0], row[1]) for row in self._db.execute(sql, [asked[1], longest])]

    def has(self, word: str) -> bool:
        if (asked := self._asked(Tokens((word,)))) is None:
            return False
        sql = "SELECT 1 FROM labels WHERE words @@ ?::tsquery LIMIT 1"
        return self._db.execute(sql, [asked[1]]).fetchone() is not None

    def _asked(self, tokens: Tokens) -> tuple[list[_Phrase], str] | None:
        """The phrases that are looked for, and all of them together; None where nothing is."""
        found = [_Phrase(self._tokenizer.phrase(word), tokens.within) for word in tokens.words]
        phrases = [phrase for phrase in found if phrase.stems]
        if not phrases or (len(phrases) < len(found) and not tokens.any):
            return None
        together = " | " if tokens.any else " & "
        return phrases, together.join(f"({phrase.query})" for phrase in phrases)

    def _statistics(self, phrases: Sequence[_Phrase]) -> tuple[list[float], float]:
        """How rare each phrase is, and how many words a label has on average."""
        # Where there is one alone, the order does not depend on it.
        compared = [phrase.query for phrase in phrases] if len(phrases) > 1 else []
        count = ", (SELECT count(*) FROM labels WHERE words @@ ?::tsquery)"
        sql = (
            "SELECT (SELECT number FROM counted WHERE name = 'labels'), "
            f"(SELECT number FROM counted WHERE name = 'words of labels'){count * len(compared)}"
        )
        row = self._db.execute(sql, compared).fetchone()
        labels, words, *hits = row
        rare = [math.log((labels - hit + 0.5) / (hit + 0.5)) for hit in hits] or [1.0]
        return [value if value > 0 else _LEAST_RARITY for value in rare], max(1, words) / max(
            1, labels
        )


class _Phrase:
    """Words in a row, by their stems, within some fields or anywhere."""

    def __init__(self, stems: tuple[str, ...], within: Sequence[str]) -> None:
        self.stems = stems
        letters = "".join(_LETTERS[field] for field in within if field in _LETTERS)
        plain = _row(stems, letters) if letters or not within else ""
        of_medium = [f"{_OF_MEDIUM}{stem}" for stem in stems]
        medium = _row(of_medium, "") if "medium" in within or not within else ""
        self.query = " | ".join(filter(None, (plain, medium)))
        self.lexemes = [*stems, *of_medium] if medium else [*stems]
        self._letters = letters or ("" if within else "ABCD")
        self._medium = bool(medium)

    def weight(self, places: dict[str, dict[int, str]]) -> float:
        """How much it is on a label, by the places and fields of its words."""
        plain = _runs(self.stems, places)
        found = sum(_OF_LETTER[letter] for letter in plain if letter in self._letters)
        if self._medium:
            medium = _runs([f"{_OF_MEDIUM}{stem}" for stem in self.stems], places)
            found += sum(WEIGHTS[2] for _ in medium)
        return found


_OF_LETTER = {letter: WEIGHTS[_FIELDS.index(field)] for field, letter in _LETTERS.items()}


def _runs(stems: Sequence[str], places: dict[str, dict[int, str]]) -> Iterable[str]:
    """The letter of each place at which these words stand in a row."""
    later = list(enumerate(stems))[1:]
    for place, letter in places.get(stems[0], {}).items():
        if all(places.get(stem, {}).get(place + n) == letter for n, stem in later):
            yield letter


def _bm25(
    phrases: Sequence[_Phrase], rarities: Sequence[float], length: float, words: Any
) -> float:
    """The rank of a label, so many times as long as others, as SQLite reckons it."""
    places = {stem: dict(zip(where, letters, strict=True)) for stem, where, letters in words or ()}
    total = 0.0
    for phrase, rarity in zip(phrases, rarities, strict=True):
        often = phrase.weight(places)
        total += rarity * often * (_K1 + 1) / (often + _K1 * (1 - _B + _B * length))
    return total


def _rank(rarities: Sequence[float]) -> str:
    """About the same in SQL: exact for a word that a label has once."""
    often = f"({{phrase}} * {4 * _ONE})"
    terms = []
    for number, rarity in enumerate(rarities):
        rank = f"ts_rank('{{.25,.5,1,1}}', l.words, :phrase_{number}::tsquery)"
        many = often.format(phrase=rank)
        terms.append(
            f"{rarity!r} * {many} / ({many} + {_K1} * ({1 - _B} + {_B} * l.tokens / :average))"
        )
    return " + ".join(terms)


_BEST = (
    "SELECT a.id, hit.tokens, (SELECT json_agg(json_build_array(w.lexeme, w.positions, w.weights)) "
    "FROM unnest(hit.words) w WHERE w.lexeme = ANY(:stems)) FROM (SELECT l.work, l.tokens, l.words "
    "FROM labels l WHERE l.words @@ :query::tsquery ORDER BY {rank} DESC LIMIT :most) hit "
    "JOIN artworks a ON a.rowid = hit.work"
)


def _vector(words: Iterable[PlacedStem]) -> str:
    """The words as a `tsvector`, those of each field behind those of the one before."""
    places: dict[str, list[str]] = {}
    starts, last = [0] * 6, 1
    by_field: list[list[PlacedStem]] = [[] for _ in _FIELDS]
    for word in words:
        by_field[word.field].append(word)
    # What is short first: of a long text, the end is told apart no more.
    for field in (0, 1, 2, 3, 4):
        starts[field] = last
        for word in by_field[field]:
            medium = _FIELDS[field] == "medium"
            stem = f"{_OF_MEDIUM}{word.stem}" if medium else word.stem
            letter = "" if medium else _LETTERS[_FIELDS[field]]
            place = min(starts[field] + word.place, _FARTHEST)
            places.setdefault(stem, []).append(f"{place}{letter}")
            last = max(last, starts[field] + word.place + 2)
    return " ".join(f"{_quoted(stem)}:{','.join(at)}" for stem, at in places.items())


def _row(stems: Sequence[str], letters: str) -> str:
    """Words in a row as a `tsquery`, in the fields of these letters or in any."""
    behind = f":{letters}" if letters else ""
    return " <-> ".join(f"{_quoted(stem)}{behind}" for stem in stems)


def _quoted(stem: str) -> str:
    return "'" + stem.replace("\\", "\\\\").replace("'", "''") + "'"


def _cut(stem: str) -> str:
    data = stem.encode("utf-8", "replace")
    return stem if len(data) <= _LONGEST_BYTES else data[:_LONGEST_BYTES].decode("utf-8", "ignore")
