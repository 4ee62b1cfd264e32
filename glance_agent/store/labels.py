"""Full-text search over what is printed on labels, by SQLite's FTS5."""

from __future__ import annotations

from sqlite_utils import Database

from glance_agent.domain.label import Tokens
from glance_agent.store.degrade import or_nothing

MOST_HITS = 200
_WORDS = "the words of labels"


class Labels:
    """The labels of one database; one thread at a time. Withheld works are found as well."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @or_nothing(list, _WORDS)
    def labelled_with(self, tokens: Tokens, most: int = MOST_HITS) -> list[str]:
        """The works whose labels carry these words, best first.

        Ranking costs a few microseconds for each that does, however few are wanted.
        """
        rows = self.db.execute(
            "SELECT a.id FROM (SELECT rowid AS hit, "
            "bm25(artworks_fts, 4.0, 4.0, 1.0, 2.0, 1.0) AS rank FROM artworks_fts "
            "WHERE artworks_fts MATCH ? ORDER BY 2 LIMIT ?) "
            "JOIN artworks a ON a.rowid = hit ORDER BY rank, a.id",
            [_expression(tokens), most],
        )
        return [row[0] for row in rows]

    @or_nothing(list, _WORDS)
    def all_labelled_with(self, tokens: Tokens) -> list[str]:
        """The same, however many they are, in no order that means anything."""
        rows = self.db.execute(
            "SELECT a.id FROM artworks_fts JOIN artworks a ON a.rowid = artworks_fts.rowid "
            "WHERE artworks_fts MATCH ?",
            [_expression(tokens)],
        )
        return [row[0] for row in rows]

    @or_nothing(int, _WORDS)
    def count_labelled_with(self, tokens: Tokens) -> int:
        """How many they are."""
        sql = "SELECT count(*) FROM artworks_fts WHERE artworks_fts MATCH ?"
        return int(self.db.execute(sql, [_expression(tokens)]).fetchone()[0])

    @or_nothing(list, _WORDS)
    def titles_with(self, words: str, longest: int) -> list[tuple[str, str]]:
        """Id and title of the works with these words in a row in a title of at most so many
        characters.
        """
        rows = self.db.execute(
            "SELECT a.id, a.title FROM artworks_fts "
            "JOIN artworks a ON a.rowid = artworks_fts.rowid "
            "WHERE artworks_fts MATCH ? AND length(a.title) <= ?",
            [f"title : {_quoted(words)}", longest],
        )
        return [(row[0], row[1]) for row in rows]


def _expression(tokens: Tokens) -> str:
    """The tokens in the syntax of FTS5, each of them taken literally."""
    joined = (" OR " if tokens.any else " AND ").join(_quoted(word) for word in tokens.words)
    return f"{{{' '.join(tokens.within)}}} : ({joined})" if tokens.within else joined


def _quoted(words: str) -> str:
    return '"' + words.replace('"', '""').replace("\0", " ") + '"'
