"""Full-text search over what is printed on labels."""

from __future__ import annotations

from sqlite_utils import Database

from glance_agent.store.degrade import or_nothing

MOST_HITS = 200
_WORDS = "the words of labels"


class Labels:
    """The full-text index of one database; one thread at a time.

    Expressions are of SQLite's FTS5, over the columns title, artist, medium, tags, description.
    """

    def __init__(self, db: Database) -> None:
        self.db = db

    @or_nothing(list, _WORDS)
    def hits(self, expression: str, limit: int = MOST_HITS) -> list[tuple[str, str, str | None]]:
        """Id, title and artist of the works that fit, withheld ones too, best first.

        Ranking costs a few microseconds for each work that fits, however few are wanted.
        """
        rows = self.db.execute(
            "SELECT a.id, a.title, a.artist FROM (SELECT rowid AS hit, "
            "bm25(artworks_fts, 4.0, 4.0, 1.0, 2.0, 1.0) AS rank FROM artworks_fts "
            "WHERE artworks_fts MATCH ? ORDER BY 2 LIMIT ?) "
            "JOIN artworks a ON a.rowid = hit ORDER BY rank, a.id",
            [expression, limit],
        )
        return [(row[0], row[1], row[2]) for row in rows]

    @or_nothing(list, _WORDS)
    def fitting(self, expression: str) -> list[str]:
        """The ids of all works that fit, in no order that means anything."""
        rows = self.db.execute(
            "SELECT a.id FROM artworks_fts JOIN artworks a ON a.rowid = artworks_fts.rowid "
            "WHERE artworks_fts MATCH ?",
            [expression],
        )
        return [row[0] for row in rows]

    @or_nothing(list, _WORDS)
    def titles(self, expression: str, longest: int) -> list[tuple[str, str]]:
        """Id and title of the works that fit and whose title has at most so many characters."""
        rows = self.db.execute(
            "SELECT a.id, a.title FROM artworks_fts "
            "JOIN artworks a ON a.rowid = artworks_fts.rowid "
            "WHERE artworks_fts MATCH ? AND length(a.title) <= ?",
            [expression, longest],
        )
        return [(row[0], row[1]) for row in rows]

    @or_nothing(int, _WORDS)
    def count(self, expression: str) -> int:
        """How many labels fit."""
        sql = "SELECT count(*) FROM artworks_fts WHERE artworks_fts MATCH ?"
        return int(self.db.execute(sql, [expression]).fetchone()[0])
