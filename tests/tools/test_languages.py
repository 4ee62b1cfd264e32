"""The tables that the text tower of ten languages is taught and measured with."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from glance_agent.search.reference_queries import FOREIGN_QUERIES
from tools.embedded_model.languages.lexicon import LANGUAGES, Wish, read_wishes, read_words
from tools.embedded_model.languages.refusals import read_absent
from tools.embedded_model.languages.wordings import Wording, found_alike, read_wordings

LISTED, UNLISTED = 60, 30
"""At least so many wishes are asked in each language, so many of them of words in no table."""


def test_wishes_are_enough_and_half_of_them_are_in_no_table() -> None:
    wishes = read_wishes()
    assert len(wishes) >= LISTED
    assert sum(not wish.listed for wish in wishes) >= UNLISTED


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_table_says_everything_in_each_language(code: str) -> None:
    assert all(row.said[code][0] for row in read_words())
    assert all(wish.said[code] for wish in read_wishes())
    assert all(said[code] for said in read_absent())


def test_what_is_absent_calibrates_no_search() -> None:
    assert not {said["en"] for said in read_absent()} & set(FOREIGN_QUERIES)


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
