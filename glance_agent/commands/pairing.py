"""What is to be put up in, the same with the work that hangs beside it out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Protocol

from glance_agent.domain.artwork import Filters
from glance_agent.domain.of_sources import SomeWorks
from glance_agent.domain.view import View
from glance_agent.search.hits import Found, Hit
from glance_agent.search.scoring import Question
from glance_agent.taste.partners import Company, PairableWorks, Partners
from glance_agent.taste.wish import Wish


class Chooser(Protocol):
    """Knows what people want to see now, and what not."""

    def unwanted(self, wish: Wish, view: View) -> SomeWorks: ...
    def question(self, wish: Wish, view: View) -> Question | None: ...
    def among(self, wish: Wish) -> SomeWorks | None: ...


class Pairing:
    """Finds company for works, on the displays that have room for two."""

    def __init__(self, works: PairableWorks, chooser: Chooser, displays: Collection[str]) -> None:
        self._partners = Partners(works)
        self._chooser = chooser
        self._displays = displays

    def chosen(self, hit: Hit, wish: Wish, view: View) -> Hit:
        """A work that was chosen for a wish, with one that suits the mood as well and is liked
        where only likes are chosen from."""
        return self._joined(hit, wish, Filters(liked_by=wish.likes_of), view)

    def found(self, found: Found, wish: Wish, filters: Filters, view: View) -> Found:
        """What a search found, the best of it with a work that passes the same filters."""
        if not found.hits:
            return found
        # What was asked for counts, and not the mood.
        best = self._joined(found.hits[0], replace(wish, mood=None), filters, view)
        return replace(found, hits=(best, *found.hits[1:]))

    def repeated(self, display: str, *, alike: bool) -> bool:
        """Whether two that hang on one display hang on another one as well, which lies `alike`."""
        return alike and display in self._displays

    def _joined(self, hit: Hit, wish: Wish, filters: Filters, view: View) -> Hit:
        if wish.display not in self._displays:
            return hit

        def company() -> Company:
            chooser = self._chooser
            never, mood = chooser.unwanted(wish, view), chooser.question(wish, view)
            return Company(filters, never, mood, chooser.among(wish))

        return self._partners.joined(hit, wish.orientation, company, view)
