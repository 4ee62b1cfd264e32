"""Words against labels: names, rare words and common ones, over a real full-text index."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import StoredWork
from glance_agent.domain.picture_verbs import Search
from glance_agent.search import label_match
from glance_agent.search.label_match import MOST_RANKED, Reader
from glance_agent.search.label_words import LabelAnswer
from glance_agent.search.query import Phrase
from glance_agent.search.query_parsing import parse_query, query_of
from glance_agent.search.ranking import fused
from glance_agent.sources import starter
from glance_agent.store.connection import open_database
from glance_agent.store.labels import Labels
from glance_agent.store.library import Library
from tests.views import view_of

COMMON = MOST_RANKED + 60
NAMED = 7
NOUNS = Path(__file__).with_name("nouns_of_titles.txt")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Every work is tagged as a landscape and titled as a view; few titles say anything else."""
    database = open_database(tmp_path_factory.mktemp("read") / "library.db")
    library = Library(database)
    with database.atomic():
        for number in range(COMMON):
            title = "Landscape with a Heron, View" if number < NAMED else f"View {number}"
            work = Artwork(
                id=f"w:{number}", title=title, artist="Anna Brook", tags=("landscape",), source="w"
            )
            library.add("w", str(number), StoredWork(work, "-", f"{number}", "-", "-", None))
    yield Reader(Labels(database))
    database.close()


def anything(_: str) -> bool:
    return True


def test_a_common_word_is_looked_for_where_it_says_more(reader: Reader) -> None:
    labels = reader.answer(parse_query("landscape"), anything)
    assert set(labels.full) == {f"w:{number}" for number in range(NAMED)}
    assert not labels.unordered


def test_without_a_model_every_label_is_asked(reader: Reader) -> None:
    labels = reader.answer(parse_query("landscape"), anything, most=10 * COMMON)
    assert labels.full[0] in {f"w:{number}" for number in range(NAMED)}
    assert len(labels.full) > NAMED


def test_what_too_many_titles_say_counts_as_the_pictures_rank_it(reader: Reader) -> None:
    labels = reader.answer(parse_query("view"), anything)
    assert labels.unordered
    assert len(labels.full) == COMMON
    ranked = fused(["w:9", "w:300", "elsewhere"], labels)
    assert [r.artwork_id for r in ranked] == ["w:9", "w:300", "elsewhere"]
    assert ranked[0].score > 1 / 60


