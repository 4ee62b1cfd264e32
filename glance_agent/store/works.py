"""The works of a library for whoever shows them: reading, filtering, keeping out of sight."""

from __future__ import annotations

import json
from collections.abc import Collection, Container, Iterable, Sequence
from random import Random

from glance_agent.domain.artwork import Artwork, Filters, Kin
from glance_agent.domain.of_sources import FEW, BySource, KeptBack
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.view import View
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing
from glance_agent.store.filtering import BY_ONE, LAST_HIDDEN, LAST_LIKED, passing
from glance_agent.store.index_rows import RowsView
from glance_agent.store.kept_back import COPIES, ON_REQUEST, UNSEEN, NeverChosen
from glance_agent.store.vectors import ALL_WORKS
from glance_agent.store.wall import WorksOfTheWall
from glance_agent.store.work_cache import WorkCache

DRAWN = 500
"""So many works of a large library are drawn by chance, from which one is chosen."""
FEW_TO_DRAW = 10_000
"""Of so many works one is chosen from all."""
_WORKS = "what is known of works"
_WITHHELD = "which works are withheld"
_PICTURES = "where pictures are"


class Works(WorksOfTheWall):
    """The works of one database, to be shown; one thread at a time.

    Works that were read are remembered until another connection writes, or this one adds them.
    Those that cannot be read, since the file is damaged, are not there, and never chosen again.
    """

    def __init__(self, db: Database) -> None:
        super().__init__(db)
        self._cache = WorkCache(db)
        self._cached_as_of = -1
        self._asked_as_of = -1
        self._withheld: tuple[tuple[int, int | None], frozenset[str] | KeptBack] | None = None
        """Which works are never chosen, and as of when."""

    def get(self, artwork_id: str) -> Artwork | None:
        """The artwork of this id, hidden or not."""
        return next(iter(self.get_many([artwork_id])), None)

    def get_many(self, artwork_ids: Iterable[str]) -> list[Artwork]:
        """The artworks of these ids, in this order; ids that are not there are left out."""
        ids = list(artwork_ids)
        self._notice_changes()
        found = self._cache.found(ids)
        return [found[i].artwork for i in ids if i in found]

    @or_nothing(lambda: None, _PICTURES)
    def location(self, artwork_id: str) -> str | None:
        """Where the picture is: an address or a path, for its source to read."""
        row = self.db.execute("SELECT location FROM artworks WHERE id = ?", [artwork_id]).fetchone()
        return row[0] if row else None

    @or_nothing(frozenset, _PICTURES)
    def liked_locations(self) -> frozenset[str]:
        """Where the pictures of all works are that somebody likes."""
        sql = (
            "SELECT location FROM artworks WHERE id IN "
            "(SELECT artwork_id FROM reactions WHERE kind = 'like')"
        )
        return frozenset(row[0] for row in self.db.execute(sql))

    @or_nothing(dict, _WORKS)
    def counts_by_source(self) -> dict[str, int]:
        """How many works of each source can be shown."""
        sql = "SELECT source, count(*) FROM artworks WHERE unusable IS NULL AND hidden = 0"
        return dict(self.db.execute(f"{sql} GROUP BY source"))

    def count_of(self, source: str) -> int:
        """How many works of a source can be shown."""
        sql = "SELECT count(*) FROM artworks WHERE source = ? AND unusable IS NULL AND hidden = 0"
        return int(self.db.execute(sql, [source]).fetchone()[0])

    @or_nothing(int, _WORKS)
    def count(self) -> int:
        """How many works of the collection can be shown."""
        # All of them less the few that cannot, which have indexes: no work is looked at.
        hidden = f"SELECT count(*) FROM ({UNSEEN} UNION {ON_REQUEST}) kept_out"
        sql = f"SELECT ({ALL_WORKS}) - ({hidden})"
        return int(self.db.execute(sql).fetchone()[0])

    @or_nothing(int, _WORKS)
    def held(self) -> int:
        """How many works there are, with those that cannot be shown."""
        return int(self.db.execute(ALL_WORKS).fetchone()[0])

    @or_nothing(frozenset, _WITHHELD)
    def uncounted(self) -> frozenset[str]:
        """The works that `count` leaves out."""
        return frozenset(row[0] for row in self.db.execute(f"{UNSEEN} UNION {ON_REQUEST}"))

    @or_nothing(frozenset, _WITHHELD)
    def unusable(self) -> frozenset[str]:
        """The works whose pictures cannot be read."""
        sql = "SELECT id FROM artworks WHERE unusable IS NOT NULL"
        return frozenset(row[0] for row in self.db.execute(sql))

    @or_nothing(frozenset, _WITHHELD)
    def barred(self) -> frozenset[str]:
        """The works that do not come back: hidden by someone, unusable, or one more copy."""
        return frozenset(row[0] for row in self.db.execute(_BARRED))

    def withheld(self) -> frozenset[str] | KeptBack:
        """The works that are never chosen: those, and what is shown on request alone."""
        never = self._never_chosen()
        if not self._cache.illegible:
            return never
        if isinstance(never, frozenset):
            return never | self._cache.illegible
        return KeptBack(never.told, more=frozenset(self._cache.illegible))

    @or_nothing(frozenset, _WITHHELD)
    def _never_chosen(self) -> frozenset[str] | KeptBack:
        """The same set as before, as long as nothing has changed that it follows from; of many
        works no more than that they are many."""
        as_of = self._data_version(), self.db.mark_of_kept_out()
        if self._withheld is None or self._withheld[0] != as_of or as_of[1] is None:
            sql = f"{UNSEEN} UNION ALL {COPIES} UNION ALL {ON_REQUEST} LIMIT {FEW + 1}"
            some = [row[0] for row in self.db.execute(sql)]
            few = len(some) <= FEW
            self._withheld = as_of, frozenset(some) if few else KeptBack(NeverChosen(self.db))
        return self._withheld[1]

    @or_nothing(frozenset, _WITHHELD)
    def out_of_reach(self) -> BySource:
        """The works whose pictures cannot be had now."""
        self._notice_changes()
        return super().out_of_reach()

    def off_wall(self) -> frozenset[str] | KeptBack:
        """The works that come up only where they are asked for."""
        self._notice_changes()
        return super().off_wall()

    def source_of(self, artwork_id: str) -> str | None:
        """The source of a work; None where it is not there."""
        known = self._cache.known(artwork_id)
        return known.artwork.source if known else super().source_of(artwork_id)

    @or_nothing(bool, _WITHHELD)
    def hidden(self, artwork_id: str) -> bool:
        """Whether someone has hidden this work, or the one that it is a copy of."""
        sql = (
            "SELECT 1 FROM artworks work LEFT JOIN artworks original ON original.id = work.twin_of "
            "WHERE work.id = ? AND (work.hidden = 1 OR original.hidden = 1)"
        )
        return self.db.execute(sql, [artwork_id]).fetchone() is not None

    @or_nothing(frozenset, _WORKS)
    def matching(self, filters: Filters) -> frozenset[str]:
        """The ids of the works that pass the filters."""
        condition, values = passing(filters)
        rows = self.db.execute(f"SELECT id FROM artworks WHERE {condition}", values)
        return frozenset(row[0] for row in rows)

    def passing(self, filters: Filters, view: View) -> Container[str]:
        """The works that pass the filters, as whoever looks at this view knows them quickest."""
        if not filters.listed and isinstance(view, RowsView):
            columns = view.passing(filters, lambda artwork: self._passes(artwork, filters))
            if columns is not None:
                return columns
        return self.matching(filters)

    @or_nothing(bool, _WORKS)
    def _passes(self, artwork_id: str, filters: Filters) -> bool:
        """Whether one work passes the filters."""
        condition, values = passing(filters)
        sql = f"SELECT 1 FROM artworks WHERE id = :id AND {condition}"
        return self.db.execute(sql, {**values, "id": artwork_id}).fetchone() is not None

    @or_nothing(lambda: None, _WORKS)
    def drawn(self, chance: Random) -> list[str] | None:
        """Some hundred works by chance; None of a library of few, where each can be asked for."""
        last = self.db.execute("SELECT max(rowid) FROM artworks").fetchone()[0] or 0
        if last <= FEW_TO_DRAW:
            return None
        places = sorted(chance.randrange(1, last + 1) for _ in range(DRAWN))
        sql = (
            "SELECT id FROM artworks WHERE rowid IN "
            "(SELECT CAST(value AS INTEGER) FROM json_each(?))"
        )
        return [row[0] for row in self.db.execute(sql, [json.dumps(places)])]

    @or_nothing(list, _WORKS)
    def some_of(self, sources: Collection[str], chance: Random) -> list[str]:
        """Some hundred works of each of these sources, beginning by chance."""
        last = self.db.execute("SELECT max(rowid) FROM artworks").fetchone()[0] or 0
        sql = "SELECT id FROM artworks WHERE source = ? AND rowid >= ? ORDER BY rowid LIMIT ?"
        found = [
            row[0]
            for source in sorted(sources)
            for start in (chance.randrange(1, last + 2), 0)
            for row in self.db.execute(sql, [source, start, DRAWN])
        ]
        return list(dict.fromkeys(found))

    @or_nothing(list, _WORKS)
    def newest_first(self, filters: Filters) -> list[str]:
        """The works that pass a filter for what is hidden or liked, the latest of these first."""
        condition, values = passing(filters)
        latest = LAST_HIDDEN if filters.hidden else LAST_LIKED
        by = "" if filters.liked_by == HOUSEHOLD else BY_ONE
        sql = latest.format(condition=condition, by=by)
        return [row[0] for row in self.db.execute(sql, values)]

    def families(self, likely: Sequence[str] = ()) -> Works:
        """These works as they are now, to be asked for `kin` as often as needed; the `likely` ones
        are read at once, others when they are asked for.
        """
        self._notice_changes()
        self._cache.found(likely)
        return self

    def kin(self, artwork_id: str) -> Kin:
        """What makes a work like others, as of `families`; only itself where it is not there."""
        found = self._cache.found([artwork_id]).get(artwork_id)
        return Kin(found.artwork.artist, found.group) if found else Kin(None, artwork_id)

    @or_nothing(int, _WORKS)
    def works_by(self, artist: str) -> int:
        """How many works are by this artist."""
        sql = "SELECT count(*) FROM artworks WHERE artist = ?"
        return int(self.db.execute(sql, [artist]).fetchone()[0])

    def hide(self, artwork_id: str) -> frozenset[str]:
        """Never show this work and its copies again; the ids of them all."""
        rows = self.db.execute(
            "UPDATE artworks SET hidden = 1, hidden_nth = (SELECT coalesce(max(hidden_nth), 0) + 1 "
            f"FROM artworks WHERE hidden = 1) WHERE {_AND_COPIES} RETURNING id",
            [artwork_id],
        ).fetchall()
        return frozenset(row[0] for row in rows)

    def unhide(self, artwork_id: str) -> frozenset[str]:
        """Let this work and its copies be shown again; the ids of those that were hidden."""
        rows = self.db.execute(
            "UPDATE artworks SET hidden = 0, hidden_nth = NULL "
            f"WHERE {_AND_COPIES} AND hidden = 1 RETURNING id",
            [artwork_id],
        ).fetchall()
        return frozenset(row[0] for row in rows)

    def keep_on_request(self, artwork_id: str) -> None:
        """Show this work only to who asks for it, and count it among none."""
        self.db.execute("UPDATE artworks SET on_request = 1 WHERE id = ?", [artwork_id])

    def unchanged_by_others(self) -> bool:
        """Whether no other connection has written since this was asked last."""
        before, self._asked_as_of = self._asked_as_of, self._data_version()
        return before == self._asked_as_of

    def suspect(self, fault: str) -> None:
        """Remember that damage was met, on this connection or another one of the same file."""
        self.db.conn.damage = self.db.conn.damage or fault

    def fault(self) -> str | None:
        """What is wrong with the library, or None."""
        return self.db.fault()

    # -- what was read ------------------------------------------------------------------------

    def _notice_changes(self) -> None:
        """Forget what was read where another connection has written since."""
        if (version := self._data_version()) != self._cached_as_of:
            self.forget_read()
            self._cached_as_of = version

    def forget_read(self) -> None:
        """Read every work again when it is asked for next."""
        self._cache.clear()
        self.forget_reach()

    def _data_version(self) -> int:
        """A number that changes when another connection commits."""
        return self.db.data_version()


_ORIGINAL = "(SELECT coalesce(twin_of, id) FROM artworks WHERE id = ?1)"
_AND_COPIES = f"(id = {_ORIGINAL} OR twin_of = {_ORIGINAL})"
_BARRED = f"{UNSEEN} UNION {COPIES}"
NOT_AGAIN = f"{_BARRED} UNION {ON_REQUEST}"
"""The works that are never chosen."""
