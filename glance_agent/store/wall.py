"""Works that come up only where they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from glance_agent.domain.of_sources import FEW, KeptBack
from glance_agent.domain.wall_rule import WallRule
from glance_agent.store.degrade import or_nothing
from glance_agent.store.kept_back import OFF_WALL, OffWall, values_of
from glance_agent.store.out_of_reach import WorksInReach

_PART = "which works are made for the wall"


class WorksOfTheWall(WorksInReach):
    """What of one database suits walls; one thread at a time."""

    rules: Callable[[], Mapping[str, WallRule]] = dict
    """Gives what works need in order to come up by themselves, by their source."""
    _kept_off: frozenset[str] | KeptBack | None = None

    @or_nothing(frozenset, _PART)
    def off_wall(self) -> frozenset[str] | KeptBack:
        """The works that come up only where they are asked for: those that are too small or too
        narrow for a wall, and what was on a screen."""
        if self._kept_off is None:
            rules = self.rules()
            some = list(islice(self._some_off_wall(rules), FEW + 1))
            many = len(some) > FEW
            self._kept_off = KeptBack(OffWall(self.db, rules), rules) if many else frozenset(some)
        return self._kept_off

    def _some_off_wall(self, rules: Mapping[str, WallRule]) -> Iterator[str]:
        for source, rule in rules.items():
            sql = f"{OFF_WALL} LIMIT {FEW + 1}"
            yield from (row[0] for row in self.db.execute(sql, values_of(source, rule)))

    def forget_reach(self) -> None:
        """Look again which works are where, and how large they are."""
        super().forget_reach()
        self._kept_off = None
