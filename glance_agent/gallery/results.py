"""Lists of works, kept for some minutes: whoever pages through one finds it as it was."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from glance_agent.gallery.questions import ArtworksQuestion
from glance_agent.search.hits import Hit

KEPT_SECONDS = 900.0
MOST_KEPT = 64
MOST_NUMBERS = 500_000
"""How many works all kept lists may have together: eight bytes each, a hit some hundred."""


@dataclass(frozen=True, slots=True, eq=False)
class KeptList:
    """The whole answer to a question: works by their numbers, or what a search has found."""

    question: ArtworksQuestion
    numbers: array[int] = field(default_factory=lambda: array("q"))
    hits: Sequence[Hit] = ()
    asked: str = ""
    read_as: str = ""
    sure: bool = True
    by_pictures: bool = True
    late: bool = False

    def __len__(self) -> int:
        return len(self.numbers) + len(self.hits)

    def hit(self, artwork_id: str) -> Hit | None:
        """What was found of a work."""
        return next((hit for hit in self.hits if hit.artwork_id == artwork_id), None)


class Results:
    """What was answered lately; one thread at a time."""

    def __init__(self, *, clock: Callable[[], float], name: Callable[[], str]) -> None:
        """`clock` tells steady seconds, `name` makes up an id that nobody guesses."""
        self._clock = clock
        self._name = name
        self._kept: OrderedDict[str, tuple[float, KeptList]] = OrderedDict()

    def keep(self, kept: KeptList) -> str:
        """Keep an answer; the id under which it is found again."""
        name = self._name()
        self._kept[name] = self._clock() + KEPT_SECONDS, kept
        self._drop()
        return name

    def find(self, name: str | None) -> KeptList | None:
        """An answer, which counts as used now; None where it is not kept any more."""
        self._drop()
        found = self._kept.get(name or "")
        if name is None or found is None:
            return None
        self._kept[name] = self._clock() + KEPT_SECONDS, found[1]
        self._kept.move_to_end(name)
        return found[1]

    def _drop(self) -> None:
        """Forget what is too old, and the least recently used where it is too much."""
        now = self._clock()
        numbers = sum(len(kept) for _, kept in self._kept.values())
        while self._kept:
            until, kept = next(iter(self._kept.values()))
            too_much = len(self._kept) > MOST_KEPT or numbers > MOST_NUMBERS
            if until > now and not (too_much and len(self._kept) > 1):
                return
            numbers -= len(kept)
            self._kept.popitem(last=False)
