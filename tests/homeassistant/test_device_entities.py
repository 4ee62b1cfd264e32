"""What Home Assistant sees of devices: as its own classes, unknown where nothing is known."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from glance_agent.domain.device import DeviceReport, DeviceState
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.device_entities import device_entities
from glance_agent.homeassistant.discovery import DiscoveryFacts, DisplayFacts, discovery_messages
from tests.homeassistant.lint import problems
from tests.homeassistant.rendering import state

SAYS = ("battery", "charging", "signal", "firmware", "art_mode", "interval_seconds")
SEEN = datetime(2026, 6, 1, tzinfo=UTC)
FACTS = DiscoveryFacts("a1b2c3d4e5f6", "1", (DisplayFacts("wall", says=SAYS), DisplayFacts("hall")))


def shown(entity: str, **known: Any) -> str:
    told = DeviceState(seen_at=SEEN, **known).model_dump(mode="json")
    return state(device_entities(Topics(), "wall", SAYS)[entity]["value_template"], told)


@pytest.mark.parametrize(
    ("entity", "known", "said"),
    [
        ("battery", {"battery": 81.5}, "81.5"),
        ("battery", {}, "None"),
        ("lasts", {"days_left": 40}, "40"),
        ("lasts", {}, "None"),
        ("signal", {"signal": -61}, "-61"),
        ("charging", {"charging": True}, "ON"),
        ("charging", {"charging": False}, "OFF"),
        ("charging", {}, "None"),
        ("art", {"art_mode": False}, "OFF"),
        ("firmware", {"firmware": "1.4.2"}, "1.4.2"),
        ("firmware", {}, "None"),
        ("problem", {"missing": True}, "ON"),
        ("problem", {}, "OFF"),
        ("seen", {}, "2026-06-01T00:00:00Z"),
    ],
)
def test_a_state_is_what_the_device_says(entity: str, known: dict[str, Any], said: str) -> None:
    assert shown(entity, **known) == said


def test_battery_and_signal_are_of_their_classes() -> None:
    entities = device_entities(Topics(), "wall", SAYS)
    classes = {name: entity.get("device_class") for name, entity in entities.items()}
    assert classes["battery"] == "battery"
    assert classes["signal"] == "signal_strength"
    assert classes["problem"] == "problem"
    assert {entity["state_topic"] for entity in entities.values()} == {"glance/display/wall/device"}


def test_home_assistant_takes_them_and_a_silent_device_has_none() -> None:
    [_, wall, hall] = discovery_messages(FACTS, {})
    assert problems(wall.topic, wall.payload or {}) == []
    ours = {key.removeprefix("wall_") for key in (wall.payload or {})["components"]}
    others = {key.removeprefix("hall_") for key in (hall.payload or {})["components"]}
    added = {"seen", "battery", "lasts", "charging", "signal", "firmware", "art", "problem"}
    assert ours - others == added
    assert others <= ours


def test_what_a_kind_says_are_keys_of_the_device_topic() -> None:
    assert set(SAYS) <= set(DeviceReport.model_fields)
