"""Works in lists, for whoever looks through them: which there are, and what is said of each."""

from __future__ import annotations

import json
from array import array
from collections.abc import Callable, Sequence
from typing import Any

from glance_agent.domain.errors import StoreError
from glance_agent.domain.items import Skipped
from glance_agent.domain.listing import ListedWork, WantedList
from glance_agent.store.database import Database
from glance_agent.store.degrade import BROKEN, or_nothing
from glance_agent.store.filtering import HIDDEN, passing
from glance_agent.store.work_rows import ARTWORK_COLUMNS, artwork_of
from glance_agent.store.works import NOT_AGAIN

_LISTS = "lists of works"
_OTHERS = "location, content_hash, hidden, unusable"
_HERE = "work.unusable IS NULL AND work.hidden = 0"
_ORDERED = {
    # The number of a row grows with each work that arrives, and a work keeps its own.
    "all": (
        f"SELECT work.rowid FROM artworks work WHERE work.id NOT IN ({NOT_AGAIN}) "
        "AND {passing} ORDER BY work.rowid DESC"
    ),
    "hidden": (
        f"SELECT work.rowid FROM artworks work WHERE {HIDDEN} AND {{passing}} "
        "ORDER BY coalesce(work.hidden_nth, 0) DESC, work.rowid DESC"
    ),
    "liked": (
        "SELECT work.rowid FROM reactions JOIN artworks work ON work.id = artwork_id "
        f"WHERE user = :user AND kind = 'like' AND {_HERE} AND {{passing}} "
        "ORDER BY at DESC, work.rowid DESC"
    ),
    "disliked": (
        "SELECT work.rowid FROM reactions JOIN artworks work ON work.id = artwork_id "
        f"WHERE user = :user AND kind = 'dislike' AND {_HERE} AND {{passing}} "
        "ORDER BY at DESC, work.rowid DESC"
    ),
    "shown": (
        "SELECT work.rowid FROM (SELECT artwork_id, max(at) AS at FROM ("
        "SELECT artwork_id, shown_at AS at FROM showings WHERE display = :display OR "
        ":display IS NULL UNION ALL SELECT artwork_id, last_at FROM folded_showings "
        "WHERE display = :display OR :display IS NULL) each GROUP BY artwork_id) last "
        f"JOIN artworks work ON work.id = artwork_id WHERE {_HERE} AND {{passing}} "
        "ORDER BY at DESC, work.rowid DESC"
    ),
}


class Listing:
    """The lists of one database; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @or_nothing(lambda: array("q"), _LISTS)
    def numbers(self, wanted: WantedList) -> array[int]:
        """The works of a list by number, the last that came, was liked, hidden or shown first.

        A number is that of one work for as long as the library is.
        """
        condition, values = passing(wanted.filters)
        ordered = _ORDERED[wanted.name].format(passing=condition)
        named = {**values, "user": wanted.user, "display": wanted.display}
        # In one piece: a row for each of many works takes twice as long, and holds up all else.
        whole = f"WITH ordered(number) AS ({ordered}) SELECT json_group_array(number) FROM ordered"
        return array("q", json.loads(self.db.execute(whole, named).fetchone()[0]))

    @or_nothing(frozenset, _LISTS)
    def ids(self, wanted: WantedList) -> frozenset[str]:
        """The works of a list by id."""
        condition, values = passing(wanted.filters)
        sql = _ORDERED[wanted.name].format(passing=condition).replace("work.rowid", "work.id", 1)
        named = {**values, "user": wanted.user, "display": wanted.display}
        return frozenset(row[0] for row in self.db.execute(sql, named))

    def by_number(self, numbers: Sequence[int], user: str) -> list[ListedWork]:
        """The works of these numbers, in this order; those that are not there are left out."""
        return self._listed("rowid", numbers, user)

    def by_id(self, ids: Sequence[str], user: str) -> list[ListedWork]:
        """The works of these ids, hidden or not, in this order."""
        return self._listed("id", ids, user)

    # -- what was left out --------------------------------------------------------------------

    @or_nothing(dict, _LISTS)
    def reasons(self, source: str) -> dict[str, int]:
        """How many items of a source are no work of their own, by reason."""
        rows = self.db.execute(
            f"SELECT coalesce(reason, 'duplicate'), count(*) {_LEFT_OUT} "
            "GROUP BY 1 ORDER BY 2 DESC, 1",
            {"source": source},
        )
        return {row[0]: row[1] for row in rows}

    @or_nothing(list, _LISTS)
    def left_out(self, source: str, offset: int, limit: int) -> list[Skipped]:
        """Some of these items, copies last; a copy's `detail` is the id of the work that it is."""
        rows = self.db.execute(
            "SELECT key, coalesce(reason, 'duplicate'), "
            f"CASE WHEN reason IS NULL THEN artwork_id ELSE detail END {_LEFT_OUT} "
            "ORDER BY reason IS NULL, key LIMIT :limit OFFSET :offset",
            {"source": source, "limit": limit, "offset": offset},
        )
        return [Skipped(row[0], row[1], row[2] or "") for row in rows]

    # -- reading ------------------------------------------------------------------------------

    def _listed(self, key: str, keys: Sequence[Any], user: str) -> list[ListedWork]:
        """The works with these keys; without those that damage keeps from being read."""
        found = self._legible(lambda some: self._read(key, some, user), list(keys))
        return [found[k] for k in keys if k in found]

    def _legible(
        self, read: Callable[[list[Any]], dict[Any, ListedWork]], keys: list[Any]
    ) -> dict[Any, ListedWork]:
        try:
            return read(keys)
        except StoreError as error:
            if error.trouble not in BROKEN:
                raise
            if len(keys) <= 1:
                return {}
        return {k: found for one in keys for k, found in self._legible(read, [one]).items()}

    def _read(self, key: str, keys: list[Any], user: str) -> dict[Any, ListedWork]:
        rows = self.db.execute(
            f"SELECT {ARTWORK_COLUMNS}, {_OTHERS}, rowid, (SELECT kind FROM reactions "
            "WHERE user = :user AND artwork_id = artworks.id) FROM artworks "
            f"WHERE {key} IN (SELECT {_KEYS[key]} FROM json_each(:keys))",
            {"keys": json.dumps(keys), "user": user},
        )
        return {row[0] if key == "id" else row[-2]: _listed(row) for row in rows}


_KEYS = {"id": "value", "rowid": "CAST(value AS INTEGER)"}
_LEFT_OUT = (
    "FROM items LEFT JOIN artworks ON id = artwork_id WHERE items.source = :source "
    "AND (reason IS NOT NULL OR items.location <> artworks.location)"
)


def _listed(row: tuple[Any, ...]) -> ListedWork:
    location, content_hash, hidden, unusable, _, kind = row[-6:]
    liked = None if kind is None else kind == "like"
    return ListedWork(
        artwork_of(row), liked, bool(hidden), unusable is None, location, content_hash
    )
