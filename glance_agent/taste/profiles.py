"""The tastes of everyone, remembered between commands and learned while nobody waits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Protocol

import numpy as np

from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.vectors import top
from glance_agent.domain.view import OPEN, Numbers, View
from glance_agent.taste.collection import Collection, collection_of
from glance_agent.taste.feedback import Sign, implied_by, overruled
from glance_agent.taste.profile import TasteProfile, learned, sketched
from glance_agent.taste.remembered import Remembered
from glance_agent.taste.scope import USUAL, Weighing
from glance_agent.taste.scoring import Scores, Scoring

SHOWINGS_READ = 1_000
"""From how many of the last showings implicit signs are taken."""
HELD = 32
"""So many tastes are in memory, those that were asked for last: each has a number for every work.
Others are put away, and learned again when they are asked for."""
GATHERED = 24
"""So many tastes at most make up that of everyone: of those people who said something last."""
FRESH_PULL = 0.5
"""What reactions count that came since a taste was learned, in standard deviations."""


class ReactionHistory(Protocol):
    """What was shown and what people thought of it."""

    def reactions(self, user: str) -> list[Reaction]: ...
    def reactions_marks(self, users: Iterable[str]) -> Mapping[str, str]: ...
    def users(self) -> list[str]: ...
    def last_users(self, most: int) -> list[str]: ...
    def showings(self, display: str | None, limit: int) -> list[Showing]: ...
    def has_shown(self, user: str, limit: int) -> bool: ...


class Known:
    """A taste, and how much works should please by it; one thread at a time."""

    def __init__(
        self,
        taste: TasteProfile,
        best: Numbers,
        last: int,
        *parts: tuple[Remembered, float],
        limits: Weighing,
    ) -> None:
        """`parts` are what speaks for works, each with its weight; `best` the works of a large
        library that suited the taste best, when `last` was the last number given.
        """
        self.taste = taste
        self.best = best
        self.last = last
        self.parts = parts
        self._limits = limits

    def likely(self, view: View) -> Numbers:
        """The works of a large library that are weighed for this taste: those, and newer ones."""
        if self._limits.weigh_whole(view):
            return np.empty(0, np.int64)
        newer = view.changes_since(self.last)[-self._limits.best_of_each :]
        return np.concatenate([self.best[view.let_in(self.best, OPEN)], newer])

    def scores(self, view: View, numbers: Numbers) -> Scores:
        """How much these works should please, in standard deviations of the library (m,)."""
        total = np.zeros(numbers.size, np.float32)
        for remembered, weight in self.parts:
            total += np.float32(weight) * remembered.at(view, numbers)
        return total


def known_by(taste: TasteProfile, collection: Collection) -> Known:
    """A taste by itself, with the scores of the works it was made from.

    A learned taste is put to every work of all but the largest libraries, a sketch, on which
    somebody waits, to those in its direction.
    """
    view, scoring, limits = collection.view, Scoring(taste, collection), collection.limits
    is_learned = taste.anchors is not None
    if is_learned and limits.whole < len(view) <= limits.scored_whole:
        everything = scoring.of_all()
        best = everything.numbers[top(everything.scores, limits.best_of_each)]
        part = Remembered(scoring, everything.pair), 1.0
        return Known(taste, best, view.last, part, limits=limits)
    towards = [medoid.vector for medoid in taste.medoids]
    towards += [] if taste.direction is None else [taste.direction]
    best = limits.likely(view, np.array(towards, dtype=np.float32), at_once=not is_learned)
    remembered = Remembered(scoring, scoring.measured.pair)
    if is_learned:
        # While nobody waits: the next choice finds their scores, and their vectors in memory.
        remembered.at(view, best)
    return Known(taste, best, view.last, (remembered, 1.0), limits=limits)


@dataclass(frozen=True, slots=True)
class Lesson:
    """What a taste is to be learned from; learning touches nothing else, so any thread may."""

    user: str
    mark: str
    newest: tuple[Showing, ...]
    signs: tuple[Sign, ...]
    collection: Collection
    now: datetime
    seed: int

    def learn(self) -> Learned:
        """Learn it; takes tens of milliseconds, of a large library hundreds, so never on a
        command's path.
        """
        chance = np.random.default_rng(self.seed)
        taste = learned(self.user, self.signs, self.collection, now=self.now, chance=chance)
        return Learned(self, known_by(taste, self.collection))


@dataclass(frozen=True, slots=True)
class Learned:
    """A taste, and the lesson that it comes from."""

    lesson: Lesson
    known: Known


@dataclass(frozen=True, slots=True)
class _Held:
    """What is known of a user, of which reactions and works it holds, and what was learned last.

    A learned taste goes on to hold for works that come; a sketch is made again.
    """

    known: Known
    mark: str
    collection: Collection
    learned: Learned | None = None

    def outgrown(self, view: View) -> bool:
        return self.learned is None and self.collection.outgrown(view)


class _Moment:
    """What everyone has done by now, read when it is asked for first and once for all."""

    def __init__(self, past: ReactionHistory, users: Sequence[str]) -> None:
        self.marks = past.reactions_marks(users)
        self._past = past

    def signs(self, user: str) -> tuple[Sign, ...]:
        """How much a user seems to like works."""
        # Reading all that was shown is not worth it for who has put nothing up.
        seen = self._past.has_shown(user, SHOWINGS_READ)
        implied = self._implied.get(user, ()) if seen else ()
        return overruled(implied, self._past.reactions(user))

    @cached_property
    def newest(self) -> tuple[Showing, ...]:
        """The last showing of all, where there is one."""
        return tuple(self._past.showings(None, 1))

    @cached_property
    def _implied(self) -> dict[str, list[Sign]]:
        return implied_by(self._past.showings(None, SHOWINGS_READ))


class Profiles:
    """What every user likes; one thread at a time, but for learning itself."""

    def __init__(
        self,
        past: ReactionHistory,
        *,
        clock: Callable[[], datetime],
        seed: int = 0,
        limits: Weighing = USUAL,
    ) -> None:
        self.limits = limits
        self._past = past
        self._clock = clock
        self._seed = seed
        self._held: dict[str, _Held] = {}
        self._collection: Collection | None = None

    def collection(self, view: View) -> Collection:
        """The library of this moment, measured again after it has changed enough."""
        if self._collection is None or self._collection.outgrown(view):
            self._collection = collection_of(view, self.limits)
        return self._collection.at(view)

    def users(self) -> list[str]:
        """Everyone who has reacted to something, of many those who did last; the household, as long
        as nobody has.
        """
        users = self._past.users()
        if len(users) > GATHERED:
            users = sorted(self._past.last_users(GATHERED))
        return users or [HOUSEHOLD]

    def known(self, users: Sequence[str], view: View) -> dict[str, Known]:
        """What users like: as learned last, and by a sketch what was said since."""
        now, collection = _Moment(self._past, users), self.collection(view)
        return {user: self._known(user, collection, now) for user in users}

    def _known(self, user: str, collection: Collection, now: _Moment) -> Known:
        mark, held = now.marks[user], self._held.get(user)
        if held is None or held.mark != mark or held.outgrown(collection.view):
            last = held.learned if held else None
            known = self._sketched(user, last, collection, now)
            held = _Held(known, mark, collection, last)
        self._hold(user, held)
        return held.known

    def _hold(self, user: str, held: _Held) -> None:
        """Know this of a user, and put away what was asked for longest ago."""
        self._held.pop(user, None)
        self._held[user] = held
        while len(self._held) > HELD:
            del self._held[next(iter(self._held))]

    # -- learning -----------------------------------------------------------------------------

    def unlearned(self, view: View) -> list[str]:
        """Whose taste, of those who may be asked for, was not learned from all there is by now."""
        users = self.users()
        now = _Moment(self._past, list(dict.fromkeys([*users, *self._held])))
        wanted = [user for user in now.marks if user in users or now.marks[user]]
        return [user for user in wanted if not self._is_learned(user, view, now)]

    def lessons(self, users: Sequence[str], view: View) -> list[Lesson]:
        """What the tastes of these users are to be learned from."""
        now, collection, at = _Moment(self._past, users), self.collection(view), self._clock()
        return [
            Lesson(user, now.marks[user], now.newest, now.signs(user), collection, at, self._seed)
            for user in users
        ]

    def adopt(self, learned: Learned) -> None:
        """Go by this taste from now on."""
        lesson = learned.lesson
        held = _Held(learned.known, lesson.mark, lesson.collection, learned)
        self._hold(lesson.user, held)

    def refresh(self, user: str, view: View) -> TasteProfile:
        """Learn a user's taste anew, here and now."""
        learned = self.lessons([user], view)[0].learn()
        self.adopt(learned)
        return learned.known.taste

    def _is_learned(self, user: str, view: View, now: _Moment) -> bool:
        held = self._held.get(user)
        if held is None or held.learned is None:
            return False
        lesson = held.learned.lesson
        if lesson.mark != now.marks[user]:
            return False
        if lesson.collection.outgrown(view):
            return False
        if lesson.newest == now.newest:
            return True
        if lesson.signs != now.signs(user):
            return False
        seen = replace(held.learned, lesson=replace(lesson, newest=now.newest))
        self._held[user] = replace(held, learned=seen)
        return True

    def _sketched(
        self, user: str, last: Learned | None, collection: Collection, moment: _Moment
    ) -> Known:
        """What is known without learning: the last lesson, corrected by what was said since."""
        now = self._clock()
        reactions = self._past.reactions(user)
        if last is None or not reactions:
            return known_by(sketched(user, moment.signs(user), collection, now=now), collection)
        before = last.lesson.signs
        signs = overruled(before, reactions)
        fresh = frozenset(signs) - frozenset(before)
        said = sketched(user, signs, collection, now=now)
        nudge = known_by(sketched(user, tuple(fresh), collection, now=now), collection)
        taste = replace(
            last.known.taste,
            liked=said.liked,
            disliked=said.disliked,
            refused=said.refused,
            lately=said.lately,
            likings=said.likings,
        )
        fresh_parts = [(remembered, FRESH_PULL * weight) for remembered, weight in nudge.parts]
        best = np.concatenate([last.known.best, nudge.best])
        parts = (*last.known.parts, *fresh_parts)
        return Known(taste, best, last.known.last, *parts, limits=self.limits)
