"""Signs -> what one user likes: a score for every work, and the several tastes behind it.

A work scores by the likes and dislikes it resembles, likes of different kinds each on their own:
kernel ridge regression on likes, dislikes and a sample of unrated works at a lower weight. While
there are few likes, Rocchio's direction (towards the mean of the likes, away from the dislikes)
counts as much. Tastes are Ward's clusters of the likes, each kept as its medoid
(PinnerSage, https://arxiv.org/abs/2007.03634), so that an impressionist and a graphic side both
get their days. `docs/taste.md` has the figures behind these choices.

All vectors here are relative to the mean of the library, since pictures of one model lie in a
narrow cone, and scaled to length 1 again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix
from glance_agent.taste.clusters import clusters, medoid
from glance_agent.taste.collection import MEASURED_ON, Collection, kernel
from glance_agent.taste.feedback import Liking, Sign, recency
from glance_agent.taste.selection import LATELY

FEW_LIKES = 8
"""From so many likes on, the mean of them says less than each of them."""
MOST_SIGNS = 300
"""Older likes, or dislikes, than these no longer shape a taste."""
PROTOTYPES = 48
"""How many of the newest likes and of the newest dislikes a work is compared with."""
SMOOTHNESS = 0.03
"""How far the kernel regression may stay from each single reaction (its ridge)."""
ROCCHIO_DISLIKED = 0.5
"""What all dislikes count against all likes in Rocchio's direction."""
RESEMBLING = 0.3
"""The cosine from which two works are said to resemble each other."""
UNRATED_SAMPLED = 64
DISLIKED_SHARE = 1.0
UNRATED_SHARE = 0.3
"""What all dislikes, and all unrated works of the sample, weigh against all likes."""
MOST_TASTES = 6
Column = NDArray[np.float32]


@dataclass(frozen=True, eq=False, slots=True)
class Medoid:
    """One taste: the like that stands for it, its share of the whole, its likes, and how many works
    of its kind did not please.
    """

    artwork_id: str
    vector: Column
    importance: float
    likes: tuple[str, ...]
    passed: int = 0


@dataclass(frozen=True, eq=False, slots=True)
class Rated:
    """Works that draw or repel, newest last: ids, unit rows (k, d), and weights (k,)."""

    ids: tuple[str, ...]
    vectors: Matrix
    weights: Column


@dataclass(frozen=True, eq=False, slots=True)
class TasteProfile:
    """What one user likes.

    `anchors` (k, d) are works that draw or repel by their `pull` (k,); a sketch has none.
    `direction` (d,) is where to look, as long as there are few likes.
    `refused` are the works that the user has disliked outright: they do not come back. `lately`
    are the newest reactions, newest last, True for a like. `likings` tells of each liked work how
    that showed.
    """

    user: str
    liked: Rated
    disliked: Rated
    direction: Column | None = None
    anchors: Matrix | None = None
    pull: Column | None = None
    medoids: tuple[Medoid, ...] = ()
    refused: frozenset[str] = frozenset()
    lately: tuple[bool, ...] = ()
    likings: Mapping[str, Liking] = field(default_factory=dict)

    @property
    def empty(self) -> bool:
        return not (self.liked.ids or self.disliked.ids)


def sketched(
    user: str, signs: Sequence[Sign], collection: Collection, *, now: datetime
) -> TasteProfile:
    """The taste by Rocchio's method: what takes no time."""
    known = [s for s in signs if collection.view.number_of(s.artwork_id) is not None]
    liked = _rated([s for s in known if s.value > 0][-MOST_SIGNS:], collection, now)
    disliked = _rated([s for s in known if s.value < 0][-MOST_SIGNS:], collection, now)
    said = [s for s in signs if s.said]
    return TasteProfile(
        user,
        liked,
        disliked,
        _towards(liked, disliked),
        refused=frozenset(s.artwork_id for s in said if s.value < 0),
        lately=tuple(s.value > 0 for s in said[-LATELY:]),
        likings={s.artwork_id: s.liking for s in known if s.value > 0},
    )


def learned(
    user: str,
    signs: Sequence[Sign],
    collection: Collection,
    *,
    now: datetime,
    chance: np.random.Generator,
) -> TasteProfile:
    """All that the signs say of a user's taste."""
    taste = sketched(user, signs, collection, now=now)
    if taste.empty:
        return taste
    anchors, pull = _anchored(taste.liked, taste.disliked, _unrated(collection, chance))
    medoids = _medoids(taste.liked, taste.disliked)
    taste = replace(taste, anchors=anchors, pull=pull, medoids=medoids)
    return taste if len(taste.liked.ids) < FEW_LIKES else replace(taste, direction=None)


