"""Full-text search over what is printed on labels."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlite_utils import Database

MOST_HITS = 200


class Labels:
    """The full-text index of one database; one thread at a time.

    Expressions are of SQLite's FTS5, over the columns title, artist, medium, tags, description.
    """

    def __init__(self, db: Database) -> None:
        self.db = db

    def hits(self, expression: str, limit: int = MOST_HITS) -> list[tuple[str, str, str | None]]:
        """Id, title and artist of the works that fit and are not withheld, best first."""
        rows = self.db.execute(
            "SELECT a.id, a.title, a.artist FROM artworks_fts "
            "JOIN artworks a ON a.rowid = artworks_fts.rowid "
            "WHERE artworks_fts MATCH ? AND a.hidden = 0 AND a.unusable IS NULL "
            "ORDER BY bm25(artworks_fts, 4.0, 4.0, 1.0, 2.0, 1.0), a.id LIMIT ?",
            [expression, limit],
        )
        return [(row[0], row[1], row[2]) for row in rows]

    def count(self, expression: str) -> int:
        """How many labels fit."""
        sql = "SELECT count(*) FROM artworks_fts WHERE artworks_fts MATCH ?"
        return int(self.db.execute(sql, [expression]).fetchone()[0])

    def artists(self, artwork_ids: Iterable[str]) -> dict[str, str]:
        """The artists of these works, by id; works without one are left out.

        So are works whose artist made more than a third of the library: in a house full of one
        artist's works, that name tells nothing apart.
        """
        rows = self.db.execute(
            "WITH head AS (SELECT id, artist FROM artworks "
            "WHERE id IN (SELECT value FROM json_each(?)) AND artist IS NOT NULL), "
            "everywhere AS (SELECT artist FROM (SELECT DISTINCT artist FROM head) AS name "
            "WHERE (SELECT count(*) FROM artworks WHERE artist = name.artist) * 3 "
            "> (SELECT count(*) FROM artworks)) "
            "SELECT id, artist FROM head WHERE artist NOT IN everywhere",
            [json.dumps(list(artwork_ids))],
        )
        return {row[0]: row[1] for row in rows}
