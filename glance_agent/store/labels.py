"""Full-text search over what is printed on labels, by SQLite's FTS5."""

from __future__ import annotations

from sqlite_utils import Database

from glance_agent.domain.label import Tokens
from glance_agent.store.degrade import or_nothing
from glance_agent.store.label_folding import BEFORE, is_folded

MOST_HITS = 200
_WORDS = "the words of labels"


class Labels:
    """The labels of one database; one thread at a time. Withheld works are found as well."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._folded = False

    @or_nothing(list, _WORDS)
    def labelled_with(self, tokens: Tokens, most: int = MOST_HITS) -> list[str]:
        """The works whose labels carry these words, best first.

        Ranking costs a few microseconds for each that does, however few are wanted.
        """
        words = self._words
        rows = self.db.execute(
            f"SELECT a.id FROM (SELECT rowid AS hit, "
            f"bm25({words}, 4.0, 4.0, 1.0, 2.0, 1.0) AS rank FROM {words} "
            f"WHERE {words} MATCH ? ORDER BY 2 LIMIT ?) "
            "JOIN artworks a ON a.rowid = hit ORDER BY rank, a.id",
            [_expression(tokens), most],
        )
        return [row[0] for row in rows]

    @or_nothing(list, _WORDS)
    def all_labelled_with(self, tokens: Tokens) -> list[str]:
        """The same, however many they are, in no order that means anything."""
        words = self._words
        rows = self.db.execute(
            f"SELECT a.id FROM {words} JOIN artworks a ON a.rowid = {words}.rowid "
            f"WHERE {words} MATCH ?",
            [_expression(tokens)],
        )
        return [row[0] for row in rows]

    @or_nothing(int, _WORDS)
    def count_labelled_with(self, tokens: Tokens) -> int:
        """How many they are."""
        words = self._words
        sql = f"SELECT count(*) FROM {words} WHERE {words} MATCH ?"
        return int(self.db.execute(sql, [_expression(tokens)]).fetchone()[0])

    @or_nothing(list, _WORDS)
    def titles_with(self, words: str, longest: int) -> list[tuple[str, str]]:
        """Id and title of the works with these words in a row in a title of at most so many
        characters.
        """
        index = self._words
        rows = self.db.execute(
            f"SELECT a.id, a.title FROM {index} "
            f"JOIN artworks a ON a.rowid = {index}.rowid "
            f"WHERE {index} MATCH ? AND length(a.title) <= ?",
            [f"title : {_quoted(words)}", longest],
        )
        return [(row[0], row[1]) for row in rows]

    @or_nothing(bool, _WORDS)
    def is_on_labels(self, word: str) -> bool:
        """Whether any label has this word, or another one of its stem."""
        words = self._words
        sql = f"SELECT 1 FROM {words} WHERE {words} MATCH ? LIMIT 1"
        return self.db.execute(sql, [_quoted(word)]).fetchone() is not None

    @or_nothing(list, _WORDS)
    def words_like(self, word: str) -> list[str]:
        """Words of labels, folded, that begin as this one and are about as long; of artists, the
        last two words as well."""
        rows = self.db.execute(
            "SELECT word FROM label_words WHERE word >= :first AND word < :beyond "
            "AND length(word) BETWEEN :length - 2 AND :length + 2",
            {"first": word[0], "beyond": chr(ord(word[0]) + 1), "length": len(word)},
        )
        return [row[0] for row in rows]

    @property
    def _words(self) -> str:
        """The index to be asked: that of an older version, until all labels are folded."""
        self._folded = self._folded or is_folded(self.db)
        return "labels_fts" if self._folded else BEFORE


def _expression(tokens: Tokens) -> str:
    """The tokens in the syntax of FTS5, each of them taken literally."""
    joined = (" OR " if tokens.any else " AND ").join(_quoted(word) for word in tokens.words)
    return f"{{{' '.join(tokens.within)}}} : ({joined})" if tokens.within else joined


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""').replace("\0", " ") + '"'
