"""The vectors of one moment, as whoever thinks asks for them: never all of them at once.

Works are named by numbers here. A number stands for one vector of one work: where the vector
changes, the work gets a new number, higher than all before; none is given twice.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.of_sources import SomeWorks, together
from glance_agent.domain.vectors import Matrix, Vector

Numbers = NDArray[np.int64]
"""Shape (m,): works by their numbers."""


@dataclass(frozen=True, slots=True)
class Gate:
    """Which works may be answered with, by id; `only` of None lets all in."""

    only: Container[str] | None = None
    never: SomeWorks = frozenset()

    @property
    def open(self) -> bool:
        """Whether it keeps nothing out."""
        return self.only is None and not self.never

    def lets_in(self, artwork_id: str) -> bool:
        return artwork_id not in self.never and (self.only is None or artwork_id in self.only)

    def but(self, works: Container[str]) -> Gate:
        """The same gate, which keeps these works out too."""
        if isinstance(works, frozenset):
            return replace(self, never=together(self.never, works))
        others = But(works)
        return replace(self, only=others if self.only is None else Both(self.only, others))


OPEN = Gate()


@dataclass(frozen=True, slots=True)
class But:
    """All works but those of a set."""

    works: Container[str]

    def __contains__(self, artwork_id: object) -> bool:
        return artwork_id not in self.works


@dataclass(frozen=True, slots=True)
class AnyOf:
    """The works of some sets, of one at least, together."""

    sets: tuple[Container[str], ...]

    def __contains__(self, artwork_id: object) -> bool:
        return any(artwork_id in works for works in self.sets)


@dataclass(frozen=True, slots=True)
class Both:
    """The works that two sets have in common."""

    one: Container[str]
    other: Container[str]

    def __contains__(self, artwork_id: object) -> bool:
        return artwork_id in self.one and artwork_id in self.other


def within(passing: Container[str], among: SomeWorks | None) -> Container[str]:
    """Those of the works that pass which are among some; `among` of None are all."""
    if among is None:
        return passing
    if isinstance(among, frozenset):
        return frozenset(filter(passing.__contains__, among))
    return Both(passing, among)


class Moments(Protocol):
    """How the scores of all works lie in any direction, without a list of them."""

    @property
    def mean(self) -> Vector:
        """The mean of all vectors (d,); zeros where there are none."""
        ...

    def mean_of(self, direction: Vector) -> float:
        """The mean score in a direction (d,): its product with the mean."""
        ...

    def deviation_of(self, direction: Vector) -> float:
        """The standard deviation of the scores in a direction (d,)."""
        ...


class View(Protocol):
    """The vectors of one moment in one space; later changes do not touch it.

    A score is the product of a work's unit vector with a direction (d,): their cosine where that
    has length 1 as well.
    """

    @property
    def last(self) -> int:
        """The highest number that was ever given; -1 where none was."""
        ...

    def __len__(self) -> int: ...

    def best(self, directions: Matrix, count: int, gate: Gate = OPEN) -> Numbers:
        """The `count` works that score best in each of the directions (k, d), each work once; in
        one direction the best first.
        """
        ...

    def scores_of(self, directions: Matrix, numbers: Numbers) -> NDArray[np.float32]:
        """How these works score in each of the directions (k, d): shape (m, k)."""
        ...

    def vectors_of(self, numbers: Numbers) -> Matrix:
        """The vectors of these works (m, d)."""
        ...

    def moments(self) -> Moments:
        """How the scores of all works lie."""
        ...

    def sample(self, count: int, shift: int = 0) -> Numbers:
        """At most `count` works, evenly taken of all; all of them where there are no more.

        With another `shift` they are others: each work is in one such sample. Those of the first
        shifts are at hand soonest.
        """
        ...

    def changes_since(self, number: int) -> Numbers:
        """The works that came, or whose vectors changed, after this number was given."""
        ...

    def let_in(self, numbers: Numbers, gate: Gate) -> NDArray[np.bool_]:
        """Which of these numbers (m,) are of works that are there and pass the gate."""
        ...

    def all_in(self, gate: Gate) -> Numbers:
        """All works that pass a gate, in their order."""
        ...

    def numbers_of(self, artwork_ids: Iterable[str]) -> Numbers:
        """The numbers of these works, in this order; those without a vector are left out."""
        ...

    def number_of(self, artwork_id: str) -> int | None:
        """The number of a work; None where it has no vector."""
        ...

    def ids_of(self, numbers: Numbers) -> list[str]:
        """The ids of these works."""
        ...
