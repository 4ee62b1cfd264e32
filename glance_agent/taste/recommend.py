"""The next work for a display, by taste, mood, time and chance, and why it is this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from random import Random

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.errors import CommandError, ModelError
from glance_agent.domain.of_sources import SomeWorks, together
from glance_agent.domain.view import Gate, Numbers, View
from glance_agent.search.hits import Hit
from glance_agent.search.query import Query
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.query_parsing import parse_query
from glance_agent.search.scoring import Part, Question
from glance_agent.taste.by_chance import ByChance
from glance_agent.taste.explanation import Grounds, Relative, sentence
from glance_agent.taste.mood import mood_name, mood_words
from glance_agent.taste.profile import nearest_liked
from glance_agent.taste.profiles import Known, Profiles
from glance_agent.taste.remembered import Remembered
from glance_agent.taste.scope import Draws, Scope, scope_of
from glance_agent.taste.selection import (
    Options,
    Role,
    Scores,
    likeness_to,
    pick,
    repeat_span,
    role_for,
    roused,
)
from glance_agent.taste.turns import Turn, Turns
from glance_agent.taste.wish import OTHER, RecommendableWorks, ShowingHistory, Wish, among

NOT_IN_A_ROW = 6
"""To how many of the last showings the next one should be unlike."""
KNOWN_SHOWINGS = 24
"""How many of the last showings count as explored."""
KNOWN_RATED = 12
"""How many of the newest likes, and of the newest dislikes, of each person do."""
FEW = 200
"""Of so many works of a small library it is quicker to read each than to look for all of a kind."""


class Recommender:
    """Chooses what comes next; one thread at a time."""

    def __init__(
        self,
        works: RecommendableWorks,
        past: ShowingHistory,
        tastes: Profiles,
        *,
        understanding: Understanding,
        clock: Callable[[], datetime],
        chance: Random,
    ) -> None:
        self._works = works
        self._past = past
        self._tastes = tastes
        self._understanding = understanding
        self._clock = clock
        self._chance = chance
        self._turns = Turns(tastes, chance)
        self._draws = Draws(chance, tastes.limits)
        self._by_chance = ByChance(works, past, chance)
        self._misfits: dict[str, Remembered] = {}

    def suggest(self, wish: Wish, view: View) -> Hit | None:
        """A work to show, its reason and the parts of its score; None where none is allowed."""
        withheld = together(self._works.withheld(), self._works.out_of_reach())
        if wish.likes_of is not None:
            return self._by_chance.hit(wish, withheld, frozenset(), view)
        only = self.among(wish)
        off_wall = self._off_wall(view, only, withheld)
        span = repeat_span(_count(view, only, together(withheld, off_wall)), wish.window)
        recent = self._past.recent_ids(wish.display, max(span, KNOWN_SHOWINGS))
        people = self._turns.people(wish.user, view)
        question = self.question(wish, view)
        refused = frozenset[str]().union(*(known.taste.refused for known in people.values()))
        gates = [
            Gate(only, together(withheld, *never))
            for never in ((off_wall, refused, recent[:span]), (off_wall, recent[:1]), (recent[:1],))
        ]
        scope = self._scope(people, question, view, only, gates[0])
        turn = self._turns.now(people, view, scope, recent)
        role = self._role(wish, turn, in_mood=question is not None)
        options = Options(
            _let_in(view, scope, gates),
            taste=turn.scores if turn else None,
            side=self._side(turn, view, scope) if turn else None,
            mood=scope.standard(question.answer(view, scope.numbers)) if question else None,
            known=self._known(view, scope, turn, recent) if role is Role.UNEXPLORED else None,
            fatigue=self._likeness(view, scope, recent[:NOT_IN_A_ROW]),
            misfit=self._misfit(view, scope, wish.orientation),
            at_random=scope.at_random,
            each=scope.each,
        )
        chosen = pick(options, role, self._chance)
        if chosen is None:
            return self._by_chance.hit(wish, withheld, refused, view)
        number = int(scope.numbers[chosen.row])
        why = self._why(wish, turn, chosen.role, view=view, number=number)
        parts = {**chosen.parts, "discovery": float(self._discovery(wish, turn))}
        return Hit(view.ids_of(scope.numbers[[chosen.row]])[0], 0.0, why, parts)

    def unwanted(self, wish: Wish, view: View) -> SomeWorks:
        """What nobody wants to see now: it was refused, hung here lately, or suits no wall."""
        only, withheld = self.among(wish), self._works.withheld()
        off_wall = self._off_wall(view, only, withheld)
        choices = _count(view, only, together(withheld, off_wall))
        recent = self._past.recent_ids(wish.display, repeat_span(choices, wish.window))
        people = self._turns.people(wish.user, view).values()
        return together(off_wall, recent, *(known.taste.refused for known in people))

    def among(self, wish: Wish) -> SomeWorks | None:
        """The works that are chosen from; None for all."""
        return among(self._works, wish)

    def _off_wall(self, view: View, only: SomeWorks | None, withheld: SomeWorks) -> SomeWorks:
        """What suits no wall; nothing where there is nothing else."""
        off_wall = self._works.off_wall()
        showable = _count(view, only, together(withheld, off_wall))
        return off_wall if showable > 0 else frozenset()

    def _role(self, wish: Wish, turn: Turn | None, *, in_mood: bool) -> Role:
        """Where to look for this choice."""
        if turn is None:
            return Role.NEARBY if in_mood else Role.UNEXPLORED
        return role_for(self._discovery(wish, turn), self._chance)

    def _discovery(self, wish: Wish, turn: Turn | None) -> int:
        return roused(wish.discovery, turn.taste.lately) if turn else wish.discovery

    def _scope(
        self,
        people: Mapping[str, Known],
        question: Question | None,
        view: View,
        only: SomeWorks | None,
        gate: Gate,
    ) -> Scope:
        """The works that are weighed, of these alone where any are given; some of what chance has
        drawn is let in by the gate, if that can be.
        """
        suiting = [known.likely(view) for known in people.values()]
        if question is not None:
            limits = self._tastes.limits
            far = len(view) > limits.read_beyond
            suiting.append(limits.likely(view, question.directions(view), at_once=far))
        scope = scope_of(view, suiting, self._draws.again(), only)
        drawn = scope.drawn
        if drawn is not None and not view.let_in(drawn, gate).any():
            return scope_of(view, suiting, self._draws.anew(), only)
        return scope

    # -- whose taste --------------------------------------------------------------------------

    def _side(self, turn: Turn, view: View, scope: Scope) -> Scores | None:
        """How much each work is of the taste whose turn it is, in standard deviations."""
        if turn.medoid is None:
            return None
        works = self._tastes.collection(view)
        return scope.standard(works.likeness(turn.medoid.vector[None], scope.numbers)[:, 0])

    # -- what else speaks for and against -----------------------------------------------------

    def texts(self, mood: str | None) -> tuple[str, ...]:
        """The words that a mood means at this hour, which the model has to read ahead."""
        try:
            return self._meant(mood).texts if mood else ()
        except CommandError:
            return ()

    def _meant(self, mood: str) -> Query:
        """The query that a mood stands for; raises CommandError for an impossible filter."""
        return parse_query(mood_words(mood, self._clock().astimezone().hour))

    def question(self, wish: Wish, view: View) -> Question | None:
        """What the mood asks for; a wish that cannot be understood is no wish."""
        if not wish.mood or not len(view):
            return None
        try:
            query = self._meant(wish.mood)
            meaning = self._understanding
            wanted = [Part(meaning.vector(p.text), p.weight) for p in query.phrases]
            avoided = [Part(meaning.vector(p.text), p.weight) for p in query.avoid]
            return Question(wanted, avoided, meaning.background(view))
        except (ModelError, CommandError):
            return None

    def _likeness(self, view: View, scope: Scope, artworks: Iterable[str]) -> Scores:
        """How like each work is to the nearest of these, 0–1."""
        others = view.vectors_of(view.numbers_of(artworks))
        unlike = self._understanding.background(view).picture_likeness
        return likeness_to(view, scope.numbers, others, unlike)

    def _known(self, view: View, scope: Scope, turn: Turn | None, recent: list[str]) -> Scores:
        """How like each work is to anything that was rated or shown."""
        rated: list[str] = []
        for known in turn.known.values() if turn else ():
            liked, disliked = known.taste.liked.ids, known.taste.disliked.ids
            rated += [*liked[-KNOWN_RATED:], *disliked[-KNOWN_RATED:]]
        return self._likeness(view, scope, {*rated, *recent[:KNOWN_SHOWINGS]})

    def _misfit(
        self, view: View, scope: Scope, orientation: str | None
    ) -> NDArray[np.bool_] | None:
        """The works that lie where the display stands, or stand where it lies."""
        other = OTHER.get(orientation or "")
        if other is None:
            return None
        if other not in self._misfits:
            self._misfits[other] = Remembered(partial(self._stands, other))
        return self._misfits[other].at(view, scope.numbers) > 0

    def _stands(self, orientation: str, view: View, numbers: Numbers) -> Scores:
        """Which works have an orientation (m,): 1 or 0."""
        if numbers.size > FEW or not self._tastes.limits.weigh_whole(view):
            having = Gate(only=self._works.passing(Filters(orientation=orientation), view))
            return view.let_in(numbers, having).astype(np.float32)
        ids = view.ids_of(numbers)
        known = {w.id: w.orientation == orientation for w in self._works.get_many(ids)}
        return np.array([known.get(artwork, False) for artwork in ids], np.float32)

    # -- the reason ---------------------------------------------------------------------------

    def _why(self, wish: Wish, turn: Turn | None, role: Role, *, view: View, number: int) -> str:
        artwork = view.ids_of(np.array([number]))[0]
        mood = mood_name(wish.mood, self._clock().astimezone().hour) if wish.mood else None
        new = not self._past.ever_shown(artwork)
        if turn is None:
            return sentence(Grounds(role, mood=mood, new=new))
        likings = turn.taste.likings
        friend = self._liked_kin(turn, view, number)
        kin = Relative(friend.title, likings[friend.id]) if friend else None
        return sentence(Grounds(role, turn.user, kin, likings.get(artwork), mood, new))

    def _liked_kin(self, turn: Turn, view: View, number: int) -> Artwork | None:
        """The liked work that this one is most like."""
        work = self._tastes.collection(view).relative(np.array([number]))[0]
        of_taste = turn.medoid.likes if turn.medoid else None
        friend = nearest_liked(turn.taste, work, of_taste)
        return self._works.get(friend) if friend else None


def _count(view: View, only: SomeWorks | None, never: SomeWorks) -> int:
    """About how many works can be chosen."""
    if only is None and isinstance(never, frozenset):
        return len(view) - len(never)
    return view.all_in(Gate(only, never)).size


def _let_in(view: View, scope: Scope, gates: Iterable[Gate]) -> NDArray[np.bool_]:
    """Which works may be shown, by the first gate that lets any in, or by the last."""
    for gate in gates:
        allowed = view.let_in(scope.numbers, gate)
        if allowed.any():
            break
    return allowed
