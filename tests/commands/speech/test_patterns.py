"""Patterns match whole sentences, and keep what stands in their slots as it was written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.commands.speech.durations import DurationWords, seconds_in
from glance_agent.commands.speech.patterns import Patterns, reading
from glance_agent.commands.speech.phrasebook import EXACT_VERBS, phrasebooks
from glance_agent.commands.speech.sentence import Sentence, names_of_pictures
from glance_agent.search.typing_errors import corrected, nearest, nearest_alone

LISTS = {"work": "(painting|picture)", "feeling": "(calm|wild)", "rest": "but *"}
BOOKS = {book.language: book for book in phrasebooks()}
ENGLISH, GERMAN = BOOKS["en"], BOOKS["de"]


def kept(pattern: str, text: str) -> dict[str, str] | None:
    sentence = Sentence(text)
    found = reading(sentence.said).whole(Patterns(LISTS).read(pattern))
    return None if found is None else {k: sentence.between(*span) for k, span in found.items()}


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("[the] next <work>", "Next painting!", {}),
        ("[the] next <work>", "the next  picture", {}),
        ("[the] next <work>", "next", None),
        ("[the] next <work>", "the next painting of mine", None),
        ("don't (stop|go)", "Don’t GO", {}),
        ("set it to {mood}", "Set it to “Warm, and Sunny”.", {"mood": "“Warm, and Sunny”"}),
        ("{mood:feeling} please", "Calm please", {"mood": "Calm"}),
        ("{mood:feeling} please", "odd please", None),
        ("like this {query:rest}", "like this, but At Night", {"query": "but At Night"}),
        ("show {query}", "show -people year:1800-1850", {"query": "-people year:1800-1850"}),
        ("zurück", "ZURUECK", {}),
        ("👍", "👍🏽", {}),
        ("❤", "❤️", {}),
    ],
)
def test_a_pattern(pattern: str, text: str, expected: dict[str, str] | None) -> None:
    assert kept(pattern, text) == expected


def test_the_words_of_a_pattern_are_all_that_it_names() -> None:
    words = set(Patterns(LISTS).read("[the] next <work> {mood:feeling} {query}").words())
    assert words == {"the", "next", "painting", "picture", "calm", "wild"}


@given(st.text(max_size=60))
def test_any_text_is_a_sentence_whose_words_stand_where_they_say(text: str) -> None:
    sentence = Sentence(text)
    ends = [0, *(at for word in sentence.words for at in (word.start, word.end)), len(text)]
    assert ends == sorted(ends)
    assert all(sentence.said)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Montre-moi l'océan", "montre moi l ocean"),
        ("qu’est-ce que c’est ?", "qu est ce que c est"),
        ("y a-t-il un chef-d'œuvre", "y a t il un chefdoeuvre"),
        ("un'altra opera dell'artista", "un altra opera dell artista"),
        ("I don't, O'Keeffe's forget-me-nots", "i dont okeeffes forgetmenots"),
        ("Müller, foto's", "mueller fotos"),
    ],
)
def test_words_that_are_written_as_one_are_read_apart(text: str, said: str) -> None:
    sentence = Sentence(text)
    assert " ".join(sentence.said) == said


def test_what_is_left_behind_an_elided_word_is_a_whole_word() -> None:
    assert Sentence("montre-moi l'océan").between(3, 4) == "océan"
    assert Sentence("montre-moi l'océan").between(2, 4) == "l'océan"


def test_the_hyphen_of_a_pronoun_avoids_nothing() -> None:
    assert Sentence("affiche-la de nouveau").between(1, 4) == "la de nouveau"
    assert Sentence("affiche -chien").between(1, 2) == "-chien"
    assert Sentence("-chien").between(0, 1) == "-chien"


def test_commas_and_stops_divide_a_sentence() -> None:
    parts = Sentence("Not this again,  next!! 1.5 hours … ").clauses
    assert [part.text for part in parts] == ["Not this again,", "next!!", "1.5 hours …"]


def test_emoji_alone_say_what_they_show() -> None:
    assert names_of_pictures("🌻 🐈") == "sunflower cat"
    assert Sentence("🌊🌊").drawn
    assert not Sentence("sea 🌊").drawn


@pytest.mark.parametrize(
    ("words", "text", "seconds"),
    [
        (ENGLISH.durations, "ten minutes", 600),
        (ENGLISH.durations, "1h", 3600),
        (ENGLISH.durations, "1.5 hours", 5400),
        (ENGLISH.durations, "half an hour", 1800),
        (ENGLISH.durations, "an hour and a half", 5400),
        (ENGLISH.durations, "two hours and ten minutes", 7800),
        (ENGLISH.durations, "thirty five seconds", 35),
        (ENGLISH.durations, "now and then", None),
        (ENGLISH.durations, "ten", None),
        (GERMAN.durations, "zehn Minuten", 600),
        (GERMAN.durations, "anderthalb Stunden", 5400),
        (GERMAN.durations, "dreiviertelstunde", 2700),
        (GERMAN.durations, "eine halbe Stunde", 1800),
        (ENGLISH.durations, "two and a half hours", 9000),
    ],
)
def test_a_duration(words: DurationWords, text: str, seconds: int | None) -> None:
    assert seconds_in(text, words) == seconds


def test_a_duration_that_is_counted_has_a_number() -> None:
    assert seconds_in("an hour", ENGLISH.durations, counted=True) is None
    assert seconds_in("2 hours", ENGLISH.durations, counted=True) == 7200


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("paintng", "painting"), ("nxet", "next"), ("nextt", "next"), ("evry", "every"),
        ("nest", None), ("lake", None), ("pack", None), ("hike", None), ("tide", None),
        ("minuts", "minutes"), ("x", None), ("1O", None),
    ],
)  # fmt: skip
def test_a_misspelt_word_among_others(word: str, meant: str | None) -> None:
    known = {"painting", "next", "every", "very", "like", "back", "hide", "minute", "minutes"}
    assert nearest(word, known) == meant


def test_a_word_alone_is_read_as_another_only_where_it_is_long_or_swapped() -> None:
    known = {"next", "previous"}
    assert nearest_alone("nxet", known) == "next"
    assert nearest_alone("previos", known) == "previous"
    assert nearest_alone("nextt", known) is None
    assert corrected(("nextt", "paintng"), {"next", "painting"}) == ("next", "painting")


def test_no_table_takes_a_free_wish_for_what_has_to_be_said_exactly() -> None:
    """A slot of any words in a row of `hide` would hide what somebody wished for."""
    for book in phrasebooks():
        for row in book.rows:
            if row.verb in EXACT_VERBS:
                assert not any(pattern.has_slots() for pattern in row.patterns)
                said = reading(("hide", "of", "a", "tiger"))
                assert all(said.whole(pattern) is None for pattern in row.patterns)
