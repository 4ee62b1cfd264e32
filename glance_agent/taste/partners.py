"""The work that hangs beside another one: alike in meaning and in colours, and not the same."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.of_sources import BySource, KeptBack, SomeWorks, together
from glance_agent.domain.view import Gate, View, within
from glance_agent.pictures.duplicates import ALIKE
from glance_agent.pictures.oklab import oklab
from glance_agent.search.hits import Hit
from glance_agent.search.ranking import Families
from glance_agent.search.scoring import Question
from glance_agent.taste.wish import OTHER

NEAR: Final = 400
"""Of so many works that mean most alike one is chosen."""
MOST_APART: Final = 1.4
"""How many times longer than the other's the proportions of one may be."""
COLOUR_PULL: Final = 0.5
"""Colours count half as much as meaning: tulips hang beside sunflowers, not beside a blue sea."""
MOOD_PULL: Final = 0.5

Scores = NDArray[np.float32]


class PairableWorks(Protocol):
    """The artworks that are kept."""

    def get(self, artwork_id: str) -> Artwork | None: ...
    def get_many(self, artwork_ids: Iterable[str]) -> list[Artwork]: ...
    def withheld(self) -> frozenset[str] | KeptBack: ...
    def out_of_reach(self) -> BySource: ...
    def passing(self, filters: Filters, view: View) -> Container[str]: ...
    def families(self, likely: Sequence[str] = ()) -> Families: ...


@dataclass(frozen=True, slots=True)
class Company:
    """What a partner has to be: it passes the `filters`, and is none of those that may `never` be
    it, such as what was shown lately; `mood` is what is asked for at the moment. It is one of
    those `among` which it is chosen, where they are given.
    """

    filters: Filters = field(default_factory=Filters)
    never: SomeWorks = frozenset()
    mood: Question | None = None
    among: SomeWorks | None = None


class Partners:
    """Finds the second of two works; one thread at a time."""

    def __init__(self, works: PairableWorks) -> None:
        self._works = works

    def joined(
        self, hit: Hit, orientation: str | None, company: Callable[[], Company], view: View
    ) -> Hit:
        """The hit with the work that is to hang beside it on a display of this orientation.

        As it was where it lies as the display does, and where there is no work for that.
        """
        work = self._works.get(hit.artwork_id)
        if work is None or work.orientation != OTHER.get(orientation or ""):
            return hit
        return replace(hit, pair=self._partner(work, company(), view))

    def _partner(self, work: Artwork, wanted: Company, view: View) -> str | None:
        number = view.number_of(work.id)
        if number is None:
            return None
        vector = view.vectors_of(np.array([number]))
        withheld, beyond = self._works.withheld(), self._works.out_of_reach()
        never = together(wanted.never, withheld, beyond, {work.id})
        only: Container[str] | None = wanted.among
        if wanted.filters.any:
            only = within(self._works.passing(wanted.filters, view), wanted.among)
        near = view.best(vector, NEAR, Gate(only=only, never=never))
        likeness = view.scores_of(vector, near)[:, 0]
        ids = view.ids_of(near)
        fitting = self._fitting(work, ids)
        rows = [row for row, i in enumerate(ids) if i in fitting and likeness[row] < ALIKE]
        if not rows:
            return None
        total = _standard(likeness[rows])
        total += COLOUR_PULL * _standard(_colour_likeness(work, [fitting[ids[r]] for r in rows]))
        if wanted.mood is not None:
            total += MOOD_PULL * _standard(wanted.mood.answer(view, near[rows]))
        return ids[rows[int(total.argmax())]]

    def _fitting(self, work: Artwork, ids: Sequence[str]) -> dict[str, Artwork]:
        """The works that lie as this one does, without its copies."""
        families = self._works.families((work.id, *ids))
        own = families.kin(work.id).group
        return {
            other.id: other
            for other in self._works.get_many(ids)
            if other.orientation == work.orientation
            and 1 / MOST_APART <= _proportion(other) / _proportion(work) <= MOST_APART
            and families.kin(other.id).group != own
        }


def _proportion(work: Artwork) -> float:
    return (work.width or 1) / (work.height or 1)


def _standard(scores: Scores) -> Scores:
    """Scores (m,) in standard deviations of these; zeros where they do not differ."""
    spread = float(scores.std())
    if spread < 1e-6:
        return np.zeros_like(scores, dtype=np.float32)
    return np.asarray((scores - scores.mean()) / spread, dtype=np.float32)


def _colour_likeness(work: Artwork, others: Sequence[Artwork]) -> Scores:
    """How like the dominant colours are (m,): the negative mean distance in OKLab from each colour
    to the nearest of the other work, both ways, weighted as they are widespread. Works of which no
    colours are known are as like as the others on average."""
    own = _colours(work)
    if own is None:
        return np.zeros(len(others), np.float32)
    found = np.array([_apart(own, theirs) for theirs in map(_colours, others)], np.float32)
    unknown = np.isnan(found)
    found[unknown] = found[~unknown].mean() if not unknown.all() else 0.0
    return -found


def _apart(one: NDArray[np.float64], other: NDArray[np.float64] | None) -> float:
    if other is None:
        return float("nan")
    distances = np.linalg.norm(one[:, None] - other, axis=2)
    there, back = distances.min(axis=1), distances.min(axis=0)
    weights = [1 / np.arange(1, len(nearest) + 1) for nearest in (there, back)]
    both = [np.average(n, weights=w) for n, w in zip((there, back), weights, strict=True)]
    return float(sum(both) / 2)


def _colours(work: Artwork) -> NDArray[np.float64] | None:
    """The dominant colours (n, 3) in OKLab, the most widespread first; None where none is known."""
    codes = [c[1:] for c in work.colours if len(c) == 7 and c.startswith("#")]
    try:
        rgb = [list(bytes.fromhex(code)) for code in codes]
    except ValueError:
        return None
    return oklab(np.array(rgb, np.float64) / 255) if rgb else None
