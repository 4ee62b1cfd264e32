"""Labels are found as they are printed, in every script, whatever version filled the library."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.folding import folded_words
from glance_agent.domain.items import StoredWork
from glance_agent.domain.label import Tokens
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.search.label_words import tokens_of
from glance_agent.store.connection import open_database
from glance_agent.store.label_folding import fold_labels, is_folded
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from glance_agent.store.migrations import m01x
from glance_agent.store.opening import open_library
from glance_agent.store.sqlite_database import SqliteDatabase
from glance_agent.store.words import BEFORE

DATABASES = Path(__file__).parent.parent / "databases"
TITLES = {
    "german": "Straße in Nürnberg",
    "russian": "Зелёный чай с йогуртом",
    "greek": "Ὁ Ὀδυσσεύς",
    "japanese": "神奈川沖浪裏",
    "kana": "がくぶち の ポスター",
    "korean": "서울의 봄",
    "hindi": "हिन्दी चित्र",
    "arabic": "مَدِينَة السَّلام",
    "hebrew": "שָׁלוֹם",
    "thai": "ภาพวาดทะเล",
    "polish": "Łódź nocą",
    "danish": "Øresund, Ærø",
    "turkish": "Iğdır'da Kış",
    "vietnamese": "Đồng quê",
    "irish": "O’Keeffe’s Garden",
}


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with closing(open_database(tmp_path / "glance.db")) as database:
        yield Library(database)


@pytest.fixture
def of_any_engine(place: LibraryPlace) -> Iterator[Library]:
    with closing(open_library(place)) as database:
        yield Library(database)


def add(library: Library, name: str, **label: str) -> None:
    work = Artwork(id=f"a:{name}", source="a", **{"title": name, **label})
    library.add("a", name, StoredWork(work, "-", name, "-", "-", None))


def found(library: Library, words: str) -> set[str]:
    return set(Labels(library.db).labelled_with(Tokens(tokens_of(words))))


@pytest.mark.parametrize("script", TITLES)
def test_a_word_typed_as_on_the_label_finds_it(library: Library, script: str) -> None:
    for name, title in TITLES.items():
        add(library, name, title=title)
    for word in (TITLES[script], *TITLES[script].split()):
        assert found(library, word) == {f"a:{script}"}, word
        assert found(library, word.upper()) == {f"a:{script}"}, word


@pytest.mark.parametrize(
    ("words", "script"),
    [
        ("nuernberg", "german"), ("nurnberg", "german"), ("STRASSE", "german"),
        ("зеленый", "russian"), ("οδυσσευσ", "greek"), ("浪裏", "japanese"), ("川", "japanese"),
        ("مدينة", "arabic"), ("שלום", "hebrew"), ("ทะเล", "thai"), ("lodz", "polish"),
        ("oeresund", "danish"), ("oresund", "danish"), ("okeeffe", "irish"),
        ("o'keeffe", "irish"), ("dong que", "vietnamese"),
    ],
)  # fmt: skip
def test_other_spellings_find_it_too(library: Library, words: str, script: str) -> None:
    for name, title in TITLES.items():
        add(library, name, title=title)
    assert found(library, words) == {f"a:{script}"}


@pytest.mark.parametrize(("words", "other"), [("чаи", "чай"), ("かくぶち", "がくぶち")])
def test_marks_that_make_another_letter_count(library: Library, words: str, other: str) -> None:
    add(library, "one", title=other)
    assert found(library, words) == set()


SCRIPTS = {
    "latin": "abcßäöüéèçñøłđőıİŒĳ", "cyrillic": "абвгёйщъыьїўЀ", "greek": "αβγςσάῷΐώ",
    "kana": "あがぱゃっアガーヴ", "han": "山川海畫龙浪", "hangul": "가각한글서울",
    "arabic": "اأإآبةىيكَّ", "hebrew": "אבגךםשׁוֹ", "devanagari": "कखिीुे्ंत",
    "thai": "กขาิีึุูเแ่้", "georgian": "აბგდჯ", "armenian": "աբգուև", "bengali": "কখািীে্",
    "ethiopic": "ሀለሐመ",
}  # fmt: skip


@pytest.fixture(scope="module")
def lasting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with closing(open_database(tmp_path_factory.mktemp("scripts") / "glance.db")) as database:
        yield Library(database)


@pytest.mark.parametrize("script", SCRIPTS)
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_word_of_any_script_finds_its_label(
    lasting: Library, script: str, data: st.DataObject
) -> None:
    words = data.draw(
        st.lists(st.text(SCRIPTS[script], min_size=1, max_size=8), min_size=1, max_size=3)
    )
    add(lasting, "drawn", title=" ".join(words), tags=())  # type: ignore[arg-type]
    for word in words:
        if folded_words(word):
            tokens = Tokens(tuple(folded_words(word)))
            assert "a:drawn" in Labels(lasting.db).labelled_with(tokens), word


def test_a_label_that_changes_is_found_by_its_new_words_alone(of_any_engine: Library) -> None:
    add(of_any_engine, "one", title="Red")
    add(of_any_engine, "one", title="Grün")
    assert (found(of_any_engine, "red"), found(of_any_engine, "gruen")) == (set(), {"a:one"})
    of_any_engine.db.execute("DELETE FROM artworks")
    assert found(of_any_engine, "gruen") == set()


def test_a_label_that_still_waits_to_be_folded_may_change_again(of_any_engine: Library) -> None:
    """As in a library of an older version that is large, while its sources are listed."""
    add(of_any_engine, "one", title="A grey morning")
    of_any_engine.db.execute("INSERT INTO unfolded SELECT rowid FROM artworks")
    add(of_any_engine, "one", title="A red evening")
    assert found(of_any_engine, "red evening") == {"a:one"}
    assert found(of_any_engine, "grey") == set()
    assert of_any_engine.db.execute("SELECT count(*) FROM unfolded").fetchone() == (0,)


def test_a_filter_by_artist_folds_as_searches_do(of_any_engine: Library) -> None:
    add(of_any_engine, "one", artist="Albrecht Dürer")
    for name in ("Dürer", "durer", "duerer", "DÜRER"):
        assert of_any_engine.matching(Filters(artist=name)) == {"a:one"}, name
    assert of_any_engine.matching(Filters(artist="…")) == frozenset()


@pytest.mark.parametrize("name", ["v0.1", "m005"])
def test_a_library_of_an_older_version_is_folded_when_it_is_opened(
    tmp_path: Path, name: str
) -> None:
    with closing(_opened(tmp_path, name)) as database:
        assert is_folded(database)
        _every_word_is_found(database)


def test_a_large_one_answers_as_before_until_it_is_folded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(m01x, "FOLDED_AT_ONCE", 0)
    with closing(_opened(tmp_path, "m005")) as database:
        assert not is_folded(database)
        _every_word_is_found(database)
        before = {row[0] for row in database.execute("SELECT id FROM artworks")}
        add(Library(database), "new", title="Straße")
        assert found(Library(database), "Kanal") == set()
        add(Library(database), "another", title="Am Kanal")
        assert found(Library(database), "Kanal") == {"a:another"}
        steps = 0
        while not fold_labels(database, most=1):
            steps += 1
            _every_word_is_found(database)
        assert steps == len(before)
        assert is_folded(database)
        sql = "SELECT name FROM sqlite_master"
        assert (BEFORE,) not in database.execute(sql).fetchall()
        _every_word_is_found(database)
        assert found(Library(database), "STRASSE") == {"a:new"}


def _opened(folder: Path, name: str) -> SqliteDatabase:
    shutil.copy(DATABASES / f"{name}.db", folder / "glance.db")
    return open_database(folder / "glance.db")


def _every_word_is_found(database: SqliteDatabase) -> None:
    rows = database.execute("SELECT id, title FROM artworks WHERE id NOT LIKE 'a:%'").fetchall()
    assert rows
    for artwork, title in rows:
        if tokens_of(title):
            assert artwork in Labels(database).all_labelled_with(Tokens(tokens_of(title))), title
