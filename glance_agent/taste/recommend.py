"""The next work for a display, by taste, mood, time and chance, and why it is this one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.command import HOUSEHOLD
from glance_agent.domain.errors import CommandError, ModelError
from glance_agent.search.engine import Hit, Rows, rows_let_in
from glance_agent.search.query import Query, parse_query
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.scoring import Part, answer
from glance_agent.taste.explanation import Grounds, Relative, sentence
from glance_agent.taste.household import satisfaction, shares
from glance_agent.taste.mood import mood_name, mood_words
from glance_agent.taste.profile import Medoid, Taste, nearest_liked
from glance_agent.taste.profiles import Known, Tastes
from glance_agent.taste.selection import (
    Options,
    Role,
    Scores,
    drawn_taste,
    likeness_to,
    pick,
    repeat_span,
    role_for,
    roused,
)

Mask = NDArray[np.bool_]

NOT_IN_A_ROW = 6
"""To how many of the last showings the next one should be unlike."""
KNOWN_SHOWINGS = 24
"""How many of the last showings count as explored."""
KNOWN_RATED = 12
"""How many of the newest likes, and of the newest dislikes, of each person do."""
_OTHER = {"landscape": "portrait", "portrait": "landscape"}
SATISFIED_OVER = 12
"""Over how many showings it is counted who had their wishes."""


class Works(Protocol):
    """The artworks that are kept."""

    def get(self, artwork_id: str) -> Artwork | None: ...
    def withheld(self) -> frozenset[str]: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...


class Past(Protocol):
    """What was shown."""

    def recent_ids(self, display: str, limit: int) -> list[str]: ...
    def ever_shown(self, artwork_id: str) -> bool: ...


@dataclass(frozen=True, slots=True)
class Wish:
    """For which display and whom a work is looked for, in which mood, with how much discovery."""

    display: str
    user: str
    mood: str | None
    discovery: int
    window: int
    orientation: str | None = None


@dataclass(frozen=True, eq=False, slots=True)
class _Turn:
    """The tastes of this choice: their blend, and the one taste whose turn it is."""

    known: Mapping[str, Known]
    user: str
    medoid: Medoid | None
    scores: Scores

    @property
    def taste(self) -> Taste:
        """The taste of the person whose turn it is."""
        return self.known[self.user].taste


@dataclass(frozen=True, eq=False, slots=True)
class _Misfits:
    """Which of these rows have an orientation."""

    rows: Rows
    orientation: str
    mask: Mask


class Suggester:
    """Chooses what comes next; one thread at a time."""

    def __init__(
        self,
        works: Works,
        past: Past,
        tastes: Tastes,
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
        self._misfits: _Misfits | None = None

    def suggest(self, wish: Wish, rows: Rows) -> Hit | None:
        """A work to show, its reason and the parts of its score; None where none is allowed."""
        withheld = self._works.withheld()
        span = repeat_span(len(rows.ids) - len(withheld), wish.window)
        recent = self._past.recent_ids(wish.display, max(span, KNOWN_SHOWINGS))
        people = self._people(wish, rows)
        turn = self._turn(people, rows, recent)
        discovery = roused(wish.discovery, turn.taste.lately) if turn else wish.discovery
        role = role_for(discovery, self._chance) if turn else Role.UNEXPLORED
        mood = self._mood(wish, rows)
        if turn is None and mood is not None:
            role = Role.NEARBY
        refused = frozenset[str]().union(*(known.taste.refused for known in people.values()))
        allowed = rows_let_in(rows, None, withheld | refused | set(recent[:span]))
        if not allowed.any():
            allowed = rows_let_in(rows, None, withheld | set(recent[:1]))
        options = Options(
            allowed,
            taste=turn.scores if turn else None,
            side=self._side(turn, rows) if turn else None,
            mood=mood,
            known=self._known(rows, turn, recent) if role is Role.UNEXPLORED else None,
            fatigue=self._likeness(rows, recent[:NOT_IN_A_ROW]),
            misfit=self._misfit(rows, wish.orientation),
        )
        chosen = pick(options, role, self._chance)
        if chosen is None:
            return self._by_chance(wish, withheld, refused)
        artwork = rows.ids[chosen.row]
        why = self._why(wish, turn, chosen.role, self._liked_kin(turn, artwork, rows), artwork)
        parts = {**chosen.parts, "discovery": float(discovery)}
        return Hit(artwork, 0.0, why, parts)

    def _by_chance(
        self, wish: Wish, withheld: frozenset[str], refused: frozenset[str]
    ) -> Hit | None:
        """A work of all that are there, with or without a vector: chance alone decides."""
        works = self._works.matching(Filters()) - withheld
        recent = self._past.recent_ids(wish.display, repeat_span(len(works), wish.window))
        left = (works - refused).difference(recent) or works.difference(recent[:1])
        other = _OTHER.get(wish.orientation or "")
        misfits = self._works.matching(Filters(orientation=other)) if other else frozenset()
        fitting = sorted(left - misfits) or sorted(left)
        if not fitting:
            return None
        artwork = self._chance.choice(fitting)
        new = not self._past.ever_shown(artwork)
        return Hit(artwork, 0.0, sentence(Grounds(Role.UNEXPLORED, new=new)))

    # -- whose taste --------------------------------------------------------------------------

    def _turn(self, people: Mapping[str, Known], rows: Rows, recent: list[str]) -> _Turn | None:
        """The tastes that count now; None where nobody has liked anything yet."""
        known = {user: k for user, k in people.items() if k.taste.liked.ids}
        if not known:
            return None
        shown = [row for i in recent[:SATISFIED_OVER] if (row := rows.row_of.get(i)) is not None]
        weights = shares({u: satisfaction(k.scores, shown) for u, k in known.items()})
        blend = np.zeros(len(rows.ids), np.float32)
        for user, weight in weights.items():
            blend += np.float32(weight) * known[user].scores
        user = self._chance.choices(list(weights), list(weights.values()))[0]
        return _Turn(known, user, self._medoid(known[user].taste), blend)

    def _people(self, wish: Wish, rows: Rows) -> dict[str, Known]:
        """Whose tastes count: the asking user's, or everyone's for the household.

        Someone who has said nothing yet is shown what the household likes.
        """
        if wish.user != HOUSEHOLD and (own := self._tastes.known(wish.user, rows)).taste.liked.ids:
            return {wish.user: own}
        return {user: self._tastes.known(user, rows) for user in self._tastes.users()}

    def _medoid(self, taste: Taste) -> Medoid | None:
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

    def _side(self, turn: _Turn, rows: Rows) -> Scores | None:
        """How much each work is of the taste whose turn it is, in standard deviations."""
        if turn.medoid is None:
            return None
        likeness = self._tastes.collection(rows).likeness(turn.medoid.vector[None])[:, 0]
        return np.asarray((likeness - likeness.mean()) / (likeness.std() + 1e-6), dtype=np.float32)

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

    def _mood(self, wish: Wish, rows: Rows) -> Scores | None:
        """How well each work suits the mood; a wish that cannot be understood is no wish."""
        if not wish.mood or not rows.ids:
            return None
        try:
            query = self._meant(wish.mood)
            meaning = self._understanding
            wanted = [Part(meaning.vector(p.text), p.weight) for p in query.phrases]
            avoided = [Part(meaning.vector(p.text), p.weight) for p in query.avoid]
            scores = answer(rows.matrix, wanted, avoided, meaning.background(rows.matrix))
        except (ModelError, CommandError):
            return None
        return np.asarray((scores - scores.mean()) / (scores.std() + 1e-6), dtype=np.float32)

    def _likeness(self, rows: Rows, artworks: Iterable[str]) -> Scores:
        """How like each work is to the nearest of these, 0–1."""
        places = [row for i in artworks if (row := rows.row_of.get(i)) is not None]
        unlike = self._understanding.background(rows.matrix).picture_likeness
        return likeness_to(rows.matrix, rows.matrix[places], unlike)

    def _known(self, rows: Rows, turn: _Turn | None, recent: list[str]) -> Scores:
        """How like each work is to anything that was rated or shown."""
        rated: list[str] = []
        for known in turn.known.values() if turn else ():
            liked, disliked = known.taste.liked.ids, known.taste.disliked.ids
            rated += [*liked[-KNOWN_RATED:], *disliked[-KNOWN_RATED:]]
        return self._likeness(rows, {*rated, *recent[:KNOWN_SHOWINGS]})

    def _misfit(self, rows: Rows, orientation: str | None) -> Mask | None:
        """The works that lie where the display stands, or stand where it lies."""
        other = _OTHER.get(orientation or "")
        if other is None:
            return None
        known = self._misfits
        if known is None or known.rows is not rows or known.orientation != other:
            wrong = self._works.matching(Filters(orientation=other))
            known = self._misfits = _Misfits(rows, other, rows_let_in(rows, wrong, ()))
        return known.mask

    # -- the reason ---------------------------------------------------------------------------

    def _why(
        self, wish: Wish, turn: _Turn | None, role: Role, friend: Artwork | None, artwork: str
    ) -> str:
        mood = mood_name(wish.mood, self._clock().astimezone().hour) if wish.mood else None
        new = not self._past.ever_shown(artwork)
        if turn is None:
            return sentence(Grounds(role, mood=mood, new=new))
        likings = turn.taste.likings
        kin = Relative(friend.title, likings[friend.id]) if friend else None
        return sentence(Grounds(role, turn.user, kin, likings.get(artwork), mood, new))

    def _liked_kin(self, turn: _Turn | None, artwork: str, rows: Rows) -> Artwork | None:
        """The liked work that this one is most like."""
        if turn is None:
            return None
        collection = self._tastes.collection(rows)
        work = collection.relative([collection.row_of[artwork]])[0]
        of_taste = turn.medoid.likes if turn.medoid else None
        friend = nearest_liked(turn.taste, work, of_taste)
        return self._works.get(friend) if friend else None
