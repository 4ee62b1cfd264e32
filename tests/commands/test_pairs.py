"""Two works on one display: chosen to suit each other, liked, hidden and brought back together."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from glance_agent.commands.idempotency import Delivery
from glance_agent.domain.change import Change
from glance_agent.domain.display import Glance
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.published import DisplayArtwork
from glance_agent.store.history import History
from glance_agent.wiring.rooms import Rooms
from tests.colour_encoder import COLOURS, ColourEncoder
from tests.commands.test_dispatch import check, command, done, rooms_in, said
from tests.home import Home

UPRIGHT: dict[str, Any] = {"width_px": 96, "height_px": 160, "pairs": "auto"}
"""All works of the household lie: two of them fit one above the other."""


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with rooms_in(home, ColourEncoder(), wall=UPRIGHT) as opened:
        yield opened


def glance(rooms: Rooms, display: str = "wall") -> Glance:
    found = rooms.showing.current(display)
    assert found is not None
    return found


def both(rooms: Rooms, display: str = "wall") -> tuple[str, ...]:
    """The ids of what hangs."""
    return tuple(work.id for work in glance(rooms, display).works)


def likes(home: Home) -> dict[str, str]:
    return dict(home.rows("SELECT artwork_id, kind FROM reactions"))


# -- which two -------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["next", "search", "similar"])
def test_what_is_chosen_hangs_with_another_one(rooms: Rooms, home: Home, asked: str) -> None:
    keys = {"search": {"query": "green"}, "similar": {"artwork": home.work("green")}}
    outcome = done(rooms, asked, **keys.get(asked, {}))
    check(outcome.reply)
    shown = outcome.glance
    assert shown is not None
    assert shown.pair is not None
    assert shown.pair.id != shown.artwork.id
    assert shown.pair.label in outcome.reply.message
    assert outcome.reply.pair == shown.pair
    DisplayArtwork.model_validate(shown.state())
    assert shown.state()["pair"]["id"] == shown.pair.id
    assert glance(rooms) == shown


def test_what_is_named_hangs_alone(rooms: Rooms, home: Home) -> None:
    done(rooms, "show", artwork=home.work("green"))
    assert both(rooms) == (home.work("green"),)
    assert glance(rooms).state()["pair"] is None


@pytest.mark.parametrize(
    "wall", [{"pairs": "auto"}, {"pairs": "never", "width_px": 96, "height_px": 160}, {}]
)
def test_a_display_that_does_not_pair_or_lies_as_its_works_shows_one(
    home: Home, wall: dict[str, Any]
) -> None:
    with rooms_in(home, ColourEncoder(), wall=wall) as rooms:
        done(rooms, "search", query="green")
        done(rooms, "next")
        assert len(both(rooms)) == 1


def test_the_second_is_like_the_first(rooms: Rooms, home: Home) -> None:
    """Orange lies between red and yellow, and is nearer to both than all others."""
    done(rooms, "search", query="orange")
    assert both(rooms)[0] == home.work("orange")
    assert both(rooms)[1] in {home.work(c) for c in ("red", "yellow", "brown")}


def test_what_is_hidden_disliked_or_was_there_lately_is_no_company(
    rooms: Rooms, home: Home
) -> None:
    left = ["green", "cyan", "blue", "purple", "pink", "white", "grey"]
    done(rooms, "hide", artwork=home.work("red"))
    done(rooms, "dislike", artwork=home.work("yellow"))
    done(rooms, "show", artwork=home.work("brown"))
    for _ in range(4):
        done(rooms, "search", query="orange", transaction=str(_))
        assert both(rooms)[1] in {home.work(c) for c in (*left, "black")}


def test_a_near_duplicate_is_no_company(rooms: Rooms, home: Home) -> None:
    """What means the same is another picture of the same work."""
    with closing(sqlite3.connect(home.database)) as db:
        for other in COLOURS:
            if other not in ("green", "blue"):
                db.execute(
                    "UPDATE embeddings SET vector = (SELECT vector FROM embeddings WHERE "
                    "artwork_id = ?) WHERE artwork_id = ?",
                    [home.work("green"), home.work(other)],
                )
        db.commit()
    rooms.follower.catch_up()
    done(rooms, "search", query="green", source=None)
    assert set(both(rooms)) >= {home.work("blue")}


def test_a_search_pairs_within_its_filters(rooms: Rooms, home: Home) -> None:
    with closing(sqlite3.connect(home.database)) as db:
        db.execute("UPDATE artworks SET year_from = 1900, year_to = 1900")
        db.execute(
            "UPDATE artworks SET year_from = 1700, year_to = 1700 WHERE id IN (?, ?)",
            [home.work("orange"), home.work("blue")],
        )
        db.commit()
    done(rooms, "search", query="orange", year_to=1750)
    assert both(rooms) == (home.work("orange"), home.work("blue"))


def test_only_likes_pair_where_only_likes_are_played(rooms: Rooms, home: Home) -> None:
    liked = {home.work(colour) for colour in ("red", "blue")}
    for work in liked:
        done(rooms, "like", artwork=work)
    done(rooms, "slideshow", liked=True)
    done(rooms, "next")
    assert set(both(rooms)) == liked


def test_one_work_on_all_displays_pairs_where_each_does(home: Home) -> None:
    with rooms_in(home, ColourEncoder(), wall=UPRIGHT, hall=UPRIGHT) as rooms:
        done(rooms, "search", query="green", display="all", same=True)
        assert both(rooms, "wall") == both(rooms, "hall")
        assert len(both(rooms)) == 2
    with rooms_in(home, ColourEncoder(), wall=UPRIGHT) as rooms:
        done(rooms, "search", query="blue", display="all", same=True)
        assert both(rooms, "hall") == both(rooms)[:1]


# -- what is said of them --------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["like", "dislike"])
@pytest.mark.parametrize(
    ("side", "meant"),
    [(None, (0, 1)), ("both", (0, 1)), ("left", (0,)), ("right", (1,)), ("upper", (0,)),
     ("lower", (1,))],
)  # fmt: skip
def test_an_opinion_is_of_both_or_of_a_side(
    rooms: Rooms, home: Home, verb: str, side: str | None, meant: tuple[int, ...]
) -> None:
    done(rooms, "search", query="green")
    outcome = done(rooms, verb, **({"side": side} if side else {}))
    works = [glance(rooms).works[number] for number in meant]
    assert likes(home) == {work.id: verb for work in works}
    assert [event.payload["artwork"]["id"] for event in outcome.events] == [w.id for w in works]
    assert all(work.label in outcome.reply.message for work in works)
    assert outcome.glances == (glance(rooms),)
    assert done(rooms, "forget").reply.ok
    assert likes(home) == {}


def test_a_side_needs_two_and_no_id(rooms: Rooms, home: Home) -> None:
    done(rooms, "show", artwork=home.work("green"))
    alone = said(rooms, "like", side="left")
    assert alone.error is not None
    assert alone.error.code == ErrorCode.BAD_VALUE
    assert "alone" in alone.message
    assert said(rooms, "like", side="both").ok
    assert not said(rooms, "like", side="left", artwork=home.work("red")).ok


def test_hiding_one_side_takes_both_down(rooms: Rooms, home: Home) -> None:
    done(rooms, "search", query="green")
    left, right = both(rooms)
    done(rooms, "hide", side="right")
    assert home.rows("SELECT id FROM artworks WHERE hidden = 1") == [(right,)]
    assert right not in both(rooms)
    assert set(both(rooms)) != {left}


def test_describing_tells_of_both(rooms: Rooms) -> None:
    done(rooms, "search", query="green")
    shown = glance(rooms)
    assert shown.pair is not None
    told = said(rooms, "describe")
    assert f"This is {shown.artwork.label}. Beside it is {shown.pair.label}." in told.message
    assert (told.artwork, told.pair) == (shown.artwork, shown.pair)
    assert said(rooms, "describe", side="right").message.startswith(f"This is {shown.pair.label}.")


def test_more_like_this_means_both(rooms: Rooms) -> None:
    done(rooms, "search", query="green")
    before = glance(rooms)
    assert before.pair is not None
    reply = said(rooms, "similar")
    assert f"{before.artwork.label} and {before.pair.label}" in reply.results[0].why
    assert not {work.id for work in before.works} & {r.artwork.id for r in reply.results}


# -- the way back ----------------------------------------------------------------------------------


def test_previous_brings_the_same_two_back_after_a_restart_too(home: Home) -> None:
    with rooms_in(home, ColourEncoder(), wall=UPRIGHT) as rooms:
        done(rooms, "search", query="green")
        first = both(rooms)
        done(rooms, "search", query="red")
    with rooms_in(home, ColourEncoder(), wall=UPRIGHT) as rooms:
        assert len(both(rooms)) == 2
        done(rooms, "previous")
        assert both(rooms) == first


def test_previous_leaves_out_a_second_that_was_hidden(rooms: Rooms) -> None:
    done(rooms, "search", query="green")
    left, right = both(rooms)
    done(rooms, "search", query="red")
    done(rooms, "hide", artwork=right)
    done(rooms, "previous")
    assert both(rooms) == (left,)


def test_undo_takes_a_showing_of_two_back_as_one(rooms: Rooms) -> None:
    done(rooms, "search", query="green")
    before = both(rooms)
    done(rooms, "search", query="red")
    outcome = done(rooms, "undo")
    assert both(rooms) == before
    assert outcome.glance == glance(rooms)


def test_undo_takes_what_was_said_of_two_back_as_one(rooms: Rooms, home: Home) -> None:
    done(rooms, "search", query="green")
    left, right = both(rooms)
    done(rooms, "dislike", artwork=left)
    done(rooms, "like")
    assert likes(home) == {left: "like", right: "like"}
    done(rooms, "undo")
    assert likes(home) == {left: "dislike"}


def test_undo_takes_an_opinion_and_what_hung_after_it_back(rooms: Rooms, home: Home) -> None:
    done(rooms, "search", query="green")
    before = both(rooms)
    done(rooms, "like", then="next")
    assert set(likes(home)) == set(before)
    done(rooms, "undo")
    assert (both(rooms), likes(home)) == (before, {})


def test_what_was_kept_of_one_opinion_can_still_be_undone() -> None:
    kept = {
        "display": "wall", "at": "2026-01-01T00:00:00Z", "verb": "like", "user": "ann",
        "replaced": [{"display": "wall", "artwork": "a:1", "position": 3}],
        "opinion": {"user": "ann", "artwork": "a:1", "kind": None, "at": None},
    }  # fmt: skip
    change = Change.model_validate(kept)
    assert [thought.artwork for thought in change.opinions] == ["a:1"]
    assert change.replaced[0].pair is None
    assert Change.model_validate_json(change.model_dump_json()) == change
    assert Change.model_validate({**kept, "opinion": None}).opinions == ()


def test_a_repeated_delivery_changes_nothing(rooms: Rooms) -> None:
    delivery = Delivery("k", redelivered=False)
    again = Delivery("k", redelivered=True)
    first = rooms.answers.answer(command("next"), delivery).reply
    hung, position = both(rooms), glance(rooms).position
    second = rooms.answers.answer(command("next"), again).reply
    assert second == first
    assert (both(rooms), glance(rooms).position) == (hung, position)


# -- what is kept ----------------------------------------------------------------------------------


def test_two_wait_together_where_the_panel_may_not_change_yet(home: Home) -> None:
    wall = {**UPRIGHT, "min_interval_seconds": 900}
    with rooms_in(home, ColourEncoder(), wall=wall) as rooms:
        done(rooms, "show", artwork=home.work("red"))
        waiting = done(rooms, "search", query="green").reply
        assert waiting.pair is not None
        assert waiting.pair.label in waiting.message
        wish = rooms.history.wish("wall")
        assert wish is not None
        assert wish.pair == waiting.pair.id


def test_both_count_as_shown(rooms: Rooms) -> None:
    done(rooms, "search", query="green")
    assert rooms.history.recent_ids("wall", 5) == list(both(rooms))
    assert rooms.history.recent_ids("wall", 1) == list(both(rooms)[:1])
    assert all(rooms.history.ever_shown(work) for work in both(rooms))


def test_two_are_parted_where_one_cannot_be_had(rooms: Rooms) -> None:
    done(rooms, "search", query="green")
    first = both(rooms)[:1]
    rooms.history.part("wall", glance(rooms).position)
    assert both(rooms) == first


def test_what_cannot_be_kept_is_parted_too(rooms: Rooms, home: Home) -> None:
    history: History = rooms.history
    done(rooms, "search", query="green")
    with history.unkept():
        rooms.answers._use_cases.carry_out(command("search", query="red"), "wall")
        position = history.position("wall")
    assert len(both(rooms)) == 2
    history.part("wall", position)
    assert both(rooms) == (home.work("red"),)
