"""The gallery: everything that a page may ask, answered from what is kept, by one mind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from glance_agent.domain.display import Glance
from glance_agent.domain.vectors import Vector
from glance_agent.gallery import displays, sources
from glance_agent.gallery.answers import (
    ArtworkInFull,
    ArtworkPage,
    Displays,
    LeftOutPage,
    MappedWorks,
    PictureSeen,
    Sources,
    Taste,
)
from glance_agent.gallery.artworks import Artworks
from glance_agent.gallery.lately import Lately
from glance_agent.gallery.mapped import mapped
from glance_agent.gallery.questions import (
    ArtworkQuestion,
    ArtworksQuestion,
    LeftOutQuestion,
    MapQuestion,
)
from glance_agent.gallery.stores import House, Mind, ReadStores
from glance_agent.gallery.taste_map import TasteMap, drawn
from glance_agent.gallery.tastes import Tastes
from glance_agent.search.reading import ReadWords, Unread


class Gallery:
    """Answers the questions of pages, while one model answers; one thread at a time."""

    def __init__(
        self,
        mind: Mind,
        house: Callable[[], House],
        lately: Lately,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        """`house` tells what is configured now, `clock` the time of day."""
        self.understanding = mind.understanding
        self._house = house
        self._clock = clock
        self._mind = mind
        self._map: TasteMap | None = None
        self._sent = lately.sent
        self._artworks = Artworks(mind, lately, house().walls)
        self._tastes = Tastes(mind, clock=clock)

    def unread(self, question: ArtworksQuestion, stores: ReadStores) -> Unread:
        """What the model has to read before `artworks` is asked; raises CommandError."""
        return self._artworks.unread(question, stores)

    def artworks(
        self, question: ArtworksQuestion, read: ReadWords, stores: ReadStores
    ) -> ArtworkPage:
        """A part of a list, once the model has read what it had to. Raises CommandError."""
        self.understanding.learn(read)
        self.understanding.keep()
        return self._artworks.page(question, stores)

    def keep_sent(self, space: str, vector: Vector) -> PictureSeen:
        """Keep what a picture that was sent means in a space, to be searched by."""
        return PictureSeen(picture=self._sent.keep(space, vector))

    def artwork(
        self, artwork_id: str, question: ArtworkQuestion, stores: ReadStores
    ) -> ArtworkInFull:
        """One work in full. Raises CommandError."""
        return self._artworks.work(artwork_id, question, stores)

    def displays(self, user: str, told: Mapping[str, Glance], stores: ReadStores) -> Displays:
        """All displays; `told` is what is known of some beside what is kept."""
        return displays.displays(self._house(), stores, user, told=told, now=self._clock())

    def taste(self, user: str, stores: ReadStores) -> Taste:
        """What is believed of a user."""
        return self._tastes.of(user, stores)

    def to_draw(self, stores: ReadStores) -> Callable[[], None] | None:
        """What draws the map anew, in any thread; None where it holds."""
        view = self._mind.index.now()
        if self._map is not None and not self._map.outgrown(view):
            return None
        phrases = self._tastes.phrases(stores)

        def draw() -> None:
            self._map = drawn(view, phrases)

        return draw

    def taste_map(self, question: MapQuestion, stores: ReadStores) -> MappedWorks:
        """The library as a map, as it was drawn last, with one user's taste on it."""
        taste = self._tastes.report(question.user, stores)
        return mapped(question, self._mind.index.now(), self._map, taste=taste, stores=stores)

    def sources(self, progress: Mapping[str, dict[str, Any]], stores: ReadStores) -> Sources:
        """All sources; `progress` is how far the runs over them are."""
        return sources.sources(self._house(), stores, progress)

    def left_out(self, source: str, question: LeftOutQuestion, stores: ReadStores) -> LeftOutPage:
        """What of a source is no work of its own. Raises CommandError."""
        return sources.left_out(source, question, self._house(), stores)
