"""What comes up by itself on a display: what suits a wall, of the sources that it shows."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from glance_agent.domain.errors import ErrorCode
from glance_agent.store.label_folding import fold_labels
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.commands.test_dispatch import done, said
from tests.home import SOURCE, Home

LARGE = "UPDATE artworks SET width = 1200, height = 900"
FAMILY = ("red", "blue")
PINK_LIKE_RED = (
    "UPDATE embeddings SET vector = (SELECT vector FROM embeddings e JOIN artworks a "
    "ON a.id = e.artwork_id WHERE a.title = 'Red Field') WHERE artwork_id = "
    "(SELECT id FROM artworks WHERE title = 'Pink Field')"
)


@pytest.fixture
def opened(home: Home, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The rooms of a home after some SQL, with displays as they are set."""
    monkeypatch.setattr(wired, "encoder_of", lambda config: ColourEncoder())

    @contextmanager
    def rooms(*statements: str, **changes: Any) -> Iterator[Rooms]:
        with home_open(home, statements), open_rooms(home.config(1, **changes)) as found:
            found.library.sources = {SOURCE, "family"}
            yield found

    return rooms


@contextmanager
def home_open(home: Home, statements: tuple[str, ...]) -> Iterator[None]:
    with closing(sqlite3.connect(home.database)) as db, db:
        for statement in statements:
            db.execute(statement)
    yield


def small(*colours: str) -> str:
    titles = ", ".join(f"'{colour.capitalize()} Field'" for colour in colours)
    return f"UPDATE artworks SET width = 64, height = 64 WHERE title IN ({titles})"


def titled(artwork_id: str, title: str) -> str:
    return f"UPDATE artworks SET title = '{title}' WHERE id = '{artwork_id}'"


def shown_by_next(rooms: Rooms, times: int, display: str = "wall") -> set[str]:
    return {done(rooms, "next", display=display).glances[0].artwork.title for _ in range(times)}


@pytest.mark.parametrize(
    "odd",
    [
        "width = 300, height = 1000",
        "width = 399, height = 399",
        "width = 4001, height = 1000",
        "width = 500, height = 2001",
        "medium = 'Screenshot'",
    ],
)
def test_what_suits_no_wall_does_not_come_up_by_itself(
    opened: Callable[..., Any], home: Home, odd: str
) -> None:
    keep = f"UPDATE artworks SET {odd} WHERE title <> 'Red Field' AND title <> 'Blue Field'"
    with opened(LARGE, keep) as rooms:
        assert shown_by_next(rooms, 3 * len(COLOURS)) == {"Red Field", "Blue Field"}


def test_what_nearly_suits_a_wall_comes_up(opened: Callable[..., Any]) -> None:
    edge = "UPDATE artworks SET width = 1600, height = 400"
    with opened(edge) as rooms:
        assert len(shown_by_next(rooms, 3 * len(COLOURS))) > len(COLOURS) // 2


def test_likes_come_up_however_small_they_are(opened: Callable[..., Any], home: Home) -> None:
    with opened(LARGE, small("red")) as rooms:
        done(rooms, "like", artwork=home.work("red"), user="anna")
        done(rooms, "slideshow", on=True, liked=True, user="anna")
        assert shown_by_next(rooms, 2) == {"Red Field"}


def test_what_suits_no_wall_is_found_and_shown_where_it_is_asked_for(
    opened: Callable[..., Any], home: Home
) -> None:
    with opened(LARGE, small("red")) as rooms:
        listed = said(rooms, "search", query="red", show=False)
        assert listed.results is not None
        assert listed.results[0].artwork.title == "Red Field"
        assert done(rooms, "search", query="red field").glances[0].artwork.title == "Red Field"
        assert done(rooms, "show", artwork=home.work("red")).glances


def test_a_work_that_is_to_be_shown_by_its_title_hangs_whatever_its_size(
    opened: Callable[..., Any],
) -> None:
    with opened(LARGE, PINK_LIKE_RED, small("red")) as rooms:
        shown = done(rooms, "show", query="red field")
        assert shown.glances[0].artwork.title == "Red Field"


