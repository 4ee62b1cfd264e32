"""Scores -> one work: no repeats, some discovery, seeded chance; and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import numpy as np
from numpy.typing import NDArray

from glance_agent.glance import Showing
from glance_agent.vectors import top

SURE_CHOICES = 8
"""Among how many of the best works chance decides."""


def choose(
    scores: NDArray[np.float32] | None,
    allowed: NDArray[np.bool_],
    *,
    discovery: int,
    chance: Random,
) -> tuple[int, bool] | None:
    """A row to show and whether it is a discovery; None where nothing is allowed.

    `discovery` per cent of the choices are taken from everything that is allowed; the others
    from the best works by score. Without scores every choice is a discovery.
    """
    rows = np.flatnonzero(allowed)
    if rows.size == 0:
        return None
    if scores is None or chance.random() * 100 < discovery:
        return int(rows[chance.randrange(rows.size)]), True
    best = top(scores[rows], SURE_CHOICES)
    return int(rows[best[chance.randrange(best.size)]]), False


def recently_shown(showings: Sequence[Showing], library_size: int, window: int) -> frozenset[str]:
    """The works that must not come back yet; a small library repeats before it stands still."""
    span = min(window, max(0, library_size - 1))
    return frozenset(s.artwork_id for s in showings[:span])


def step_back(showings: Sequence[Showing]) -> str | None:
    """The work before the one that is shown, where `showings` are newest first.

    Each `previous` undoes one showing, so that several in a row walk back through the past.
    """
    stack: list[str] = []
    for showing in reversed(showings):
        if showing.verb == "previous" and len(stack) > 1:
            stack.pop()
        else:
            stack.append(showing.artwork_id)
    return stack[-2] if len(stack) > 1 else None
