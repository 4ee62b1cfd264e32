"""What choosing and showing ask of what is kept, and of the configuration."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Protocol

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.display import DisplaySettings, Reaction, Showing
from glance_agent.domain.of_sources import SomeWorks
from glance_agent.domain.timing import ANYTIME, Timing
from glance_agent.domain.view import View
from glance_agent.search.label_match import LabelIndex
from glance_agent.search.misspelt import SpelledLabels
from glance_agent.search.query_embedding import Phrases
from glance_agent.search.ranking import Families


class ShowableWorks(Protocol):
    """The artworks that are kept."""

    def get(self, artwork_id: str) -> Artwork | None: ...
    def get_many(self, artwork_ids: Iterable[str]) -> list[Artwork]: ...
    def drawn(self, chance: Random) -> list[str] | None: ...
    def barred(self) -> frozenset[str]: ...
    def withheld(self) -> frozenset[str]: ...
    def out_of_reach(self) -> SomeWorks: ...
    def off_wall(self) -> frozenset[str]: ...
    def of_sources(self, sources: Collection[str]) -> SomeWorks: ...
    def held(self) -> int: ...
    def known_sources(self) -> frozenset[str]: ...
    def counts_by_source(self) -> dict[str, int]: ...
    def away(self) -> list[str]: ...
    def left_alone(self) -> tuple[str, ...]: ...
    def hidden(self, artwork_id: str) -> bool: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...
    def passing(self, filters: Filters, view: View) -> Container[str]: ...
    def newest_first(self, filters: Filters) -> list[str]: ...
    def families(self, likely: Sequence[str] = ()) -> Families: ...


class ShowingPast(Protocol):
    """What was shown and what people thought of it."""

    def reactions(self, user: str) -> list[Reaction]: ...
    def liked(self, user: str, artwork_id: str) -> bool | None: ...
    def likings(self, user: str, artwork_ids: Iterable[str]) -> dict[str, bool]: ...
    def show(self, showing: Showing) -> int: ...
    def showings(self, display: str | None, limit: int) -> list[Showing]: ...
    def recent_ids(self, display: str, limit: int) -> list[str]: ...
    def ever_shown(self, artwork_id: str) -> bool: ...
    def has_shown(self, user: str, limit: int) -> bool: ...
    def reactions_marks(self, users: Iterable[str]) -> Mapping[str, str]: ...
    def users(self) -> list[str]: ...
    def last_users(self, most: int) -> list[str]: ...
    def position(self, display: str) -> int: ...
    def settings(self, display: str) -> DisplaySettings | None: ...
    def wish(self, display: str) -> Showing | None: ...
    def keep_wish(self, wish: Showing) -> None: ...
    def drop_wish(self, display: str) -> None: ...


class CurrentIndex(Protocol):
    """All vectors of the space in use."""

    def now(self) -> View: ...


class WordsOfLabels(LabelIndex, SpelledLabels, Protocol):
    """Knows what is printed on labels, and in which words."""


@dataclass(frozen=True, slots=True)
class Stores:
    """What is kept: the works, what happened, what is printed on labels, what was asked.

    `is_word` tells the words of the language, which nobody has misspelt.
    """

    works: ShowableWorks
    past: ShowingPast
    labels: WordsOfLabels
    phrases: Phrases
    is_word: Callable[[str], bool] = lambda word: False


ImageUrl = Callable[[str], str | None]
"""The address of the picture of a work, by its id, where others can reach one."""


def no_address(_artwork_id: str) -> None:
    """Where no address is known at which others reach pictures."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What the configuration says about choosing; `orientations` are the displays' by name.

    A wish that nothing matches leaves the picture where `keeps_unmatched`.
    """

    no_repeat_showings: int
    defaults: DisplaySettings
    orientations: Mapping[str, str] = field(default_factory=dict)
    timings: Mapping[str, Timing] = field(default_factory=dict)
    image_url: ImageUrl = no_address
    keeps_unmatched: bool = True
    paired: frozenset[str] = frozenset()
    """The displays on which two works may hang."""
    sources: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The sources that a display's works come from, by its name; all where none is named."""

    def timing(self, display: str) -> Timing:
        """When a display may change."""
        return self.timings.get(display, ANYTIME)
