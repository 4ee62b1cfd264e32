"""Sets of works that may be most of a library: by what is so of them, not by the ids of all."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from glance_agent.domain.wall_rule import WallRule

FEW = 1_000
"""A set of more works is never copied."""


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


class ToldWorks(Protocol):
    """Tells some works from others."""

    @property
    def ids(self) -> frozenset[str]:
        """All of them."""
        ...

    def those_of(self, artwork_ids: Collection[str]) -> frozenset[str]:
        """Which of these works they are."""
        ...

    def changed_since(self, number: int) -> Mapping[str, bool]:
        """Whether they are these, of the works that changed after the change of a number."""
        ...


@dataclass(frozen=True, eq=False, slots=True, weakref_slot=True)
class KeptBack:
    """Many works that do not come up by themselves, and some `more`: those that are never chosen,
    or those that the `rules` of their sources keep off the wall.

    Whoever holds it asks again for another one once something has changed.
    """

    told: ToldWorks
    rules: Mapping[str, WallRule] | None = None
    more: frozenset[str] = frozenset()

    def __contains__(self, artwork_id: object) -> bool:
        return artwork_id in self.more or bool(self.told.those_of([str(artwork_id)]))

    def __iter__(self) -> Iterator[str]:
        return iter(self.told.ids | self.more)

    def __len__(self) -> int:
        return len(self.told.ids | self.more) if self.more else len(self.told.ids)

    def __bool__(self) -> bool:
        return True

    def __rsub__(self, few: frozenset[str]) -> frozenset[str]:
        return few - self.more - self.told.those_of(few)


@dataclass(frozen=True, eq=False, slots=True)
class SeveralSets:
    """The works of several sets, each of which stays as it is: the ids of many are not copied, and
    whoever has found where these are need not look again.
    """

    sets: tuple[SomeOrMany, ...]

    @property
    def by_source(self) -> OfSources | None:
        """The works among them that are told by their sources."""
        return next((some for some in self.sets if isinstance(some, OfSources)), None)

    def __contains__(self, artwork_id: object) -> bool:
        return any(artwork_id in some for some in self.sets)

    def __bool__(self) -> bool:
        return any(self.sets)

    def __rsub__(self, few: frozenset[str]) -> frozenset[str]:
        for some in self.sets:
            few = few - some
        return few


BySource = frozenset[str] | OfSources
"""Few works by their ids, or any number of them by their sources."""
SomeOrMany = BySource | KeptBack
"""The same, or many that the library tells."""
SomeWorks = SomeOrMany | SeveralSets
"""One such set, or several."""


def together(*sets: SomeWorks | Collection[str]) -> SomeWorks:
    """All works of these sets; few by their ids, of which one set is made."""
    few: set[str] = set()
    many: dict[int, SomeOrMany] = {}
    for each in sets:
        parts = each.sets if isinstance(each, SeveralSets) else (each,)
        for part in parts:
            if isinstance(part, OfSources | KeptBack) or (
                isinstance(part, frozenset) and len(part) > FEW
            ):
                many[id(part)] = part
            else:
                few.update(part)
    if not many:
        return frozenset(few)
    rest = (frozenset(few),) if few else ()
    all_of_them: tuple[SomeOrMany, ...] = (*many.values(), *rest)
    return SeveralSets(all_of_them) if len(all_of_them) > 1 else all_of_them[0]
