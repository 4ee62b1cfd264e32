"""Words are found in PostgreSQL as in SQLite: the same works, in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from itertools import product
from pathlib import Path
from random import Random

import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import StoredWork
from glance_agent.domain.label import Field, Tokens
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.search.label_words import tokens_of
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from tests.store.test_label_folding import TITLES

WORDS = ("sea", "storm", "stormy", "boats", "night", "red", "horses", "winter", "van", "gogh")
FIELDS: tuple[tuple[Field, ...], ...] = (
    (), ("title",), ("artist",), ("medium",), ("tags",), ("description",),
    ("title", "artist"), ("medium", "tags"),
)  # fmt: skip


@pytest.fixture(scope="module")
def both(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[tuple[Labels, Labels]]:
    """The same labels in SQLite and in PostgreSQL."""
    place: PostgresPlace = request.getfixturevalue("new_database")()
    file = tmp_path_factory.mktemp("words") / "glance.db"
    with closing(open_library(file)) as one, closing(open_library(place)) as other:
        for db in (one, other):
            library = Library(db)
            with library.together():
                for number, work in enumerate(works()):
                    library.add(
                        "a", str(number), StoredWork(work, "-", "-", str(number), "-", None)
                    )
        yield Labels(one), Labels(other)


def works() -> Iterator[Artwork]:
    """Labels of drawn words, long and short, and some in other scripts."""
    chance = Random(7)

    def words(most: int) -> str:
        return " ".join(chance.choices(WORDS, k=chance.randint(1, most)))

    for number in range(60):
        yield Artwork(
            id=f"a:{number:03}",
            source="a",
            title=words(3),
            artist=words(2) if number % 3 else None,
            medium=words(2) if number % 4 else None,
            tags=(words(1), words(1)) if number % 2 else (),
            description=words(30) if number % 5 else None,
        )
    for script, title in TITLES.items():
        yield Artwork(id=f"a:{script}", source="a", title=title)


@pytest.mark.parametrize("within", FIELDS, ids=lambda fields: "+".join(fields) or "anywhere")
def test_the_same_works_are_found_in_the_same_order(
    both: tuple[Labels, Labels], within: tuple[Field, ...]
) -> None:
    one, other = both
    asked = [("sea",), ("stormy",), ("sea", "night"), ("van gogh",), ("night sea", "red"), ("…",)]
    asked += [("…", "sea"), ("quarterly",)]
    for words, any_of in product(asked, (False, True)):
        tokens = Tokens(words, any=any_of, within=within)
        assert other.labelled_with(tokens) == one.labelled_with(tokens), tokens
        assert other.labelled_with(tokens, 3) == one.labelled_with(tokens, 3), tokens
        assert sorted(other.all_labelled_with(tokens)) == sorted(one.all_labelled_with(tokens))
        assert len(other.all_labelled_with(tokens, 3)) == len(one.all_labelled_with(tokens, 3))
        for most in (1, 3, 2**62):
            count = other.count_labelled_with(tokens, most)
            assert count == one.count_labelled_with(tokens, most) <= most


@pytest.mark.parametrize("script", TITLES)
def test_words_of_every_script_are_cut_and_folded_alike(
    both: tuple[Labels, Labels], script: str
) -> None:
    one, other = both
    title = TITLES[script]
    for words in (title, title.upper(), *title.split(), "nuernberg oresund", "зеленый"):
        tokens = Tokens(tokens_of(words))
        assert other.labelled_with(tokens) == one.labelled_with(tokens), words
        with suppress(IndexError):
            assert other.titles_with(words, 99) == one.titles_with(words, 99)
        assert [other.is_on_labels(w) for w in tokens.words] == [
            one.is_on_labels(w) for w in tokens.words
        ]
        assert {*other.words_like(words.lower())} == {*one.words_like(words.lower())}


@pytest.mark.parametrize("word", ["sea | red", "!sea", "sea:*", "'sea'", "sea <-> red", "\\", "\0"])
def test_no_word_is_an_operator(both: tuple[Labels, Labels], word: str) -> None:
    one, other = both
    for words in ((word,), (word, "sea")):
        assert other.labelled_with(Tokens(words)) == one.labelled_with(Tokens(words))
    assert other.titles_with(word, 99) == one.titles_with(word, 99)


def test_a_label_without_end_is_kept(both: tuple[Labels, Labels], tmp_path: Path) -> None:
    """Of a long text words are found at its end, and of a long word its beginning counts."""
    one, other = both
    text = " ".join(f"word{number}" for number in range(20_000)) + " " + "x" * 5_000
    for labels in both:
        work = Artwork(id="a:long", source="a", title="long", description=text)
        Library(labels.db).add("a", "long", StoredWork(work, "-", "-", "long", "-", None))
    for words in ("word19999", "x" * 5_000, "word1 word2"):
        assert other.labelled_with(Tokens((words,))) == one.labelled_with(Tokens((words,)))
