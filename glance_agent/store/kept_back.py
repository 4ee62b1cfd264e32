"""Works that do not come up by themselves, where they are many: told one by one, or all at once.

Few are known by their ids. Of many the arrays of the index say which rows they are in, and this is
asked for what has changed since, and for works that have no row.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from functools import cached_property

from glance_agent.domain.wall_rule import WallRule
from glance_agent.domain.wording import SCREENSHOT
from glance_agent.store.database import Database
from glance_agent.store.degrade import or_nothing

_PART = "which works come up by themselves"
UNSEEN = "SELECT id FROM artworks WHERE hidden = 1 OR unusable IS NOT NULL"
ON_REQUEST = "SELECT id FROM artworks WHERE on_request = 1"
COPIES = (
    "SELECT copy.id FROM artworks copy JOIN artworks original ON original.id = copy.twin_of "
    "WHERE original.unusable IS NULL OR original.hidden = 1"
)
NEVER_CHOSEN = (
    "hidden = 1 OR unusable IS NOT NULL OR on_request = 1 OR EXISTS (SELECT 1 FROM artworks "
    "original WHERE original.id = artworks.twin_of "
    "AND (original.unusable IS NULL OR original.hidden = 1))"
)
"""The same of one work."""
OFF_WALL = (
    # Each condition has an index, so that only what is kept off is looked at.
    "SELECT id FROM artworks WHERE source = :source AND min(width, height) < :min_px UNION ALL "
    "SELECT id FROM artworks WHERE source = :source "
    "AND max(width, height) * 1.0 / min(width, height) > :max_aspect UNION ALL "
    f"SELECT id FROM artworks WHERE source = :source AND medium = '{SCREENSHOT}' "
    "AND :screenshots = 0"
)
"""What a rule keeps off the wall; some of it twice."""
_ONE_OFF_WALL = (
    "source = :source AND (min(width, height) < :min_px "
    "OR max(width, height) * 1.0 / min(width, height) > :max_aspect "
    f"OR (medium = '{SCREENSHOT}' AND :screenshots = 0))"
)


class _Told:
    """Some of the works of one database, as they are when it is asked; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    @cached_property
    def ids(self) -> frozenset[str]:
        """All of them, as they were when this was asked first."""
        return self._ids()

    def those_of(self, artwork_ids: Collection[str]) -> frozenset[str]:
        """Which of these works they are."""
        return self._those_of(artwork_ids)

    def _ids(self) -> frozenset[str]:
        raise NotImplementedError

    def _those_of(self, artwork_ids: Collection[str]) -> frozenset[str]:
        raise NotImplementedError

    @or_nothing(dict, _PART)
    def changed_since(self, number: int) -> Mapping[str, bool]:
        """Whether they are these, of the works that changed after the change of a number."""
        sql = "SELECT artwork_id FROM work_changes WHERE number > ?"
        ids = [row[0] for row in self.db.execute(sql, [number])]
        kept = self.those_of(ids) if ids else frozenset()
        return {artwork: artwork in kept for artwork in ids}


class NeverChosen(_Told):
    """What is hidden, unusable, one more copy, or shown on request alone."""

    @or_nothing(frozenset, _PART)
    def _those_of(self, artwork_ids: Collection[str]) -> frozenset[str]:
        sql = (
            "SELECT id FROM artworks WHERE id IN (SELECT value FROM json_each(?)) "
            f"AND ({NEVER_CHOSEN})"
        )
        return frozenset(row[0] for row in self.db.execute(sql, [json.dumps([*artwork_ids])]))

    @or_nothing(frozenset, _PART)
    def _ids(self) -> frozenset[str]:
        sql = f"{UNSEEN} UNION {COPIES} UNION {ON_REQUEST}"
        return frozenset(row[0] for row in self.db.execute(sql))


class OffWall(_Told):
    """What is too small or too narrow for a wall, or was on a screen, by the rules of sources."""

    def __init__(self, db: Database, rules: Mapping[str, WallRule]) -> None:
        super().__init__(db)
        self._rules = rules

    @or_nothing(frozenset, _PART)
    def _those_of(self, artwork_ids: Collection[str]) -> frozenset[str]:
        given, found = json.dumps([*artwork_ids]), set[str]()
        sql = (
            "SELECT id FROM artworks WHERE id IN (SELECT value FROM json_each(:ids)) "
            f"AND {_ONE_OFF_WALL}"
        )
        for source, rule in self._rules.items():
            rows = self.db.execute(sql, {**values_of(source, rule), "ids": given})
            found.update(row[0] for row in rows)
        return frozenset(found)

    @or_nothing(frozenset, _PART)
    def _ids(self) -> frozenset[str]:
        return frozenset(
            row[0]
            for source, rule in self._rules.items()
            for row in self.db.execute(OFF_WALL, values_of(source, rule))
        )


def values_of(source: str, rule: WallRule) -> dict[str, str | float]:
    """What the statements of a rule are asked with."""
    return {
        "source": source,
        "min_px": rule.min_px,
        "max_aspect": rule.max_aspect,
        "screenshots": rule.screenshots,
    }
