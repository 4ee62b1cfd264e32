"""The works that can be liked, relative to their mean: those of one model lie in a narrow cone."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, unit_rows
from glance_agent.domain.view import Numbers, View
from glance_agent.taste.scope import USUAL, Weighing

Column = NDArray[np.float32]

SHARPNESS = 1.5
"""How quickly a like counts less for works that resemble it less: exp(SHARPNESS * (cosine - 1))."""
MEASURED_ON = 10_000
"""The library's mean and deviation of scores are taken from at most so many works."""

GROWTH = 0.05
"""By which share the library may change before tastes are learned from it again."""


@dataclass(frozen=True, eq=False, slots=True)
class Collection:
    """The works that can be liked, relative to their middle: the mean (d,) of so many of them."""

    view: View
    middle: Column
    size: int
    limits: Weighing = USUAL

    @property
    def weighed_whole(self) -> bool:
        """Whether a choice weighs each of the works."""
        return self.limits.weigh_whole(self.view)

    def relative(self, numbers: Numbers) -> Matrix:
        """Some works, relative to the middle: unit rows (m, d)."""
        return unit_rows(self.view.vectors_of(numbers) - self.middle)

    def likeness(self, vectors: Matrix, numbers: Numbers) -> NDArray[np.float32]:
        """The cosine of some works with relative unit vectors (k, d): shape (m, k)."""
        scores = self.view.scores_of(np.concatenate([vectors, self.middle[None]]), numbers)
        squares = 1.0 - 2.0 * scores[:, -1] + float(self.middle @ self.middle)
        reach = np.sqrt(np.maximum(squares, 1e-6))
        shifted = np.asarray(scores[:, :-1] - vectors @ self.middle, dtype=np.float32)
        shifted /= reach[:, None]
        return shifted

    def at(self, view: View) -> Collection:
        """The same works a little later, relative to the same middle."""
        return self if view is self.view else replace(self, view=view)

    def outgrown(self, view: View) -> bool:
        """Whether so many works came or went that the middle is another one by now."""
        return abs(len(view) - self.size) > GROWTH * self.size


def collection_of(view: View, limits: Weighing = USUAL) -> Collection:
    """The library of this moment as a collection; costs one pass over it."""
    return Collection(view, view.moments().mean, len(view), limits)


def kernel(cosines: NDArray[np.float32]) -> NDArray[np.float32]:
    """How much works of these cosines count for each other, 0–1, in the array that it is given.

    exp(SHARPNESS (cosine − 1)), elementwise: a Gaussian of the distance of unit vectors.
    """
    cosines -= np.float32(1.0)
    cosines *= np.float32(SHARPNESS)
    return np.exp(cosines, out=cosines)
