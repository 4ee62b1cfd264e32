"""What labels in English call the words of other languages: as the tables have it."""

from __future__ import annotations

from glance_agent.search.in_english import IN_ENGLISH, in_english
from tools.label_words import MOST_MEANINGS, meanings, written


def test_the_list_is_of_the_tables() -> None:
    kept = {
        word: dict.fromkeys(meant)
        for word, *meant in map(str.split, IN_ENGLISH.read_text(encoding="utf-8").splitlines())
    }
    assert written(kept) == IN_ENGLISH.read_text(encoding="utf-8")
    perhaps = meanings(lambda word, meant: True)
    assert {word for word in kept if not kept[word].keys() <= perhaps[word].keys()} == set()
    surely = meanings(lambda word, meant: False)
    plain = {word for word, meant in surely.items() if perhaps[word] == meant}
    assert {word for word in plain if len(surely[word]) <= MOST_MEANINGS} <= kept.keys()


def test_a_word_means_no_more_than_two_things() -> None:
    assert in_english("schnee") == ("snow",)
    assert in_english("brucke") == ("bridge",)
    assert in_english("snow") == in_english("gift") == ()
    lines = IN_ENGLISH.read_text(encoding="utf-8").splitlines()
    assert max(len(line.split()) for line in lines) <= 1 + MOST_MEANINGS
    assert all(word not in meant for word, *meant in map(str.split, lines))
