"""Word pieces of plain letters: the numbers that the tokenizers library gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.models.catalogue import CatalogueModel, find
from glance_agent.embedding.pieces import UNKNOWN, LetterPieces
from glance_agent.embedding.tokens import WordTokenizer

WHOLE = (
    "a",
    "apres",
    "b",
    "bocklin",
    "c",
    "d",
    "etude",
    "in",
    "lilies",
    "of",
    "rain",
    "s",
    "t",
    "sea",
)
PARTS = (*"abcdefghinorst", "ab", "er", "ing", "or", "side", "st")
PIECES = (UNKNOWN, *WHOLE, *(f"##{part}" for part in PARTS))
"""Most letters go on with a word; some begin none, so that some words cannot be cut."""


@pytest.fixture(scope="module")
def pieces() -> LetterPieces:
    return LetterPieces({piece: number for number, piece in enumerate(PIECES)})


@pytest.fixture(scope="module")
def library(pieces: LetterPieces) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(dict(pieces.numbers), unk_token=UNKNOWN))
    plain = [normalizers.NFD(), normalizers.StripAccents(), normalizers.Lowercase()]
    letters = normalizers.Replace(Regex("[^a-z]+"), " ")
    tokenizer.normalizer = normalizers.Sequence([*plain, letters])
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60) | st.text("abcdefghinorst éÉ-", max_size=60))
@example("Étude d’après Böcklin, 1889")
@example("a" * 100 + " " + "a" * 101)
@example("İ K d\u20dfe \u0d4c")  # letters that fall apart, marks that enclose or take room
def test_the_library_agrees_on_any_text(
    pieces: LetterPieces, library: Tokenizer, text: str
) -> None:
    assert pieces.ids(text) == library.encode(text).ids


def test_a_word_that_cannot_be_cut_is_unknown() -> None:
    few = LetterPieces({UNKNOWN: 0, "sea": 1, "##side": 2, "a": 3})
    assert few.ids("Seaside, a seat") == [1, 2, 3, 0]


@pytest.mark.parametrize("content", ["a\nb\n", "[UNK]\na\na\n"])
def test_another_file_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokenizer.txt"
    path.write_text(content, encoding="utf-8")
    entry = {**find("glance-mini").model_dump(), "tokenizer": "letters"}
    letters = CatalogueModel.model_validate(entry)
    with pytest.raises(ModelError, match="models check glance-mini"):
        WordTokenizer(path, letters)
