"""Leave one like out: does a taste learned from the others find it in a real library?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from glance_agent.domain.display import Reaction, Showing
from glance_agent.taste.collection import Collection
from glance_agent.taste.feedback import signs_of
from glance_agent.taste.profile import learned
from glance_agent.taste.scoring import scores_of

FEWEST_LIKES = 3


def replayed(
    user: str,
    reactions: Sequence[Reaction],
    showings: Sequence[Showing],
    *,
    collection: Collection,
    now: datetime,
) -> dict[str, float] | None:
    """How high each like ranks (1 is best, 0.5 is chance) once it is taken out of what is known.

    None where a user has too few likes to say anything.
    """
    likes = [
        r
        for r in reactions
        if r.kind == "like" and collection.view.number_of(r.artwork_id) is not None
    ]
    if len(likes) < FEWEST_LIKES:
        return None
    ranks = [
        _rank(user, reactions, showings, left_out=like, collection=collection, now=now)
        for like in likes
    ]
    return {
        "likes": float(len(likes)),
        "mean rank": round(float(np.mean(ranks)), 3),
        "among the best tenth": round(float(np.mean([rank >= 0.9 for rank in ranks])), 3),
    }


def _rank(
    user: str,
    reactions: Sequence[Reaction],
    showings: Sequence[Showing],
    *,
    left_out: Reaction,
    collection: Collection,
    now: datetime,
) -> float:
    """The share of works that score below the like that was left out."""
    others = [r for r in reactions if r.artwork_id != left_out.artwork_id]
    signs = [s for s in signs_of(user, others, showings) if s.artwork_id != left_out.artwork_id]
    taste = learned(user, signs, collection, now=now, chance=np.random.default_rng(0))
    view = collection.view
    works = view.sample(collection.limits.whole)
    among, own = (
        scores_of(taste, collection, numbers)
        for numbers in (works, view.numbers_of([left_out.artwork_id]))
    )
    return float((among < own[0]).mean())
