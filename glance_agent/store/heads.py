"""Views whose engines find the best rows at some cost: what was found for a direction is kept."""

from __future__ import annotations

from abc import abstractmethod
from collections import OrderedDict

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.domain.view import OPEN, Gate, Numbers
from glance_agent.store.index_rows import RowsView
from glance_agent.store.row_names import Mask, Names

HEADS = 8
"""Of so many directions it is remembered which works are best: a command asks several times."""
FEW = 1_000
"""So many works that are kept out are taken from the best; more are kept out beforehand."""


class HeadsView(RowsView):
    """A view of one moment; the engine says which rows are best, and at which grade."""

    def __init__(self, names: Names, crossed_out: Mask | None, count: int) -> None:
        super().__init__(names, crossed_out, count)
        self._heads = OrderedDict[tuple[bytes, int], NDArray[np.intp]]()

    def best(self, directions: Matrix, count: int, gate: Gate = OPEN) -> Numbers:
        """The works (m,) that score best in any of directions (k, d), as exactly as the engine
        looks for so many."""
        let_in, exactly = self._let_in(gate), self._exactly(count, len(directions))
        self._look_ahead(directions, count, let_in)
        found = [self._best(direction, count, let_in, exactly) for direction in directions]
        united = found[0] if len(found) == 1 else np.unique(np.concatenate(found))
        return self._numbers(united)

    def _look_ahead(self, directions: Matrix, count: int, let_in: Mask | None) -> None:
        """Find the heads of several directions together, where an engine does so at less cost."""

    @property
    def _findable(self) -> int:
        """How many rows a head may have."""
        return self._size

    @abstractmethod
    def _exactly(self, count: int, several: int) -> bool:
        """Whether it matters which are the best of so many in each of several directions."""

    @abstractmethod
    def _grade(self, count: int) -> int:
        """How exactly so many are looked for where it does, more is better; 0 where not."""

    @abstractmethod
    def _found(
        self, direction: Vector, count: int, let_in: Mask | None, grade: int
    ) -> NDArray[np.intp]:
        """The `count` best rows or more of those let in, at this grade, best first."""

    def _best(
        self, direction: Vector, count: int, let_in: Mask | None, exactly: bool
    ) -> NDArray[np.intp]:
        """The `count` rows of those let in that score best in a direction."""
        if let_in is None:
            return self._head(direction, count, exactly)[:count]
        kept_out = self._size - int(np.count_nonzero(let_in))
        if kept_out > FEW:
            grade = self._grade(count) if exactly else 0
            return self._found(direction, count, let_in, grade)[:count]
        rows = self._head(direction, count + kept_out, exactly)
        return rows[let_in[rows]][:count]

    def _head(self, direction: Vector, count: int, exactly: bool) -> NDArray[np.intp]:
        """At least `count` rows, the best first, whether they count or not; remembered."""
        key, grade = direction.tobytes(), self._grade(count) if exactly else 0
        for better in {grade, self._grade(self._size) if exactly else 0}:
            known = self._heads.get((key, better))
            if known is not None and known.size >= min(count, self._findable):
                return known
        return self._remember(key, grade, self._found(direction, count, None, grade))

    def _remember(self, key: bytes, grade: int, rows: NDArray[np.intp]) -> NDArray[np.intp]:
        self._heads[key, grade] = rows
        if len(self._heads) > HEADS:
            self._heads.popitem(last=False)
        return rows
