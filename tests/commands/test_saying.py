"""What is said is carried out, on the display that is named, by nobody but who may."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from glance_agent.commands.parse import BadCommand, parse_command
from glance_agent.domain.command import COMMANDS, Command
from glance_agent.domain.display_names import Place
from glance_agent.domain.errors import ErrorCode
from glance_agent.domain.reply import Reply
from glance_agent.domain.topics import Topics
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.colour_encoder import ColourEncoder
from tests.home import Home

PLACES = (Place("wall", ("Living room",)), Place("hall"))


@contextmanager
def rooms_in(home: Home) -> Iterator[Rooms]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wired, "encoder_of", lambda config: ColourEncoder())
        with open_rooms(home.config(1)) as rooms:
            yield rooms


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with rooms_in(home) as opened:
        yield opened


def parsed(topic: str, payload: str) -> Command | BadCommand:
    return parse_command(Topics(), topic, payload.encode(), places=PLACES)


def said(rooms: Rooms, text: str, **keys: Any) -> Reply:
    command = parsed("glance/command/say", json.dumps({"text": text, **keys}))
    assert not isinstance(command, BadCommand), command.error.message
    return rooms.answers.answer(command).reply


def test_the_reply_says_which_verb_it_was_understood_as(rooms: Rooms, home: Home) -> None:
    found = said(rooms, "show me something red, please")
    assert (found.verb, found.ok) == ("search", True)
    assert said(rooms, "I love this", user="ann").verb == "like"
    assert home.rows("SELECT user, kind FROM reactions") == [("ann", "like")]


@pytest.mark.parametrize(
    ("display", "meant"),
    [
        ("hall", "hall"),
        ("Hall", "hall"),
        ("Living room", "wall"),
        ("LIVING ROOM", "wall"),
        ("Wohnzimmer", "wall"),
        ("Flur", "hall"),
        ("All", "all"),
        ("überall", "all"),
    ],
)
@pytest.mark.parametrize("keys", [{"command": "next"}, {"command": "say", "text": "next"}])
def test_the_display_of_json_is_named_as_people_name_it(
    display: str, meant: str, keys: dict[str, str]
) -> None:
    command = parsed("glance/command", json.dumps({**keys, "display": display}))
    assert not isinstance(command, BadCommand), command.error.message
    assert (command.verb, command.display) == ("next", meant)


@pytest.mark.parametrize("display", ["Garage", "Wall Street", "the\nhall", "Living room, hall"])
def test_a_display_of_json_that_is_not_there_is_answered_with_those_that_are(display: str) -> None:
    bad = parsed("glance/command/next", json.dumps({"display": display}))
    assert isinstance(bad, BadCommand)
    assert bad.error.code == ErrorCode.UNKNOWN_DISPLAY
    assert "wall (Living room), hall" in bad.error.hint


def test_a_sentence_goes_before_the_display_beside_it(rooms: Rooms) -> None:
    assert said(rooms, "something red in the hall", display="wall").display == "hall"
    assert said(rooms, "something red", display="hall").display == "hall"


def test_no_sentence_leads_away_from_the_display_in_its_topic() -> None:
    there = parsed("glance/command/say/hall", "next in the hall")
    assert (there.verb, there.display) == ("next", "hall")
    away = parsed("glance/command/say/hall", "hide this in the living room")
    assert isinstance(away, BadCommand)
    assert (away.error.code, away.display) == (ErrorCode.BAD_VALUE, "hall")
    everywhere = parsed("glance/command/say/hall", "next everywhere")
    assert isinstance(everywhere, BadCommand)


def test_a_display_that_is_not_there_is_answered_with_those_that_are() -> None:
    away = parsed("glance/command", "next on the balcony display")
    assert isinstance(away, BadCommand)
    assert away.error.code == ErrorCode.UNKNOWN_DISPLAY
    assert all(name in away.error.hint for name in ("wall", "Living room", "hall"))


def test_everywhere_each_display_carries_it_out(rooms: Rooms) -> None:
    done = rooms.answers.answer(_command("next everywhere"))
    assert [glance.display for glance in done.glances] == ["wall", "hall"]
    assert "wall: Showing" in done.reply.message
    mood = rooms.answers.answer(_command("calm on all displays"))
    assert mood.settings_of == ("wall", "hall")
    assert mood.reply.message == "On every display: The mood is now “calm”."
    assert [rooms.showing.settings(d).mood for d in ("wall", "hall")] == ["calm", "calm"]


@pytest.mark.parametrize("text", ["hide this", "I love this"])
def test_what_is_about_one_picture_is_not_done_everywhere(rooms: Rooms, text: str) -> None:
    said(rooms, "red everywhere")
    before = rooms.library.count()
    reply = rooms.answers.answer(_command(f"{text} everywhere")).reply
    assert reply.error is not None
    assert (reply.error.code, reply.verb) == (ErrorCode.BAD_VALUE, _command(text).verb)
    assert rooms.library.count() == before


def test_more_surprise_goes_on_from_what_there_was(rooms: Rooms) -> None:
    said(rooms, "discovery 70")
    assert said(rooms, "more surprise").message == "Discovery is now 90 per cent."
    assert said(rooms, "more surprise").message == "Discovery is now 100 per cent."
    assert said(rooms, "less surprise").message == "Discovery is now 80 per cent."


def test_who_greets_is_greeted(rooms: Rooms) -> None:
    assert said(rooms, "Hello!").message.startswith("Hello!")
    assert said(rooms, "thank you very much").message == "You are welcome!"
    assert said(rooms, "Danke!").message == "Gern geschehen!"


def test_help_offers_what_is_understood(rooms: Rooms) -> None:
    message = said(rooms, "what can I say?").message
    offered = message.split("“")[1:]
    assert len(offered) >= 8
    for words in (part.split("”")[0] for part in offered):
        assert parsed("glance/command", words).verb in COMMANDS, words


def test_the_words_behind_show_are_a_title_before_anything_else(rooms: Rooms, home: Home) -> None:
    shown = rooms.answers.answer(_on("show", "blue field")).reply
    assert (shown.verb, shown.artwork and shown.artwork.id) == ("show", home.work("blue"))


def test_what_is_misspelt_is_read_as_it_is_meant_and_the_reply_says_so(
    rooms: Rooms, home: Home
) -> None:
    found = said(rooms, "show me the purpel feild")
    assert found.artwork is not None
    assert found.artwork.id == home.work("purple")
    assert found.message.endswith("I read “purpel” as “purple” and “feild” as “field”.")


def test_a_long_text_is_a_wish_and_read_in_no_time() -> None:
    command = parsed("glance/command", "like " * 99)
    assert command.verb == "search"


def _command(text: str) -> Command:
    return _on("say", text)


def _on(verb: str, text: str) -> Command:
    command = parsed(f"glance/command/{verb}", text)
    assert not isinstance(command, BadCommand), command.error.message
    return command
