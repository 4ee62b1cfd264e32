"""The library as a map: alike works lie close together, and areas are named in words.

The two directions in which works differ most (principal components, Pearson 1901) are the axes;
along each, works stand by their rank, so that they fill the map evenly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.domain.view import Numbers, View
from glance_agent.taste.collection import Collection, collection_of
from glance_agent.taste.report import words_apart

MEASURED_ON: Final = 5_000
"""On so many works, evenly taken, a map is drawn."""
FEWEST: Final = 3
MOST_AREAS: Final = 9
WORKS_AN_AREA: Final = 12
"""A smaller library has fewer areas, of about so many works."""
ROUNDS: Final = 20
Places = NDArray[np.float64]
"""Shape (m, 2): across and down, from 0 to 1."""


@dataclass(frozen=True, slots=True)
class Area:
    """A part of the map: its middle, its share of the works, and what they show more of than those
    of other parts; no two have a word in common."""

    across: float
    down: float
    share: float
    words: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class TasteMap:
    """Where works lie, for as long as the library is about the same."""

    collection: Collection
    axes: Matrix
    """Shape (d, 2)."""
    ranks: NDArray[np.float32]
    """Shape (n, 2): the measured works along each axis, ascending."""
    areas: tuple[Area, ...]

    def outgrown(self, view: View) -> bool:
        """Whether so many works came or went that the map is another one by now."""
        return self.collection.outgrown(view)

    def places(self, view: View, numbers: Numbers) -> Places:
        """Where some works lie."""
        along = self.collection.at(view).relative(numbers) @ self.axes
        return _ranked(along, self.ranks)


def drawn(view: View, phrases: Mapping[str, Vector]) -> TasteMap | None:
    """The map of a library, its areas named by some of the phrases; None for too few works.

    Takes some tenths of a second.
    """
    if len(view) < FEWEST:
        return None
    collection, numbers = collection_of(view), view.sample(MEASURED_ON)
    works = collection.relative(numbers)
    axes = _axes(works)
    along = works @ axes
    ranks = np.sort(along, axis=0)
    places = _ranked(along, ranks)
    parts = _parts(places)
    names = words_apart([numbers[inside] for inside in parts], collection, phrases)
    areas = tuple(
        Area(
            float(places[inside, 0].mean()),
            float(places[inside, 1].mean()),
            round(float(inside.mean()), 3),
            words,
        )
        for inside, words in zip(parts, names, strict=True)
    )
    return TasteMap(collection, axes, ranks, areas)


def _axes(works: Matrix) -> Matrix:
    """The two directions (d, 2) in which works (n, d) differ most, the same way round each time."""
    apart = works - works.mean(axis=0)
    _, directions = np.linalg.eigh((apart.T @ apart).astype(np.float64))
    axes = directions[:, :-3:-1]
    largest = np.abs(axes).argmax(axis=0)
    return np.asarray(axes * np.sign(axes[largest, [0, 1]]), dtype=np.float32)


def _ranked(along: Matrix, ranks: NDArray[np.float32]) -> Places:
    """How far along each axis works (m, 2) stand among those that were measured."""
    found = [np.searchsorted(ranks[:, axis], along[:, axis]) for axis in (0, 1)]
    ranked = np.stack(found, axis=1) / max(1, ranks.shape[0] - 1)
    return np.asarray(np.minimum(ranked, 1.0))


def _parts(places: Places) -> list[NDArray[np.bool_]]:
    """Which works (n,) are in each area: k-means (Lloyd 1982) from seeds that are far apart."""
    count = min(MOST_AREAS, max(1, places.shape[0] // WORKS_AN_AREA))
    middles = _far_apart(places, count)
    for _ in range(ROUNDS):
        nearest = ((places[:, None] - middles[None]) ** 2).sum(axis=2).argmin(axis=1)
        inside = [nearest == part for part in range(count)]
        middles = np.stack(
            [places[i].mean(axis=0) if i.any() else middles[n] for n, i in enumerate(inside)]
        )
    return [part for part in inside if part.any()]


def _far_apart(places: Places, count: int) -> Places:
    """The work in the middle, then each time the one that is farthest from those before."""
    chosen = [int(((places - places.mean(axis=0)) ** 2).sum(axis=1).argmin())]
    while len(chosen) < count:
        distances = ((places[:, None] - places[None, chosen]) ** 2).sum(axis=2).min(axis=1)
        chosen.append(int(distances.argmax()))
    return places[chosen]
