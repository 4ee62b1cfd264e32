"""The work that comes next on a display, chosen before it is asked for, so that it can be ready."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from glance_agent.domain.of_sources import BySource, KeptBack, together
from glance_agent.domain.view import View
from glance_agent.search.hits import Hit
from glance_agent.taste.wish import Wish


class WithheldWorks(Protocol):
    """Knows which works are not to be shown now."""

    def withheld(self) -> frozenset[str] | KeptBack: ...
    def out_of_reach(self) -> BySource: ...


class Happenings(Protocol):
    """Knows what has happened."""

    def position(self, display: str) -> int: ...
    def users(self) -> list[str]: ...
    def reactions_marks(self, users: Iterable[str]) -> Mapping[str, str]: ...


Suggest = Callable[[Wish, View], Hit | None]
"""Chooses a work for a wish; None where none is allowed."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """What a choice rests on beside the wish: what hung last, and what anybody has said."""

    position: int
    reactions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Foreseen:
    wish: Wish
    mark: _Mark
    hit: Hit


class Foresight:
    """Chooses the next work of a display once: it stays that one as long as nothing happens.

    Any showing there, and any like or dislike of anybody, makes it choose anew; nothing is kept
    of what was foreseen and did not come.
    """

    def __init__(self, suggest: Suggest, works: WithheldWorks, past: Happenings) -> None:
        self._suggest = suggest
        self._works = works
        self._past = past
        self._foreseen: dict[str, _Foreseen] = {}

    def choose(self, wish: Wish, view: View) -> Hit | None:
        """The work to hang now: the one that was foreseen for this wish, if any still is."""
        known = self._holds(wish)
        self._foreseen.pop(wish.display, None)
        return known or self._suggest(wish, view)

    def foresee(self, wish: Wish, view: View) -> Hit | None:
        """The work that `choose` is going to give; None where there is none."""
        hit = self._holds(wish) or self._suggest(wish, view)
        if hit is not None:
            self._foreseen[wish.display] = _Foreseen(wish, self._mark(wish.display), hit)
        return hit

    def _holds(self, wish: Wish) -> Hit | None:
        """What was foreseen, where nothing has happened since."""
        known = self._foreseen.get(wish.display)
        if known is None or (known.wish, known.mark) != (wish, self._mark(wish.display)):
            return None
        gone = together(self._works.withheld(), self._works.out_of_reach())
        hangs = (known.hit.artwork_id, known.hit.pair)
        return None if any(work in gone for work in hangs if work) else known.hit

    def _mark(self, display: str) -> _Mark:
        reactions = self._past.reactions_marks(self._past.users())
        return _Mark(self._past.position(display), tuple(sorted(reactions.items())))
