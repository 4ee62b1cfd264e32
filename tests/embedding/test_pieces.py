"""Word pieces of plain letters: the numbers that the tokenizers library gives."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.models.catalogue import EMBEDDED, find
from glance_agent.embedding.pieces import UNKNOWN, LetterPieces
from glance_agent.embedding.tokens import WordTokenizer


@pytest.fixture(scope="module")
def pieces() -> LetterPieces:
    return LetterPieces.read(EMBEDDED / find("glance-mini").file("tokenizer").path)


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
    with pytest.raises(ModelError, match="models check glance-mini"):
        WordTokenizer(path, find("glance-mini"))
