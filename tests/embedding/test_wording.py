"""Two text towers of one space share pictures' vectors, and never each other's words."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from glance_agent.embedding.encoder import open_encoder, space_of, wording_of
from glance_agent.embedding.models.catalogue import find
from glance_agent.search.query_embedding import Understanding
from glance_agent.store.connection import open_database
from glance_agent.store.query_vectors import QueryVectorCache
from glance_agent.store.spaces import Spaces
from tests.embedding.toy import Toy, entry_of, install, write_catalogue
from tools.understood import understand


def test_words_of_one_tower_do_not_pass_for_anothers(
    tmp_path: Path, word_files: dict[str, bytes]
) -> None:
    first = install(tmp_path, Toy(tokenizer="wordpiece"), word_files)
    shout = Toy("shout", tokenizer="wordpiece", changes={"image_model": "colours"})
    write_catalogue(tmp_path, first, entry_of(shout, word_files))
    plain, other = (
        open_encoder(name, tmp_path, threads=1, memory_arena=False, prepacking=True)
        for name in ("colours", "shout")
    )
    assert plain.space == other.space
    assert other.wording != plain.wording
    database = open_database(tmp_path / "glance.db")
    book = QueryVectorCache(database)
    understand(Understanding(plain, book), ["red"])
    assert book.vectors(plain.wording, ["red"])
    assert not book.vectors(other.wording, ["red"])
    shouted = Understanding(other, book)
    understand(shouted, ["red"])
    vector = shouted.vector("red")
    assert np.allclose(book.vectors(other.wording, ["red"])["red"], vector, atol=1e-6)
    Spaces(database).prune([plain.space])
    assert book.vectors(other.wording, ["red"])
    Spaces(database).prune(["elsewhere"])
    assert not book.vectors(other.wording, ["red"])
    database.close()


def test_a_text_tower_that_is_exchanged_has_words_of_its_own() -> None:
    entry = find("glance-mini")
    keys = {wording_of(entry)}
    for role in ("text", "tokenizer"):
        files = tuple(
            file.model_copy(update={"sha256": "0" * 64}) if file.role == role else file
            for file in entry.files
        )
        changed = entry.model_copy(update={"files": files})
        assert space_of(changed) == space_of(entry)
        keys.add(wording_of(changed))
    assert len(keys) == 3
