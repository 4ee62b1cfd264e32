"""Word pieces of several languages: how words are folded and cut, and which lists are refused."""

from __future__ import annotations

import string
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glance_agent.domain.errors import ModelError
from glance_agent.embedding.folded_pieces import (
    LARGEST_BYTES,
    LONGEST_PIECE,
    FoldedPieces,
    table_of,
    words_of,
)
from glance_agent.embedding.models.catalogue import CatalogueModel, find
from glance_agent.embedding.tokens import WordTokenizer

WORDS = (
    "winter", "landschaft", "schaft", "land", "sturmische", "see", "strasse", "blumen", "strauss",
    "neue", "schnee", "snow", "rode", "grod", "med", "flode", "lodz", "mit", "eine",
)  # fmt: skip
PIECES = sorted({*string.ascii_lowercase, *WORDS})
MOST = 24


def listed(pieces: list[str]) -> bytes:
    return "".join(f"{piece}\n" for piece in pieces).encode()


@pytest.fixture(scope="module")
def pieces() -> FoldedPieces:
    return FoldedPieces(table_of(listed(PIECES)))


def cut(pieces: FoldedPieces, text: str) -> list[str]:
    """The pieces themselves, those inside a word marked as BERT marks them."""
    count = pieces.count
    return [
        PIECES[number] if number < count else f"##{PIECES[number - count]}"
        for number in pieces.ids(text, MOST)
    ]


def test_of_two_ways_alike_the_longer_piece_comes_first() -> None:
    known = sorted({*string.ascii_lowercase, "da", "dach", "cher", "er"})
    numbers = FoldedPieces(table_of(listed(known))).ids("Dächer", MOST)
    assert numbers == [known.index("dach"), known.index("er") + len(known)]


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("Winterlandschaft", ["winter", "##landschaft"]),
        ("WINTERLANDSCHAFTEN", ["winter", "##landschaft", "##e", "##n"]),
        ("Blumenstrauß", ["blumen", "##strauss"]),
        ("ein Blumenstrauss", ["e", "##i", "##n", "blumen", "##strauss"]),
        ("stürmische See", ["sturmische", "see"]),
        ("stuermische see", ["sturmische", "see"]),
        ("STÜRMISCHE SEE", ["sturmische", "see"]),
        ("stu\u0308rmische", ["sturmische"]),
        ("Straße", ["strasse"]),
        ("grød med fløde", ["grod", "med", "flode"]),
        ("groed med floede", ["grod", "med", "flode"]),
        ("Łódź", ["lodz"]),
        ("neue", ["neue"]),
        ("snow/Schnee,mit-See", ["snow", "schnee", "mit", "see"]),
        ("ＳＮＯＷ", ["snow"]),
        ("1889 сне́г 雪 🙂", []),
    ],
)
def test_words_are_folded_and_cut_into_the_fewest_pieces(
    pieces: FoldedPieces, text: str, read: list[str]
) -> None:
    assert cut(pieces, text) == read


def test_a_part_inside_a_word_has_the_number_of_the_word_behind_all_others(
    pieces: FoldedPieces,
) -> None:
    (landschaft,) = pieces.ids("landschaft", MOST)
    assert pieces.ids("winterlandschaft", MOST)[1] == landschaft + pieces.count
    assert pieces.number("landschaft") == landschaft
    assert pieces.number("landschaf") is None
    assert pieces.number("landschaft" * 9) is None


def test_a_piece_that_is_listed_twice_is_read_as_the_first(pieces: FoldedPieces) -> None:
    twice = FoldedPieces(table_of(listed(sorted([*PIECES, "see"]))))
    assert twice.number("see") == pieces.number("see")


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=80) | st.text("abcdefghinorstäöüßøæ ÉÅ\u0301\u200f\u202e-", max_size=80))
@example("\u202eشتاء snow\u202c")
@example("s\u0301\u0302\u0303" * 500)
@example("🙂" * 5_000 + " snow")
@example("x" * 10_000)
@example("ab " * 4_000)
@example("\ud800")
def test_any_text_is_cut_into_its_own_letters(pieces: FoldedPieces, text: str) -> None:
    numbers = pieces.ids(text, MOST)
    assert all(0 <= number < 2 * pieces.count for number in numbers)
    words = words_of(text)
    read = [piece.removeprefix("##") for piece in cut(pieces, text)]
    if len(numbers) < MOST and all(len(word) <= LONGEST_PIECE for word in words):
        shorter = "".join(words).translate(dict.fromkeys(map(ord, "aeou")))
        assert "".join(read).translate(dict.fromkeys(map(ord, "aeou"))) == shorter


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no list of at most"),
        (b"a\nb", "no list of at most"),
        (b"a\n" * 200_001, "no list of at most"),
        (listed(PIECES).replace(b"see\n", b"see\r\n"), "more than small letters"),
        (listed(PIECES).replace(b"see", "säe".encode()), "more than small letters"),
        (listed(PIECES).replace(b"see\n", b"see\n\n"), "empty"),
        (listed([*PIECES, "z" * 49]), "more than 48 letters"),
        (listed(PIECES[::-1]), "not sorted"),
        (listed(PIECES[1:]), "a letter is missing"),
        (listed(PIECES[:-1]), "a letter is missing"),
        (b"\n" * (LARGEST_BYTES + 1), "larger than 4 MB"),
        (b"\xff\xfe\x00", "no list of at most"),
    ],
)
def test_what_is_no_such_list_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "tokenizer.txt"
    path.write_bytes(content)
    with pytest.raises(ModelError, match=rf"{reason}.*Run: glance-agent models check"):
        WordTokenizer(path, _folded())


def test_a_text_fills_the_context_and_no_more(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.txt"
    path.write_bytes(listed(PIECES))
    words = WordTokenizer(path, _folded())
    see = PIECES.index("see")
    assert words.ids("see " * 400) == [see] * 6
    assert len(words.ids("xqzwy" * 9)) == 6
    assert words.ids("Schnee") == [PIECES.index("schnee")]


@pytest.mark.parametrize("text", ["", "1889", "日本", "?!", "\u0301", "🙂"])
def test_a_text_without_words_has_a_number_too(tmp_path: Path, text: str) -> None:
    path = tmp_path / "tokenizer.txt"
    path.write_bytes(listed(PIECES))
    assert WordTokenizer(path, _folded()).ids(text) == [PIECES.index("a")]


def _folded() -> CatalogueModel:
    changes = {"tokenizer": "folded", "context_length": 6}
    return CatalogueModel.model_validate({**find("glance-mini").model_dump(), **changes})
