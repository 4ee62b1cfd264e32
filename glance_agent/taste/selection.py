"""What would please -> one work: no repeats, variety, as much surprise as wanted; the way back."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import reduce
from random import Random

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.display import Showing
from glance_agent.domain.vectors import Matrix, top
from glance_agent.domain.view import Numbers, View

Scores = NDArray[np.float32]
"""Shape (m,), one number a work in question, in standard deviations of the library."""

SURE_CHOICES = 6
"""Among how many of the best works chance decides."""
NEARBY_SHARE = 0.01
"""The neighbourhood of a taste: this share of the works, by score."""
PLAUSIBLE_SHARE = 0.5
"""The share of the works, by score, among which something unexplored is looked for."""
FAR_SHARE = 0.3
"""The share of the plausible works that counts as far from everything known."""
TASTE_PULL = 0.15
"""How much the taste that is drawn counts, beside all tastes together."""
MOOD_PULL = 1.2
FATIGUE = 0.75
"""How much a work loses that is like what was just shown."""
MISFIT = 0.35
"""How much a work loses whose orientation is not the display's."""
LATELY = 6
"""Of how many of the last reactions it is counted how many were likes."""
CONTENT_SHARE = 0.3
"""From which share of likes on nothing is amiss; below it, discovery rises towards LOST."""
LOST = 60
REPEAT_SHARE = 0.5
"""No work comes back before this share of the library was shown, or the configured window."""


class Role(StrEnum):
    """Why a work was looked for where it was."""

    SURE = "sure"
    NEARBY = "nearby"
    UNEXPLORED = "unexplored"


@dataclass(frozen=True, eq=False, slots=True)
class Options:
    """What can be chosen from, and what speaks for each of these works; all of shape (m,).

    Of a large library these are the best, and some `at_random` that stand for all; one of them
    stands for `each` of so many. `taste` and `mood` are None where nothing is known or wished.
    `side` is the score of the one taste whose turn it is. `known` is each work's likeness (0–1) to
    anything rated or seen; `fatigue` its likeness (0–1) to what was shown last.
    """

    allowed: NDArray[np.bool_]
    taste: Scores | None = None
    side: Scores | None = None
    mood: Scores | None = None
    known: Scores | None = None
    fatigue: Scores | None = None
    misfit: NDArray[np.bool_] | None = None
    at_random: NDArray[np.bool_] | None = None
    each: float = 1.0


@dataclass(frozen=True, slots=True)
class Pick:
    """The row that was chosen, where it was looked for, and the parts of its score by name."""

    row: int
    role: Role
    parts: Mapping[str, float] = field(default_factory=dict)


def pick(options: Options, role: Role, chance: Random) -> Pick | None:
    """One row to show; None where nothing is allowed."""
    rows = np.flatnonzero(options.allowed)
    if rows.size == 0:
        return None
    total = _total(options)
    drawn = rows if options.at_random is None else rows[options.at_random[rows]]
    if role is Role.UNEXPLORED:
        best = _unexplored(options, total, drawn if drawn.size else rows, chance)
    else:
        size = int(drawn.size * options.each)
        among = SURE_CHOICES if role is Role.SURE else _share(size, NEARBY_SHARE)
        best = rows[_loosely(total[rows], among, chance)]
    return Pick(int(best), role, _parts(options, int(best)))


def role_for(discovery: int, chance: Random) -> Role:
    """Where to look: the more discovery, the less sure things and the more of the unexplored."""
    wanted = discovery / 100.0
    unexplored = wanted**2
    nearby = wanted - unexplored
    drawn = chance.random()
    if drawn < unexplored:
        return Role.UNEXPLORED
    return Role.NEARBY if drawn < unexplored + nearby else Role.SURE


def roused(discovery: int, lately: Sequence[bool]) -> int:
    """Discovery (0–100) as it holds now, after these newest reactions, True for a like.

    Where hardly anything pleases any more, a taste has changed or was misread: it is time to look
    further. Who wants no discovery at all gets none.
    """
    if discovery == 0 or len(lately) < LATELY:
        return discovery
    pleased = sum(lately[-LATELY:]) / LATELY
    lack = max(0.0, 1.0 - pleased / CONTENT_SHARE)
    return max(discovery, round(discovery + (LOST - discovery) * lack))


