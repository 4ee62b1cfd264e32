"""Reference queries, put to one library -> how sure it is that a wish is answered at all.

Two things tell a wish that is answered from one that is not: how far its best works stand out,
and whether its words lie among those that people use of pictures. How much each of them tells is
learned from the lists: the words by ridge regression, where each phrase of the lists is judged by
all others (leave one out, in closed form), then both together by Fisher's linear discriminant.
Each list of foreign phrases is told from the ordinary ones by itself, and a wish is as sure as the
most doubtful of these finds it: what no picture shows, and what other pictures show, differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector

FEWEST_REFERENCES = 24
RIDGE = 1.5
"""The penalty, in mean squared lengths of the phrases' vectors around their centre."""
ANSWERED_ABOVE = 0.5
"""A foreign phrase whose best works beat this share of the ordinary ones is at home here."""
LEAST_SLOPE = 0.25
LEAST_ORDINARY = 0.25
LEAST_GAP = 1.0
"""In log-odds: lists that are told apart less than this make no match certain."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Discriminant:
    """What tells ordinary wishes from one list of others: 0 is undecided.

    `slope` counts for how far the best works stand out, `direction` (d,) for the words.
    """

    slope: float = 1.0
    direction: Vector | None = None
    offset: float = 1.0

    def of(self, words: Vector, best: float) -> float:
        """On which side of the list words (d,) are, with best works of this score: ordinary > 0."""
        familiar = 0.0 if self.direction is None else float(words @ self.direction)
        return self.slope * best + familiar + self.offset


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """How sure the best works of a wish make it: 1 as for an ordinary one, 0 undecided.

    The discriminants leave an ordinary wish with `ordinary`, at the most doubtful of them.
    """

    discriminants: tuple[Discriminant, ...] = (Discriminant(),)
    ordinary: float = 1.0

    def sure(self, words: Vector, best: float) -> float:
        """How sure it is that words (d,) are answered, by best works with this score."""
        return min(each.of(words, best) for each in self.discriminants) / self.ordinary


UNCALIBRATED = Calibration()


@dataclass(frozen=True, eq=False, slots=True)
class _Ridge:
    """A direction (d,) and where it starts; and what it says of each phrase by all others (m,)."""

    direction: Numbers
    start: float
    left_out: Numbers


@dataclass(frozen=True, eq=False, slots=True)
class Judged:
    """Phrases (m, d), and the scores of the best works of each (m,)."""

    phrases: Matrix
    best: Numbers

    def where(self, chosen: NDArray[np.bool_]) -> Judged:
        """Only the chosen of them (m,)."""
        return Judged(self.phrases[chosen], self.best[chosen])


def calibrated(ordinary: Judged, *foreign: Judged) -> Calibration:
    """The calibration from ordinary wishes and lists of foreign ones.

    What this library answers is not foreign to it, whatever the lists say. With too few phrases
    on one side, how far works stand out has to say it alone.
    """
    if len(ordinary.best) < FEWEST_REFERENCES:
        return UNCALIBRATED
    usual = _quantile(ordinary.best, ANSWERED_ABOVE)
    away = [wishes.where(wishes.best <= usual) for wishes in foreign]
    told = [_told_apart(ordinary, some) for some in away if len(some.best) >= FEWEST_REFERENCES]
    if not told:
        return UNCALIBRATED
    least = np.min([left_out for _, left_out in told], axis=0)
    return Calibration(tuple(each for each, _ in told), max(float(least.mean()), LEAST_ORDINARY))


def _quantile(values: Numbers, share: float) -> float:
    """As numpy's own, which loads all masked arrays for it: a search of known words would wait."""
    return float(np.interp(share * (len(values) - 1), np.arange(len(values)), np.sort(values)))


def _told_apart(ordinary: Judged, foreign: Judged) -> tuple[Discriminant, Numbers]:
    """What tells them apart, and where that puts each ordinary wish by all others, (m,)."""
    both = np.vstack([ordinary.phrases, foreign.phrases]).astype(np.float64)
    count = len(ordinary.best)
    ridge = _ridge(both, count)
    here = np.column_stack([ordinary.best, ridge.left_out[:count]])
    there = np.column_stack([foreign.best, ridge.left_out[count:]])
    within = (np.cov(here.T) + np.cov(there.T)) / 2 + 1e-6 * np.eye(2)
    slope, word = np.linalg.solve(within, here.mean(axis=0) - there.mean(axis=0))
    weights = np.array([max(slope, LEAST_SLOPE), max(word, 0.0)])
    middle = (here.mean(axis=0) + there.mean(axis=0)) / 2
    gap = max(float((here.mean(axis=0) - middle) @ weights), LEAST_GAP)
    slope, word = weights / gap
    offset = word * ridge.start - float(middle @ weights) / gap
    direction = (word * ridge.direction).astype(np.float32)
    return Discriminant(float(slope), direction, float(offset)), (here - middle) @ weights / gap


def _ridge(phrases: Numbers, ordinary: int) -> _Ridge:
    """Ridge regression of 1 for the first `ordinary` phrases (m, d), -1 for the others."""
    wanted = np.where(np.arange(len(phrases)) < ordinary, 1.0, -1.0)
    centre, mean = phrases.mean(axis=0), wanted.mean()
    around = phrases - centre
    gram = around @ around.T
    inverse = np.linalg.inv(gram + RIDGE * np.trace(gram) / len(gram) * np.eye(len(gram)))
    dual = inverse @ (wanted - mean)
    direction = around.T @ dual
    # The residual of a phrase that was left out, by the diagonal of the hat matrix.
    leverage = np.einsum("ij,ji->i", gram, inverse) + 1.0 / len(gram)
    residual = (wanted - mean - gram @ dual) / (1.0 - leverage)
    return _Ridge(direction, float(mean - centre @ direction), wanted - residual)
