"""The works that a choice weighs: all of a small library, of a large one the likely ones."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.of_sources import SomeWorks
from glance_agent.domain.vectors import Matrix
from glance_agent.domain.view import Gate, Numbers, View

WEIGHED = 10_000
"""A library of at most so many works is weighed as a whole."""
DRAWN = 2_000
"""About how many works stand for all of a larger one."""
TURNS = 16
"""For how many choices each of these stays: one in so many is another one each time."""
AT_HAND = 64
"""From so many lots the first choice draws: their vectors are in memory, as `View.sample` says."""
BEST_OF_EACH = 2_000
"""How many of the works that suit a taste best are weighed beside these."""
BEST_AT_ONCE = 500
"""The same where somebody waits: of a taste that is about to be learned, and of a mood where their
vectors may have to be read."""
READ_BEYOND = 50_000
"""Of more works vectors lie on the disk."""


class Draws:
    """Chance, which draws the works that stand for all of a large library: some others each time,
    so that each has its turn, and most again, whose vectors are at hand.
    """

    def __init__(self, chance: Random) -> None:
        self._chance = chance
        self._shifts = deque[int](maxlen=TURNS)

    def again(self) -> Draws:
        """The draws of the next choice."""
        if self._shifts:
            self._shifts.append(self._chance.randrange(2**31))
        else:
            self._shifts.extend(self._chance.sample(range(AT_HAND), TURNS))
        return self

    def anew(self) -> Draws:
        """All others, where none of these may be chosen."""
        self._shifts.extend(self._chance.randrange(2**31) for _ in range(TURNS))
        return self

    def of(self, sample: Callable[[int, int], Numbers]) -> Numbers:
        """Works in their order; `sample` gives at most so many, others with another shift."""
        lots = [sample(max(1, DRAWN // TURNS), shift) for shift in self._shifts]
        return np.unique(np.concatenate(lots))


@dataclass(frozen=True, eq=False, slots=True)
class Scope:
    """Works by number (m,), which of them stand `at_random` for all, and each for how many."""

    numbers: Numbers
    at_random: NDArray[np.bool_] | None = None
    each: float = 1.0

    @property
    def drawn(self) -> Numbers | None:
        """The works that chance has drawn; None where all are weighed."""
        return None if self.at_random is None else self.numbers[self.at_random]

    def standard(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of the works (m,) in standard deviations of the library."""
        usual = scores if self.at_random is None else scores[self.at_random]
        deviations = (scores - usual.mean()) / (usual.std() + np.float32(1e-6))
        return np.asarray(deviations, dtype=np.float32)


def scope_of(
    view: View, likely: Iterable[Numbers], draws: Draws, only: SomeWorks | None = None
) -> Scope:
    """All works of a view; of a large one those that are drawn, beside those that are `likely`.

    Of `only` these works where they are given.
    """
    if weighed_whole(view):
        return Scope(view.sample(WEIGHED))
    if only is not None:
        return _scope_within(view.all_in(Gate(only=only)), likely, draws)
    drawn = draws.of(view.sample)
    numbers = np.unique(np.concatenate([drawn, *likely]))
    return Scope(numbers, np.isin(numbers, drawn, assume_unique=True), len(view) / drawn.size)


def _scope_within(works: Numbers, likely: Iterable[Numbers], draws: Draws) -> Scope:
    """The same of these works alone, which are in their order."""
    if works.size <= WEIGHED:
        return Scope(works)

    def sample(count: int, shift: int) -> Numbers:
        step = -(-works.size // count)
        return works[shift % step :: step]

    drawn = draws.of(sample)
    suiting = np.concatenate([drawn[:0], *likely])
    places = np.searchsorted(works, suiting).clip(max=works.size - 1)
    suiting = suiting[works[places] == suiting]
    numbers = np.union1d(drawn, suiting)
    return Scope(numbers, np.isin(numbers, drawn, assume_unique=True), works.size / drawn.size)


def weighed_whole(view: View) -> bool:
    """Whether a library is small enough for every work to be weighed."""
    return len(view) <= WEIGHED


def likely(view: View, directions: Matrix, *, at_once: bool) -> Numbers:
    """The works of a large library that suit any of these directions (k, d) best; fewer of them
    `at_once`.
    """
    if weighed_whole(view) or not len(directions):
        return np.empty(0, np.int64)
    return view.best(directions, BEST_AT_ONCE if at_once else BEST_OF_EACH)
