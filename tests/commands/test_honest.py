"""What is not here is said to be not here, and the picture stays."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from glance_agent.store.label_folding import fold_labels
from glance_agent.wiring.rooms import Rooms
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import check, rooms_in, said
from tests.home import Home


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with rooms_in(home, ColourEncoder()) as opened:
        yield opened


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        ("van gogh", "Nothing by Vincent van Gogh here; the nearest is “"),
        ("a red painting by Banksy", "Nothing by Banksy here; the nearest is “"),
        ("red mona lisa", "Nothing called “Mona Lisa” here; the nearest is “Red Field”"),
        ("of the", "Nothing really matches “of the”; the closest is “"),
    ],
)
def test_what_is_not_here_changes_no_picture(
    rooms: Rooms, home: Home, wish: str, message: str
) -> None:
    said(rooms, "show", artwork=home.work("blue"))
    reply = said(rooms, "search", query=wish)
    check(reply)
    assert (reply.ok, reply.sure) == (True, False)
    assert reply.message.startswith(message)
    assert reply.message.endswith("The picture stays.")
    assert max(result.match for result in reply.results) < 0.5
    assert reply.display is None
    assert home.showings() == [home.work("blue")]


def test_a_misspelt_artist_who_is_not_here_is_known(rooms: Rooms) -> None:
    reply = said(rooms, "search van goh")
    assert (reply.ok, reply.sure) == (True, False)
    assert reply.message.startswith("Nothing by Vincent van Gogh here; the nearest is “")
    assert reply.message.endswith("I read “van goh” as “van gogh”.")


def test_an_answered_wish_is_sure(rooms: Rooms, home: Home) -> None:
    reply = said(rooms, "search red")
    assert (reply.sure, home.showings()) == (True, [home.work("red")])


def test_an_artist_who_is_on_a_label_is_here(rooms: Rooms, home: Home) -> None:
    rooms.library.db.execute(
        "UPDATE artworks SET artist = 'Vincent van Gogh' WHERE id = ?", [home.work("red")]
    )
    fold_labels(rooms.library.db)
    reply = said(rooms, "search something by van gogh")
    assert (reply.sure, home.showings()) == (True, [home.work("red")])


def test_the_nearest_hangs_where_nothing_does_or_it_is_wanted(home: Home) -> None:
    with rooms_in(home, ColourEncoder()) as rooms:
        first = said(rooms, "search van gogh")
        assert (first.sure, first.display) == (False, "wall")
    assert len(home.showings()) == 1
    with rooms_in(home, ColourEncoder(), search={"unmatched": "nearest"}) as rooms:
        second = said(rooms, "search banksy")
    assert (second.sure, second.display) == (False, "wall")
    assert len(home.showings()) == 2


def test_each_display_keeps_its_own_picture(rooms: Rooms, home: Home) -> None:
    for display, colour in (("wall", "blue"), ("hall", "green")):
        said(rooms, "show", artwork=home.work(colour), display=display)
    reply = said(rooms, "search", query="van gogh", display="all", same=True)
    assert not reply.sure
    assert (home.showings("wall"), home.showings("hall")) == (
        [home.work("blue")],
        [home.work("green")],
    )


def test_more_like_this_always_shows_something(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("blue"))
    assert said(rooms, "similar").display == "wall"
    assert len(home.showings()) == 2