def drawn_taste(
    importance: Sequence[float], pleased: Sequence[int], passed: Sequence[int], chance: Random
) -> int:
    """Which of several tastes has its turn (Thompson sampling).

    `pleased` and `passed` count what came of showing works of each: a taste that keeps pleasing
    is drawn more, and one that was seldom tried gets its chance.
    """
    hopes = [
        share**0.5 * chance.betavariate(1.0 + good, 1.0 + bad)
        for share, good, bad in zip(importance, pleased, passed, strict=True)
    ]
    return max(range(len(hopes)), key=hopes.__getitem__)


def likeness_to(view: View, numbers: Numbers, others: Matrix, unlike: float) -> Scores:
    """How like some works (m,) are to the nearest of others (k, d): 0–1, and 0 up to `unlike`."""
    if others.shape[0] == 0:
        return np.zeros(numbers.size, np.float32)
    # One work after the other: numpy takes many times as long for the rows of a narrow matrix.
    nearest = reduce(np.maximum, view.scores_of(others, numbers).T)
    scaled = (nearest - unlike) / max(1.0 - unlike, 1e-6)
    return np.asarray(np.clip(scaled, 0.0, 1.0), dtype=np.float32)


def repeat_span(choices: int, window: int) -> int:
    """How many of the last showings must not come back yet, of a library of `choices` works.

    At least `window`, growing with the library; a small one repeats before it stands still.
    """
    return min(max(window, int(choices * REPEAT_SHARE)), max(0, choices - 1))


def step_back(showings: Sequence[Showing], barred: Container[str] = ()) -> Showing | None:
    """The showing before the one that is shown, where `showings` are newest first.

    Each `previous` undoes the showings back to the work that it put up, so that several in a row
    walk back through the past, over the works that are `barred`.
    """
    stack: list[Showing] = []
    for showing in reversed(showings):
        earlier = [before.artwork_id for before in stack[:-1]]
        if showing.verb == "previous" and showing.artwork_id in earlier:
            del stack[len(earlier) - earlier[::-1].index(showing.artwork_id) :]
        else:
            stack.append(showing)
    shown = [last.artwork_id for last in stack[-1:]]
    before = ((s, s.artwork_id) for s in reversed(stack[:-1]))
    return next((s for s, work in before if work not in barred and work not in shown), None)


def _total(options: Options) -> Scores:
    """What speaks for each work, all together."""
    total = np.zeros(options.allowed.size, np.float32)
    for scores, weight in (
        (options.taste, 1.0),
        (options.side, TASTE_PULL),
        (options.mood, MOOD_PULL),
        (options.fatigue, -FATIGUE),
        (options.misfit, -MISFIT),
    ):
        if scores is not None:
            total += np.float32(weight) * scores
    return total


def _unexplored(options: Options, total: Scores, rows: NDArray[np.intp], chance: Random) -> np.intp:
    """A work far from everything known that may still please: farthest, yet plausible."""
    if options.taste is None and options.mood is None:
        plausible = rows
    else:
        plausible = rows[top(total[rows], _share(rows.size, PLAUSIBLE_SHARE))]
    if options.known is None:
        return np.intp(plausible[chance.randrange(plausible.size)])
    far = top(-options.known[plausible], _share(plausible.size, FAR_SHARE))
    return np.intp(plausible[far[chance.randrange(far.size)]])


def _loosely(scores: Scores, count: int, chance: Random) -> int:
    """One of the `count` best, the better the likelier (softmax over standard deviations)."""
    best = top(scores, count)
    weights = np.exp((scores[best] - scores[best].max()).astype(np.float64))
    return int(chance.choices(best.tolist(), weights.tolist())[0])


def _share(size: int, share: float) -> int:
    return max(SURE_CHOICES, int(size * share))


def _parts(options: Options, row: int) -> dict[str, float]:
    """The parts of the score of the work that was chosen, for whoever wants to know."""
    named = {
        "taste": options.taste,
        "side": options.side,
        "mood": options.mood,
        "known": options.known,
        "fatigue": options.fatigue,
    }
    parts = {name: round(float(s[row]), 3) for name, s in named.items() if s is not None}
    if options.misfit is not None:
        parts["misfit"] = float(options.misfit[row])
    return parts


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
