"""Works in lists and one by one: found by words, or listed as they came, were liked or shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from glance_agent.commands.messages import unknown_artwork, without_vector
from glance_agent.commands.showings import Hangings
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.listing import ListName, WantedList
from glance_agent.domain.said import say
from glance_agent.domain.wording import said_credit, said_medium
from glance_agent.gallery.answers import ArtworkInFull, ArtworkPage, OnDisplay
from glance_agent.gallery.lately import Lately
from glance_agent.gallery.questions import ArtworkQuestion, ArtworksQuestion
from glance_agent.gallery.results import KeptList
from glance_agent.gallery.rows import facts, row
from glance_agent.gallery.stores import Mind, ReadStores, Wall
from glance_agent.search.engine import SearchEngine
from glance_agent.search.hits import Hit
from glance_agent.search.label_match import Reader
from glance_agent.search.misspelt import Respelled, Speller
from glance_agent.search.query import Example, Query, SentPicture, spoken
from glance_agent.search.query_parsing import parse_query
from glance_agent.search.reading import Unread

RANKED = 500
"""How many works a search ranks: nobody looks further, and each costs time."""


class Artworks:
    """Lists works; one thread at a time."""

    def __init__(self, mind: Mind, lately: Lately, walls: Sequence[Wall]) -> None:
        self._mind = mind
        self._results = lately.results
        self._sent = lately.sent
        self._walls = walls

    def unread(self, question: ArtworksQuestion, stores: ReadStores) -> Unread:
        """What the model has to read before the question is answered; raises CommandError."""
        if self._kept(question) is not None:
            return Unread()
        return self._mind.understanding.unread(self._mended(question, stores).query.texts)

    def _mended(self, question: ArtworksQuestion, stores: ReadStores) -> Respelled:
        """What is asked, with words that are surely misspelt as they are meant."""
        return Speller(stores.labels, self._mind.is_word).mended(_query(question))

    def page(self, question: ArtworksQuestion, stores: ReadStores) -> ArtworkPage:
        """The part of the list that is wanted. Raises CommandError.

        The list is made anew, under another id, where it is not kept.
        """
        kept, name = self._kept(question), question.result or ""
        if kept is None:
            kept = self._listed(question.asked, stores)
            name = self._results.keep(kept)
        some = slice(question.offset, question.offset + question.limit)
        hits = {hit.artwork_id: hit for hit in kept.hits[some]}
        works = (
            stores.lists.by_id(list(hits), question.user)
            if kept.hits
            else stores.lists.by_number(kept.numbers[some], question.user)
        )
        return ArtworkPage(
            result=name,
            total=len(kept),
            offset=question.offset,
            works=tuple(row(work, hits.get(work.artwork.id)) for work in works),
            asked=kept.asked,
            read_as=kept.read_as,
            sure=kept.sure,
            by_pictures=kept.by_pictures,
            late=kept.late,
        )

    def work(self, artwork_id: str, question: ArtworkQuestion, stores: ReadStores) -> ArtworkInFull:
        """One work in full. Raises CommandError where there is none of this id."""
        listed = next(iter(stores.lists.by_id([artwork_id], question.user)), None)
        if listed is None:
            raise unknown_artwork(artwork_id)
        found = self._results.find(question.result)
        hit = found.hit(artwork_id) if found else None
        last = {wall.name: stores.past.showings(wall.name, 1)[:1] for wall in self._walls}
        hanging = [(w, s) for w in self._walls for s in last[w.name] if artwork_id in s.works]
        told = facts(listed, hit)
        if hit is None and hanging:
            told |= {"why": hanging[0][1].why, "match": hanging[0][1].match}
        parts = hit.parts if hit else hanging[0][1].parts if hanging else {}
        work = listed.artwork
        return ArtworkInFull(
            **told,
            label=work.label,
            medium=said_medium(work.medium),
            credit=said_credit(work.credit),
            licence=work.licence,
            page_url=work.page_url,
            cut=work.cut,
            description=work.description,
            tags=work.tags,
            colours=work.colours,
            hangs=tuple(
                OnDisplay(display=w.name, title=w.title, shown_at=s.shown_at, why=s.why)
                for w, s in hanging
            ),
            parts=dict(parts),
        )

    # -- lists ----------------------------------------------------------------------------------

    def _kept(self, question: ArtworksQuestion) -> KeptList | None:
        """The answer that was given to this question before, where it is kept."""
        kept = self._results.find(question.result)
        return kept if kept is not None and kept.question == question.asked else None

    def _listed(self, question: ArtworksQuestion, stores: ReadStores) -> KeptList:
        mended = self._mended(question, stores)
        query = self._resolved(mended.query, question.display, stores)
        if question.picture is not None:
            vector = self._sent.vector(question.picture, self._mind.encoder.space)
            query = replace(query, pictures=(SentPicture(vector),))
        name: ListName = "hidden" if query.filters.hidden else question.list
        wanted = WantedList(name, question.user, question.display, query.filters)
        if query.only_filters:
            return KeptList(question, stores.lists.numbers(wanted), asked=spoken(query))
        found = self._found(question, query, wanted, stores)
        return replace(found, read_as=mended.told)

    def _found(
        self, question: ArtworksQuestion, query: Query, wanted: WantedList, stores: ReadStores
    ) -> KeptList:
        view = self._mind.index.now()
        seeds = [e.artwork_id for e in query.examples if e.artwork_id]
        if seeds and not query.texts and all(view.number_of(i) is None for i in seeds):
            raise without_vector(stores.works.get_many(seeds[:1])[0].label)
        mind = self._mind
        engine = SearchEngine(stores.works, Reader(stores.labels), mind.understanding, mind.unread)
        query = engine.meant(query)
        among = None if question.list == "all" else stores.lists.ids(wanted)
        found = engine.find(query, view, count=RANKED, among=among)
        return KeptList(
            question,
            hits=_with_reason(found.hits, query, seeds, stores),
            asked=spoken(query),
            sure=found.sure,
            by_pictures=found.by_pictures,
            late=found.late,
        )

    def _resolved(self, query: Query, display: str | None, stores: ReadStores) -> Query:
        """The query with “this” as the work on the display; raises CommandError."""
        names = [wall.name for wall in self._walls]
        if display is not None and display not in names:
            raise CommandError(
                ErrorCode.UNKNOWN_DISPLAY,
                say("There is no display “{name}”.", name=display),
                say("Displays: {displays}.", displays=", ".join(names)),
            )
        hangings, where = Hangings(stores.works, stores.past), display or names[0]
        examples = tuple(
            Example(hangings.artwork(e.artwork_id, where).id, e.weight) for e in query.examples
        )
        return replace(query, examples=examples)


def _query(question: ArtworksQuestion) -> Query:
    """What the words and the other parameters mean together; raises CommandError."""
    query = replace(parse_query(question.q), language=question.language)
    if question.like is not None:
        query = replace(query, examples=(Example(question.like), *query.examples))
    filters = query.filters
    if question.source is not None:
        filters = replace(filters, source=question.source)
    if question.list == "hidden":
        filters = replace(filters, hidden=True)
    return replace(query, filters=filters)


def _with_reason(
    hits: Sequence[Hit], query: Query, seeds: Sequence[str], stores: ReadStores
) -> Sequence[Hit]:
    """The hits; where nothing but a work is to be resembled, it is the reason."""
    if query.pictures and not query.words:
        return [replace(hit, why=say("It is like the picture that you sent")) for hit in hits]
    if query.words or not seeds:
        return hits
    seed = next(iter(stores.works.get_many(seeds[:1])), None)
    return (
        [replace(hit, why=say("It is like {label}", label=seed.label)) for hit in hits]
        if seed
        else hits
    )
