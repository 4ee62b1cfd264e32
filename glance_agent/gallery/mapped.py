"""The taste map as a page shows it: works with their places, areas, and the sides of a taste."""

from __future__ import annotations

import numpy as np

from glance_agent.domain.listing import WantedList
from glance_agent.domain.view import Gate, View
from glance_agent.domain.wording import said_title
from glance_agent.gallery.answers import MapArea, MappedWorks, MapSide
from glance_agent.gallery.questions import MapQuestion
from glance_agent.gallery.stores import ReadStores
from glance_agent.gallery.taste_map import TasteMap
from glance_agent.gallery.thumbs import address_of
from glance_agent.taste.report import TasteReport

SCALE = 1_000
"""Places are told in whole thousandths."""


def mapped(
    question: MapQuestion,
    view: View,
    drawn: TasteMap | None,
    *,
    taste: TasteReport,
    stores: ReadStores,
) -> MappedWorks:
    """Works evenly taken of the library, and all that the user likes; none without a map."""
    if drawn is None:
        return MappedWorks(total=len(view))
    liked = stores.lists.ids(WantedList("liked", question.user))
    some = view.sample(max(1, question.limit))
    some = some[view.let_in(some, Gate(never=stores.works.withheld()))]
    numbers = np.unique(np.concatenate([some, view.numbers_of(liked)]))
    places = dict(zip(view.ids_of(numbers), drawn.places(view, numbers), strict=True))
    works = stores.lists.by_id(list(places), question.user)
    return MappedWorks(
        total=len(view),
        ids=tuple(work.artwork.id for work in works),
        titles=tuple(said_title(work.artwork.title) for work in works),
        across=tuple(_whole(places[work.artwork.id][0]) for work in works),
        down=tuple(_whole(places[work.artwork.id][1]) for work in works),
        colours=tuple(next(iter(work.artwork.colours), None) for work in works),
        liked=tuple(work.liked for work in works),
        thumbs=tuple(address_of(work) for work in works),
        areas=tuple(
            MapArea(across=_whole(a.across), down=_whole(a.down), share=a.share, words=a.words)
            for a in drawn.areas
        ),
        sides=_sides(view, drawn, taste),
    )


def _sides(view: View, drawn: TasteMap, taste: TasteReport) -> tuple[MapSide, ...]:
    """Where the works lie that stand for each side of a taste."""
    there = [side for side in taste.sides if view.number_of(side.medoid) is not None]
    places = drawn.places(view, view.numbers_of(side.medoid for side in there))
    return tuple(
        MapSide(
            across=_whole(across),
            down=_whole(down),
            share=round(side.share, 3),
            words=side.words,
            stands_for_it=side.medoid,
        )
        for side, (across, down) in zip(there, places, strict=True)
    )


def _whole(place: float) -> int:
    return round(float(place) * SCALE)
