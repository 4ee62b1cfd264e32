"""What is printed on labels: found by words, which mean nothing but themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import StoredWork
from glance_agent.domain.label import Field, Tokens
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library

WORKS = (
    Artwork(id="a:sea", title="The Stormy Sea", artist="Anna Brook", tags=("boat",), source="a"),
    Artwork(id="a:brook", title="A Brook", artist="Jan de Zee", medium="oil", source="a"),
    Artwork(id="a:night", title="Night", description="Boats at sea, by night", source="a"),
)


@pytest.fixture(scope="module")
def labels(lasting_place: LibraryPlace) -> Iterator[Labels]:
    database = open_library(lasting_place)
    for work in WORKS:
        stored = StoredWork(work, "-", work.id, "-", "-", None)
        Library(database).add("a", work.id, stored)
    yield Labels(database)
    database.close()


@pytest.mark.parametrize(
    ("words", "within", "all_of_them", "any_of_them"),
    [
        (("sea",), (), {"a:sea", "a:night"}, {"a:sea", "a:night"}),
        (("sea", "brook"), (), {"a:sea"}, {"a:sea", "a:brook", "a:night"}),
        (("brook",), ("artist",), {"a:sea"}, {"a:sea"}),
        (("brook",), ("title",), {"a:brook"}, {"a:brook"}),
        (("brook", "boats"), ("artist", "tags"), {"a:sea"}, {"a:sea"}),
        (("oil", "night"), ("medium", "title"), set(), {"a:brook", "a:night"}),
        (("mountain",), (), set(), set()),
    ],
)
def test_works_are_found_by_their_words(
    labels: Labels,
    words: tuple[str, ...],
    within: tuple[Field, ...],
    all_of_them: set[str],
    any_of_them: set[str],
) -> None:
    for tokens, expected in (
        (Tokens(words, within=within), all_of_them),
        (Tokens(words, any=True, within=within), any_of_them),
    ):
        assert set(labels.labelled_with(tokens)) == expected
        assert set(labels.all_labelled_with(tokens)) == expected
        assert {*labels.all_labelled_with(tokens, 1)} <= expected
        assert len(labels.all_labelled_with(tokens, 1)) == min(1, len(expected))
        assert labels.count_labelled_with(tokens) == len(expected)
        assert labels.count_labelled_with(tokens, 1) == min(1, len(expected))


def test_the_best_come_first_and_no_more_than_are_wanted(labels: Labels) -> None:
    assert labels.labelled_with(Tokens(("sea",))) == ["a:sea", "a:night"]
    assert labels.labelled_with(Tokens(("sea",)), most=1) == ["a:sea"]


def test_titles_are_found_by_words_in_a_row(labels: Labels) -> None:
    assert labels.titles_with("stormy sea", 20) == [("a:sea", "The Stormy Sea")]
    assert labels.titles_with("sea stormy", 20) == []
    assert labels.titles_with("stormy sea", 10) == []


@pytest.mark.parametrize("lasting_place", ["sqlite"], indirect=True)
@settings(max_examples=150, deadline=None)
@given(
    words=st.lists(st.text(min_size=1, max_size=12), min_size=1, max_size=3), any_of=st.booleans()
)
@example(words=["sea OR night"], any_of=False)
@example(words=["title : sea"], any_of=False)
@example(words=["NEAR(sea night)"], any_of=False)
@example(words=['" OR "night'], any_of=True)
@example(words=["se*", "^the", "-sea", "{artist}", "\0"], any_of=True)
def test_no_word_is_more_than_a_word(labels: Labels, words: list[str], any_of: bool) -> None:
    """Whatever stands in a token, it asks for no other field and no other word."""
    artist = Tokens(tuple(words), any=any_of, within=("artist",))
    found = labels.all_labelled_with(artist)
    assert labels.count_labelled_with(artist) == len(found)
    assert set(found) <= {"a:sea", "a:brook"}, "the night has no artist"
    for word in words:
        assert isinstance(labels.titles_with(word, 99), list)


@pytest.mark.parametrize("word", ["sea OR night", "title : sea", '" OR "night', "se*", "sea NOT x"])
def test_operators_find_nothing(labels: Labels, word: str) -> None:
    assert labels.labelled_with(Tokens((word,))) == []
