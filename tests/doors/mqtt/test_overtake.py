"""What may be carried out while the picture that an earlier command names is fetched."""

from __future__ import annotations

from typing import Any

import pytest

from glance_agent.domain.command import COMMANDS, Command
from glance_agent.domain.display_names import DisplayNames
from glance_agent.doors.mqtt.queue import may_overtake

URL = "https://museum.example/a.jpg"
HOUSE = DisplayNames(("wall", "hall"), {"downstairs": ("wall",), "up": ("hall",)})
ON_THE_WALL = {"verb": "show", "image_url": URL, "display": "wall"}


def command(keys: dict[str, Any]) -> Command:
    return COMMANDS[keys["verb"]].model_validate(keys)


@pytest.mark.parametrize(
    "later",
    [
        {"verb": "next", "display": "wall"},
        {"verb": "next"},
        {"verb": "previous", "display": "wall"},
        {"verb": "next", "display": "downstairs"},
        {"verb": "next", "display": "all"},
        {"verb": "show", "artwork": "a:1"},
        {"verb": "search", "query": "sea", "display": "wall"},
        {"verb": "similar", "artwork": "a:1", "display": "wall"},
        {"verb": "show", "image_url": URL, "display": "hall"},
        {"verb": "search", "image_url": URL, "show": False},
    ],
)
def test_what_hangs_on_the_same_display_or_has_to_be_fetched_waits(later: dict[str, Any]) -> None:
    assert not may_overtake(command(later), command(ON_THE_WALL), HOUSE)


@pytest.mark.parametrize(
    "later",
    [
        {"verb": "next", "display": "hall"},
        {"verb": "next", "display": "up"},
        {"verb": "search", "query": "sea", "show": False, "display": "wall"},
        {"verb": "describe"},
        {"verb": "like", "display": "wall"},
        {"verb": "hide", "artwork": "a:1"},
        {"verb": "mood", "mood": "calm", "display": "wall"},
        {"verb": "status"},
        {"verb": "ingest"},
    ],
)
def test_all_else_need_not_wait(later: dict[str, Any]) -> None:
    assert may_overtake(command(later), command(ON_THE_WALL), HOUSE)


def test_a_search_that_shows_nothing_holds_no_display() -> None:
    awaited = command({"verb": "search", "image_url": URL, "show": False})
    assert may_overtake(command({"verb": "next"}), awaited, HOUSE)


def test_what_names_no_display_is_for_the_first() -> None:
    awaited = command({"verb": "show", "image_url": URL})
    assert not may_overtake(command({"verb": "next", "display": "wall"}), awaited, HOUSE)
    assert may_overtake(command({"verb": "next", "display": "hall"}), awaited, HOUSE)
