"""A panel that may not change yet: the newest wish waits, is told, and hangs in its time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from glance_agent.commands.idempotency import Delivery
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.languages import in_language
from glance_agent.domain.picture_verbs import NextInstead
from glance_agent.store.history import History
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import check, command, done, said
from tests.commands.test_unkept import make_room
from tests.home import Home

START = datetime(2026, 6, 3, 12, tzinfo=UTC)


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def wait(self, minutes: float) -> None:
        self.now += timedelta(minutes=minutes)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(wired, "utc_now", clock)
    monkeypatch.setattr(wired, "encoder_of", lambda config: ColourEncoder())
    monkeypatch.setenv("TZ", "Europe/Berlin")
    return clock


@pytest.fixture
def rooms(home: Home, clock: Clock) -> Iterator[Rooms]:
    """The wall is a panel that changes every quarter of an hour at most, and shows red."""
    with open_rooms(home.config(1, wall={"min_interval_seconds": 900})) as opened:
        done(opened, "show", artwork=home.work("red"))
        clock.wait(5)
        yield opened


def shows(rooms: Rooms, display: str = "wall") -> str | None:
    glance = rooms.showing.current(display)
    return glance.artwork.title if glance else None


def test_what_is_asked_for_too_early_waits_and_the_answer_names_the_time(
    rooms: Rooms, home: Home
) -> None:
    outcome = done(rooms, "show", artwork=home.work("blue"))
    assert outcome.reply.message == "“Blue Field” hangs at 14:15."
    assert outcome.reply.artwork is not None
    assert (outcome.reply.ok, outcome.reply.artwork.id) == (True, home.work("blue"))
    assert (outcome.glances, outcome.events, outcome.settings_of) == ((), (), ("wall",))
    check(outcome.reply)
    assert shows(rooms) == "Red Field"
    told = rooms.showing.told_settings("wall")
    assert (told.waiting, told.next_change_at) == (
        home.work("blue"),
        START + timedelta(minutes=15),
    )


def test_one_o_clock_is_a_singular_where_a_language_has_it_so(
    rooms: Rooms, clock: Clock, home: Home
) -> None:
    clock.wait(10 * 60 + 45)
    done(rooms, "show", artwork=home.work("green"))
    clock.wait(5)
    message = done(rooms, "show", artwork=home.work("blue")).reply.message
    assert message == "“Blue Field” hangs at 01:05."
    assert "estará a la 01:05." in in_language(message, "es")
    assert "ci sarà all’01:05." in in_language(message, "it")
    assert "hängt um 01:05." in in_language(message, "de")


def test_what_waits_for_a_display_that_is_off_says_that_too(rooms: Rooms, home: Home) -> None:
    done(rooms, "power", on=False)
    assert done(rooms, "show", artwork=home.work("blue")).reply.message == (
        "“Blue Field” hangs at 14:15. It is off; “turn the display on” brings the picture."
    )
    assert "It is off" not in done(rooms, "mood", mood="calm").reply.message


@pytest.mark.parametrize("text", ["next", "search green", "more like this", "previous"])
def test_every_verb_that_hangs_a_picture_waits(rooms: Rooms, clock: Clock, text: str) -> None:
    if text == "previous":
        clock.wait(15)
        done(rooms, "next")
    before = shows(rooms)
    reply = said(rooms, text)
    check(reply)
    assert reply.ok
    assert f"angs at {'14:35' if text == 'previous' else '14:15'}." in reply.message
    assert shows(rooms) == before


def test_the_newest_wish_hangs_in_its_time_and_once(rooms: Rooms, home: Home, clock: Clock) -> None:
    for colour in ("blue", "green"):
        done(rooms, "show", artwork=home.work(colour), user="mia")
    assert rooms.answers.hang_wish("wall").glances == ()
    clock.wait(10)
    outcome = rooms.answers.hang_wish("wall")
    assert outcome.glance is not None
    assert (outcome.glance.artwork.title, outcome.glance.shown_at) == ("Green Field", clock.now)
    assert outcome.glance.why == "You asked for it"
    assert [event.name for event in outcome.events] == ["shown"]
    assert shows(rooms) == "Green Field"
    assert home.rows("SELECT verb, user FROM showings ORDER BY id DESC LIMIT 1") == [
        ("show", "mia")
    ]
    assert rooms.answers.hang_wish("wall").glances == ()
    assert rooms.showing.told_settings("wall").waiting is None


def test_other_displays_wait_for_nothing(rooms: Rooms, home: Home) -> None:
    for _ in range(2):
        assert done(rooms, "show", artwork=home.work("blue"), display="hall").glance is not None


def test_what_is_asked_for_later_hangs_at_once_and_nothing_waits_any_more(
    rooms: Rooms, home: Home, clock: Clock
) -> None:
    done(rooms, "show", artwork=home.work("blue"))
    clock.wait(11)
    assert done(rooms, "show", artwork=home.work("green")).glance is not None
    clock.wait(60)
    assert rooms.answers.hang_wish("wall").glances == ()
    assert shows(rooms) == "Green Field"


def test_what_hangs_is_what_people_speak_of(rooms: Rooms, home: Home) -> None:
    done(rooms, "show", artwork=home.work("blue"))
    assert "Red Field" in said(rooms, "what is this").message
    assert "Red Field" in said(rooms, "like").message


def test_a_wish_waits_over_a_restart(home: Home, clock: Clock) -> None:
    config = home.config(1, wall={"min_interval_seconds": 900})
    with open_rooms(config) as rooms:
        done(rooms, "show", artwork=home.work("red"))
        done(rooms, "show", artwork=home.work("blue"))
    clock.wait(15)
    with open_rooms(config) as rooms:
        assert rooms.showing.told_settings("wall").waiting == home.work("blue")
        assert rooms.answers.hang_wish("wall").glance is not None
    with open_rooms(home.config(1)) as rooms:
        assert shows(rooms) == "Blue Field"


def test_a_panel_that_may_change_at_any_time_by_now_hangs_what_waited(
    home: Home, clock: Clock
) -> None:
    with open_rooms(home.config(1, wall={"min_interval_seconds": 900})) as rooms:
        done(rooms, "show", artwork=home.work("red"))
        done(rooms, "show", artwork=home.work("blue"))
    with open_rooms(home.config(1)) as rooms:
        assert rooms.showing.told_settings("wall").next_change_at == clock.now
        assert rooms.answers.hang_wish("wall").glance is not None


def test_a_repeated_delivery_is_answered_again_and_wishes_nothing(
    rooms: Rooms, home: Home, clock: Clock
) -> None:
    asked, delivery = command("next"), Delivery("one", redelivered=False)
    first = rooms.answers.answer(asked, delivery).reply
    clock.wait(10)
    rooms.answers.hang_wish("wall")
    again = rooms.answers.answer(asked, Delivery("one", redelivered=True)).reply
    assert again.message == first.message
    assert rooms.showing.told_settings("wall").waiting is None


def test_a_hidden_work_hangs_until_the_panel_may_change(
    rooms: Rooms, home: Home, clock: Clock
) -> None:
    outcome = done(rooms, "hide")
    assert outcome.reply.ok
    assert [glance.artwork.title for glance in outcome.glances] == ["Red Field"]
    assert outcome.settings_of == ("wall",)
    clock.wait(10)
    assert rooms.answers.hang_wish("wall").glance is not None
    assert shows(rooms) != "Red Field"


def test_a_wish_that_is_hidden_meanwhile_never_hangs(
    rooms: Rooms, home: Home, clock: Clock
) -> None:
    done(rooms, "show", artwork=home.work("blue"))
    done(rooms, "hide", artwork=home.work("blue"))
    clock.wait(10)
    outcome = rooms.answers.hang_wish("wall")
    assert (outcome.glances, outcome.settings_of) == ((), ("wall",))
    assert rooms.showing.told_settings("wall").waiting is None


@pytest.mark.parametrize("asked", [{"verb": "undo"}, {"verb": "previous", "unhide": True}])
def test_what_was_hidden_is_so_no_more_though_another_waits(
    rooms: Rooms, home: Home, clock: Clock, asked: dict[str, Any]
) -> None:
    keys = {**asked}
    done(rooms, "hide")
    assert rooms.showing.told_settings("wall").waiting is not None
    outcome = done(rooms, keys.pop("verb"), **keys)
    assert "may be shown again" in outcome.reply.message
    assert "wall" in outcome.settings_of
    assert rooms.showing.told_settings("wall").waiting is None
    assert home.rows("SELECT id FROM artworks WHERE hidden = 1") == []
    clock.wait(15)
    assert rooms.answers.hang_wish("wall").glance is None


def test_what_cannot_be_shown_is_replaced_at_once(rooms: Rooms) -> None:
    assert rooms.answers.answer(NextInstead(display="wall")).glance is not None


# -- while nothing can be kept -------------------------------------------------------------------


def test_a_wish_waits_on_a_full_disk_too_and_is_not_ok(
    rooms: Rooms, home: Home, clock: Clock
) -> None:
    rooms.library.db.execute("PRAGMA max_page_count=1")
    for number in range(200):  # until there is no room
        outcome = done(rooms, "show", artwork=home.work("blue"), transaction=str(number))
        if not outcome.reply.ok:
            break
    assert outcome.reply.message.startswith("The disk is full")
    assert "hangs at 14:15" in outcome.reply.message
    assert rooms.showing.told_settings("wall").waiting == home.work("blue")
    clock.wait(10)
    assert rooms.answers.hang_wish("wall").glance is not None
    make_room(rooms)
    assert shows(rooms) == "Blue Field"
    done(rooms, "like")
    assert home.rows("SELECT name FROM facts WHERE name LIKE 'wish of %'") == []


def test_a_library_that_is_gone_is_said(rooms: Rooms, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(history: History, display: str) -> None:
        raise StoreError("It is gone.", trouble=Trouble.REPLACED)

    monkeypatch.setattr(History, "wish", gone)
    with pytest.raises(StoreError):
        rooms.answers.hang_wish("wall")


# -- a pause -------------------------------------------------------------------------------------


def test_a_pause_is_kept_and_what_is_asked_for_hangs(rooms: Rooms, home: Home) -> None:
    outcome = done(rooms, "pause", display="hall")
    assert outcome.settings_of == ("hall",)
    assert rooms.showing.told_settings("hall").paused
    assert not rooms.showing.told_settings("wall").paused
    assert done(rooms, "next", display="hall").glance is not None
    assert said(rooms, "resume", display="hall").message.startswith("Not paused any more")
    assert not rooms.showing.told_settings("hall").paused
