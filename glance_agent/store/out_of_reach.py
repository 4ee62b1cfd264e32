"""Works whose pictures cannot be had now: those of sources that are away, and single ones."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Container

from glance_agent.domain.of_sources import BySource, OfSources
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.vectors import ALL_WORKS

_PART = "which works are out of reach"
FEW_TO_LOOK_THROUGH = 50_000
"""Of more works only those that were ever shown are looked through for pictures that are kept."""


class WorksInReach:
    """What is out of reach in one database; one thread at a time, but for the marks."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._left_alone: frozenset[str] = frozenset()
        self._set_aside: frozenset[str] = frozenset()
        self._kept: dict[frozenset[str], frozenset[str]] = {}
        """The works of the sources that were away last whose pictures are kept."""
        self.sources: Container[str] | None = None
        """The sources that pictures can be read from; None where nobody knows."""
        self.kept_pictures: Callable[[], Container[str]] = tuple
        """Gives the locations whose pictures are kept here, though their source may be away."""

    # -- marks, which any thread may set -------------------------------------------------------

    def leave_alone(self, source: str) -> None:
        """Choose no work of this source: its pictures cannot be had now."""
        self._left_alone |= {source}

    def come_back(self, source: str) -> None:
        """The pictures of a source may be there again."""
        self._left_alone -= {source}

    def left_alone(self) -> tuple[str, ...]:
        """The sources whose pictures cannot be had now, and that are asked again."""
        return tuple(sorted(self._left_alone))

    def set_aside(self, artwork_id: str) -> None:
        """Choose this work no more for now."""
        self._set_aside |= {artwork_id}

    def take_up(self, artwork_id: str) -> None:
        """This work may be chosen again."""
        self._set_aside -= {artwork_id}

    # -- what follows from them ----------------------------------------------------------------

    @or_nothing(frozenset, _PART)
    def known_sources(self) -> frozenset[str]:
        """The sources that works are from, those that cannot be shown as well."""
        return frozenset(row[0] for row in self.db.execute(_SOURCES))

    @or_nothing(list, _PART)
    def away(self) -> list[str]:
        """The sources of works that are left alone, or are not there at all."""
        away = set(self._left_alone)
        if self.sources is not None:
            away |= {source for source in self.known_sources() if source not in self.sources}
        return sorted(away)

    @or_nothing(frozenset, _PART)
    def out_of_reach(self) -> BySource:
        """The works of those sources whose pictures are not kept here, and what is set aside."""
        away = frozenset(self.away())
        if not away:
            return self._set_aside
        if away not in self._kept:
            self._kept = {away: self._kept_of(away)}
        return OfSources(self, away, self._kept[away]) | self._set_aside

    def of_sources(self, sources: Collection[str]) -> OfSources:
        """The works of these sources."""
        return OfSources(self, frozenset(sources))

    @or_nothing(lambda: None, _PART)
    def source_of(self, artwork_id: str) -> str | None:
        """The source of a work; None where it is not there."""
        row = self.db.execute("SELECT source FROM artworks WHERE id = ?", [artwork_id]).fetchone()
        return row[0] if row else None

    @or_nothing(bool, _PART)
    def has_any(self, sources: frozenset[str], but: frozenset[str]) -> bool:
        """Whether there is a work of these sources that is none of some."""
        sql = "SELECT id FROM artworks WHERE source = ? LIMIT ?"
        return any(
            artwork not in but
            for source in sources
            for (artwork,) in self.db.execute(sql, [source, len(but) + 1])
        )

    @or_nothing(lambda: None, _PART)
    def any_location(self, source: str) -> str | None:
        """Where the picture of some work of a source is, another one each time; None for none."""
        sql = (
            "SELECT location FROM artworks WHERE source = ? AND unusable IS NULL "
            "ORDER BY random() LIMIT 1"
        )
        row = self.db.execute(sql, [source]).fetchone()
        return row[0] if row else None

    def _kept_of(self, away: frozenset[str]) -> frozenset[str]:
        kept = self.kept_pictures()
        if not kept:
            return frozenset()
        many = self.db.execute(ALL_WORKS).fetchone()[0] > FEW_TO_LOOK_THROUGH
        sql = "SELECT id, location FROM artworks WHERE {} IN (SELECT value FROM json_each(?))"
        sql = f"{sql.format('+source')} AND {_SHOWN}" if many else sql.format("source")
        rows = self.db.execute(sql, [json.dumps(sorted(away))])
        return frozenset(artwork for artwork, location in rows if location in kept)

    def forget_reach(self) -> None:
        """Look again which works are of which source, and which pictures are kept."""
        self._kept.clear()


_SHOWN = "id IN (SELECT artwork_id FROM showings UNION SELECT artwork_id FROM folded_showings)"
_SOURCES = (
    # Each is found from the one before it in the index: there are few, of many works.
    "WITH RECURSIVE known(source) AS (SELECT min(source) FROM artworks UNION ALL SELECT "
    "(SELECT min(source) FROM artworks WHERE source > known.source) FROM known "
    "WHERE known.source IS NOT NULL) SELECT source FROM known WHERE source IS NOT NULL"
)
