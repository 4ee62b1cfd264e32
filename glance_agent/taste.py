"""Signs -> what one user likes: a score for every work, and the several tastes behind it.

A work scores by the likes and dislikes it resembles, likes of different kinds each on their own
(a kernel estimate: Rocchio with one prototype a like). From LIKES_TO_TRAIN likes on, a logistic
regression over likes, dislikes and a sample of unrated works adds what sets them apart. Tastes
are Ward's clusters of the likes, each kept as its medoid (PinnerSage,
https://arxiv.org/abs/2007.03634), so that an impressionist and a graphic side both get their days.

All vectors here are relative to the mean of the library, since pictures of one model lie in a
narrow cone, and scaled to length 1 again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from glance_agent.clusters import clusters, medoid
from glance_agent.signals import Sign, recency
from glance_agent.vectors import Matrix, unit_rows

LIKES_TO_TRAIN = 8
MOST_SIGNS = 300
"""Older likes, or dislikes, than these no longer shape a taste."""
PROTOTYPES = 64
"""How many of the newest likes and of the newest dislikes a work is compared with."""
SHARPNESS = 8.0
"""How quickly a like counts less for works that resemble it less."""
UNRELATED = 0.3
"""The cosine from which two works are said to resemble each other."""
UNRATED_SAMPLED = 200
UNRATED_WEIGHT = 0.3
DISLIKED_WEIGHT = 0.7
RIDGE = 0.02
LOGIT_SCALE = 4.0
STEPS = 60
MOST_TASTES = 6

Scores = NDArray[np.float32]
Column = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Collection:
    """The works that can be liked: vectors (n, d), their rows by id, and what relates them.

    `middle` (d,) is the mean of the rows, `reach` (n,) each row's distance from it.
    """

    matrix: Matrix
    row_of: Mapping[str, int]
    middle: Column
    reach: Column

    def relative(self, rows: Sequence[int]) -> Matrix:
        """Some rows, relative to the middle: unit rows (k, d)."""
        return unit_rows(self.matrix[list(rows)] - self.middle)

    def likeness(self, vectors: Matrix) -> NDArray[np.float32]:
        """The cosine of every row with relative unit vectors (k, d): shape (n, k)."""
        shifted = self.matrix @ vectors.T - vectors @ self.middle
        return np.asarray(shifted / self.reach[:, None], dtype=np.float32)


def collection_of(matrix: Matrix, row_of: Mapping[str, int]) -> Collection:
    """A library (n, d) as a collection; costs one pass over it."""
    rows, dimension = matrix.shape
    middle = matrix.mean(axis=0) if rows else np.zeros(dimension, np.float32)
    squares = 1.0 - 2.0 * (matrix @ middle) + float(middle @ middle)
    reach = np.sqrt(np.maximum(squares, 1e-6)).astype(np.float32)
    return Collection(matrix, row_of, middle.astype(np.float32), reach)


@dataclass(frozen=True, slots=True)
class Medoid:
    """One taste: the like that stands for it, its share of the whole, its likes, and how many works
    of its kind did not please.
    """

    artwork_id: str
    vector: Column
    importance: float
    likes: tuple[str, ...]
    passed: int = 0


@dataclass(frozen=True, slots=True)
class Pull:
    """Works that draw or repel, newest last: ids, unit rows (k, d), and weights (k,)."""

    ids: tuple[str, ...]
    vectors: Matrix
    weights: Column


@dataclass(frozen=True, slots=True)
class Taste:
    """What one user likes; `direction` (d,) is None before there are enough likes to train.

    `refused` are the works that the user has disliked outright: they do not come back.
    """

    user: str
    liked: Pull
    disliked: Pull
    medoids: tuple[Medoid, ...] = ()
    direction: Column | None = None
    refused: frozenset[str] = frozenset()

    @property
    def empty(self) -> bool:
        return not (self.liked.ids or self.disliked.ids)


def sketched(user: str, signs: Sequence[Sign], collection: Collection, now: datetime) -> Taste:
    """The taste without anything that takes time: no training, no clusters."""
    known = [s for s in signs if s.artwork_id in collection.row_of]
    liked = [s for s in known if s.value > 0][-MOST_SIGNS:]
    disliked = [s for s in known if s.value < 0][-MOST_SIGNS:]
    refused = frozenset(s.artwork_id for s in signs if s.said and s.value < 0)
    return Taste(
        user,
        _pull(liked, collection, now),
        _pull(disliked, collection, now),
        refused=refused,
    )


def learned(
    user: str,
    signs: Sequence[Sign],
    collection: Collection,
    *,
    now: datetime,
    chance: np.random.Generator,
) -> Taste:
    """All that the signs say of a user's taste."""
    taste = sketched(user, signs, collection, now)
    taste = replace(taste, medoids=_medoids(taste.liked, taste.disliked))
    if len(taste.liked.ids) < LIKES_TO_TRAIN:
        return taste
    return replace(taste, direction=_trained(taste, collection, chance))


