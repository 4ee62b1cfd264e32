"""What was hidden comes back, and what is hidden or liked is listed, the latest first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glance_agent.domain.errors import ErrorCode
from glance_agent.wiring.rooms import Rooms
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import check, done, rooms_in, said
from tests.home import Home


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with rooms_in(home, ColourEncoder()) as opened:
        yield opened


def hidden(home: Home) -> set[str]:
    return {row[0] for row in home.rows("SELECT title FROM artworks WHERE hidden = 1")}


@pytest.fixture
def three_hidden(rooms: Rooms, home: Home) -> Rooms:
    for colour in ("red", "green", "blue"):
        said(rooms, "hide", artwork=home.work(colour))
    return rooms


def test_the_work_hidden_last_comes_back_first(three_hidden: Rooms, home: Home) -> None:
    back = [said(three_hidden, "unhide") for _ in range(3)]
    assert [reply.message for reply in back] == [
        f"“{colour} Field” may be shown again." for colour in ("Blue", "Green", "Red")
    ]
    assert hidden(home) == set()
    assert said(three_hidden, "show", artwork=home.work("red")).ok
    nothing = said(three_hidden, "unhide")
    check(nothing)
    assert nothing.error is not None
    assert (nothing.error.code, nothing.message) == (ErrorCode.NO_MATCH, "Nothing is hidden.")


@pytest.mark.parametrize("said_so", ["unhide Green Field", "unhide the GREEN", "unhide grëen"])
def test_a_hidden_work_is_named_by_words_of_its_title(
    three_hidden: Rooms, home: Home, said_so: str
) -> None:
    reply = said(three_hidden, said_so)
    assert reply.message == "“Green Field” may be shown again."
    assert hidden(home) == {"Red Field", "Blue Field"}


def test_words_that_name_nothing_hidden_are_answered_with_what_is(
    three_hidden: Rooms, home: Home
) -> None:
    reply = said(three_hidden, "unhide purple")
    assert reply.error is not None
    assert reply.message == "Nothing with “purple” is hidden."
    assert "“Blue Field”, “Green Field”, and “Red Field”" in reply.error.hint
    assert len(hidden(home)) == 3


def test_a_hidden_work_is_named_by_its_id(three_hidden: Rooms, home: Home) -> None:
    outcome = done(three_hidden, f"unhide {home.work('red')}")
    assert outcome.reply.message == "“Red Field” may be shown again."
    assert [e.payload["event_type"] for e in outcome.events] == ["unhide"]
    again = said(three_hidden, "unhide", artwork=home.work("red"))
    assert (again.ok, again.message) == (True, "“Red Field” was not hidden.")


def test_copies_come_back_together(rooms: Rooms, home: Home) -> None:
    red, copy = home.work("red"), home.work("pink")
    rooms.library.db.execute("UPDATE artworks SET twin_of = ? WHERE id = ?", [red, copy])
    said(rooms, "hide", artwork=copy)
    assert [r.artwork.id for r in said(rooms, "search hidden:yes").results] == [red]
    said(rooms, "unhide")
    assert hidden(home) == set()


# -- lists ------------------------------------------------------------------------------------


def test_what_is_hidden_is_listed_and_hangs_nowhere(three_hidden: Rooms, home: Home) -> None:
    before = home.showings()
    reply = said(three_hidden, "search", hidden=True)
    check(reply)
    assert [r.artwork.title for r in reply.results] == ["Blue Field", "Green Field", "Red Field"]
    assert reply.message == "3 works are hidden. The latest is “Blue Field”."
    assert home.showings() == before
    best = said(three_hidden, "search green hidden:yes").results[0]
    assert best.artwork.title == "Green Field"


def test_what_is_liked_is_listed_for_each_and_for_the_household(rooms: Rooms, home: Home) -> None:
    for user, colour in (("mia", "red"), ("ben", "green"), ("mia", "blue")):
        said(rooms, "like", artwork=home.work(colour), user=user)
    said(rooms, "dislike", artwork=home.work("pink"), user="mia")

    def listed(query: str, user: str) -> list[str]:
        reply = said(rooms, "search", query=query, user=user, show=False)
        return [result.artwork.title.split()[0].lower() for result in reply.results]

    assert listed("liked:me", "mia") == ["blue", "red"]
    assert listed("liked:Ben", "mia") == ["green"]
    assert listed("liked:me", "household") == ["blue", "green", "red"]
    assert listed("liked:anyone", "ben") == ["blue", "green", "red"]
    assert listed("liked:me blue", "ben") == ["green"]
    own = said(rooms, "search", liked=True, user="mia")
    assert own.message == "2 works are liked. Showing “Blue Field”."
    none = said(rooms, "search", liked=True, user="zoe")
    assert none.error is not None
    assert none.message == "Nothing is liked."


def test_a_hidden_work_is_not_among_the_liked(rooms: Rooms, home: Home) -> None:
    for colour in ("red", "green"):
        said(rooms, "like", artwork=home.work(colour))
    said(rooms, "hide", artwork=home.work("green"))
    liked = said(rooms, "search", liked=True).results
    assert [r.artwork.title for r in liked] == ["Red Field"]


def test_filters_that_cannot_be_are_told_how_to_be_written(rooms: Rooms) -> None:
    assert "hidden:yes" in getattr(said(rooms, "search hidden:maybe").error, "hint", "")


@pytest.mark.parametrize("words", ["it", "the last one", "PRESS", ""])
def test_what_names_no_work_means_the_one_hidden_last(
    three_hidden: Rooms, home: Home, words: str
) -> None:
    assert said(three_hidden, f"unhide {words}".strip()).ok
    assert hidden(home) == {"Red Field", "Green Field"}


def test_one_work_comes_back_for_all_displays(three_hidden: Rooms, home: Home) -> None:
    assert said(three_hidden, "unhide", display="all").message == "“Blue Field” may be shown again."
    assert hidden(home) == {"Red Field", "Green Field"}
