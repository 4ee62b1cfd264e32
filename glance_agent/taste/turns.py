"""Whose taste counts for a choice, and which side of it has its turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

import numpy as np

from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.view import View
from glance_agent.taste.profile import Medoid, TasteProfile
from glance_agent.taste.profiles import Known, Profiles
from glance_agent.taste.scope import Scope
from glance_agent.taste.selection import Scores, drawn_taste, satisfaction, shares

SATISFIED_OVER = 12
"""Over how many showings it is counted who had their wishes."""


@dataclass(frozen=True, eq=False, slots=True)
class Turn:
    """The tastes of this choice: their blend, and the one taste whose turn it is."""

    known: Mapping[str, Known]
    user: str
    medoid: Medoid | None
    scores: Scores

    @property
    def taste(self) -> TasteProfile:
        """The taste of the person whose turn it is."""
        return self.known[self.user].taste


class Turns:
    """Shares choices out among people and their tastes; one thread at a time."""

    def __init__(self, tastes: Profiles, chance: Random) -> None:
        self._tastes = tastes
        self._chance = chance

    def now(
        self, people: Mapping[str, Known], view: View, scope: Scope, recent: list[str]
    ) -> Turn | None:
        """The tastes that count now; None where nobody has liked anything yet."""
        known = {user: k for user, k in people.items() if k.taste.liked.ids}
        if not known:
            return None
        shown = view.numbers_of(recent[:SATISFIED_OVER])
        weights = shares({u: satisfaction(k.scores(view, shown)) for u, k in known.items()})
        blend = np.zeros(scope.numbers.size, np.float32)
        for user, weight in weights.items():
            blend += np.float32(weight) * known[user].scores(view, scope.numbers)
        user = self._chance.choices(list(weights), list(weights.values()))[0]
        return Turn(known, user, self._medoid(known[user].taste), blend)

    def people(self, user: str, view: View) -> dict[str, Known]:
        """Whose tastes count: the asking user's, or everyone's for the household.

        Someone who has said nothing yet is shown what the household likes.
        """
        if user != HOUSEHOLD:
            own = self._tastes.known([user], view)
            if own[user].taste.liked.ids:
                return own
        return self._tastes.known(self._tastes.users(), view)

    def _medoid(self, taste: TasteProfile) -> Medoid | None:
        """The side of a taste whose turn it is."""
        medoids = taste.medoids
        if not medoids:
            return None
        place = drawn_taste(
            [m.importance for m in medoids],
            [len(m.likes) for m in medoids],
            [m.passed for m in medoids],
            self._chance,
        )
        return medoids[place]
