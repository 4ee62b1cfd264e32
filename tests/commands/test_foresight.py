"""What comes next is known ahead, hangs as foreseen, and is forgotten once anything happens."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from glance_agent.domain.display import DisplaySettings
from glance_agent.domain.picture_verbs import Next, Show
from glance_agent.domain.view import View
from glance_agent.search.hits import Hit
from glance_agent.taste.wish import Wish
from tests.commands.test_show import SUBJECTS, WALL, Museum, museum, shown

__all__ = ["museum"]


def foreseen(museum: Museum) -> str:
    glance = museum.showing.foresee(WALL)
    assert glance is not None
    return glance.artwork.id


def test_what_was_foreseen_hangs_and_nothing_is_kept_before(museum: Museum) -> None:
    museum.react("like", "sea:0", "night:1")
    shown(museum.next())
    before = museum.history.showings(WALL, 99)
    expected = [foreseen(museum) for _ in range(4)]
    assert set(expected) == {expected[0]}, "it stays that one"
    assert museum.history.showings(WALL, 99) == before
    assert shown(museum.next()) == expected[0]
    assert foreseen(museum) != expected[0]


def test_it_is_told_as_it_will_hang(museum: Museum) -> None:
    shown(museum.next())
    glance = museum.showing.foresee(WALL)
    hung = museum.next().glance
    assert glance is not None
    assert hung is not None
    assert (glance.artwork, glance.why) == (hung.artwork, hung.why)
    assert glance.position == hung.position == 2


HAPPENINGS: dict[str, Callable[[Museum, str], object]] = {
    "a like": lambda museum, next_one: museum.react("like", "city:1", user="anna"),
    "a dislike": lambda museum, next_one: museum.react("dislike", "forest:1"),
    "it is hidden": lambda museum, next_one: museum.library.hide(next_one),
    "it cannot be had": lambda museum, next_one: museum.library.mark_unusable(next_one, "gone"),
    "another one is shown": lambda museum, next_one: museum.showing.show(
        Show(artwork="city:5"), WALL
    ),
    "there is a mood": lambda museum, next_one: museum.history.set(
        WALL, DisplaySettings(mood="city")
    ),
    "somebody else asks": lambda museum, next_one: None,
}


@pytest.mark.parametrize("what", HAPPENINGS)
def test_whatever_happens_it_is_chosen_anew(
    museum: Museum, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    museum.react("like", "sea:0")
    shown(museum.next())
    next_one = foreseen(museum)
    suggested: list[str] = []
    suggest = museum.showing._recommender.suggest

    def noted(wish: Wish, view: View) -> Hit | None:
        suggested.append(wish.user)
        return suggest(wish, view)

    monkeypatch.setattr(museum.showing._recommender, "suggest", noted)
    HAPPENINGS[what](museum, next_one)
    museum.next(**({"user": "ben"} if what == "somebody else asks" else {}))
    assert len(suggested) == 1


def test_a_mood_that_the_model_has_not_read_is_not_foreseen(museum: Museum) -> None:
    museum.history.set(WALL, DisplaySettings(mood="flowers"))
    assert museum.showing.foresee(WALL) is None
    meaning = museum.showing.understanding
    meaning.learn(meaning.read(museum.showing.words.unread(Next(), [WALL])))
    next_one = foreseen(museum)
    assert next_one.startswith("flowers")
    assert shown(museum.next()) == next_one


def test_a_library_without_works_foresees_nothing(museum: Museum) -> None:
    for subject in SUBJECTS:
        for number in range(8):
            museum.library.hide(f"{subject}:{number}")
    assert museum.showing.foresee(WALL) is None
