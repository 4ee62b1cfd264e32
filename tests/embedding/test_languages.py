"""The model in the package reads ten languages: each finds what English finds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.picture_verbs import Search
from glance_agent.domain.topics import Topics
from glance_agent.domain.vectors import WORDING, Matrix, unit
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.reference_queries import FOREIGN_QUERIES, REFERENCE_QUERIES
from glance_agent.sources import starter
from glance_agent.store.connection import open_database
from glance_agent.store.query_vectors import QueryVectorCache
from tools.evaluation.paintings import Exhibition, load_gallery
from tools.evaluation.rivals import House, housed
from tools.understood import understand

FIRST = 10
ALIKE = 6
"""So many of the first ten are the same in each language; by chance it would be one or two."""
SAID = {
    "snow": "Schnee|neige|nieve|neve|sneeuw|śnieg|snö|sne|SCHNEE|schnee im winter",
    "a stormy sea": "stürmische See|stuermische see|mer agitée|mar agitado|mare in tempesta"
    "|stormachtige zee|wzburzone morze|stormigt hav|stormfuldt hav",
    "flowers": "Blumen|fleurs|flores|fiori|bloemen|kwiaty|blommor|blomster|Blumenstrauß",
    "blue": "blau|bleu|azul|blu|blauw|niebieski|blå|BLAU",
    "night": "Nacht|nuit|notte|nacht|noc|natt|om natten",
    "a forest": "ein Wald|une forêt|un bosque|una foresta|een bos|uma floresta|w lesie|en skog"
    "|en skov",
    "a winter landscape": "Winterlandschaft|paysage d'hiver|paisaje de invierno"
    "|paesaggio invernale|winterlandschap|paisagem de inverno|zimowy pejzaż|vinterlandskap"
    "|vinterlandskab",
    "abyss": "Abgrund|abîme|abismo|abisso|afgrond|otchłań|avgrund",
    "thicket": "Dickicht|matorral|snår",
}
"""The last two stand in no table of the tools: dictionaries taught them."""
BEFORE = "2f87a3cbcdb5"
"""Of the key under which the words of the English tower are cached, which this one replaced."""


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    directory = tmp_path_factory.mktemp("models")
    return open_encoder("glance-mini", directory, threads=1, memory_arena=False, prepacking=True)


@pytest.fixture(scope="module")
def gallery(encoder: OnnxEncoder) -> Exhibition:
    return load_gallery(starter.folder(), starter.entries(), encoder)


@pytest.fixture(scope="module")
def house(gallery: Exhibition, encoder: OnnxEncoder) -> Iterator[House]:
    with housed(gallery, encoder) as opened:
        yield opened


def first(pictures: Matrix, encoder: OnnxEncoder, text: str) -> set[int]:
    return set(np.argsort(-(pictures @ encoder.embed_text(text)))[:FIRST].tolist())


@pytest.mark.parametrize(
    ("english", "said"), [(e, other) for e, all_ in SAID.items() for other in all_.split("|")]
)
def test_each_language_finds_what_english_finds(
    english: str, said: str, encoder: OnnxEncoder, gallery: Exhibition
) -> None:
    found = first(gallery.matrix, encoder, english) & first(gallery.matrix, encoder, said)
    assert len(found) >= ALIKE


@pytest.mark.parametrize(
    ("sentence", "tag"),
    [
        ("ich möchte Blumen sehen", "cornflowers"),  # by its label: a meadow of flowers
        ("zeig mir etwas Abstraktes in Rot", "abstract"),
        ("kannst du mir bitte einen Sonnenuntergang zeigen", "sunset"),
        ("zeig mir eine Stadt am Abend", "city"),
    ],
)
def test_a_german_sentence_is_answered_with_what_it_asks_for(
    sentence: str, tag: str, house: House
) -> None:
    command = parse_command(Topics(), "glance/command/say", sentence.encode())
    assert not isinstance(command, BadCommand)
    assert isinstance(command, Search)
    found = house.find(command.query or "")
    tags = {work.artwork.id: work.tags for work in house.exhibition.works}
    assert found.sure
    assert tag in tags[found.hits[0].artwork_id]


@pytest.mark.parametrize(
    "absent", ["ein Faxgerät", "une machine à laver", "el precio del petróleo"]
)
def test_what_is_not_there_is_said_not_to_be(absent: str, house: House) -> None:
    assert not house.find(absent).sure


def test_words_that_the_tower_before_has_read_are_read_again(
    encoder: OnnxEncoder, tmp_path: Path
) -> None:
    database = open_database(tmp_path / "glance.db")
    kept = QueryVectorCache(database)
    wrong = unit(np.ones(encoder.dimension, np.float32))
    wishes = ["snow", *REFERENCE_QUERIES, *FOREIGN_QUERIES]
    for key in (encoder.space, f"{encoder.space}{WORDING}glance-mini@{BEFORE}"):
        kept.keep(key, dict.fromkeys(wishes, wrong))
    meaning = Understanding(encoder, kept)
    understand(meaning, ["snow"])
    assert meaning.prepare(1_000.0)
    vectors = [meaning.vector("snow"), *meaning.references().values()]
    assert len(vectors) == len(REFERENCE_QUERIES) + 1
    assert max(float(vector @ wrong) for vector in vectors) < 0.9
    assert len(kept.vectors(encoder.wording, wishes)) == len(set(wishes))
    database.close()