def scores_of(taste: Taste, collection: Collection) -> Scores:
    """How much each work should please, in standard deviations of the library; zeros if unknown."""
    if taste.empty or not collection.row_of:
        return np.zeros(collection.matrix.shape[0], np.float32)
    score = _standard(_resemblance(taste, collection))
    if taste.direction is not None:
        score += _standard(collection.likeness(taste.direction[None])[:, 0])
    return _standard(score)


def nearest_liked(taste: Taste, work: Column, among: Sequence[str] | None = None) -> str | None:
    """The liked work that is most like this one (d,), of one taste if given: the reason for it."""
    places = [i for i, a in enumerate(taste.liked.ids) if among is None or a in among]
    if not places:
        return None
    closeness = taste.liked.vectors[places] @ work
    return taste.liked.ids[places[int(closeness.argmax())]]


def _pull(signs: Sequence[Sign], collection: Collection, now: datetime) -> Pull:
    weights = np.array([abs(s.value) * recency(s, now) for s in signs], dtype=np.float32)
    rows = [collection.row_of[s.artwork_id] for s in signs]
    return Pull(tuple(s.artwork_id for s in signs), collection.relative(rows), weights)


def _resemblance(taste: Taste, collection: Collection) -> Scores:
    """The share of likes among what a work resembles, 0–1."""
    liked = _density(taste.liked, collection)
    disliked = _density(taste.disliked, collection)
    unknown = np.float32(np.exp(SHARPNESS * UNRELATED))
    if not taste.liked.ids:
        return np.asarray(-disliked / (disliked + unknown), dtype=np.float32)
    return np.asarray(liked / (liked + disliked + unknown), dtype=np.float32)


def _density(pull: Pull, collection: Collection) -> Scores:
    newest = slice(-PROTOTYPES, None)
    cosines = collection.likeness(pull.vectors[newest])
    np.multiply(cosines, np.float32(SHARPNESS), out=cosines)
    return np.asarray(np.exp(cosines, out=cosines) @ pull.weights[newest], dtype=np.float32)


def _standard(scores: Scores) -> Scores:
    return np.asarray((scores - scores.mean()) / (scores.std() + 1e-6), dtype=np.float32)


def _medoids(liked: Pull, disliked: Pull) -> tuple[Medoid, ...]:
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


def _passed(centres: Matrix, disliked: Pull) -> list[int]:
    """How many dislikes resemble each centre (k, d) more than the others, and resemble it."""
    if not disliked.ids:
        return [0] * centres.shape[0]
    cosines = disliked.vectors @ centres.T
    nearest = np.where(cosines.max(axis=1) > UNRELATED, cosines.argmax(axis=1), -1)
    return [int((nearest == place).sum()) for place in range(centres.shape[0])]


def _trained(taste: Taste, collection: Collection, chance: np.random.Generator) -> Column:
    """The direction (d,) that sets likes apart, by L2-regularised logistic regression.

    Accelerated gradient descent (Nesterov) of a fixed number of steps: some ten milliseconds,
    whatever the signs are.
    """
    size = collection.matrix.shape[0]
    sample = chance.choice(size, min(UNRATED_SAMPLED, size), replace=False)
    rows = np.concatenate(
        [taste.liked.vectors, taste.disliked.vectors, collection.relative(sample.tolist())]
    )
    wanted = np.zeros(rows.shape[0], np.float32)
    wanted[: len(taste.liked.ids)] = 1.0
    weights = np.concatenate(
        [
            _shared(taste.liked.weights, 1.0),
            _shared(taste.disliked.weights, DISLIKED_WEIGHT),
            _shared(np.ones(sample.size, np.float32), UNRATED_WEIGHT),
        ]
    )
    direction = _descended(rows * np.float32(LOGIT_SCALE), wanted, weights)
    length = float(np.linalg.norm(direction))
    return direction if length == 0.0 else np.asarray(direction / length, dtype=np.float32)


def _shared(weights: Column, total: float) -> Column:
    """The weights scaled to a total."""
    return np.asarray(weights * (total / max(float(weights.sum()), 1e-9)), dtype=np.float32)


def _descended(rows: Matrix, wanted: Column, weights: Column) -> Column:
    steepest = 0.25 * float(weights.sum()) * LOGIT_SCALE**2 / 2 + RIDGE
    at = ahead = np.zeros(rows.shape[1], np.float32)
    bias, pace = 0.0, 1.0
    for _ in range(STEPS):
        guess = 1.0 / (1.0 + np.exp(-(rows @ ahead + bias)))
        error = weights * (guess - wanted)
        after = ahead - (rows.T @ error + RIDGE * LOGIT_SCALE * ahead) / steepest
        bias -= float(error.sum()) / (0.25 * float(weights.sum()))
        next_pace = (1.0 + float(np.sqrt(1.0 + 4.0 * pace * pace))) / 2.0
        ahead = (after + (pace - 1.0) / next_pace * (after - at)).astype(np.float32)
        at, pace = after.astype(np.float32), next_pace
    return at
