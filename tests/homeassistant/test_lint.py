"""The lint itself: it finds every mistake of its table, and nothing in a good payload."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.homeassistant.lint import problems

TOPIC = "homeassistant/device/x1/config"
GOOD: dict[str, Any] = {
    "device": {"identifiers": ["x1"], "name": "X", "configuration_url": "http://x.local/"},
    "origin": {"name": "x"},
    "availability_topic": "x/status",
    "qos": 1,
    "components": {
        "search": {"platform": "text", "unique_id": "x1_a", "command_topic": "x/a", "max": 255},
        "image": {"platform": "image", "unique_id": "x1_b", "image_topic": "x/b"},
        "mood": {
            "platform": "select",
            "unique_id": "x1_c",
            "command_topic": "x/c",
            "options": ["a", "b"],
        },
        "title": {"platform": "sensor", "unique_id": "x1_d", "state_topic": "x/d"},
        "event": {
            "platform": "event",
            "unique_id": "x1_e",
            "state_topic": "x/e",
            "event_types": ["shown"],
        },
        "gone": {"platform": "sensor"},
    },
}


def test_a_good_payload_passes() -> None:
    assert problems(TOPIC, GOOD) == []
    assert problems("homeassistant/device/node/x1/config", None) == []


@pytest.mark.parametrize(
    "topic",
    ["homeassistant/device/x 1/config", "homeassistant/device/ä/config", "homeassistant/sensor/x"],
)
def test_an_illegal_topic_is_found(topic: str) -> None:
    assert problems(topic, GOOD)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["origin"], {}),
        (["device", "identifiers"], []),
        (["device", "sw_version"], None),
        (["device", "colour"], "red"),
        (["device", "configuration_url"], "x.local"),
        (["~"], "x"),
        (["qos"], 3),
        (["availability"], []),
        (["components", "title", "unique_id"], "x1_a"),
        (["components", "title", "unique_id"], ""),
        (["components", "title", "platform"], "media_player"),
        (["components", "title", "status_topic"], "x/d"),
        (["components", "title", "name"], None),
        (["components", "title", "entity_category"], "config"),
        (["components", "title", "options"], ["a"]),
        (["components", "title", "value_template"], "{{ value_json. }}"),
        (["components", "title", "value_template"], "{{ value_json.title }}"),
        (["components", "title", "default_entity_id"], "sensor.a__b"),
        (["components", "title", "default_entity_id"], "button.a"),
        (["components", "title", "entity_picture"], "/local/x.png"),
        (["components", "title", "state_topic"], "homeassistant/x"),
        (["components", "title", "device_class"], "duration"),
        (["components", "search", "max"], 300),
        (["components", "search", "min"], 256),
        (["components", "search", "command_topic"], "x/#"),
        (["components", "search", "retain"], True),
        (["components", "image", "url_topic"], "x/u"),
        (["components", "image", "image_encoding"], "hex"),
        (["components", "mood", "options"], []),
        (["components", "mood", "options"], ["None"]),
        (["components", "event", "event_types"], []),
        (["components", "event", "device_class"], "art"),
    ],
)
def test_every_mistake_of_the_table_is_found(path: list[str], value: Any) -> None:
    payload = copy.deepcopy(GOOD)
    place = payload
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert problems(TOPIC, payload)
