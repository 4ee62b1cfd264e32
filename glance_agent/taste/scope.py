"""The works that a choice weighs: all of a small library, of a large one the likely ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from random import Random

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix
from glance_agent.domain.view import Numbers, View

WEIGHED = 10_000
"""A library of at most so many works is weighed as a whole."""
DRAWN = 2_000
"""How many works stand for all of a larger one; others each time, so that each has its turn."""
BEST_OF_EACH = 2_000
"""How many of the works that suit a taste or a mood best are weighed beside these."""


@dataclass(frozen=True, eq=False, slots=True)
class Scope:
    """Works by number (m,), which of them stand `at_random` for all, and each for how many."""

    numbers: Numbers
    at_random: NDArray[np.bool_] | None = None
    each: float = 1.0

    def standard(self, scores: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scores of the works (m,) in standard deviations of the library."""
        usual = scores if self.at_random is None else scores[self.at_random]
        deviations = (scores - usual.mean()) / (usual.std() + np.float32(1e-6))
        return np.asarray(deviations, dtype=np.float32)


def scope_of(
    view: View, likely: Iterable[Numbers], chance: Random, only: frozenset[str] | None = None
) -> Scope:
    """All works of a view; of a large one others each time, beside those that are `likely`.

    Of `only` these works where they are given.
    """
    if weighed_whole(view):
        return Scope(view.sample(WEIGHED))
    if only is not None:
        return _scope_within(view.numbers_of(sorted(only)), likely, chance)
    drawn = view.sample(DRAWN, chance.randrange(len(view)))
    numbers = np.unique(np.concatenate([drawn, *likely]))
    return Scope(numbers, np.isin(numbers, drawn, assume_unique=True), len(view) / drawn.size)


def _scope_within(works: Numbers, likely: Iterable[Numbers], chance: Random) -> Scope:
    """The same of these works alone."""
    if works.size <= WEIGHED:
        return Scope(np.sort(works))
    drawn = np.sort(works[chance.sample(range(works.size), DRAWN)])
    suiting = np.intersect1d(np.concatenate([drawn[:0], *likely]), works)
    numbers = np.union1d(drawn, suiting)
    return Scope(numbers, np.isin(numbers, drawn, assume_unique=True), works.size / drawn.size)


def weighed_whole(view: View) -> bool:
    """Whether a library is small enough for every work to be weighed."""
    return len(view) <= WEIGHED


def likely(view: View, directions: Matrix) -> Numbers:
    """The works of a large library that suit any of these directions (k, d) best."""
    if weighed_whole(view) or not len(directions):
        return np.empty(0, np.int64)
    return view.best(directions, BEST_OF_EACH)
