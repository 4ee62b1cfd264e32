"""The ways to choose the next work that are compared, from chance to the one who knows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Protocol

import numpy as np

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.vectors import Vector, top
from glance_agent.domain.view import View
from glance_agent.search.query_embedding import Understanding
from glance_agent.taste.profiles import Profiles
from glance_agent.taste.recommend import Recommender
from glance_agent.taste.scope import USUAL, Weighing
from glance_agent.taste.selection import SURE_CHOICES
from glance_agent.taste.wish import Wish
from tools.evaluation.kept import Keeping
from tools.evaluation.paintings import Exhibition
from tools.evaluation.people import Person

USER = "visitor"
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
BETWEEN = timedelta(minutes=5)
DISLIKE_WEIGHT = 0.5


class Chooser(Protocol):
    """Chooses rows, one by one, and is told how each was received."""

    def choose(self) -> int: ...
    def told(self, row: int, *, liked: bool) -> None: ...


@dataclass(slots=True)
class Remembering:
    """What every chooser keeps: what was shown, what was liked."""

    rows: int
    chance: Random
    liked: list[int] = field(default_factory=list)
    disliked: list[int] = field(default_factory=list)

    def told(self, row: int, *, liked: bool) -> None:
        (self.liked if liked else self.disliked).append(row)

    def open_rows(self) -> list[int]:
        shown = {*self.liked, *self.disliked}
        return [row for row in range(self.rows) if row not in shown]


class ByChance(Remembering):
    """Any work."""

    def choose(self) -> int:
        return self.chance.choice(self.open_rows())


class ByScore(Remembering):
    """One of the best works by fixed scores: what pleases most people, or what pleases this one."""

    scores: np.ndarray[tuple[int], np.dtype[np.float32]]

    def choose(self) -> int:
        rows = self.open_rows()
        best = top(self.scores[rows], SURE_CHOICES)
        return rows[int(best[self.chance.randrange(best.size)])]


class ByMean(Remembering):
    """Rocchio: nearest to the mean of the likes less half the mean of the dislikes."""

    matrix: np.ndarray[tuple[int, int], np.dtype[np.float32]]

    def choose(self) -> int:
        rows = self.open_rows()
        if not self.liked:
            return self.chance.choice(rows)
        mean = self.matrix[self.liked].mean(axis=0)
        if self.disliked:
            mean = mean - DISLIKE_WEIGHT * self.matrix[self.disliked].mean(axis=0)
        best = top(self.matrix[rows] @ mean, SURE_CHOICES)
        return rows[int(best[self.chance.randrange(best.size)])]


class Knowing(Remembering):
    """The oracle: always a work that pleases, while there is one."""

    person: Person

    def choose(self) -> int:
        rows = self.open_rows()
        step = len(self.liked) + len(self.disliked)
        good = [row for row in rows if self.person.likes(row, step)]
        return self.chance.choice(good or rows)


class NoWords:
    """An encoder that no mood is asked of."""

    space = "none"

    def embed_text(self, text: str) -> Vector:
        raise NotImplementedError(text)


@dataclass(frozen=True, eq=False, slots=True)
class Hall:
    """An exhibition as the agent looks at it, and what its words mean."""

    exhibition: Exhibition
    view: View
    limits: Weighing = USUAL
    meaning: Understanding = field(default_factory=lambda: _silent())


def hall_of(exhibition: Exhibition, keeping: Keeping, meaning: Understanding | None = None) -> Hall:
    """An exhibition that is kept in some way; without a `meaning` no mood is understood."""
    return Hall(exhibition, keeping.view_of(exhibition), keeping.limits, meaning or _silent())


class Ours:
    """What the agent does: `next`, a reaction, and a taste that is learned anew."""

    def __init__(self, hall: Hall, chance: Random, discovery: int, mood: str | None = None) -> None:
        self._diary = _Diary()
        self._view = hall.view
        ids = [work.artwork.id for work in hall.exhibition.works]
        self._places = {artwork: row for row, artwork in enumerate(ids)}
        self._ids = ids
        self._tastes = Profiles(self._diary, clock=self._diary.now, limits=hall.limits)
        self._wish = Wish("wall", USER, mood, discovery, window=len(ids))
        self._recommender = Recommender(
            _Works(hall.exhibition),
            self._diary,
            self._tastes,
            understanding=hall.meaning,
            clock=self._diary.now,
            chance=chance,
        )

    def choose(self) -> int:
        hit = self._recommender.suggest(self._wish, self._view)
        if hit is None:
            raise LookupError("nothing is left to show")
        return self._places[hit.artwork_id]

    def told(self, row: int, *, liked: bool) -> None:
        self._diary.note(self._ids[row], liked=liked)
        self._tastes.refresh(USER, self._view)


def _silent() -> Understanding:
    return Understanding(NoWords(), Forgetful(), stopwatch=lambda: 0.0, references=())


class Forgetful:
    """A phrasebook without phrases."""

    def vectors(self, space: str, phrases: object) -> dict[str, Vector]:
        return {}

    def keep(self, space: str, vectors: object) -> None:
        """Nothing is kept."""


class _Diary:
    """The past of one visitor, in memory; five minutes pass with every showing."""

    def __init__(self) -> None:
        self._showings: list[Showing] = []
        self._reactions: list[Reaction] = []

    def now(self) -> datetime:
        return START + BETWEEN * len(self._showings)

    def note(self, artwork: str, *, liked: bool) -> None:
        at = self.now()
        self._showings.insert(0, Showing("wall", artwork, at, "next", USER, ""))
        self._reactions.append(Reaction(USER, artwork, "like" if liked else "dislike", at))

    def reactions(self, user: str) -> list[Reaction]:
        return self._reactions if user == USER else []

    def reactions_marks(self, users: Iterable[str]) -> dict[str, str]:
        return {user: str(len(self.reactions(user))) for user in users}

    def users(self) -> list[str]:
        return [USER] if self._reactions else []

    def last_users(self, most: int) -> list[str]:
        return self.users()[:most]

    def showings(self, display: str | None, limit: int) -> list[Showing]:
        return self._showings[:limit]

    def recent_ids(self, display: str, limit: int) -> list[str]:
        return [s.artwork_id for s in self._showings[:limit]]

    def has_shown(self, user: str, limit: int) -> bool:
        return any(s.user == user for s in self._showings[:limit])

    def ever_shown(self, artwork_id: str) -> bool:
        return any(s.artwork_id == artwork_id for s in self._showings)


class _Works:
    """The works of an exhibition; nothing is withheld."""

    def __init__(self, exhibition: Exhibition) -> None:
        self._works = {work.artwork.id: work.artwork for work in exhibition.works}

    def get(self, artwork_id: str) -> Artwork | None:
        return self._works.get(artwork_id)

    def get_many(self, artwork_ids: Iterable[str]) -> list[Artwork]:
        return [self._works[artwork] for artwork in artwork_ids]

    def drawn(self, chance: Random) -> None:
        """None: few enough works for each to be asked for."""

    def some_of(self, sources: Collection[str], chance: Random) -> list[str]:
        return [*self._works]

    def known_sources(self) -> frozenset[str]:
        return frozenset(work.source for work in self._works.values())

    def withheld(self) -> frozenset[str]:
        return frozenset()

    def out_of_reach(self) -> frozenset[str]:
        return frozenset()

    def off_wall(self) -> frozenset[str]:
        return frozenset()

    def of_sources(self, sources: Collection[str]) -> frozenset[str]:
        return frozenset(self._works)

    def matching(self, filters: Filters) -> frozenset[str]:
        return frozenset(self._works)

    def passing(self, filters: Filters, view: View) -> frozenset[str]:
        return self.matching(filters)


def choosers_for(
    hall: Hall, person: Person, crowd: Sequence[Person], seed: int
) -> dict[str, Chooser]:
    """Every way to choose, by name, each with a chance of its own."""
    rows = len(hall.exhibition.works)

    def chance() -> Random:
        return Random(f"{seed} {person.name}")

    popular = ByScore(rows, chance())
    popular.scores = np.mean([p.first for p in crowd if p is not person], axis=0, dtype=np.float32)
    by_mean = ByMean(rows, chance())
    by_mean.matrix = hall.exhibition.matrix
    knowing = Knowing(rows, chance())
    knowing.person = person
    return {
        "random": ByChance(rows, chance()),
        "popularity": popular,
        "single mean": by_mean,
        "ours, discovery 20": Ours(hall, chance(), 20),
        "ours, discovery 80": Ours(hall, chance(), 80),
        "oracle": knowing,
    }
