"""Several people before one display: whose wishes weigh how much, and whose turn it is."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

FAIRNESS = 1.5
"""How strongly the least satisfied are preferred: e-fold for each 1 / FAIRNESS of satisfaction."""
MOST_OF_ONE_WORK = 2.0
"""Beyond this many standard deviations, one picture satisfies nobody more."""


def satisfaction(scores: NDArray[np.float32]) -> float:
    """How well the works shown lately pleased someone, from the scores of each (m,), in standard
    deviations.
    """
    if not scores.size:
        return 0.0
    return float(np.clip(scores, -MOST_OF_ONE_WORK, MOST_OF_ONE_WORK).mean())


def shares(satisfied: Mapping[str, float]) -> dict[str, float]:
    """What each person's taste weighs (all sum to 1): the least satisfied most."""
    if not satisfied:
        return {}
    least = min(satisfied.values())
    weights = {user: float(np.exp(-FAIRNESS * (s - least))) for user, s in satisfied.items()}
    total = sum(weights.values())
    return {user: weight / total for user, weight in weights.items()}
