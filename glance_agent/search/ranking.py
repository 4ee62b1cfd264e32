"""Two rankings -> one list that a person wants to see: fused, and not ten times the same.

Fusion is by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009); variety by maximal
marginal relevance (Carbonell and Goldstein, SIGIR 1998).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Kin
from glance_agent.domain.vectors import Matrix
from glance_agent.search.label_words import LabelAnswer

RANK_OFFSET = 60
HEAD = 60
"""How many of the best works variety chooses from."""
RELEVANCE = 0.7
PER_ARTIST = 2
FULL_WEIGHT = 1.0
"""What all words on a label count, against the pictures' own ranking."""
DESCRIPTIVE_WEIGHT = 0.3
"""The same where all words are of style, genre, colour or mood, which labels seldom say."""
SOME_WEIGHT = 0.8
"""What some of the words on a label count, where they name what is to be seen."""
SOME_OF_KIND_WEIGHT = 0.1
"""The same where the query names a style, genre, colour or mood."""
NAMED_BONUS = 1.0
"""More than any two ranks together: who is named comes first."""


class Ranked(NamedTuple):
    """One work and its fused score."""

    artwork_id: str
    score: float


def fused(
    by_vector: Sequence[str], labels: LabelAnswer, unlabelled: int | None = None
) -> list[Ranked]:
    """Both rankings as one, best first: a named title, then a named artist, then all others.

    Where too many labels carry the words to be ranked, they count as the pictures rank them.
    Of the works that no label answers with, only the first `unlabelled` are ranked, or all.
    """
    carrying: Sequence[str] = labels.full
    if labels.unordered:
        among = frozenset(carrying)
        carrying = [artwork for artwork in by_vector if artwork in among]
    scores = dict.fromkeys(chain(carrying, labels.some, labels.by_artist, labels.titled), 0.0)
    ranked = [Ranked(i, 1.0 / (RANK_OFFSET + rank)) for rank, i in enumerate(by_vector)]
    if not scores:
        return ranked[:unlabelled]
    scores.update([r for r in ranked if r.artwork_id in scores])
    others = [r for r in ranked if r.artwork_id not in scores][:unlabelled]
    full = DESCRIPTIVE_WEIGHT if labels.descriptive else FULL_WEIGHT
    partly = SOME_OF_KIND_WEIGHT if labels.of_kind else SOME_WEIGHT
    # Who carries all of the words carries some of them, and no less than any other.
    some = [*carrying, *labels.some] if labels.some else ()
    for found, weight in ((carrying, full), (some, partly)):
        for rank, artwork in enumerate(found):
            scores[artwork] += weight / (RANK_OFFSET + rank)
    for artwork in labels.by_artist:
        scores[artwork] += NAMED_BONUS
    for artwork in labels.titled:
        scores[artwork] += 2 * NAMED_BONUS
    labelled = map(Ranked._make, scores.items())
    return sorted(chain(others, labelled), key=lambda r: (-r.score, r.artwork_id))


class Families(Protocol):
    """Knows what makes works alike beside their vectors; asked only about works in question."""

    def kin(self, artwork_id: str) -> Kin: ...
    def works_by(self, artist: str) -> int: ...


def varied(
    ranked: Sequence[Ranked],
    vectors: Matrix | None,
    *,
    families: Families,
    likeness: float,
    count: int,
    most_by_artist: int | None,
) -> list[Ranked]:
    """The `count` works to answer with: relevant, and unlike those before them.

    `vectors` is (h, d), one row for each of the first of `ranked`, among which variety chooses
    (rows of zeros where there is none), or None without a model. `likeness` is the cosine of any
    two pictures, which counts as unlike. An artist has at most two places, unless there are more
    than `most_by_artist` works by that artist, or this is None. Where places are left, the others
    follow in their order.
    """
    head = min(len(ranked), HEAD, len(ranked) if vectors is None else len(vectors))
    chosen: list[int] = []
    gain = RELEVANCE * _relevance(ranked[:head])
    nearest = np.zeros(head, dtype=np.float32)
    penalty = None if vectors is None else _penalty(vectors[:head], likeness)
    allowance = _Allowance(families, most_by_artist)
    for _ in range(head):
        if len(chosen) == count:
            break
        best = int((gain - nearest).argmax())
        gain[best] = -np.inf
        if not allowance.takes(ranked[best].artwork_id):
            continue
        chosen.append(best)
        if penalty is not None:
            np.maximum(nearest, penalty[best], out=nearest)
    taken = set(chosen)
    spare = (
        i for i in range(len(ranked)) if i not in taken and allowance.new(ranked[i].artwork_id)
    )
    while len(chosen) < count and (more := next(spare, None)) is not None:
        chosen.append(more)
    return [ranked[i] for i in chosen]


class _Allowance:
    """Counts artists and groups while a list is filled."""

    def __init__(self, families: Families, most_by_artist: int | None) -> None:
        self._families = families
        self._most_by_artist = most_by_artist
        self._artists = Counter[str]()
        self._groups: set[str] = set()

    def takes(self, artwork_id: str) -> bool:
        """Whether the work may be added; counts it if so."""
        kin = self._families.kin(artwork_id)
        if kin.group in self._groups or (kin.artist and self._has_enough_of(kin.artist)):
            return False
        self._groups.add(kin.group)
        if kin.artist:
            self._artists[kin.artist] += 1
        return True

    def new(self, artwork_id: str) -> bool:
        """Whether no near-duplicate of the work was there yet; remembers its group."""
        group = self._families.kin(artwork_id).group
        first = group not in self._groups
        self._groups.add(group)
        return first

    def _has_enough_of(self, artist: str) -> bool:
        """In a house full of one artist's works, that name tells nothing apart."""
        if self._most_by_artist is None or self._artists[artist] < PER_ARTIST:
            return False
        return self._families.works_by(artist) <= self._most_by_artist


def _relevance(ranked: Sequence[Ranked]) -> NDArray[np.float32]:
    """The fused scores as 0–1 over the head; the named keep their lead over all others."""
    scores = np.array([r.score for r in ranked], dtype=np.float32)
    tiers = np.floor(scores / np.float32(NAMED_BONUS))
    within = scores - tiers * np.float32(NAMED_BONUS)
    low, high = float(within.min(initial=1.0)), float(within.max(initial=0.0))
    relevance = 2.0 * tiers + (within - low) / max(high - low, 1e-9)
    return np.asarray(relevance, dtype=np.float32)


def _penalty(vectors: Matrix, likeness: float) -> NDArray[np.float32]:
    """What any two rows cost each other, (n, n): nothing as any two pictures, most as the same."""
    most = np.float32(1.0 - RELEVANCE)
    cost = vectors @ vectors.T
    cost -= np.float32(likeness)
    cost *= most / np.float32(max(1.0 - likeness, 1e-6))
    return np.clip(cost, 0.0, most, out=cost)
