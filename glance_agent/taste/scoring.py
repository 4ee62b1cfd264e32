"""A taste -> how much works should please by it, comparable over one library."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.view import Numbers, View
from glance_agent.taste.collection import MEASURED_ON, Collection, kernel
from glance_agent.taste.profile import TasteProfile

Scores = NDArray[np.float32]
"""Shape (m,): one number a work in question."""


SKETCHED_ON = 2_500
"""On so many works of a large library a taste is measured that is about to be learned: the mean and
deviation are off by some hundredths, and somebody waits."""


class Spread(NamedTuple):
    """The mean and the standard deviation of some scores over the library."""

    mean: float
    deviation: float

    @classmethod
    def over(cls, scores: Scores) -> Spread:
        return cls(float(scores.mean()), float(scores.std())) if scores.size else cls(0.0, 1.0)

    def standard(self, scores: Scores) -> Scores:
        """The scores in standard deviations."""
        deviations = (scores - np.float32(self.mean)) / np.float32(self.deviation + 1e-6)
        return np.asarray(deviations, dtype=np.float32)


@dataclass(frozen=True, eq=False, slots=True)
class Scored:
    """Works by number (m,), and how much each should please."""

    numbers: Numbers
    scores: Scores

    @property
    def pair(self) -> tuple[Numbers, Scores]:
        """Both, side by side."""
        return self.numbers, self.scores


class Scoring:
    """How much works should please by one taste, in standard deviations of a library.

    What the library is like is measured once: works that come later are scored like the others.
    """

    def __init__(self, taste: TasteProfile, collection: Collection) -> None:
        self._taste = taste
        self._collection = collection
        hurried = taste.anchors is None and not collection.weighed_whole
        some = collection.view.sample(SKETCHED_ON if hurried else MEASURED_ON)
        parts = self._parts(collection.view, some)
        self._spreads = [Spread.over(part) for part in parts]
        together = self._together(parts) if parts else np.zeros(some.size, np.float32)
        self._whole = Spread.over(together)
        self.measured = Scored(some, self._whole.standard(together))
        """The works that the library was measured on, and their scores."""

    def of_all(self) -> Scored:
        """All works of the library, and their scores; works through it some at a time."""
        view = self._collection.view
        everything = view.sample(len(view))
        lots = np.array_split(everything, -(-everything.size // MEASURED_ON))
        return Scored(everything, np.concatenate([self(view, numbers) for numbers in lots]))

    def __call__(self, view: View, numbers: Numbers) -> Scores:
        """The scores of some works (m,); zeros where nothing is known of the taste."""
        parts = self._parts(view, numbers)
        if not parts:
            return np.zeros(numbers.size, np.float32)
        return self._whole.standard(self._together(parts))

    def _parts(self, view: View, numbers: Numbers) -> list[Scores]:
        """What is known of the taste, each in a scale of its own."""
        taste, works = self._taste, self._collection.at(view)
        parts: list[Scores] = []
        if taste.anchors is not None and taste.pull is not None:
            counts = kernel(works.likeness(taste.anchors, numbers))
            parts.append(np.asarray(counts @ taste.pull, dtype=np.float32))
        if taste.direction is not None:
            parts.append(works.likeness(taste.direction[None], numbers)[:, 0])
        return parts

    def _together(self, parts: list[Scores]) -> Scores:
        standard = [s.standard(part) for s, part in zip(self._spreads, parts, strict=True)]
        return np.asarray(np.sum(standard, axis=0), dtype=np.float32)


def scores_of(taste: TasteProfile, collection: Collection, numbers: Numbers) -> Scores:
    """How much these works should please, in standard deviations of the library."""
    return Scoring(taste, collection)(collection.view, numbers)
