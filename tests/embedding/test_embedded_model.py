"""The model in the package: its files are whole, and it sees and ranks as it did when recorded.

The recorded rankings were read by a person: `python -m tools.embedded_model.record` writes them.
8-bit vectors differ a little between processors and versions of ONNX Runtime, hence tolerances.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from glance_agent.domain.vectors import Matrix
from glance_agent.embedding.encoder import OnnxEncoder, open_encoder
from glance_agent.embedding.models.catalogue import EMBEDDED, CatalogueModel, find
from glance_agent.embedding.models.selftest import examine
from glance_agent.sources import starter

RECORDED = Path(__file__).parent.parent / "fixtures" / "embedded"
RANKING: dict[str, Any] = json.loads((RECORDED / "ranking.json").read_text("utf-8"))
LARGEST_BYTES = 16_000_000
SAME_DIRECTION = 0.97  # cosine of 8-bit vectors across processors
TIE = 0.04  # cosine by which two pictures may change places
FILES = [entry["file"] for entry in starter.entries()]


@pytest.fixture(scope="module")
def entry() -> CatalogueModel:
    return find("glance-mini")


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> OnnxEncoder:
    directory = tmp_path_factory.mktemp("models")
    return open_encoder("glance-mini", directory, threads=1, memory_arena=False, prepacking=True)


@pytest.fixture(scope="module")
def gallery(encoder: OnnxEncoder) -> Matrix:
    return encoder.embed_images([_picture(file) for file in FILES])


def _picture(file: str) -> Image.Image:
    with Image.open(starter.folder() / file) as picture:
        return picture.convert("RGB")


def test_files_are_those_of_the_entry_and_small(entry: CatalogueModel) -> None:
    contents = {file.path: (EMBEDDED / file.path).read_bytes() for file in entry.files}
    for file in entry.files:
        assert len(contents[file.path]) == file.bytes
        assert hashlib.sha256(contents[file.path]).hexdigest() == file.sha256
    assert sum(map(len, contents.values())) <= LARGEST_BYTES


def test_recordings_belong_to_these_weights(entry: CatalogueModel) -> None:
    assert RANKING["revision"] == entry.revision


def test_self_test_was_recorded_with_these_weights(
    encoder: OnnxEncoder, entry: CatalogueModel
) -> None:
    assert examine(encoder, entry).cosine is not None


def test_card_names_the_revision(entry: CatalogueModel) -> None:
    assert entry.revision in (EMBEDDED / "MODEL_CARD.md").read_text("utf-8")


@pytest.mark.parametrize("query", RANKING["top"])
def test_query_ranks_as_recorded(query: str, encoder: OnnxEncoder, gallery: Matrix) -> None:
    scores = gallery @ encoder.embed_text(query)
    recorded = RANKING["top"][query]
    third_best = np.sort(scores)[-len(recorded)]
    behind = {file: float(third_best - scores[FILES.index(file)]) for file in recorded}
    assert max(behind.values()) <= TIE, behind


def test_vectors_point_where_they_pointed(encoder: OnnxEncoder, gallery: Matrix) -> None:
    with np.load(RECORDED / "vectors.npz") as then:
        seen = gallery[[FILES.index(str(file)) for file in then["files"]]]
        read = np.stack([encoder.embed_text(str(query)) for query in then["queries"]])
        assert _cosines(seen, then["images"]).min() >= SAME_DIRECTION
        assert _cosines(read, then["texts"]).min() >= SAME_DIRECTION


def _cosines(rows: Matrix, others: NDArray[np.float16]) -> NDArray[np.float32]:
    wide = others.astype(np.float32)
    cosines: NDArray[np.float32] = (rows * wide).sum(axis=1) / np.linalg.norm(wide, axis=1)
    return cosines


def test_a_picture_alone_has_the_vector_it_has_in_a_batch(
    encoder: OnnxEncoder, gallery: Matrix
) -> None:
    alone = encoder.embed_images([_picture(FILES[5])])[0]
    assert float(alone @ gallery[5]) > 0.999


@pytest.mark.parametrize(
    ("one", "other", "stranger"),
    [
        ("peaceful", "tranquil", "stormy"),
        ("ocean", "sea", "portrait of a man"),
        ("gloomy", "dark", "bright"),
        ("Water Lilies!", "water lilies", "cubist still life"),
    ],
)
def test_words_of_like_meaning_lie_together(
    one: str, other: str, stranger: str, encoder: OnnxEncoder
) -> None:
    first, second, third = (encoder.embed_text(text) for text in (one, other, stranger))
    assert first @ second > first @ third + 0.2


@pytest.mark.parametrize("text", ["", "1889", "日本", "?!", "a " * 400])
def test_any_text_has_a_vector(text: str, encoder: OnnxEncoder) -> None:
    assert np.linalg.norm(encoder.embed_text(text)) == pytest.approx(1, abs=1e-4)
