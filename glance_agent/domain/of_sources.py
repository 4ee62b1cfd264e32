"""Sets of works that may be most of a library: by their sources, and not by the ids of all."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Protocol


class SourcedWorks(Protocol):
    """Knows of which source works are."""

    def source_of(self, artwork_id: str) -> str | None:
        """The source of a work; None where it is not there."""
        ...

    def has_any(self, sources: frozenset[str], but: frozenset[str]) -> bool:
        """Whether there is a work of these sources that is none of some."""
        ...


@dataclass(frozen=True, eq=False, slots=True)
class OfSources:
    """The works of some sources, less some of them, and some more; as they are when it is asked."""

    works: SourcedWorks
    sources: frozenset[str]
    less: frozenset[str] = frozenset()
    more: frozenset[str] = frozenset()

    def __contains__(self, artwork_id: object) -> bool:
        if artwork_id in self.more or artwork_id in self.less:
            return artwork_id in self.more
        return self.works.source_of(str(artwork_id)) in self.sources

    def __bool__(self) -> bool:
        return bool(self.more) or self.works.has_any(self.sources, self.less)

    def __or__(self, few: Collection[str]) -> OfSources:
        return replace(self, more=self.more.union(few))

    __ror__ = __or__

    def __sub__(self, few: Collection[str]) -> OfSources:
        return replace(self, less=self.less.union(few), more=self.more.difference(few))

    def __rsub__(self, few: Collection[str]) -> frozenset[str]:
        return frozenset(artwork for artwork in few if artwork not in self)


SomeWorks = frozenset[str] | OfSources
"""Few works by their ids, or any number of them by their sources."""
