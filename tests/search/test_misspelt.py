"""Misspelt words are read as those on labels, and words that are right are left alone."""

from __future__ import annotations

import pytest

from glance_agent.embedding.dictionary import is_word
from glance_agent.search.misspelt import Speller
from glance_agent.search.query_parsing import parse_query


class Printed:
    """The words on a few labels."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def is_on_labels(self, word: str) -> bool:
        return any(word in words.split() for words in self.words)

    def words_like(self, word: str) -> list[str]:
        near = [w for w in self.words if abs(len(w) - len(word)) <= 2]
        return [w for w in near if w[0] == word[0]]


SPELLER = Speller(
    Printed(
        *("sunflowers", "van gogh", "gogh", "monet", "rembrandt", "waterfall", "picasso"),
        *("friedrich", "blues", "clichy", "towers", "blossfeldt"),
    ),
    is_word,
)


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ("sunflwers", "sunflowers"),
        ("Sunflwers by van goh", "sunflowers by van gogh"),
        ("van goh", "van gogh"),
        ("mountans in the snow", "mountains in the snow"),
        ("picaso", "picasso"),
        ("rembrant", "rembrandt"),
        ("Blosfeld", "blossfeldt"),
        ("a vermer", "a vermeer"),  # who is not here, which is to be said
        ("caravagio", "caravaggio"),
        ("grand wood", "grand wood"),
        ("sunflowers", "sunflowers"),
        ("manet", "manet"),
        ("watermill", "watermill"),
        ("horses", "horses"),
        ("a boat", "a boat"),
        ("towels", "towels"),
        ("friedlich", "friedlich"),
        ("ein blaues Gemälde", "ein blaues Gemälde"),
        ("blaues gemaelde", "blaues gemaelde"),
        ("cichy", "cichy"),
        ("goh", "goh"),
        ("qwxzy", "qwxzy"),
        ("富士山", "富士山"),
    ],
)
def test_a_wish_is_read_as_it_is_meant(asked: str, meant: str) -> None:
    assert SPELLER.mended(parse_query(asked)).query.words == meant


def test_what_was_read_as_what_is_said() -> None:
    mended = SPELLER.mended(parse_query("sunflwers by van goh"))
    assert str(mended) == "I read “van goh” as “van gogh” and “sunflwers” as “sunflowers”."
    assert str(SPELLER.mended(parse_query("sunflowers"))) == ""


@pytest.mark.parametrize(
    "name", ["Vermeer", "a Hokusai", "art by Jan van Eyck", "Dürer", "van Dyck"]
)
def test_a_name_that_is_right_is_read_as_it_is(name: str) -> None:
    mended = SPELLER.mended(parse_query(name))
    assert (mended.query.words, str(mended)) == (parse_query(name).words, "")


def test_filters_and_what_is_avoided_stay() -> None:
    query = parse_query("sunflwers -people year:1888")
    mended = SPELLER.mended(query).query
    assert (mended.avoid, mended.filters) == (query.avoid, query.filters)


def test_a_long_text_is_left_as_it_is() -> None:
    asked = "sunflwers " * 20
    assert SPELLER.mended(parse_query(asked)).query.words == asked.strip()
