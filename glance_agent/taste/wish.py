"""For what a work is looked for, and what is asked of the library for it."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass
from random import Random
from typing import Final, Protocol

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.of_sources import BySource, KeptBack
from glance_agent.domain.view import View

OTHER: Final = {"landscape": "portrait", "portrait": "landscape"}
"""The orientation that does not suit one."""


class RecommendableWorks(Protocol):
    """The artworks that are kept."""

    def get(self, artwork_id: str) -> Artwork | None: ...
    def get_many(self, artwork_ids: Iterable[str]) -> list[Artwork]: ...
    def drawn(self, chance: Random) -> list[str] | None: ...
    def some_of(self, sources: Collection[str], chance: Random) -> list[str]: ...
    def known_sources(self) -> frozenset[str]: ...
    def withheld(self) -> frozenset[str] | KeptBack: ...
    def out_of_reach(self) -> BySource: ...
    def off_wall(self) -> frozenset[str] | KeptBack: ...
    def of_sources(self, sources: Collection[str]) -> BySource: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...
    def passing(self, filters: Filters, view: View) -> Container[str]: ...


class ShowingHistory(Protocol):
    """What was shown."""

    def recent_ids(self, display: str, limit: int) -> list[str]: ...
    def ever_shown(self, artwork_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """For which display and whom a work is looked for, in which mood, with how much discovery.

    `likes_of` is whose likes alone are chosen from, by chance; of `sources` alone where any is
    named.
    """

    display: str
    user: str
    mood: str | None
    discovery: int
    window: int
    orientation: str | None = None
    likes_of: str | None = None
    sources: frozenset[str] = frozenset()


def among(works: RecommendableWorks, wish: Wish) -> BySource | None:
    """The works that are chosen from; None for all."""
    return works.of_sources(wish.sources) if wish.sources else None
