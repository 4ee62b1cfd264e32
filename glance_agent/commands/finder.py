"""A query in, what answers it out; where a work is to go up, of those that may go up there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from glance_agent.commands.messages import nothing_from, nothing_of
from glance_agent.commands.out_of_reach import nothing_in_reach
from glance_agent.commands.stores import ShowableWorks
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import SoFar
from glance_agent.domain.of_sources import together
from glance_agent.domain.picture_verbs import Search, Similar
from glance_agent.domain.view import View
from glance_agent.search.engine import SearchEngine
from glance_agent.search.hits import Found, led_by
from glance_agent.search.label_words import same_title
from glance_agent.search.query import Example, Query


class Finder:
    """Finds what answers searches, on displays that each show works of some sources."""

    def __init__(
        self,
        works: ShowableWorks,
        engine: SearchEngine,
        *,
        sources: Mapping[str, frozenset[str]],
        artwork: Callable[[str | None, str], Artwork],
        arriving: Callable[[], SoFar | None],
    ) -> None:
        """`artwork` gives the work of an id, or the one on a display; raises CommandError."""
        self._works = works
        self._engine = engine
        self._sources = sources
        self._artwork = artwork
        self._arriving = arriving

    def found(
        self,
        command: Search | Similar,
        query: Query,
        view: View,
        display: str,
        never: Sequence[str] = (),
        *,
        suiting: bool = True,
    ) -> Found:
        """What answers a query; where one is to be put up, of what can be had now and comes from
        the sources of the display, with `suiting` the best that suits a wall first.

        Raises CommandError where that is nothing, and only sources that are away have more.
        """
        if not command.show or query.filters.hidden:
            return self._engine.find(query, view, count=command.limit, never=never)
        beyond, sources = self._works.out_of_reach(), self.sources(display)
        own = self._works.of_sources(sources) if sources and not query.filters.source else None
        find = partial(self._engine.find, query, view, among=own)
        found = find(count=command.limit, never=together(beyond, never))
        if found.hits:
            off_wall = self._works.off_wall() if suiting else frozenset()
            if found.hits[0].artwork_id not in off_wall:
                return found
            for_wall = find(count=1, never=together(beyond, off_wall, never))
            by_name = self._is_called(query.words, found)
            if by_name and not self._is_called(query.words, for_wall):
                return found
            return led_by(for_wall, found)
        if beyond and find(count=1, never=never).hits:
            raise nothing_in_reach(self._works.away())
        if own is not None and not own - self._works.withheld():
            raise nothing_of(sources)
        return found

    def out_of_reach(self, query: Query, view: View, found: Found) -> Artwork | None:
        """The work that is called just so, where its picture cannot be had and others come."""
        beyond = self._works.out_of_reach() - self._works.withheld()
        if not beyond or not query.words or self._is_called(query.words, found):
            return None
        every = self._engine.find(query, view, count=1)
        if not self._is_called(query.words, every) or every.hits[0].artwork_id not in beyond:
            return None
        return self._works.get(every.hits[0].artwork_id)

    def _is_called(self, words: str, found: Found) -> bool:
        """Whether the words are the very title of what was found first."""
        work = self._works.get(found.hits[0].artwork_id) if found.hits else None
        return work is not None and same_title(words, work.title)

    def sources(self, display: str) -> frozenset[str]:
        """The sources whose works come up on a display; none for all."""
        return self._sources.get(display, frozenset())

    def resolved(self, query: Query, display: str) -> Query:
        """The query with “this” as the work on the display, or as the title that it is; raises
        CommandError, also where no work is of the one source that is asked for."""
        source = query.filters.source
        if source and source not in self._works.known_sources():
            sources = self._works.counts_by_source()
            if sources:
                raise nothing_from(source, sources, self._arriving())
        examples = tuple(
            Example(self._artwork(e.artwork_id, display).id, e.weight) for e in query.examples
        )
        return replace(self._engine.meant(query), examples=examples)


def without_vectors(query: Query, view: View) -> str | None:
    """The example of a query, where nothing can be like any of its examples."""
    ids = [example.artwork_id for example in query.examples if example.artwork_id]
    return ids[0] if ids and all(view.number_of(i) is None for i in ids) else None
