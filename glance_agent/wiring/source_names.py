"""What sources there are, and what of theirs suits walls, without opening any."""

from __future__ import annotations

from collections.abc import Iterable

from glance_agent.config.settings import Config
from glance_agent.domain.wall_rule import ANYTHING, USUAL, WallRule


def names_of(config: Config, by_hand: Iterable[str]) -> list[str]:
    """The names of all sources: of folders that were ingested by hand, and the configured ones."""
    return list(dict.fromkeys([*by_hand, *(s.name for s in config.sources)]))


def rules_of(config: Config, by_hand: Iterable[str]) -> dict[str, WallRule]:
    """What works need in order to come up by themselves, by their source's name."""
    rules = dict.fromkeys(by_hand, USUAL) | {s.name: s.wall_rule for s in config.sources}
    return {name: rule for name, rule in rules.items() if rule != ANYTHING}
