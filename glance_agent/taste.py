"""Reactions -> how much this user will like each work, and why."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glance_agent.glance import Reaction
from glance_agent.vectors import Matrix, Vector, unit

DISLIKE_WEIGHT = 0.5


def taste_vector(
    reactions: Sequence[Reaction], row_of: dict[str, int], matrix: Matrix
) -> Vector | None:
    """The mean of what is liked less half the mean of what is disliked (Rocchio), or None."""
    liked = [row_of[r.artwork_id] for r in reactions if r.kind == "like" and r.artwork_id in row_of]
    disliked = [
        row_of[r.artwork_id] for r in reactions if r.kind == "dislike" and r.artwork_id in row_of
    ]
    if not liked and not disliked:
        return None
    total = np.zeros(matrix.shape[1], dtype=np.float32)
    if liked:
        total += matrix[liked].mean(axis=0)
    if disliked:
        total -= DISLIKE_WEIGHT * matrix[disliked].mean(axis=0)
    try:
        return unit(total)
    except ValueError:
        return None


def nearest_liked(
    work: Vector, reactions: Sequence[Reaction], row_of: dict[str, int], matrix: Matrix
) -> str | None:
    """The liked work that is most like this one: the reason that is given for it."""
    liked = [r.artwork_id for r in reactions if r.kind == "like" and r.artwork_id in row_of]
    if not liked:
        return None
    closeness: NDArray[np.float32] = matrix[[row_of[i] for i in liked]] @ work
    return liked[int(closeness.argmax())]
