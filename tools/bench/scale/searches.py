"""The searches that are measured, each put to one open library."""

from __future__ import annotations

from collections.abc import Callable
from itertools import cycle

from glance_agent.search.engine import SearchEngine
from glance_agent.search.label_match import Reader
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.query_parsing import parse_query
from glance_agent.store.labels import Labels
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.wiring.rooms import Rooms
from tools.understood import understand

QUERIES = {
    "words that few labels carry": "etching {}",
    "words that no label carries": "quarterly {}",
    "a word that many labels carry": "landscape with {}",
    "an avoided phrase": "{} -people",
    "an avoided word that many labels carry": "{} -portrait",
    "filter: year": "year:1880-1910 {}",
    "filter: artist": "artist:lindqvist17 {}",
    "filter: upright and unseen": "orientation:portrait unseen {}",
    "filter: a source that has all": "source:bench {}",
}
NOUNS = ("sea", "snow", "horses", "roses", "moon", "boats", "ruins", "dancers", "storm", "apples")
"""Each is asked in turn: what has just been asked would be remembered."""
SHOWN = 10


def searches(rooms: Rooms) -> dict[str, Callable[[], object]]:
    """By name; each call asks with the next noun, whose vector is known."""
    understanding = Understanding(rooms.encoder, QueryVectorCache(rooms.library.db))
    understanding.prepare(60.0)
    engine = SearchEngine(rooms.library, Reader(Labels(rooms.library.db)), understanding)

    def asking(form: str) -> Callable[[], object]:
        queries = [parse_query(form.format(noun)) for noun in NOUNS]
        understand(understanding, (text for query in queries for text in query.texts))
        turns = cycle(queries)
        return lambda: engine.find(next(turns), rooms.index.now(), count=SHOWN)

    return {name: asking(form) for name, form in QUERIES.items()}
