"""Reference queries, put to one library -> how sure it is that a wish is answered at all.

Two things tell a wish that is answered from one that is not: how far its best works stand out,
and whether its words lie among those that people use of pictures. How much each of them tells is
learned from the lists: the words by ridge regression, where each phrase of the lists is judged by
all others (leave one out, in closed form), then both together by Fisher's linear discriminant.
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
LEAST_GAP = 1.0
"""In log-odds: lists that are told apart less than this make no match certain."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, eq=False, slots=True)
class Calibration:
    """How sure the best works of a wish make it: 1 as for an ordinary one, 0 undecided.

    `slope` counts for how far they stand out, `direction` (d,) for the words.
    """

    slope: float = 1.0
    direction: Vector | None = None
    offset: float = 1.0

    def sure(self, words: Vector, best: float) -> float:
        """How sure it is that these words are answered, by best works with this score."""
        familiar = 0.0 if self.direction is None else float(words @ self.direction)
        return self.slope * best + familiar + self.offset


UNCALIBRATED = Calibration()


@dataclass(frozen=True, eq=False, slots=True)
class _Ridge:
    """A direction (d,) and where it starts; and what it says of each phrase by all others (m,)."""

    direction: Numbers
    start: float
    left_out: Numbers


def calibrated(
    ordinary: Matrix, foreign: Matrix, ordinary_best: Numbers, foreign_best: Numbers
) -> Calibration:
    """The calibration from phrases (m, d) and the scores of their best works, (m,) each.

    What this library answers is not foreign to it, whatever the list says. With too few phrases
    on one side, how far works stand out has to say it alone.
    """
    if len(ordinary) < FEWEST_REFERENCES:
        return UNCALIBRATED
    away = foreign_best <= np.quantile(ordinary_best, ANSWERED_ABOVE)
    foreign, foreign_best = foreign[away], foreign_best[away]
    if len(foreign) < FEWEST_REFERENCES:
        return UNCALIBRATED
    ridge = _ridge(np.vstack([ordinary, foreign]).astype(np.float64), len(ordinary))
    here = np.column_stack([ordinary_best, ridge.left_out[: len(ordinary)]])
    there = np.column_stack([foreign_best, ridge.left_out[len(ordinary) :]])
    within = (np.cov(here.T) + np.cov(there.T)) / 2 + 1e-6 * np.eye(2)
    slope, word = np.linalg.solve(within, here.mean(axis=0) - there.mean(axis=0))
    slope, word = max(slope, LEAST_SLOPE), max(word, 0.0)
    middle = (here.mean(axis=0) + there.mean(axis=0)) / 2
    gap = max(float((here.mean(axis=0) - middle) @ [slope, word]), LEAST_GAP)
    offset = word * ridge.start - float(middle @ [slope, word])
    direction = (word / gap * ridge.direction).astype(np.float32)
    return Calibration(slope / gap, direction, offset / gap)


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
