"""What is answered to “how is it going?”."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from glance_agent.commands.messages import Holdings
from glance_agent.commands.reporting import HangingNow, reported, switched
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Glance, TimedSettings, shown
from glance_agent.domain.items import SoFar
from glance_agent.domain.languages import in_language

SEA = Glance(
    display="wall",
    artwork=shown(Artwork(id="starter:sea", title="Sea", artist="Turner"), liked=None),
    shown_at=datetime(2026, 1, 1, tzinfo=UTC),
    why="Chosen for you",
    position=1,
)


def said(holds: Holdings, *displays: HangingNow) -> str:
    outcome = reported(holds, displays)
    assert outcome.republish
    assert outcome.reply.ok
    return outcome.reply.message


def on_the_wall(**settings: Any) -> str:
    now = HangingNow("wall", SEA, TimedSettings(**settings))
    return said(Holdings(68, 68, 68), now).removeprefix("All is well: 68 pictures are here. ")


@pytest.mark.parametrize(
    ("holds", "expected"),
    [
        (Holdings(68, 68, 68), "All is well: 68 pictures are here."),
        (Holdings(1, 1, 1), "All is well: 1 picture is here."),
        (Holdings(2000, 2000, 1500), "2,000 pictures are here, 500 of them not looked at yet."),
        (
            Holdings(0, 0, 0, SoFar(0, 68)),
            "No picture is here yet. 0 of 68 pictures are here so far.",
        ),
        (
            Holdings(68, 68, 68, away=("nas",)),
            "68 pictures are here. The source “nas” is away; it is tried again by itself.",
        ),
        (
            Holdings(9, 9, 8, away=("cloud", "nas")),
            "9 pictures are here, 1 of them not looked at yet. "
            "The sources “cloud” and “nas” are away; they are tried again by themselves.",
        ),
    ],
)
def test_the_collection_is_told_of(holds: Holdings, expected: str) -> None:
    assert said(holds) == expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"slideshow": False}, "it stays until somebody asks for another"),
        ({"slideshow": True, "interval_seconds": 600}, "it changes every 10 minutes"),
        ({"slideshow": True, "interval_seconds": 3600}, "it changes every hour"),
        ({"slideshow": True, "interval_seconds": 90}, "it changes every 90 seconds"),
        ({"slideshow": True, "paused": True}, "it is paused"),
        ({"slideshow": True, "paused": True, "power": False}, "it is off"),
    ],
)
def test_a_display_says_what_hangs_and_when_it_changes(
    settings: dict[str, Any], expected: str
) -> None:
    assert on_the_wall(**settings) == f"wall: “Sea” by Turner; {expected}."


def test_a_mood_is_told_and_so_are_bare_displays() -> None:
    assert "in the mood “calm”" in on_the_wall(mood="calm")
    bare = HangingNow("hall", None, TimedSettings())
    assert said(Holdings(1, 1, 1), bare).endswith("hall: nothing hangs there yet.")
    assert said(Holdings(1, 1, 1), *[bare] * 6).endswith("There are 2 more displays.")


def whether_on(language: str, **displays: dict[str, Any]) -> str:
    now = [HangingNow(name, SEA, TimedSettings(**settings)) for name, settings in displays.items()]
    outcome = switched(now)
    assert not outcome.republish
    said: str = in_language(outcome.reply.message, language)
    return said.replace("\u00a0", " ")


HALL: dict[str, Any] = {"slideshow": True, "interval_seconds": 600}
OFF, PAUSED = {**HALL, "power": False}, {**HALL, "paused": True}


@pytest.mark.parametrize(
    ("settings", "language", "expected"),
    [
        (HALL, "en", "Hall is on; it changes every 10 minutes."),
        (OFF, "en", "Hall is off."),
        (PAUSED, "en", "Hall is on, and paused."),
        ({**PAUSED, "power": False}, "en", "Hall is off."),
        ({"slideshow": False}, "en", "Hall is on; it stays until somebody asks for another."),
        (OFF, "de", "Hall ist aus."),
        (PAUSED, "fr", "L’écran Hall est allumé, en pause."),
        (HALL, "it", "Il display Hall è acceso; cambia ogni 10 minuti."),
    ],
)
def test_whether_a_display_is_on_is_told(
    settings: dict[str, Any], language: str, expected: str
) -> None:
    assert whether_on(language, Hall=settings) == expected


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "Hall and Attic are on. Study is on, and paused. Loft and Garage are off."),
        ("de", "Hall und Attic sind an. Study ist an und angehalten. Loft und Garage sind aus."),
        ("es", "Las pantallas Hall y Attic están encendidas. La pantalla Study está encendida, en "
               "pausa. Las pantallas Loft y Garage están apagadas."),
    ],
)  # fmt: skip
def test_of_several_displays_those_that_are_alike_are_told_of_together(
    language: str, expected: str
) -> None:
    displays = {"Hall": HALL, "Loft": OFF, "Study": PAUSED, "Attic": HALL, "Garage": OFF}
    assert whether_on(language, **displays) == expected
    assert whether_on("en", Hall=OFF, Attic=OFF) == "Hall and Attic are off."
