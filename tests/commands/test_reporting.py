"""What is answered to “how is it going?”."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from glance_agent.commands.messages import Holdings
from glance_agent.commands.reporting import HangingNow, reported
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Glance, TimedSettings, shown
from glance_agent.domain.items import SoFar

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
