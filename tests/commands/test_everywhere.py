"""One command for several displays: a group, or all of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from glance_agent.cli.asking import require_display
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.errors import ConfigError, ErrorCode
from glance_agent.domain.languages import known_languages
from glance_agent.wiring import rooms as wired
from glance_agent.wiring.hanging import places_of
from glance_agent.wiring.rooms import Rooms, open_rooms
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import check, done, said
from tests.home import Home

HOUSE = DisplayNames(("wall", "hall", "attic"), {"downstairs": ("wall", "hall"), "up": ("attic",)})


@pytest.fixture
def rooms(home: Home, monkeypatch: pytest.MonkeyPatch) -> Iterator[Rooms]:
    """Two displays in one group, and each in a house of its own size."""
    monkeypatch.setattr(wired, "encoder_of", lambda config: ColourEncoder())
    with open_rooms(config_of(home)) as opened:
        yield opened


def config_of(home: Home, **hall: Any) -> Any:
    downstairs = {"group": "downstairs"}
    return home.config(1, wall=downstairs, hall={**downstairs, **hall})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        (None, ("wall",)),
        ("hall", ("hall",)),
        ("downstairs", ("wall", "hall")),
        ("up", ("attic",)),
        ("all", ("wall", "hall", "attic")),
        ("cellar", ()),
    ],
)
def test_what_a_name_means(name: str | None, meant: tuple[str, ...]) -> None:
    assert HOUSE.meant(name) == meant


def test_a_display_that_is_called_all_is_that_one() -> None:
    assert DisplayNames(("wall", "all")).meant("all") == ("all",)


def test_each_display_of_a_group_chooses_for_itself(rooms: Rooms) -> None:
    outcome = done(rooms, "next", display="downstairs")
    assert [glance.display for glance in outcome.glances] == ["wall", "hall"]
    assert [event.payload["display"] for event in outcome.events] == ["wall", "hall"]
    assert outcome.reply.display is None
    check(outcome.reply)


@pytest.mark.parametrize(
    ("text", "keys"), [("next", {}), ("search", {"query": "red"}), ("similar", {"query": "blue"})]
)
def test_one_work_hangs_on_all(rooms: Rooms, home: Home, text: str, keys: dict[str, str]) -> None:
    for display, colour in (("wall", "green"), ("hall", "pink")):
        done(rooms, "show", artwork=home.work(colour), display=display)
    outcome = done(rooms, text, display="all", same=True, **keys)
    wall, hall = outcome.glances
    assert (wall.display, hall.display) == ("wall", "hall")
    assert wall.artwork.id == hall.artwork.id
    assert (wall.why, wall.match, wall.parts) == (hall.why, hall.match, hall.parts)
    assert outcome.reply.message == f"On every display: Showing {wall.artwork.label}."
    verbs = home.rows("SELECT verb FROM showings ORDER BY id DESC LIMIT 2")
    assert verbs == [(text,), (text,)]


def test_one_work_waits_for_the_panel_that_may_not_change(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wired, "encoder_of", lambda config: ColourEncoder())
    with open_rooms(config_of(home, min_interval_seconds=900)) as rooms:
        done(rooms, "next", display="hall")
        outcome = done(rooms, "search", query="red", display="downstairs", same=True)
        [wall] = outcome.glances
        assert rooms.showing.told_settings("hall").waiting == wall.artwork.id
        assert "wall: Showing" in outcome.reply.message
        assert "hall: “Red Field” hangs at " in outcome.reply.message
        assert outcome.settings_of == ("hall",)


def test_a_display_that_has_a_title_is_told_of_by_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wired, "encoder_of", lambda config: ColourEncoder())
    with open_rooms(config_of(home, title="Landing upstairs")) as rooms:
        told = said(rooms, "status", language="fr").message
        assert "wall : il n’y a encore rien. Landing upstairs : il" in told.replace("\u00a0", " ")
        done(rooms, "next", display="hall")
        told = said(rooms, "next", display="all", language="fr").message
        assert " Landing upstairs – Voici «\u00a0" in told


def test_how_the_displays_of_a_group_are_is_told_once(rooms: Rooms) -> None:
    done(rooms, "power", on=False, display="hall")
    for display, told in (
        (None, "wall is on; it stays until somebody asks for another."),
        ("hall", "hall is off."),
        ("downstairs", "wall is on. hall is off."),
        ("all", "wall is on. hall is off."),
    ):
        assert said(rooms, "status", about="power", display=display).message == told
    assert said(rooms, "status", display="all").message == said(rooms, "status").message
    assert said(rooms, "say", text="thanks", display="all").message == "You are welcome!"


@pytest.mark.parametrize(
    ("language", "off", "on"),
    [
        ("en", "All displays are off.", "All displays are on."),
        ("de", "Alle Bildschirme sind aus.", "Alle Bildschirme sind an."),
        ("fr", "Tous les écrans sont éteints.", "Tous les écrans sont allumés."),
        ("es", "Todas las pantallas están apagadas.", "Todas las pantallas están encendidas."),
        ("it", "Tutti i display sono spenti.", "Tutti i display sono accesi."),
        ("nl", "Alle schermen staan uit.", "Alle schermen staan aan."),
    ],
)
def test_what_several_displays_are_is_told_in_the_plural(
    rooms: Rooms, home: Home, language: str, off: str, on: str
) -> None:
    for _ in ("off", "off already"):
        assert said(rooms, "power", on=False, display="all", language=language).message == off
    shown = said(rooms, "search", query="red", same=True, display="all", language=language)
    assert shown.message.count(off) == 1
    assert shown.message.count("Red Field") == 1
    assert said(rooms, "power", on=True, display="all", language=language).message == on
    undone = said(rooms, "undo", display="all", language=language).message
    assert undone.count(".") == 2, undone


def test_on_which_displays_nobody_sees_what_was_put_up_is_told_once(rooms: Rooms) -> None:
    done(rooms, "power", on=False, display="hall")
    said_of_all = done(rooms, "next", display="all", same=True).reply.message
    assert said_of_all.startswith("On every display: Showing “")
    assert said_of_all.endswith(". hall is off.")
    assert done(rooms, "power", on=False, display="downstairs").reply.message == (
        "All displays are off."
    )


@pytest.mark.parametrize("language", known_languages())
@pytest.mark.parametrize(
    ("verb", "keys"),
    [
        ("next", {}), ("next", {"same": True}), ("search", {"query": "red"}), ("pause", {}),
        ("resume", {}), ("mood", {"mood": "calm"}), ("slideshow", {"on": False}),
        ("discovery", {"by": 5}), ("power", {"on": False}), ("power", {"on": True}),
    ],
)  # fmt: skip
def test_what_is_told_of_a_display_has_no_second_colon(
    rooms: Rooms, language: str, verb: str, keys: dict[str, Any]
) -> None:
    told = said(rooms, verb, display="all", language=language, **keys).message
    for of_one in re.split(r"(?<=\.) ", told):
        assert of_one.count(":") <= 1, told


def test_what_hangs_on_each_display_is_described(rooms: Rooms, home: Home) -> None:
    done(rooms, "show", artwork=home.work("red"), display="wall")
    done(rooms, "show", artwork=home.work("blue"), display="hall")
    told = said(rooms, "describe", display="all").message
    assert "wall: This is “Red Field”." in told
    assert "hall: This is “Blue Field”." in told


def test_settings_are_set_on_all_of_a_group(rooms: Rooms) -> None:
    assert done(rooms, "pause", display="downstairs").settings_of == ("wall", "hall")
    assert all(rooms.showing.told_settings(name).paused for name in ("wall", "hall"))


def test_what_is_about_one_picture_needs_one_display(rooms: Rooms) -> None:
    reply = said(rooms, "like", display="downstairs")
    assert reply.error is not None
    assert reply.error.code == ErrorCode.BAD_VALUE
    assert reply.message == "“like” is about the picture of one display."
    assert reply.error.hint == "Name one of wall, hall."
    french = said(rooms, "like", display="downstairs", language="fr")
    assert french.message == "«\u00a0j’aime\u00a0» concerne l’image d’un seul écran."


def test_an_unknown_name_is_answered_with_displays_and_groups(rooms: Rooms) -> None:
    reply = said(rooms, "next", display="cellar")
    assert reply.error is not None
    assert reply.error.code == ErrorCode.UNKNOWN_DISPLAY
    assert reply.error.hint == "Displays: wall, hall. Groups: downstairs."


def test_a_group_is_a_place_that_sentences_and_the_terminal_know(home: Home) -> None:
    config = config_of(home)
    assert [place.name for place in places_of(config)] == ["wall", "hall", "downstairs"]
    for name in ("hall", "downstairs", "all", None):
        require_display(config, name)
    require_display(config, "hall", one=True)
    for name, one in (("cellar", False), ("downstairs", True), ("all", True)):
        with pytest.raises(ConfigError, match="Groups: downstairs"):
            require_display(config, name, one=one)
