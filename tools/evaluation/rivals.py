"""The ways to answer a query that are compared: labels, colours, vectors, and all together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import numpy as np

from glance_agent.domain.items import StoredWork
from glance_agent.domain.label import Tokens
from glance_agent.domain.vectors import Vector, top
from glance_agent.domain.view import View
from glance_agent.search.engine import SearchEngine
from glance_agent.search.hits import Found
from glance_agent.search.label_match import Reader
from glance_agent.search.label_words import tokens_of
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.query_parsing import parse_query
from glance_agent.store.connection import open_database
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.query_vectors import QueryVectorCache
from tools.evaluation.kept import AS_IT_IS, Keeping
from tools.evaluation.measures import FIRST
from tools.evaluation.paintings import Exhibition, Labelled
from tools.understood import understand

DEPTH = 60
"""How deep rankings are made, so that ten are left where some cannot be judged."""
COLOURS = (
    *("black", "white", "gray", "brown", "beige", "red", "orange"),
    *("yellow", "green", "turquoise", "blue", "purple", "pink"),
)
Rival = Callable[[str], list[str]]


class Reading(Protocol):
    """Turns words into unit vectors."""

    @property
    def space(self) -> str: ...
    def embed_text(self, text: str) -> Vector: ...


@dataclass(frozen=True, slots=True)
class House:
    """An exhibition as a library, and who finds works in it."""

    exhibition: Exhibition
    encoder: Reading
    labels: Labels
    understanding: Understanding
    engine: SearchEngine
    view: View

    def find(self, text: str, count: int = FIRST) -> Found:
        """What a person is answered."""
        query = parse_query(text)
        understand(self.understanding, query.texts)
        return self.engine.find(query, self.view, count=count)


@contextmanager
def housed(
    exhibition: Exhibition, encoder: Reading, keeping: Keeping = AS_IT_IS
) -> Iterator[House]:
    """The exhibition in a library of its own."""
    with TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "library.db", synchronous="NORMAL")
        library, labels = Library(database), Labels(database)
        with database.atomic():
            for work in exhibition.works:
                library.add("evaluation", work.artwork.id, _stored(work))
        view = keeping.view_of(exhibition)
        understanding = Understanding(encoder, QueryVectorCache(database))
        understanding.prepare(60.0)
        engine = SearchEngine(library, Reader(labels), understanding)
        try:
            yield House(exhibition, encoder, labels, understanding, engine, view)
        finally:
            database.close()


def rivals(house: House) -> dict[str, Rival]:
    """Every rival by name, over one library; no colours where their shares are not known."""
    exhibition, encoder = house.exhibition, house.encoder
    found: dict[str, Rival] = {"keywords": lambda text: _keywords(house.labels, text)}
    if any(work.colour_share for work in exhibition.works):
        found["colours"] = lambda text: _colours(exhibition.works, text)
    found["vectors"] = lambda text: _nearest(exhibition, encoder.embed_text(text))
    found["hybrid"] = lambda text: [hit.artwork_id for hit in house.find(text, DEPTH).hits]
    return found


def _stored(work: Labelled) -> StoredWork:
    """The work with its label as printed, and nothing of what is asked about."""
    return StoredWork(
        artwork=work.artwork,
        location="-",
        content_hash=work.artwork.id,
        fingerprint="-",
        space="-",
        vector=None,
    )


def _keywords(labels: Labels, text: str) -> list[str]:
    """Full-text search alone: works with all of the words, then with some of them."""
    tokens = tokens_of(text)
    every, some = Tokens(tokens), Tokens(tokens, any=True)
    found = [*labels.labelled_with(every), *labels.labelled_with(some)] if tokens else []
    return list(dict.fromkeys(found))[:DEPTH]


def _colours(works: Sequence[Labelled], text: str) -> list[str]:
    """A colour histogram: the share of the colours that are named, and lightness."""
    words = set(tokens_of(text))
    named = [COLOURS.index(c) for c in COLOURS if c in words]
    light = ("bright" in words or "airy" in words) - ("dark" in words or "gloomy" in words)
    scores = [
        sum(w.colour_share[c] for c in named if w.colour_share) + light * w.stats.get("L", 0.0)
        for w in works
    ]
    best = top(np.array(scores, dtype=np.float32), DEPTH)
    return [works[row].artwork.id for row in best]


def _nearest(exhibition: Exhibition, vector: Vector) -> list[str]:
    nearest = top(exhibition.matrix @ vector, DEPTH)
    return [exhibition.works[row].artwork.id for row in nearest]
