"""The next work for a display where no taste decides: of all that may hang there, by chance."""

from __future__ import annotations

from collections.abc import Container, Iterable
from random import Random

from glance_agent.domain.artwork import Filters
from glance_agent.domain.of_sources import OfSources, SeveralSets, SomeWorks, together
from glance_agent.domain.said import say
from glance_agent.domain.view import Gate, View
from glance_agent.search.hits import Hit
from glance_agent.taste.explanation import Grounds, sentence
from glance_agent.taste.selection import Role, repeat_span
from glance_agent.taste.wish import OTHER, RecommendableWorks, ShowingHistory, Wish, among


class ByChance:
    """Chooses by chance alone; one thread at a time."""

    def __init__(self, works: RecommendableWorks, past: ShowingHistory, chance: Random) -> None:
        self._works = works
        self._past = past
        self._chance = chance

    def hit(
        self, wish: Wish, withheld: SomeWorks, refused: frozenset[str], view: View
    ) -> Hit | None:
        """A work of all that are there, with or without a vector: chance alone decides."""
        drawn = self._works.drawn(self._chance) if wish.likes_of is None else None
        if drawn is not None and (hit := self._of_drawn(wish, drawn, together(withheld, refused))):
            return hit
        if drawn is not None and len(view):
            return self._of_all(wish, withheld, refused, view)
        if drawn is not None and (some := self._in_reach(wish, withheld)) is not None:
            return self._of_drawn(wish, some, together(withheld, refused))
        works = self._works.matching(Filters(liked_by=wish.likes_of)) - withheld
        if (only := among(self._works, wish)) is not None:
            works = frozenset(filter(only.__contains__, works))
        if wish.likes_of is None:
            works = works - self._works.off_wall() or works
        recent = self._past.recent_ids(wish.display, repeat_span(len(works), wish.window))
        left = (works - refused).difference(recent) or works.difference(recent[:1])
        other = OTHER.get(wish.orientation or "")
        misfits: Container[str] = ()
        if other is not None:
            misfits = self._works.passing(Filters(orientation=other), view)
        fitting = sorted(i for i in left if i not in misfits) or sorted(left)
        if not fitting:
            return None
        artwork = self._chance.choice(fitting)
        if wish.likes_of is not None:
            return Hit(artwork, 0.0, say("It is liked"))
        return self._unexplored(artwork)

    def _of_all(
        self, wish: Wish, withheld: SomeWorks, refused: frozenset[str], view: View
    ) -> Hit | None:
        """One of the few works of a large library that may be chosen; None where there is none."""
        recent, only = self._past.recent_ids(wish.display, wish.window), among(self._works, wish)
        for never in ((self._works.off_wall(), refused, recent), (recent[:1],)):
            left = view.all_in(Gate(only, together(withheld, *never)))
            if left.size:
                chosen = left[[self._chance.randrange(left.size)]]
                return self._unexplored(view.ids_of(chosen)[0])
        return None

    def _in_reach(self, wish: Wish, withheld: SomeWorks) -> list[str] | None:
        """Some works of a large library by the sources that they may be of; None for all sources.

        To ask each work for its source would take seconds.
        """
        only = among(self._works, wish)
        away = withheld.by_source if isinstance(withheld, SeveralSets) else withheld
        if isinstance(only, frozenset) or not (only or isinstance(away, OfSources)):
            return None
        sources = only.sources if only else self._works.known_sources()
        if not isinstance(away, OfSources):
            return self._works.some_of(sources, self._chance)
        return [*away.less, *self._works.some_of(sources - away.sources, self._chance)]

    def _of_drawn(self, wish: Wish, drawn: list[str], never: SomeWorks) -> Hit | None:
        """One of the works that chance has drawn of a large library; None where none suits."""
        recent = self._past.recent_ids(wish.display, wish.window)
        only, other = among(self._works, wish), OTHER.get(wish.orientation or "")
        allowed = frozenset(drawn) - never
        some = [i for i in drawn if i in allowed and (only is None or i in only)]
        fitting_wall = frozenset(some) - self._works.off_wall()
        some = [i for i in some if i in fitting_wall] or some
        left = _without(some, recent) or _without(some, recent[:1])
        fitting = [work.id for work in self._works.get_many(left) if work.orientation != other]
        return self._unexplored(self._chance.choice(fitting or left)) if left else None

    def _unexplored(self, artwork: str) -> Hit:
        new = not self._past.ever_shown(artwork)
        return Hit(artwork, 0.0, sentence(Grounds(Role.UNEXPLORED, new=new)))


def _without(some: Iterable[str], others: Container[str]) -> list[str]:
    return [artwork for artwork in some if artwork not in others]