def nearest_liked(
    taste: TasteProfile, work: Column, among: Sequence[str] | None = None
) -> str | None:
    """The liked work that is most like this one (d,), of one taste if given: the reason for it."""
    wanted = None if among is None else frozenset(among)
    places = [i for i, a in enumerate(taste.liked.ids) if wanted is None or a in wanted]
    if not places:
        return None
    closeness = taste.liked.vectors[places] @ work
    return taste.liked.ids[places[int(closeness.argmax())]]


def _rated(signs: Sequence[Sign], collection: Collection, now: datetime) -> Rated:
    weights = np.array([max(abs(s.value) * recency(s, now), 1e-6) for s in signs], dtype=np.float32)
    ids = tuple(s.artwork_id for s in signs)
    return Rated(ids, collection.relative(collection.view.numbers_of(ids)), weights)


def _unrated(collection: Collection, chance: np.random.Generator) -> Matrix:
    """A sample of works, nearly all of them unrated, relative to the middle."""
    some = collection.view.sample(MEASURED_ON)
    drawn = chance.choice(some.size, min(UNRATED_SAMPLED, some.size), replace=False)
    return collection.relative(some[drawn])


def _towards(liked: Rated, disliked: Rated) -> Column | None:
    """Rocchio's direction (d,): the mean of the likes less half the mean of the dislikes."""
    towards = np.zeros(liked.vectors.shape[1], np.float32)
    for rated, share in ((liked, 1.0), (disliked, -ROCCHIO_DISLIKED)):
        if rated.ids:
            towards += share * (_shared(rated.weights, 1.0) @ rated.vectors)
    return _direction(towards)


def _direction(vector: Column) -> Column | None:
    """The vector scaled to length 1; None where it has no direction."""
    length = float(np.linalg.norm(vector))
    return None if length < 1e-6 else np.asarray(vector / length, dtype=np.float32)


def _anchored(liked: Rated, disliked: Rated, unrated: Matrix) -> tuple[Matrix, Column]:
    """Works (k, d) and how much each draws or repels (k,): weighted kernel ridge regression."""
    newest = slice(-PROTOTYPES, None)
    anchors = np.concatenate([liked.vectors[newest], disliked.vectors[newest], unrated])
    likes = liked.weights[newest]
    wanted = np.full(anchors.shape[0], -1.0)
    wanted[: likes.size] = 1.0
    weights = np.concatenate(
        [
            _shared(likes, 1.0),
            _shared(disliked.weights[newest], DISLIKED_SHARE),
            _shared(np.ones(unrated.shape[0], np.float32), UNRATED_SHARE),
        ]
    )
    alike = kernel(anchors @ anchors.T).astype(np.float64)
    ridge = np.diag(SMOOTHNESS / np.maximum(weights, 1e-6))
    pull = np.linalg.solve(alike + ridge, wanted)
    return anchors, pull.astype(np.float32)


def _medoids(liked: Rated, disliked: Rated) -> tuple[Medoid, ...]:
    """The tastes, the most important first."""
    if not liked.ids:
        return ()
    labels = clusters(liked.vectors, MOST_TASTES)
    total = float(liked.weights.sum())
    found = []
    for label in range(int(labels.max()) + 1):
        places = np.flatnonzero(labels == label)
        centre = int(places[medoid(liked.vectors[places], liked.weights[places])])
        share = float(liked.weights[places].sum()) / total
        ids = tuple(liked.ids[place] for place in places)
        found.append(Medoid(liked.ids[centre], liked.vectors[centre], share, ids))
    passed = _passed(np.stack([m.vector for m in found]), disliked)
    counted = [replace(m, passed=count) for m, count in zip(found, passed, strict=True)]
    return tuple(sorted(counted, key=lambda m: -m.importance))


def _passed(centres: Matrix, disliked: Rated) -> list[int]:
    """How many dislikes resemble each centre (k, d) more than the others, and resemble it."""
    if not disliked.ids:
        return [0] * centres.shape[0]
    cosines = disliked.vectors @ centres.T
    nearest = np.where(cosines.max(axis=1) > RESEMBLING, cosines.argmax(axis=1), -1)
    return [int((nearest == place).sum()) for place in range(centres.shape[0])]


def _shared(weights: Column, total: float) -> Column:
    """The weights scaled to a total."""
    return np.asarray(weights * (total / max(float(weights.sum()), 1e-9)), dtype=np.float32)
