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

AT_HAND = 64
"""From so many lots the first choice draws: their vectors are in memory, as `View.sample` says."""


@dataclass(frozen=True, slots=True)
class Weighing:
    """How many works a choice weighs, by how many there are."""

    whole: int = 10_000
    """A library of at most so many works is weighed as a whole."""
    drawn: int = 2_000
    """About how many works stand for all of a larger one."""
    turns: int = 16
    """For how many choices each of these stays: one in so many is another one each time."""
    best_of_each: int = 2_000
    """How many of the works that suit a taste best are weighed beside these."""
    best_at_once: int = 500
    """The same where somebody waits: of a taste that is about to be learned, and of a mood where
    their vectors may have to be read."""
    read_beyond: int = 50_000
    """Of more works vectors lie on the disk."""
    scored_whole: int = 100_000
    """Up to so many works a taste that is learned is put to each of them."""

    def weigh_whole(self, view: View) -> bool:
        """Whether a library is small enough for every work to be weighed."""
        return len(view) <= self.whole

    def likely(self, view: View, directions: Matrix, *, at_once: bool) -> Numbers:
        """The works of a large library that suit any of these directions (k, d) best; fewer of
        them `at_once`.
        """
        if self.weigh_whole(view) or not len(directions):
            return np.empty(0, np.int64)
        return view.best(directions, self.best_at_once if at_once else self.best_of_each)


USUAL = Weighing()


class Draws:
    """Chance, which draws the works that stand for all of a large library: some others each time,
    so that each has its turn, and most again, whose vectors are at hand.
    """

    def __init__(self, chance: Random, limits: Weighing = USUAL) -> None:
        self.limits = limits
        self._chance = chance
        self._shifts = deque[int](maxlen=limits.turns)

    def again(self) -> Draws:
        """The draws of the next choice."""
        if self._shifts:
            self._shifts.append(self._chance.randrange(2**31))
        else:
            self._shifts.extend(self._chance.sample(range(AT_HAND), self.limits.turns))
        return self

    def anew(self) -> Draws:
        """All others, where none of these may be chosen."""
        self._shifts.extend(self._chance.randrange(2**31) for _ in range(self.limits.turns))
        return self

    def of(self, sample: Callable[[int, int], Numbers]) -> Numbers:
        """Works in their order; `sample` gives at most so many, others with another shift."""
        size = max(1, self.limits.drawn // self.limits.turns)
        lots = [sample(size, shift) for shift in self._shifts]
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
    if draws.limits.weigh_whole(view):
        return Scope(view.sample(draws.limits.whole))
    if only is not None:
        return _scope_within(view.all_in(Gate(only=only)), likely, draws)
    drawn = draws.of(view.sample)
    numbers = np.unique(np.concatenate([drawn, *likely]))
    return Scope(numbers, np.isin(numbers, drawn, assume_unique=True), len(view) / drawn.size)


def _scope_within(works: Numbers, likely: Iterable[Numbers], draws: Draws) -> Scope:
    """The same of these works alone, which are in their order."""
    if works.size <= draws.limits.whole:
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
