"""What Home Assistant gets to see of the device of a display, where it says something, as data."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from glance_agent.domain.said import say
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.templates import key, on_where, state

Component = dict[str, Any]
_DIAGNOSTIC = {"entity_category": "diagnostic"}


def device_entities(topics: Topics, display: str, says: Collection[str]) -> dict[str, Component]:
    """The components for what a device says, which are keys of the device topic, by short names;
    none for a device that says nothing."""
    there = {
        **(_seen() if says else {}),
        **(_battery() if "battery" in says else {}),
        **({"charging": _charging()} if "charging" in says else {}),
        **({"signal": _signal()} if "signal" in says else {}),
        **({"firmware": _firmware()} if "firmware" in says else {}),
        **({"art": _art_mode()} if "art_mode" in says else {}),
        **({"problem": _problem()} if "interval_seconds" in says else {}),
    }
    topic = {"state_topic": topics.device(display)}
    return {name: {**component, **topic} for name, component in there.items()}


def _seen() -> dict[str, Component]:
    return {
        "seen": {
            "platform": "sensor",
            "name": say("Last seen"),
            "icon": "mdi:eye-check-outline",
            "device_class": "timestamp",
            "value_template": state("seen_at"),
            **_DIAGNOSTIC,
        }
    }


def _battery() -> dict[str, Component]:
    return {
        "battery": {
            "platform": "sensor",
            "name": say("Battery"),
            "device_class": "battery",
            "state_class": "measurement",
            "unit_of_measurement": "%",
            "value_template": _number("battery"),
            **_DIAGNOSTIC,
        },
        "lasts": {
            "platform": "sensor",
            "name": say("Battery lasts"),
            "icon": "mdi:battery-clock-outline",
            "device_class": "duration",
            "unit_of_measurement": "d",
            "value_template": _number("days_left"),
            **_DIAGNOSTIC,
        },
    }


def _charging() -> Component:
    return {
        "platform": "binary_sensor",
        "name": say("Charging"),
        "device_class": "battery_charging",
        "value_template": _if_known("charging"),
        **_DIAGNOSTIC,
    }


def _signal() -> Component:
    return {
        "platform": "sensor",
        "name": say("Signal"),
        "device_class": "signal_strength",
        "state_class": "measurement",
        "unit_of_measurement": "dBm",
        "value_template": _number("signal"),
        **_DIAGNOSTIC,
    }


def _firmware() -> Component:
    return {
        "platform": "sensor",
        "name": say("Firmware"),
        "icon": "mdi:chip",
        "value_template": state("firmware"),
        **_DIAGNOSTIC,
    }


def _art_mode() -> Component:
    return {
        "platform": "binary_sensor",
        "name": say("Art mode"),
        "icon": "mdi:image-frame",
        "value_template": _if_known("art_mode"),
    }


def _problem() -> Component:
    return {
        "platform": "binary_sensor",
        "name": say("Missing"),
        "device_class": "problem",
        "value_template": on_where(key("missing")),
        **_DIAGNOSTIC,
    }


def _number(name: str) -> str:
    """A template for a number; none, which is unknown, where there is none."""
    return f"{{{{ {key(name)} }}}}"


def _if_known(name: str) -> str:
    """A template for `ON` or `OFF`, and for unknown where it is neither."""
    value = key(name)
    return f"{{{{ none if {value} is none else 'ON' if {value} else 'OFF' }}}}"
