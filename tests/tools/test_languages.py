"""The tables that the text tower of ten languages is taught and measured with."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from glance_agent.search.reference_queries import ELSEWHERE_QUERIES, FOREIGN_QUERIES
from tools.embedded_model.languages.bridge import Bridge, centred
from tools.embedded_model.languages.lexicon import LANGUAGES, Wish, read_wishes, read_words
from tools.embedded_model.languages.refusals import read_absent
from tools.embedded_model.languages.wordings import Wording, found_alike, read_wordings

WISHES, UNLISTED = 160, 80
"""At least so many wishes are asked in each language, so many of them of words in no table."""


def test_wishes_are_enough_and_half_of_them_are_in_no_table() -> None:
    wishes = read_wishes()
    assert len(wishes) >= WISHES
    assert sum(not wish.listed for wish in wishes) >= UNLISTED


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_table_says_everything_in_each_language(code: str) -> None:
    assert all(row.said[code][0] for row in read_words())
    assert all(wish.said[code] for wish in read_wishes())
    assert all(said[code] for said in read_absent())


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_wish_is_asked_once(code: str) -> None:
    asked = [wish.said[code].lower() for wish in read_wishes()]
    assert len(set(asked)) == len(asked)


def test_what_is_absent_calibrates_no_search() -> None:
    calibrating = {*FOREIGN_QUERIES, *ELSEWHERE_QUERIES}
    assert not {said["en"] for said in read_absent()} & calibrating


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_is_absent_is_asked_once(code: str) -> None:
    asked = [said[code] for said in read_absent()]
    assert len(set(asked)) == len(asked)


def test_wordings_are_of_every_kind_and_known_languages() -> None:
    wish = Wish({}, dict.fromkeys(LANGUAGES, "stürmische Straße"), listed=True)
    wordings = read_wordings([wish])
    assert {w.kind for w in wordings} == {"compound", "ending", "mixed", "capitals", "written out"}
    assert {w.language for w in wordings} == set(LANGUAGES)
    german = {w.otherwise for w in wordings if w.plain == "stürmische Straße"}
    assert german == {"STÜRMISCHE STRASSE", "stuermische strasse"}


def test_two_wordings_share_what_both_find() -> None:
    pictures = np.eye(40, dtype=np.float32)
    first = pictures[:20].sum(axis=0)
    meanings = {"one": first, "same": first, "other": pictures[20:].sum(axis=0)}

    def embed(texts: list[str]) -> NDArray[np.float32]:
        return np.stack([meanings[text] for text in texts])

    wordings = [Wording("alike", "en", "one", "same"), Wording("unlike", "en", "one", "other")]
    assert found_alike(embed, wordings, pictures) == {"alike": 1.0, "unlike": 0.0}


def test_a_word_means_what_the_nearest_english_word_means_far_away_ones_nothing() -> None:
    chance = np.random.default_rng(3)
    english = centred(chance.normal(size=(40, 64)).astype("f4"), np.zeros(64, "f4"))
    meanings = np.eye(40, dtype=np.float32)
    noise = (0.02 * chance.normal(size=(40, 64))).astype(np.float32)
    heard = centred(np.add(english, noise, dtype=np.float32), np.zeros(64, "f4"))
    meant = Bridge(english, meanings).across(heard, rows=7)
    assert meant.argmax(1).tolist() == list(range(40))
    assert np.diag(meant).min() > 0.99
    assert np.linalg.norm(meant, axis=1) == pytest.approx(1)


def test_between_two_english_words_a_word_means_something_of_both() -> None:
    english = np.eye(3, dtype=np.float32)
    between = centred(np.array([[1, 1, 0]], "f4"), np.zeros(3, "f4"))
    meant = Bridge(english, english).across(between)
    assert meant[0] == pytest.approx([0.5**0.5, 0.5**0.5, 0], abs=1e-4)


def test_a_language_is_compared_without_what_all_its_words_share() -> None:
    words = np.array([[5, 1], [5, -1]], "f4")
    assert centred(words, words.mean(0)) == pytest.approx(np.array([[0, 1], [0, -1]]))
