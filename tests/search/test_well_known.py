"""Who and what is named in a wish, and that it is said where it is not here."""

from __future__ import annotations

import pytest

from glance_agent.search.well_known import absent, named, says_nothing


@pytest.mark.parametrize(
    ("wish", "said"),
    [
        ("van gogh", "by Vincent van Gogh"),
        ("a Van Gogh", "by Vincent van Gogh"),
        ("something by Dürer", "by Albrecht Dürer"),
        ("DUERER", "by Albrecht Dürer"),
        ("sunflowers by van Gogh", "by Vincent van Gogh"),
        ("georgia o’keeffe", "by Georgia O'Keeffe"),
        ("the mona lisa", "called “Mona Lisa”"),
        ("paintings by zdzislaw beksinski", "by Zdzislaw Beksinski"),
        ("ein Bild von Monet", "by Claude Monet"),
    ],
)
def test_who_and_what_is_named(wish: str, said: str) -> None:
    name = named(wish)
    assert name is not None
    assert name.said == said


@pytest.mark.parametrize(
    "wish",
    ["a house by the sea", "a room lit by candle light", "peaceful blue water", "a church", "marc",
     "the kiss", "a boat by night", "", "by", "pictures of my dog"],
)  # fmt: skip
def test_ordinary_wishes_name_nobody(wish: str) -> None:
    assert named(wish) is None


def test_who_is_on_a_label_is_here() -> None:
    labels: dict[tuple[str, ...], int] = {("gogh",): 3}
    assert absent("van gogh", lambda words: labels.get(words, 0)) == ""
    assert absent("monet", lambda words: labels.get(words, 0)) == "by Claude Monet"


@pytest.mark.parametrize("words", ["the", "of the", "and with", "please", "der die das"])
def test_words_between_others_say_nothing(words: str) -> None:
    assert says_nothing(words)


@pytest.mark.parametrize("words", ["the sea", "painting", "blue", "art"])
def test_a_word_that_means_something_is_a_wish(words: str) -> None:
    assert not says_nothing(words)
