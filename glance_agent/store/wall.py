"""Works that come up only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from glance_agent.domain.wall_rule import WallRule
from glance_agent.domain.wording import SCREENSHOT
from glance_agent.store.degrade import or_nothing
from glance_agent.store.out_of_reach import WorksInReach

_PART = "which works are made for the wall"
_KEPT_OFF = (
    # Each condition has an index, so that only what is kept off is looked at.
    "SELECT id FROM artworks WHERE source = :source AND min(width, height) < :min_px UNION "
    "SELECT id FROM artworks WHERE source = :source "
    "AND max(width, height) * 1.0 / min(width, height) > :max_aspect UNION "
    f"SELECT id FROM artworks WHERE source = :source AND medium = '{SCREENSHOT}' "
    "AND :screenshots = 0"
)


class WorksOfTheWall(WorksInReach):
    """What of one database suits walls; one thread at a time."""

    rules: Callable[[], Mapping[str, WallRule]] = dict
    """Gives what works need in order to come up by themselves, by their source."""
    _kept_off: frozenset[str] | None = None

    @or_nothing(frozenset, _PART)
    def off_wall(self) -> frozenset[str]:
        """The works that come up only where they are asked for: those that are too small or too
        narrow for a wall, and what was on a screen."""
        if self._kept_off is None:
            rules = self.rules()
            self._kept_off = frozenset().union(*(self._of_rule(s, rules[s]) for s in rules))
        return self._kept_off

    def _of_rule(self, source: str, rule: WallRule) -> frozenset[str]:
        values = {"source": source, "min_px": rule.min_px, "max_aspect": rule.max_aspect}
        values |= {"screenshots": rule.screenshots}
        return frozenset(row[0] for row in self.db.execute(_KEPT_OFF, values))

    def forget_reach(self) -> None:
        """Look again which works are where, and how large they are."""
        super().forget_reach()
        self._kept_off = None
