"""One query in, the works that answer it out: by their pictures, by their labels, by both."""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Sequence
from dataclasses import replace
from typing import Protocol

from glance_agent.domain.artwork import Filters
from glance_agent.domain.errors import ModelError, ModelLate, VectorsUnread
from glance_agent.domain.of_sources import KeptBack, OfSources, SomeWorks, together
from glance_agent.domain.said import say
from glance_agent.domain.view import Gate, View, within
from glance_agent.search.evidence import Evidence, by_labels
from glance_agent.search.hits import Found, Hit
from glance_agent.search.label_match import Reader
from glance_agent.search.picture_match import PictureMatch
from glance_agent.search.query import Phrase, Query
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.ranking import HEAD, Families, Ranked, fused, varied
from glance_agent.search.scoring import (
    NOTHING_BELOW,
    Part,
    Question,
)
from glance_agent.search.well_known import says_nothing

VECTOR_HITS = 200
"""Works on whose label the words are may gain by their picture up to this rank."""
ANSWERS_FROM = 0.4
"""Works that match less than this come after all that match more."""
NEAREST_MATCH = 0.35
"""How well anything matches at most where what was named is not here."""
ALL_LABELS = 1_000_000


class SearchableWorks(Protocol):
    """Which works may be answered with."""

    def withheld(self) -> frozenset[str] | KeptBack: ...
    def matching(self, filters: Filters) -> frozenset[str]: ...
    def passing(self, filters: Filters, view: View) -> Container[str]: ...
    def newest_first(self, filters: Filters) -> list[str]: ...
    def families(self, likely: Sequence[str] = ()) -> Families: ...


