"""What answers to pages are read from: the library of one moment, and what thinks with it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from glance_agent.commands.stores import CurrentIndex, ShowableWorks, ShowingPast, WordsOfLabels
from glance_agent.domain.display import DisplaySettings
from glance_agent.domain.items import Skipped
from glance_agent.domain.listing import ListedWork, WantedList
from glance_agent.domain.timing import ANYTIME, Timing
from glance_agent.search.query_embedding import Phrases, TextEncoder, Understanding


class CountedWorks(ShowableWorks, Protocol):
    """The artworks that are kept, and how many there are."""

    def count(self) -> int: ...
    def count_of(self, source: str) -> int: ...


class Lists(Protocol):
    """Works in lists, by the number that each keeps, and what was left out of sources."""

    def numbers(self, wanted: WantedList) -> array[int]: ...
    def ids(self, wanted: WantedList) -> frozenset[str]: ...
    def by_number(self, numbers: Sequence[int], user: str) -> list[ListedWork]: ...
    def by_id(self, ids: Sequence[str], user: str) -> list[ListedWork]: ...
    def reasons(self, source: str) -> dict[str, int]: ...
    def left_out(self, source: str, offset: int, limit: int) -> list[Skipped]: ...


@dataclass(frozen=True, slots=True)
class ReadStores:
    """The library as it is at one moment; to be read in one thread, and not for long."""

    works: CountedWorks
    lists: Lists
    past: ShowingPast
    labels: WordsOfLabels
    phrases: Phrases


@dataclass(frozen=True, slots=True)
class Mind:
    """What is thought with, as long as one model answers; `understanding` is the pages' own.

    `is_word` tells the words of the language, which nobody has misspelt, `unread` whether the
    vectors of the library are still being read.
    """

    index: CurrentIndex
    encoder: TextEncoder
    understanding: Understanding
    is_word: Callable[[str], bool] = lambda word: False
    unread: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class Wall:
    """A display of the configuration."""

    name: str
    title: str
    width: int
    height: int
    timing: Timing = ANYTIME


@dataclass(frozen=True, slots=True)
class House:
    """Displays, how they are set at first, and the kind of each source.

    `away` are the hosts that are left alone for now, in a sentence each.
    """

    walls: Sequence[Wall]
    defaults: DisplaySettings
    sources: Mapping[str, str]
    away: Sequence[str] = ()