@pytest.mark.parametrize("text", ["lorca", "Lorca", "show me lorca"])
def test_a_sentence_that_is_a_title_hangs_that_work_whatever_its_size(
    opened: Callable[..., Any], home: Home, text: str
) -> None:
    """Others are by a Lorca, and match as well."""
    red = home.work("red")
    by_lorca = "UPDATE artworks SET artist = 'Lorca' WHERE title IN ('Pink Field', 'Blue Field')"
    with opened(LARGE, small("red"), titled(red, "Lorca"), by_lorca) as rooms:
        while not fold_labels(rooms.library.db):
            pass
        assert done(rooms, "say", text=text).glances[0].artwork.id == red


def test_of_two_of_one_title_the_one_for_the_wall_hangs(
    opened: Callable[..., Any], home: Home
) -> None:
    pink = home.work("pink")
    with opened(LARGE, PINK_LIKE_RED, small("red"), titled(pink, "Red Field")) as rooms:
        while not fold_labels(rooms.library.db):
            pass
        assert done(rooms, "search", query="red field").glances[0].artwork.id == pink


def test_of_two_that_match_nearly_as_well_the_one_for_the_wall_hangs(
    opened: Callable[..., Any], home: Home
) -> None:
    untold = (
        "UPDATE artworks SET title = 'One', tags = '[]', description = NULL "
        "WHERE title = 'Red Field'"
    )
    renamed = (
        "UPDATE artworks SET title = 'Two', tags = '[]', description = NULL "
        "WHERE title = 'Pink Field'"
    )
    icon = "UPDATE artworks SET width = 64, height = 64 WHERE title = 'One'"
    with opened(LARGE, PINK_LIKE_RED, untold, renamed, icon) as rooms:
        outcome = done(rooms, "search", query="red")
        assert outcome.glances[0].artwork.title == "Two"
        assert outcome.reply.results is not None
        assert "One" in [result.artwork.title for result in outcome.reply.results]


def test_a_search_in_a_source_that_has_no_works_names_those_that_have(
    opened: Callable[..., Any],
) -> None:
    with opened(LARGE, of_family()) as rooms:
        for query in ("red source:nowhere", "source:Nowhere"):
            reply = said(rooms, "search", query=query)
            assert reply.error is not None
            assert reply.message == "No work here is of a source “nowhere”."
            assert reply.error.hint == f"Sources with works: family, {SOURCE}."
        assert said(rooms, "search", query="red source:Family").ok


# -- sources of a display ---------------------------------------------------------------------


def of_family() -> str:
    titles = ", ".join(f"'{colour.capitalize()} Field'" for colour in FAMILY)
    return f"UPDATE artworks SET source = 'family' WHERE title IN ({titles})"


def test_a_display_shows_the_works_of_its_sources_alone(opened: Callable[..., Any]) -> None:
    family = {f"{colour.capitalize()} Field" for colour in FAMILY}
    displays = {"wall": {"sources": ["family"]}, "hall": {"sources": [SOURCE]}}
    with opened(LARGE, of_family(), **displays) as rooms:
        assert shown_by_next(rooms, 8) == family
        assert not shown_by_next(rooms, 20, "hall") & family
        found = done(rooms, "search", query="green", display="wall")
        assert all(r.artwork.source == "family" for r in found.reply.results or ())
        named = done(rooms, "search", query=f"green source:{SOURCE}", display="wall")
        assert named.glances[0].artwork.source == SOURCE, "who names a source means it"
        listed = said(rooms, "search", query="green", show=False, display="wall")
        assert listed.results is not None
        assert listed.results[0].artwork.title == "Green Field"


def test_the_same_work_hangs_only_where_its_source_does(opened: Callable[..., Any]) -> None:
    with opened(LARGE, of_family(), hall={"sources": ["family"]}) as rooms:
        wall, hall = done(rooms, "search", query="green", display="all", same=True).glances
        assert (wall.artwork.source, hall.artwork.source) == (SOURCE, "family")
        wall, hall = done(rooms, "search", query="red", display="all", same=True).glances
        assert wall.artwork.id == hall.artwork.id


@pytest.mark.parametrize("text", ["next", "green"])
def test_a_display_whose_sources_have_nothing_says_so(
    opened: Callable[..., Any], text: str
) -> None:
    with opened(LARGE, wall={"sources": ["family"]}) as rooms:
        reply = said(rooms, "say", text=text, display="wall")
        assert reply.error is not None
        assert reply.error.code == ErrorCode.NO_MATCH
        assert "“family” alone" in reply.message