class SearchEngine:
    """Answers queries; one thread at a time."""

    def __init__(
        self,
        works: SearchableWorks,
        reader: Reader,
        understanding: Understanding,
        unread: Callable[[], bool] = lambda: False,
    ) -> None:
        """`unread` tells whether the vectors of the library are still being read."""
        self._works = works
        self._reader = reader
        self._understanding = understanding
        self._unread = unread

    def find(
        self,
        query: Query,
        view: View,
        *,
        count: int,
        never: Collection[str] | SomeWorks = (),
        among: SomeWorks | None = None,
    ) -> Found:
        """At most `count` works that answer a query, without those in `never`; where `among` is
        given, of these alone."""
        only = self._only(query.filters, among, view)
        examples = {e.artwork_id for e in query.examples if e.artwork_id is not None}
        # What is hidden is withheld from every question but the one for it.
        withheld = frozenset() if query.filters.hidden else self._works.withheld()
        gate = Gate(only, together(withheld, examples, never))
        if query.only_filters and query.filters.listed:
            return self._listed(query.filters, gate, count)
        avoided = self._reader.carrying(query.avoid, view)
        on_label = gate.but(avoided).lets_in
        try:
            pictures = self._pictures(query, view, avoided)
        except ModelError as missed:
            labels = self._reader.answer(query, on_label, most=ALL_LABELS)
            passing = [] if query.words else self._passing(query.filters, among, gate)
            found = by_labels(fused(passing, labels)[:count], labels)
            late, unread = (isinstance(missed, why) for why in (ModelLate, VectorsUnread))
            found = replace(found, late=late, unread=unread)
            return self._honest(query, found)
        labels = self._reader.answer(query, on_label)
        enough = max(HEAD, 2 * count)
        by_vector = pictures.best(gate, VECTOR_HITS if labels.any else enough)
        ranked = fused(by_vector, labels, unlabelled=enough)
        evidence = Evidence.of(query, labels, pictures, ranked)
        return self._honest(query, self._arranged(ranked, evidence, count))

    def meant(self, query: Query) -> Query:
        """The query; the title of a work where that is what its words are, avoided ones included:
        “House without Doors”."""
        if not query.as_said or not self._reader.is_title(query.as_said):
            return query
        return replace(query, phrases=(Phrase(query.as_said),), avoid=(), as_said="")

    def _only(self, filters: Filters, among: SomeWorks | None, view: View) -> Container[str] | None:
        """The works that alone may be answered with; None for all."""
        if not filters.any:
            return among
        return within(self._works.passing(filters, view), among)

    def _passing(self, filters: Filters, among: SomeWorks | None, gate: Gate) -> list[str]:
        """The ids of these works, in their order; none where all are."""
        if not filters.any:
            return sorted(filter(gate.lets_in, self._ids(among)))
        return sorted(filter(gate.lets_in, self._works.matching(filters)))

    def _ids(self, among: SomeWorks | None) -> frozenset[str]:
        if isinstance(among, OfSources):
            of_each = (self._works.matching(Filters(source=source)) for source in among.sources)
            return frozenset().union(*of_each)
        return among if isinstance(among, frozenset) else frozenset()

    def _honest(self, query: Query, found: Found) -> Found:
        """The answer, as the nearest there is where it cannot be what was asked for."""
        missing = self._reader.absent(query)
        if not missing and (not query.words or query.pictures or query.examples):
            return found
        if not missing and not says_nothing(query.words):
            return found
        why = (
            say("Nothing {missing} is here; it is near", missing=missing)
            if missing
            else say("Nothing was asked for")
        )
        hits = tuple(replace(h, match=min(h.match, NEAREST_MATCH), why=why) for h in found.hits)
        return replace(found, hits=hits, sure=False, missing=missing)

    def _listed(self, filters: Filters, gate: Gate, count: int) -> Found:
        """The works that pass a filter with an order of its own, in this order."""
        passing = [i for i in self._works.newest_first(filters) if gate.lets_in(i)]
        listed = "hidden" if filters.hidden else "liked"
        why = say("It is hidden") if filters.hidden else say("It is liked")
        return Found(tuple(Hit(i, 1.0, why) for i in passing[:count]), listed=listed)

    def _pictures(self, query: Query, view: View, avoided: Container[str]) -> PictureMatch:
        """How well works answer; raises ModelError where words cannot be understood.

        Words that are to be avoided count against the works whose labels carry them, too.
        """
        if self._unread():
            raise VectorsUnread
        meaning = self._understanding
        wanted = [Part(meaning.vector(p.text), p.weight) for p in query.phrases]
        for example in query.examples:
            vectors = view.vectors_of(view.numbers_of([example.artwork_id or ""]))
            wanted += [Part(vector, example.weight, of_picture=True) for vector in vectors]
        wanted += [Part(picture.vector, of_picture=True) for picture in query.pictures]
        unwanted = [Part(meaning.vector(p.text), p.weight) for p in query.avoid]
        if not len(view) or not (wanted or unwanted):
            return PictureMatch(view)
        return PictureMatch(view, Question(wanted, unwanted, meaning.background(view)), avoided)

    def _arranged(self, ranked: Sequence[Ranked], evidence: Evidence, count: int) -> Found:
        """The works to answer with: those that match first, and of these no two alike."""
        pictures, matches = evidence.pictures, evidence.matches
        size = len(pictures.view)
        # In a small library the best sixty would be all of it, and variety would choose poor
        # matches: it chooses from an eighth, or from half as many again as are wanted.
        reach = max(count + count // 2, min(HEAD, size // 8))
        matching = [r for r in ranked if matches[r.artwork_id] >= ANSWERS_FROM]
        others = [r for r in ranked if matches[r.artwork_id] < ANSWERS_FROM]
        head = [*matching, *others][:reach]
        within = head[: min(len(matching) or reach, HEAD)]
        # Of an artist who was asked for, or whose works fill the house, there may be any number.
        asked_for = bool(evidence.query.filters.artist or evidence.labels.by_artist)
        kept = varied(
            head,
            pictures.vectors([r.artwork_id for r in within]),
            families=self._works.families([r.artwork_id for r in head[:count]]),
            likeness=pictures.likeness,
            count=count,
            most_by_artist=None if asked_for else size // 3,
        )
        hits = tuple(evidence.hit(r) for r in kept)
        best = max((hit.match for hit in hits), default=0.0)
        return Found(hits, sure=best >= NOTHING_BELOW or not evidence.asked)