def test_no_title_is_read_where_too_many_say_the_same(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a slow card that took a minute of a million works; a rare title is found as ever."""
    monkeypatch.setattr(label_match, "MOST_UNRANKED", COMMON - 1)
    titles, asked = Labels.titles_with, []

    def noted(labels: Labels, words: str, longest: int) -> list[tuple[str, str]]:
        asked.append(words)
        return titles(labels, words, longest)

    monkeypatch.setattr(Labels, "titles_with", noted)
    assert reader.answer(parse_query("view"), anything).titled == ()
    assert asked == []
    assert reader.answer(parse_query("view 17"), anything).titled == ("w:17",)


def test_of_an_artist_of_many_works_some_are_named(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(label_match, "MOST_NAMED", 50)
    labels = reader.answer(parse_query("anna brook"), anything)
    assert len(labels.by_artist) == 50


def test_of_several_words_the_rare_one_finds(reader: Reader) -> None:
    labels = reader.answer(parse_query("a heron in a storm, landscape"), anything)
    assert labels.full == ()
    assert set(labels.some) == {f"w:{number}" for number in range(NAMED)}


def test_what_is_avoided_is_found_on_every_label(reader: Reader) -> None:
    view = view_of(np.eye(4, dtype=np.float32))
    few = reader.carrying([Phrase("landscape")], view)
    assert isinstance(few, frozenset)
    assert len(few) == COMMON


def test_only_allowed_works_are_answered_with(reader: Reader) -> None:
    labels = reader.answer(parse_query("heron"), lambda artwork: artwork == "w:3")
    assert labels.full == ("w:3",)


@pytest.mark.parametrize("words", ["view 17", "The View, 17!", "VIEW 17", "das view 17"])
def test_a_title_is_found_by_its_very_words(reader: Reader, words: str) -> None:
    assert reader.answer(parse_query(words), anything).titled == ("w:17",)


@pytest.mark.parametrize(
    "words", ["montre View 17", "play view 17", "laat me View 17", "zet op view 17"]
)
def test_a_title_is_found_behind_a_verb_that_shows(reader: Reader, words: str) -> None:
    assert reader.answer(parse_query(words), anything).titled == ("w:17",)


def test_a_verb_that_shows_is_part_of_a_title_that_has_it(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "library.db")) as database:
        for number, title in enumerate(("Montre", "Meadow", "Montre Meadow", "Play of Light")):
            work = Artwork(id=f"w:{number}", title=title, source="w")
            Library(database).add("w", str(number), StoredWork(work, "-", "-", "-", "-", None))
        reader = Reader(Labels(database))
        for words, titled in (
            ("montre", ("w:0",)),
            ("montre meadow", ("w:2",)),
            ("play meadow", ("w:1",)),
            ("play of light", ("w:3",)),
            ("montre de poche", ()),
        ):
            assert reader.answer(parse_query(words), anything).titled == titled, words


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("snow", ("w:0",)),
        ("Schnee", ("w:0",)),
        ("neige", ("w:0",)),
        ("la neve", ("w:0",)),
        ("un pont sous la neige", ()),
        ("le pont", ("w:1",)),
        ("die Brücke", ("w:2",)),
        ("Mond", ("w:4",)),
        ("luna", ("w:4",)),
        ("la maan", ("w:4",)),
        ("Seerosen", ("w:5",)),
        ("des nénuphars", ("w:5",)),
        ("Birken im Oktober", ("w:6",)),
        ("la voie lactée", ("w:7",)),
        ("l'aurore boréale", ()),
        ("red snow", ()),
        ("a gift", ()),
    ],
)
def test_labels_in_english_are_asked_in_english_where_none_has_the_word(
    tmp_path: Path, words: str, found: tuple[str, ...]
) -> None:
    titles: tuple[str, ...] = (
        "Firs under Fresh Snow",
        "Rain on the Bridge",
        "Brücke am Abend",
        "Poison",
    )
    titles += ("Geese across the Moon", "Water Lilies", "Birches in October", "Milky Way")
    with closing(open_database(tmp_path / "library.db")) as database:
        for number, title in enumerate(titles):
            work = Artwork(id=f"w:{number}", title=title, source="w")
            Library(database).add(
                "w", str(number), StoredWork(work, "-", f"{number}", "-", "-", None)
            )
        assert Reader(Labels(database)).answer(parse_query(words), anything).full == found


@pytest.mark.parametrize(
    ("words", "language", "found"),
    [
        ("meer", "nl", ("w:1",)),
        ("het meer", "nl", ("w:1",)),
        ("Meer", "de", ("w:0",)),
        ("Meer", None, ("w:0",)),
        ("meer", "en", ("w:0",)),
        ("saule", "fr", ("w:2",)),
        ("vaso", "it", ("w:3",)),
        ("bol", "nl", ()),
        ("Tag", "de", ("w:6",)),
        ("Tag", "en", ()),
        ("sable", "fr", ("w:7",)),
        ("rose", "en", ("w:8",)),
        ("roses", "it", ("w:8",)),
        ("pie", "fr", ("w:10", "w:9")),
        ("pie", "de", ("w:9",)),
        ("pie", None, ("w:9",)),
    ],
)
def test_a_word_of_several_languages_means_first_what_it_does_to_whoever_asks(
    tmp_path: Path, words: str, language: str | None, found: tuple[str, ...]
) -> None:
    titles = ["Sea at Dusk", "Lake at Dusk", "Willow", "Vase", "Column", "Glass", "Day", "Sand"]
    titles += ["A Rose", "Still Life with Pie", "The Magpie"]
    with closing(open_database(tmp_path / "library.db")) as database:
        for number, title in enumerate(titles):
            work = Artwork(id=f"w:{number}", title=title, source="w")
            Library(database).add(
                "w", str(number), StoredWork(work, "-", f"{number}", "-", "-", None)
            )
        query = query_of(Search(query=words, language=language))
        assert Reader(Labels(database)).answer(query, anything).full == found


def test_what_a_word_means_elsewhere_comes_after_it(tmp_path: Path) -> None:
    with closing(open_database(tmp_path / "library.db")) as database:
        work = Artwork(id="w:0", title="Sea at Dusk", source="w")
        Library(database).add("w", "0", StoredWork(work, "-", "-", "-", "-", None))
        query = query_of(Search(query="meer", language="nl"))
        assert Reader(Labels(database)).answer(query, anything).full == ("w:0",)


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    """Reads the titles of the starter gallery."""
    works = json.loads((files(starter) / "gallery.json").read_text("utf-8"))
    with closing(open_database(tmp_path_factory.mktemp("gallery") / "library.db")) as database:
        for number, work in enumerate(works):
            titled = Artwork(id=f"w:{number}", title=work["title"], source="w")
            Library(database).add(
                "w", str(number), StoredWork(titled, "-", f"{number}", "-", "-", None)
            )
        yield Reader(Labels(database))


@pytest.mark.parametrize(
    "row", [row for row in NOUNS.read_text("utf-8").splitlines() if " | " in row]
)
def test_what_titles_name_is_found_in_six_languages(gallery: Reader, row: str) -> None:
    english, *others = (cell.strip() for cell in row.split(" | "))
    wanted = {*gallery.answer(parse_query(english), anything).full}
    assert wanted
    asked = [said for said in others if said != "-"]
    missed = [s for s in asked if not wanted & {*gallery.answer(parse_query(s), anything).full}]
    assert missed == []


def test_who_carries_all_of_the_words_is_before_who_carries_one() -> None:
    labels = LabelAnswer(full=("house-cat",), some=("house", "cat"))
    ranked = fused(["house", "cat", "elsewhere", "house-cat"], labels)
    assert ranked[0].artwork_id == "house-cat"
