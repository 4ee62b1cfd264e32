"""The tastes of everyone, remembered between commands and learned while nobody waits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import numpy as np

from glance_agent.domain.command import HOUSEHOLD
from glance_agent.domain.display import Reaction, Showing
from glance_agent.search.engine import Rows
from glance_agent.taste.feedback import Sign, overruled, signs_of
from glance_agent.taste.profile import (
    Collection,
    Scores,
    Taste,
    collection_of,
    learned,
    scores_of,
    sketched,
)

SHOWINGS_READ = 1_000
"""From how many of the last showings implicit signs are taken."""
FRESH_PULL = 0.5
"""What reactions count that came since a taste was learned, in standard deviations."""


class Past(Protocol):
    """What was shown and what people thought of it."""

    def reactions(self, user: str) -> list[Reaction]: ...
    def reactions_mark(self, user: str) -> str: ...
    def users(self) -> list[str]: ...
    def showings(self, display: str | None, limit: int) -> list[Showing]: ...


@dataclass(frozen=True, eq=False, slots=True)
class Known:
    """A taste, and how much each work (n,) should please by it."""

    taste: Taste
    scores: Scores


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
        """Learn it; takes tens of milliseconds, so never on a command's path."""
        chance = np.random.default_rng(self.seed)
        taste = learned(self.user, self.signs, self.collection, now=self.now, chance=chance)
        return Learned(self, Known(taste, scores_of(taste, self.collection)))


@dataclass(frozen=True, slots=True)
class Learned:
    """A taste, and the lesson that it comes from."""

    lesson: Lesson
    known: Known


@dataclass(frozen=True, slots=True)
class _Held:
    """What is known of a user, of which reactions and works it holds, and what was learned last."""

    known: Known
    mark: str
    collection: Collection
    learned: Learned | None = None


class Tastes:
    """What every user likes; one thread at a time, but for learning itself."""

    def __init__(self, past: Past, *, clock: Callable[[], datetime], seed: int = 0) -> None:
        self._past = past
        self._clock = clock
        self._seed = seed
        self._held: dict[str, _Held] = {}
        self._rows: Rows | None = None
        self._collection: Collection | None = None

    def collection(self, rows: Rows) -> Collection:
        """The library of these vectors."""
        if self._collection is None or rows is not self._rows:
            self._rows = rows
            self._collection = collection_of(rows.matrix, rows.row_of)
        return self._collection

    def users(self) -> list[str]:
        """Everyone who has reacted to something; the household, as long as nobody has."""
        return self._past.users() or [HOUSEHOLD]

    def known(self, user: str, rows: Rows) -> Known:
        """What a user likes: as learned last, and by a sketch what was said since."""
        mark, collection = self._past.reactions_mark(user), self.collection(rows)
        held = self._held.get(user)
        if held is None or held.mark != mark or held.collection is not collection:
            last = held.learned if held else None
            known = self._sketched(user, last, collection)
            self._held[user] = held = _Held(known, mark, collection, last)
        return held.known

    # -- learning -----------------------------------------------------------------------------

    def unlearned(self, rows: Rows) -> str | None:
        """Someone whose taste was not learned from all that is there by now, or None."""
        newest = tuple(self._past.showings(None, 1))
        collection = self.collection(rows)
        left = (u for u in self.users() if not self._is_learned(u, newest, collection))
        return next(left, None)

    def lesson(self, user: str, rows: Rows) -> Lesson:
        """What this user's taste is to be learned from."""
        return Lesson(
            user,
            self._past.reactions_mark(user),
            tuple(self._past.showings(None, 1)),
            self._signs(user),
            self.collection(rows),
            self._clock(),
            self._seed,
        )

    def adopt(self, learned: Learned) -> None:
        """Go by this taste from now on."""
        lesson = learned.lesson
        self._held[lesson.user] = _Held(learned.known, lesson.mark, lesson.collection, learned)

    def refresh(self, user: str, rows: Rows) -> Taste:
        """Learn a user's taste anew, here and now."""
        learned = self.lesson(user, rows).learn()
        self.adopt(learned)
        return learned.known.taste

    def _is_learned(self, user: str, newest: tuple[Showing, ...], collection: Collection) -> bool:
        held = self._held.get(user)
        if held is None or held.learned is None:
            return False
        lesson = held.learned.lesson
        if lesson.mark != self._past.reactions_mark(user):
            return False
        if lesson.collection is not collection:
            return False
        if lesson.newest == newest:
            return True
        if lesson.signs != self._signs(user):
            return False
        seen = replace(held.learned, lesson=replace(lesson, newest=newest))
        self._held[user] = replace(held, learned=seen)
        return True

    def _sketched(self, user: str, last: Learned | None, collection: Collection) -> Known:
        """What is known without learning: the last lesson, corrected by what was said since."""
        now = self._clock()
        reactions = self._past.reactions(user)
        if last is None or last.lesson.collection is not collection or not reactions:
            sketch = sketched(user, self._signs(user), collection, now=now)
            return Known(sketch, scores_of(sketch, collection))
        before = last.lesson.signs
        signs = overruled(before, reactions)
        fresh = frozenset(signs) - frozenset(before)
        said = sketched(user, signs, collection, now=now)
        nudge = scores_of(sketched(user, tuple(fresh), collection, now=now), collection)
        taste = replace(
            last.known.taste,
            liked=said.liked,
            disliked=said.disliked,
            refused=said.refused,
            lately=said.lately,
            likings=said.likings,
        )
        return Known(taste, last.known.scores + np.float32(FRESH_PULL) * nudge)

    def _signs(self, user: str) -> tuple[Sign, ...]:
        showings = self._past.showings(None, SHOWINGS_READ)
        return signs_of(user, self._past.reactions(user), showings)
