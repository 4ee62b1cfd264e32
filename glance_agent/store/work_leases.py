"""Works without a vector, shared out among those who embed: each is leased to one at a time.

A lease ends at a time by the database's own clock, so that no machine's clock matters; whoever has
leased works says now and then that it still is at them. What is embedded is kept only by who has
the lease, and ends it: nothing is kept twice, and what a worker left behind is taken up by others.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from glance_agent.domain.vectors import Vector
from glance_agent.store.database import Database
from glance_agent.store.lease_time import DAY_SECONDS, NOW
from glance_agent.store.spaces import LACKS, Spaces
from glance_agent.store.transaction import transaction
from glance_agent.store.vectors import Vectors

LEASE_SECONDS = 60.0
"""How long works stay with a worker that is not heard of."""
_IN_ORDER: Final = (
    (
        "a.id IN (SELECT artwork_id FROM reactions WHERE kind = 'like')",
        "a.rowid",
    ),
    (
        "a.id IN (SELECT artwork_id FROM showings)",
        "(SELECT max(s.id) FROM showings s WHERE s.artwork_id = a.id) DESC",
    ),
    ("a.rowid > :after", "a.rowid"),
)
"""Which works come first, and in which order: liked ones, then those shown lately, then all."""


@dataclass(frozen=True, slots=True)
class Unembedded:
    """A work without a vector, and where its picture is."""

    artwork_id: str
    source: str
    location: str


class WorkLeases:
    """What one worker has leased of one database; one thread at a time."""

    def __init__(self, db: Database, holder: str, seconds: float = LEASE_SECONDS) -> None:
        """`holder` tells this worker from every other; nobody else may use it."""
        self.db = db
        self._holder = holder
        self._days = seconds / DAY_SECONDS
        self.seconds = seconds
        """How long a lease lasts that is not renewed."""
        self._first = 0
        self._after = 0
        self._in_hand: set[str] = set()
        self._unheard = False
        """Whether works may be leased of which nobody here has heard."""

    def lacking(self, space: str) -> int:
        """How many usable works have no vector in this space, leased or not."""
        return Spaces(self.db).lacking(space)

    def lacking_of(self, space: str, sources: Collection[str]) -> dict[str, int]:
        """How many they are of each of these sources that has any."""
        if not sources:
            return {}
        rows = self.db.execute(
            f"SELECT a.source, count(*) FROM artworks a WHERE {LACKS} "
            "AND a.source IN (SELECT value FROM json_each(:sources)) GROUP BY a.source",
            {"space": space, "sources": json.dumps(sorted(sources))},
        )
        return {str(source): int(count) for source, count in rows}

    def lease(
        self,
        space: str,
        most: int,
        *,
        but: Collection[str] = (),
        but_of: Collection[str] = (),
    ) -> list[Unembedded]:
        """Some works that lack a vector and that nobody has leased: liked ones first, then those
        shown lately. None of these ids, and none of these sources."""
        if self._unheard:
            self._leave_unheard()
        self._unheard = True
        wanted = {"space": space, "but": json.dumps([*but]), "sources": json.dumps([*but_of])}
        found = self._some(wanted, most)
        while not found and (self._first < len(_IN_ORDER) - 1 or self._after):
            self._first, self._after = min(self._first + 1, len(_IN_ORDER) - 1), 0
            found = self._some(wanted, most)
        if not found:
            self._first = 0
        self._in_hand.update(work.artwork_id for work in found)
        self._unheard = False
        return found

    def _leave_unheard(self) -> None:
        """Leave to all what was leased when the connection broke before that was told."""
        self.db.unfollowed(
            "DELETE FROM work_leases WHERE holder = ? "
            "AND artwork_id NOT IN (SELECT value FROM json_each(?))",
            [self._holder, json.dumps([*self._in_hand])],
        )

    def _some(self, wanted: dict[str, str], most: int) -> list[Unembedded]:
        which, order = _IN_ORDER[self._first]
        while leased := self._leased(wanted, most, which, order):
            rows = self.db.execute(
                "SELECT a.rowid, a.id, a.source, a.location FROM artworks a "
                f"WHERE {LACKS} AND a.id IN (SELECT value FROM json_each(:leased)) "
                f"ORDER BY {order}",
                {"space": wanted["space"], "leased": json.dumps(leased)},
            ).fetchall()
            if len(rows) < len(leased):
                self._leave({*leased} - {row[1] for row in rows}, wanted["space"])
            if rows:
                if ":after" in which:
                    self._after = int(rows[-1][0])
                return [Unembedded(*row[1:]) for row in rows]
        return []

    def _leased(self, wanted: dict[str, str], most: int, which: str, order: str) -> list[str]:
        """The ids of works that this worker has leased now. Some of them may have their vector
        already, by whoever leased them, kept it and ended the lease since this statement began,
        which sees the works as they were then: look at them again."""
        rows = self.db.unfollowed(
            "INSERT INTO work_leases (space, artwork_id, holder, until) "
            f"SELECT :space, free.id, :holder, {NOW} + :days FROM (SELECT a.id FROM artworks a "
            f"WHERE {LACKS} AND {which} "
            "AND a.source NOT IN (SELECT value FROM json_each(:sources)) "
            "AND a.id NOT IN (SELECT value FROM json_each(:but)) "
            "AND NOT EXISTS (SELECT 1 FROM work_leases l WHERE l.space = :space "
            f"AND l.artwork_id = a.id AND l.until > {NOW}) "
            f"ORDER BY {order} LIMIT :most /* skip locked */) AS free WHERE true "
            "ON CONFLICT (space, artwork_id) DO UPDATE "
            "SET holder = excluded.holder, until = excluded.until "
            f"WHERE work_leases.until <= {NOW} RETURNING artwork_id",
            {
                **wanted,
                "holder": self._holder,
                "days": self._days,
                "most": most,
                **({"after": self._after} if ":after" in which else {}),
            },
        )
        return [str(row[0]) for row in rows]

    def _leave(self, works: Collection[str], space: str) -> None:
        """End the leases of these works."""
        self.db.unfollowed(
            "DELETE FROM work_leases WHERE holder = ? AND space = ? "
            "AND artwork_id IN (SELECT value FROM json_each(?))",
            [self._holder, space, json.dumps(sorted(works))],
        )

    def renew(self) -> None:
        """Say that this worker still is at what it has leased."""
        sql = f"UPDATE work_leases SET until = {NOW} + ? WHERE holder = ?"
        self.db.unfollowed(sql, [self._days, self._holder])

    def keep(self, artwork_id: str, space: str, vector: Vector) -> bool:
        """Keep the unit vector (d,) of a work, as float16, and end its lease; False where another
        worker has it meanwhile, or has done it."""
        with transaction(self.db):
            ended = self.db.execute(
                "DELETE FROM work_leases WHERE space = ? AND artwork_id = ? AND holder = ? "
                "RETURNING 1",
                [space, artwork_id, self._holder],
            ).fetchall()
            if ended:
                Vectors(self.db).put(artwork_id, space, vector)
        self._in_hand.discard(artwork_id)
        return bool(ended)

    def give_back(self, artwork_id: str | None = None) -> None:
        """Leave a work, or all that is leased, to others."""
        self.db.unfollowed(
            "DELETE FROM work_leases WHERE holder = ? AND artwork_id = coalesce(?, artwork_id)",
            [self._holder, artwork_id],
        )
        self._in_hand -= self._in_hand if artwork_id is None else {artwork_id}

    def others(self, space: str) -> int:
        """How many works others are at, by what was heard of them last."""
        self.db.unfollowed(
            f"DELETE FROM work_leases WHERE until <= {NOW} AND holder <> ?", [self._holder]
        )
        sql = "SELECT count(*) FROM work_leases WHERE space = ? AND holder <> ?"
        return int(self.db.execute(sql, [space, self._holder]).fetchone()[0])
