"""What labels in English call the words of other languages: as the tables have it."""

from __future__ import annotations

import pytest

from glance_agent.domain.languages import ENGLISH, in_language, known_languages
from glance_agent.domain.wording import said_medium
from glance_agent.search.in_english import IN_ENGLISH, MOST_JOINED, in_english
from glance_agent.search.label_words import tokens_of
from tools.label_words import MOST_MEANINGS, OF_TITLES, meanings, written


def test_the_list_is_of_the_tables() -> None:
    kept = {
        word: dict.fromkeys(meant)
        for word, *meant in map(str.split, IN_ENGLISH.read_text(encoding="utf-8").splitlines())
    }
    assert written(kept) == IN_ENGLISH.read_text(encoding="utf-8")
    perhaps = meanings(lambda word, meant: True)
    of_any = {word: perhaps[word.split(":")[-1]].keys() for word in kept}
    assert {word for word in kept if not kept[word].keys() <= of_any[word]} == set()
    surely = meanings(lambda word, meant: False)
    # What a word means in one language alone depends on what the model makes of it in others.
    told = {word for word in surely if ":" not in word}
    plain = {word for word in told if perhaps.get(word) == surely[word]}
    assert {word: meant for word, meant in kept.items() if word in plain} == {
        word: dict.fromkeys(list(surely[word])[:MOST_MEANINGS]) for word in plain
    }


def test_a_word_means_first_what_it_says_first() -> None:
    assert in_english("schnee") == (("snow",),)
    assert in_english("brucke") == (("bridge",),)
    assert in_english("stuermische")[0] == in_english("sturmische")[0] == ("stormy",)
    assert in_english("baeume") == in_english("baume")
    assert in_english("schoen", language="nl")[0] == ("shoe",)  # not “schön”
    assert in_english("mond")[0] == in_english("lune")[0] == in_english("maan")[0] == ("moon",)
    assert in_english("meer")[0] == ("sea",)
    assert in_english("meer", language="nl")[0] == ("lake",)
    assert ("sea",) in in_english("meer", language="nl")
    assert in_english("schnee", language="nl") == (("snow",),)
    assert in_english("tag", language="de")[0] == ("day",)
    assert ("day",) not in in_english("tag")
    assert in_english("sable", language="fr")[0] == ("sand",)
    assert in_english("noche")[0] == ("night",)
    assert in_english("samolot") == in_english("flygplan") == (("aeroplane",), ("airplane",))
    assert in_english("grau")[:2] == (("grey",), ("gray",))
    assert in_english("snow") == in_english("gift") == ()
    lines = IN_ENGLISH.read_text(encoding="utf-8").splitlines()
    assert max(len(line.split()) for line in lines) == 1 + MOST_MEANINGS
    assert all(word.split(":")[-1] not in meant for word, *meant in map(str.split, lines))


@pytest.mark.parametrize("language", [code for code in known_languages() if code != ENGLISH])
@pytest.mark.parametrize("medium", ["Photograph", "Screenshot"])
def test_what_labels_say_of_ones_own_pictures_is_found_by_it(medium: str, language: str) -> None:
    said = in_language(said_medium(medium), language)
    assert in_english(*tokens_of(said), language=language)[0] == (medium.lower(),)


def test_words_that_mean_it_together_are_taken_together() -> None:
    assert in_english("seerosen") == in_english("nenuphars") == (("water", "lilies"),)
    assert in_english("voie", "lactee") == (("milky", "way"),)
    lines = IN_ENGLISH.read_text(encoding="utf-8").splitlines()
    assert max(len(line.split()[0].split("_")) for line in lines) <= MOST_JOINED


@pytest.mark.parametrize(
    "row",
    [
        line
        for line in OF_TITLES.read_text("utf-8").splitlines()
        if " | " in line and not line.startswith("#")
    ],
)
def test_an_everyday_word_of_titles_is_known_in_each_language(row: str) -> None:
    english, *others = (cell.split("/")[0].strip() for cell in row.split(" | "))
    wanted = tokens_of(english)
    known = [tokens_of(said) for said in others]
    assert len(known) == 5
    assert [said for said in known if said != wanted and wanted not in in_english(*said)] == []
