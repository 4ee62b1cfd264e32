"""How well works answer a question by their pictures, and by what that is measured."""

from __future__ import annotations

from collections.abc import Container, Sequence
from functools import cached_property

import numpy as np

from glance_agent.domain.vectors import Matrix, top
from glance_agent.domain.view import OPEN, Gate, Numbers, View
from glance_agent.search.scoring import TOP, Question, Scores, yardstick

CANDIDATES = 500
"""How many works are looked at in each direction where a query avoids something."""
FEW_KEPT_OUT = 100
"""So few works that may not be answered with are taken off those that were found for all."""
LOOKED_THROUGH = 20_000
"""So many works are all looked at for such a query, which is quicker than in each direction."""


class PictureMatch:
    """How well works answer a question by their pictures, and by what that is measured.

    Works whose labels carry what is to be avoided are `avoided`. Where nothing is asked that a
    picture could answer, there is no question.
    """

    def __init__(
        self, view: View, question: Question | None = None, avoided: Container[str] = frozenset()
    ) -> None:
        self.view = view
        self._question = question
        self._avoided = avoided
        self._near_of_all: Numbers | None = None

    @property
    def likeness(self) -> float:
        """How alike any two pictures are."""
        return self._question.background.picture_likeness if self._question else 0.0

    def best(self, gate: Gate, count: int) -> list[str]:
        """The works that answer best and pass a gate, best first; where nothing is asked, any."""
        if self._question is None:
            everything = self.view.sample(len(self.view))
            return self.view.ids_of(everything[self.view.let_in(everything, gate)][:count])
        return self.view.ids_of(self._best(self._question, gate, count))

    def of(self, ids: Sequence[str]) -> tuple[dict[str, float], dict[str, float]]:
        """How well these works answer, and the same as 0–1; those without a vector are left out.

        All match fully where nothing was asked that a picture could answer.
        """
        known, numbers = self._known(ids)
        if self._question is None or not known:
            return dict.fromkeys(known, 0.0), dict.fromkeys(known, 1.0)
        # What is measured by: the best works of the library, whether they may be shown or not.
        best = self._best(self._question, OPEN, TOP)
        together = self._scores(self._question, np.concatenate([numbers, best]))
        scores = together[: numbers.size]
        measure = yardstick(
            together[numbers.size :], self._question.wanted, self._question.background
        )
        found = (scores.tolist(), measure.match(scores).tolist())
        return dict(zip(known, found[0], strict=True)), dict(zip(known, found[1], strict=True))

    def vectors(self, ids: Sequence[str]) -> Matrix:
        """The vectors of these works (m, d), zeros for those that have none."""
        known, numbers = self._known(ids)
        vectors = self.view.vectors_of(numbers)
        if len(known) == len(ids):
            return vectors
        found = np.zeros((len(ids), vectors.shape[1]), np.float32)
        place = {artwork: at for at, artwork in enumerate(ids)}
        found[[place[artwork] for artwork in known]] = vectors
        return found

    def _known(self, ids: Sequence[str]) -> tuple[Sequence[str], Numbers]:
        """Those of the works that have a vector, and their numbers."""
        numbers = self.view.numbers_of(ids)
        return (ids if numbers.size == len(ids) else self.view.ids_of(numbers)), numbers

    def _scores(self, question: Question, numbers: Numbers) -> Scores:
        """How well some works (m,) answer."""
        if (known := self._of_all) is not None:
            everything, scores = known
            return scores[np.searchsorted(everything, numbers)]
        return self._answered(question, numbers)

    @cached_property
    def _of_all(self) -> tuple[Numbers, Scores] | None:
        """All works and how well they answer, where something is avoided and they are not many."""
        if self._question is None or not self._question.avoided or len(self.view) > LOOKED_THROUGH:
            return None
        everything = self.view.sample(len(self.view))
        return everything, self._answered(self._question, everything)

    def _answered(self, question: Question, numbers: Numbers) -> Scores:
        scores = question.answer(self.view, numbers)
        if self._avoided:
            scores[self.view.let_in(numbers, Gate(only=self._avoided))] -= 1.0
        return scores

    def _best(self, question: Question, gate: Gate, count: int) -> Numbers:
        """The `count` works that pass a gate and answer best, best first."""
        if (known := self._of_all) is not None:
            everything, scores = known
            let_in = self.view.let_in(everything, gate)
            best = top(np.where(let_in, scores, np.float32(-np.inf)), count)
            return everything[best[let_in[best]]]
        if not (self._avoided or question.avoided):
            return self.view.best(question.directions(self.view), count, gate)
        near = self._near(question, gate, count)
        return near[top(self._scores(question, near), count)]

    def _near(self, question: Question, gate: Gate, count: int) -> Numbers:
        """Works that pass a gate, among them as a rule the `count` that answer best."""
        few_out = isinstance(gate.never, frozenset) and len(gate.never) <= FEW_KEPT_OUT
        if gate.only is None and few_out and count <= CANDIDATES - FEW_KEPT_OUT:
            # What a query is measured by is looked for among the same works.
            if self._near_of_all is None:
                self._near_of_all = self._looked_for(question, OPEN, CANDIDATES)
            return self._near_of_all[self.view.let_in(self._near_of_all, gate)]
        return self._looked_for(question, gate, count)

    def _looked_for(self, question: Question, gate: Gate, count: int) -> Numbers:
        directions = question.directions(self.view)
        count = count if len(directions) == 1 else max(count, CANDIDATES)
        if not self._avoided:
            return np.unique(self.view.best(directions, count, gate))
        others = self.view.best(directions, count, gate.but(self._avoided))
        # What carries the word on its label falls far behind: if any of it is wanted, then the best
        # in one direction, unless hardly anything else is there.
        ways = directions[:1] if others.size >= count else directions
        wanted = self.view.best(ways, count, gate)
        return np.unique(np.concatenate([wanted, others]))
