"""What was done on a display is taken back, one change after the other, for a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glance_agent.commands.called import CALLED
from glance_agent.commands.idempotency import BY_ITSELF, Delivery
from glance_agent.domain.change import CHANGES_KEPT
from glance_agent.domain.command import COMMANDS
from glance_agent.domain.errors import ErrorCode
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.rooms import Rooms
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import check, command, done, rooms_in, said
from tests.home import Home


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(wired, "utc_now", lambda: clock.now)
    return clock


@pytest.fixture
def rooms(home: Home, clock: Clock) -> Iterator[Rooms]:
    with rooms_in(home, ColourEncoder()) as opened:
        yield opened


def hanging(rooms: Rooms, display: str = "wall") -> str | None:
    glance = rooms.showing.current(display)
    return glance.artwork.title.split()[0].lower() if glance else None


def opinions(home: Home) -> dict[tuple[str, str], str]:
    sql = "SELECT user, title, kind FROM reactions JOIN artworks ON id = artwork_id"
    return {(user, title.split()[0].lower()): kind for user, title, kind in home.rows(sql)}


# -- each kind of change --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "change",
    [{"command": "next"}, {"command": "search", "query": "green"}, {"command": "show"}],
    ids=lambda change: change["command"],
)
def test_the_picture_before_hangs_again(rooms: Rooms, home: Home, change: dict[str, str]) -> None:
    said(rooms, "show", artwork=home.work("red"))
    keys = {**change, **({"artwork": home.work("blue")} if change["command"] == "show" else {})}
    said(rooms, keys.pop("command"), **keys)
    assert hanging(rooms) != "red"
    outcome = done(rooms, "undo")
    check(outcome.reply)
    assert outcome.reply.message == f"Took back “{change['command']}”. Back to “Red Field”."
    assert [glance.artwork.id for glance in outcome.glances] == [home.work("red")]
    assert hanging(rooms) == "red"


def test_what_is_taken_back_was_not_skipped(rooms: Rooms, home: Home, clock: Clock) -> None:
    said(rooms, "show", artwork=home.work("red"))
    clock.now += timedelta(seconds=3)
    said(rooms, "next")
    assert [s.artwork_id for s in rooms.showing.lessons(["household"])[0].signs] == [
        home.work("red")
    ]
    clock.now += timedelta(seconds=3)
    said(rooms, "undo")
    assert rooms.showing.lessons(["household"])[0].signs == ()


def test_an_opinion_is_as_it_was_before(rooms: Rooms, home: Home, clock: Clock) -> None:
    red = home.work("red")
    said(rooms, "like", artwork=red, user="mia")
    before, liked_at = rooms.showing.lessons(["mia"])[0].signs, clock.now
    clock.now += timedelta(minutes=1)
    said(rooms, "dislike", artwork=red, user="mia")
    assert rooms.showing.lessons(["mia"])[0].signs != before
    outcome = done(rooms, "undo", user="ben")
    assert outcome.reply.message == "Took back “dislike”. “Red Field” is liked again."
    assert [(e.payload["event_type"], e.payload["user"]) for e in outcome.events] == [
        ("like", "mia")
    ]
    assert rooms.showing.lessons(["mia"])[0].signs == before
    assert rooms.history.reactions("mia")[0].at == liked_at
    assert said(rooms, "undo").message.endswith("counts as if nothing had been said.")
    assert opinions(home) == {}


def test_what_was_forgotten_is_said_again(rooms: Rooms, home: Home) -> None:
    said(rooms, "dislike", artwork=home.work("red"))
    said(rooms, "forget", artwork=home.work("red"))
    assert said(rooms, "undo").message == "Took back “forget”. “Red Field” is disliked again."
    assert opinions(home) == {("household", "red"): "dislike"}


def test_what_was_hidden_hangs_again_wherever_it_hung(rooms: Rooms, home: Home) -> None:
    for display in ("wall", "hall"):
        said(rooms, "show", artwork=home.work("red"), display=display)
    said(rooms, "hide")
    outcome = done(rooms, "undo")
    told = "Took back “hide”. “Red Field” may be shown again. It hangs again."
    assert outcome.reply.message == told
    assert [e.payload["event_type"] for e in outcome.events] == ["unhide", "shown", "shown"]
    assert (hanging(rooms), hanging(rooms, "hall")) == ("red", "red")
    assert home.rows("SELECT id FROM artworks WHERE hidden = 1") == []


def test_another_display_keeps_what_was_put_there_since(rooms: Rooms, home: Home) -> None:
    for display in ("wall", "hall"):
        said(rooms, "show", artwork=home.work("red"), display=display)
    said(rooms, "hide")
    said(rooms, "show", artwork=home.work("blue"), display="hall")
    said(rooms, "undo")
    assert (hanging(rooms), hanging(rooms, "hall")) == ("red", "blue")


def test_what_was_brought_back_is_hidden_again(rooms: Rooms, home: Home) -> None:
    said(rooms, "hide", artwork=home.work("red"))
    said(rooms, "unhide")
    assert said(rooms, "undo").message == "Took back “unhide”. “Red Field” is hidden again."
    assert home.rows("SELECT title FROM artworks WHERE hidden = 1") == [("Red Field",)]


@pytest.mark.parametrize(
    ("first", "then", "message"),
    [
        ("mood calm", "mood wild", "Took back “mood”. The mood is “calm” again."),
        ("discovery 30", "mood wild", "Took back “mood”. No mood any more."),
        ("slideshow 60", "slideshow off", "Took back “slideshow”. A new picture every minute."),
        ("discovery 30", "discovery 90", "Took back “discovery”. Discovery is 30 per cent again."),
        ("pause", "resume", "Took back “resume”. It is paused again."),
        ("pause", "power off", "Took back “power”. It is on again."),
    ],
)
def test_settings_are_as_they_were(rooms: Rooms, first: str, then: str, message: str) -> None:
    said(rooms, first)
    before = rooms.showing.settings("wall")
    said(rooms, then)
    outcome = done(rooms, "undo")
    assert (outcome.reply.message, outcome.settings_of) == (message, ("wall",))
    assert rooms.showing.settings("wall") == before


# -- which change ---------------------------------------------------------------------------------


def test_changes_are_taken_back_one_after_the_other(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    said(rooms, "like")
    said(rooms, "show", artwork=home.work("blue"))
    said(rooms, "mood calm")
    said(rooms, "mood", mood="wild", display="hall")
    verbs = [said(rooms, "undo").message.split("”")[0] for _ in range(3)]
    assert verbs == [f"Took back “{verb}" for verb in ("mood", "show", "like")]
    nothing = said(rooms, "undo")
    check(nothing)
    assert nothing.error is not None
    assert nothing.error.code == ErrorCode.NOTHING_TO_UNDO
    assert said(rooms, "undo", display="hall").ok


def test_the_last_ten_of_a_day_are_known_over_restarts(home: Home, clock: Clock) -> None:
    with rooms_in(home, ColourEncoder()) as rooms:
        for percent in range(1, CHANGES_KEPT + 4):
            said(rooms, f"discovery {percent}")
    with rooms_in(home, ColourEncoder()) as rooms:
        clock.now += timedelta(hours=23)
        while said(rooms, "undo").ok:
            pass
        assert rooms.showing.settings("wall").discovery == 3
        said(rooms, "discovery 50")
        clock.now += timedelta(days=1, seconds=1)
        assert not said(rooms, "undo").ok


def test_what_the_agent_does_by_itself_is_nobodys_change(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    said(rooms, "like")
    rooms.answers.answer(command("next"), BY_ITSELF)
    assert said(rooms, "undo").message.startswith("Took back “like”.")


def test_what_changed_nothing_is_not_taken_back(rooms: Rooms, home: Home) -> None:
    said(rooms, "discovery 30")
    for nothing in ("discovery 30", "status", "describe", "unhide"):
        said(rooms, nothing)
    said(rooms, "search", query="red", show=False)
    assert said(rooms, "undo").message.startswith("Took back “discovery”.")


def test_a_delivery_that_is_repeated_takes_back_one_change(rooms: Rooms) -> None:
    for percent in (30, 40):
        said(rooms, f"discovery {percent}")
    answers = [
        rooms.answers.answer(command("undo"), Delivery("d1", redelivered=bool(again))).reply
        for again in range(2)
    ]
    assert answers[0].message == answers[1].message
    assert rooms.showing.settings("wall").discovery == 30


def test_two_programs_never_take_back_the_same_change(rooms: Rooms, home: Home) -> None:
    for percent in (30, 40, 50):
        said(rooms, f"discovery {percent}")
    with rooms_in(home, ColourEncoder()) as others:
        undone = [said(each, "undo") for each in (rooms, others, rooms, others)]
    assert [reply.ok for reply in undone] == [True, True, True, False]
    assert rooms.showing.settings("wall").discovery == 20


def test_a_change_on_every_display_is_one_of_each(rooms: Rooms) -> None:
    said(rooms, "mood", mood="calm", display="all")
    said(rooms, "undo", display="hall")
    moods = [rooms.showing.settings(display).mood for display in ("wall", "hall")]
    assert moods == ["calm", None]


# -- what is not there any more -------------------------------------------------------------------


@pytest.mark.parametrize("gone", ["removed", "hidden", "unreadable"])
def test_a_picture_that_is_gone_does_not_come_back(rooms: Rooms, home: Home, gone: str) -> None:
    red = home.work("red")
    said(rooms, "show", artwork=red)
    said(rooms, "show", artwork=home.work("blue"))
    ways: dict[str, Any] = {
        "removed": lambda: rooms.library.db.execute("DELETE FROM artworks WHERE id = ?", [red]),
        "hidden": lambda: rooms.library.hide(red),
        "unreadable": lambda: rooms.library.mark_unusable(red, "vanished"),
    }
    ways[gone]()
    rooms.library.forget_read()
    reply = said(rooms, "undo")
    check(reply)
    assert "not here any more" in reply.message
    assert hanging(rooms) == "blue"
    assert not said(rooms, "undo").ok


def test_what_was_thought_of_a_work_that_is_gone_is_taken_back(rooms: Rooms, home: Home) -> None:
    red = home.work("red")
    said(rooms, "like", artwork=red)
    rooms.library.db.execute("DELETE FROM artworks WHERE id = ?", [red])
    rooms.library.forget_read()
    assert said(rooms, "undo").message.endswith("is not in the library any more.")
    assert rooms.history.reactions("household") == []


def test_a_user_who_is_forgotten_leaves_no_change_behind(rooms: Rooms, home: Home) -> None:
    said(rooms, "like", artwork=home.work("red"), user="mia")
    rooms.history.forget_user("mia")
    assert not said(rooms, "undo").ok
    assert opinions(home) == {}


def test_every_verb_that_changes_anything_says_what_can_be_taken_back() -> None:
    silent = {name for name, kind in COMMANDS.items() if not kind.undoable}
    assert silent == {"describe", "ingest", "status", "say", "help", "undo"}
    assert CALLED.keys() == COMMANDS.keys() - silent
    assert all(str(called) == f"“{verb}”" for verb, called in CALLED.items())


def test_what_is_taken_back_is_called_in_the_language_of_the_answer(rooms: Rooms) -> None:
    said(rooms, "next")
    said(rooms, "hide")
    took_back = said(rooms, "undo", language="fr").message
    assert took_back.startswith("J’ai annulé «\u00a0masquer\u00a0». «")


def test_only_what_a_command_may_change_is_looked_at(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    remembering = rooms.answers._use_cases._remembering
    like, mood, following, looking = (
        remembering.before(asked, "wall")
        for asked in (
            command("like"),
            command("mood", mood="calm"),
            command("next"),
            command("search", query="red", show=False),
        )
    )
    assert like is not None
    assert [thought.artwork for thought in like.opinions] == [home.work("red")]
    assert (like.hung, like.settings) == ({}, None)
    assert mood is not None
    assert mood.settings is not None
    assert (mood.hung, mood.opinions) == ({}, ())
    assert following is not None
    assert list(following.hung) == ["wall"]
    assert (following.settings, following.opinions) == (None, ())
    assert looking is None


# -- “bring it back” ------------------------------------------------------------------------------


def test_what_was_hidden_just_now_is_brought_back(rooms: Rooms, home: Home) -> None:
    said(rooms, "show", artwork=home.work("red"))
    said(rooms, "hide")
    outcome = done(rooms, "previous", unhide=True)
    check(outcome.reply)
    assert outcome.reply.verb == "previous"
    assert outcome.reply.message.startswith("Took back “hide”. “Red Field” may be shown again.")
    assert hanging(rooms) == "red"
    assert home.rows("SELECT id FROM artworks WHERE hidden = 1") == []
    nothing = said(rooms, "undo")
    assert nothing.error is not None
    assert nothing.error.code == ErrorCode.NOTHING_TO_UNDO


def test_what_hung_before_comes_back_where_nothing_was_hidden(rooms: Rooms, home: Home) -> None:
    for colour in ("red", "blue"):
        said(rooms, "show", artwork=home.work(colour))
    assert said(rooms, "previous", unhide=True).message == "Back to “Red Field”."
    assert said(rooms, "undo").message == "Took back “previous”. Back to “Blue Field”."


def test_what_was_hidden_earlier_stays_so(rooms: Rooms, home: Home) -> None:
    for colour in ("red", "blue"):
        said(rooms, "show", artwork=home.work(colour))
    said(rooms, "hide")
    said(rooms, "show", artwork=home.work("green"))
    said(rooms, "previous", unhide=True)
    assert hanging(rooms) != "blue"
    assert home.rows("SELECT id FROM artworks WHERE hidden = 1") == [(home.work("blue"),)]
