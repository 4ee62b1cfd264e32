"""Two rankings -> one list that a person wants to see: fused, and not ten times the same.

Fusion is by reciprocal rank (Cormack, Clarke and Büttcher, SIGIR 2009); variety by maximal
marginal relevance (Carbonell and Goldstein, SIGIR 1998).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glance_agent.keywords import LabelAnswer
from glance_agent.vectors import Matrix

RANK_OFFSET = 60
HEAD = 100
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


def fused(by_vector: Sequence[str], labels: LabelAnswer) -> list[Ranked]:
    """Both rankings as one, best first: a named title, then a named artist, then all others.

    Where too many labels carry the words to be ranked, they count as the pictures rank them.
    """
    rank_of = {artwork: rank for rank, artwork in enumerate(by_vector)}
    scores = {artwork: 1.0 / (RANK_OFFSET + rank) for artwork, rank in rank_of.items()}
    full = DESCRIPTIVE_WEIGHT if labels.descriptive else FULL_WEIGHT
    partly = SOME_OF_KIND_WEIGHT if labels.of_kind else SOME_WEIGHT
    carrying: Sequence[str] = labels.full
    if labels.unordered:
        among = frozenset(carrying)
        carrying = [artwork for artwork in by_vector if artwork in among]
    for found, weight in ((carrying, full), (labels.some, partly)):
        for rank, artwork in enumerate(found):
            scores[artwork] = scores.get(artwork, 0.0) + weight / (RANK_OFFSET + rank)
    for artwork in labels.by_artist:
        scores[artwork] = NAMED_BONUS + scores.get(artwork, 0.0)
    for artwork in labels.titled:
        scores[artwork] = 2 * NAMED_BONUS + scores.get(artwork, 0.0)
    ordered = sorted((-score, artwork) for artwork, score in scores.items())
    return [Ranked(artwork, -score) for score, artwork in ordered]


@dataclass(frozen=True, slots=True)
class Kin:
    """What makes works alike beside their vectors: the artist, and the group of near-duplicates."""

    artist_of: Mapping[str, str]
    group_of: Mapping[str, str]
    per_artist: int = PER_ARTIST


def varied(
    ranked: Sequence[Ranked], vectors: Matrix | None, *, kin: Kin, likeness: float, count: int
) -> list[Ranked]:
    """The `count` works to answer with: relevant, and unlike those before them.

    `vectors` is (h, d), one row for each of the first of `ranked`, among which variety chooses
    (rows of zeros where there is none), or None without a model. `likeness` is the cosine of any
    two pictures, which counts as unlike. Where places are left, the others follow in their order.
    """
    head = min(len(ranked), HEAD, len(ranked) if vectors is None else len(vectors))
    chosen: list[int] = []
    open_to = np.ones(head, dtype=bool)
    relevance = _relevance(ranked[:head])
    nearest = np.zeros(head, dtype=np.float32)
    alike = None if vectors is None else _alike(vectors[:head], likeness)
    allowance = _Allowance(kin)
    while len(chosen) < count and open_to.any():
        gain = RELEVANCE * relevance - (1.0 - RELEVANCE) * nearest
        best = int(np.where(open_to, gain, -np.inf).argmax())
        open_to[best] = False
        if not allowance.takes(ranked[best].artwork_id):
            continue
        chosen.append(best)
        if alike is not None:
            nearest = np.maximum(nearest, alike[best])
    taken = set(chosen)
    spare = (
        i for i in range(len(ranked)) if i not in taken and allowance.new(ranked[i].artwork_id)
    )
    while len(chosen) < count and (more := next(spare, None)) is not None:
        chosen.append(more)
    return [ranked[i] for i in chosen]


class _Allowance:
    """Counts artists and groups while a list is filled."""

    def __init__(self, kin: Kin) -> None:
        self._kin = kin
        self._artists: dict[str, int] = {}
        self._groups: set[str] = set()

    def takes(self, artwork_id: str) -> bool:
        """Whether the work may be added; counts it if so."""
        artist = self._kin.artist_of.get(artwork_id)
        if artist and self._artists.get(artist, 0) >= self._kin.per_artist:
            return False
        if not self.new(artwork_id):
            return False
        if artist:
            self._artists[artist] = self._artists.get(artist, 0) + 1
        return True

    def new(self, artwork_id: str) -> bool:
        """Whether no near-duplicate of the work was there yet; remembers its group."""
        group = self._kin.group_of.get(artwork_id)
        if group is None:
            return True
        first = group not in self._groups
        self._groups.add(group)
        return first


def _relevance(ranked: Sequence[Ranked]) -> NDArray[np.float32]:
    """The fused scores as 0–1 over the head; the named keep their lead over all others."""
    scores = np.array([r.score for r in ranked], dtype=np.float32)
    tiers = np.floor(scores / np.float32(NAMED_BONUS))
    within = scores - tiers * np.float32(NAMED_BONUS)
    low, high = float(within.min(initial=1.0)), float(within.max(initial=0.0))
    relevance = 2.0 * tiers + (within - low) / max(high - low, 1e-9)
    return np.asarray(relevance, dtype=np.float32)


def _alike(vectors: Matrix, likeness: float) -> NDArray[np.float32]:
    """How alike any two rows are, (n, n): 0 as any two pictures of the library, 1 the same."""
    scaled = (vectors @ vectors.T - likeness) / max(1.0 - likeness, 1e-6)
    return np.asarray(np.clip(scaled, 0.0, 1.0), dtype=np.float32)
