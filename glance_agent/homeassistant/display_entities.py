"""What Home Assistant gets to see of one display, as data.

States come from the contract's retained topics. Names of components are single words:
`<display>_<component>` then tells display and component apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.display_controls import display_controls
from glance_agent.homeassistant.templates import (
    key,
    on_where,
    quoted,
    state,
    text,
    to_json,
)

Component = dict[str, Any]

MAX_ATTRIBUTE_CHARS = 300
MAX_URL_CHARS = 1_000
"""Both keep all attributes of a work below the 16 kB that Home Assistant's recorder takes."""

_TEXT_ATTRIBUTES = (
    "artist",
    "date",
    "dated",
    "medium",
    "source",
    "credit",
    "licence",
    "why",
    "shown_at",
)
_URL_ATTRIBUTES = ("page_url", "image_url")
_MATCH_PERCENT = (
    "{% set match = value_json.get('match') %}"
    "{{ (match * 100) | round | int if match is number else none }}"
)
_PAIR_TEXTS = ("title", "artist", "date")
_PLAIN_ATTRIBUTES = ("liked", "position", "match", "year_from", "year_to", "width", "height")


def display_entities(
    topics: Topics, display: str, content_type: str, moods: Mapping[str, str]
) -> dict[str, Component]:
    """The components of one display, by their short names."""
    return {
        **_picture(topics, display, content_type),
        **display_controls(topics, display, moods),
        **_switches(topics, display),
        **_times(topics, display),
        **_happenings(topics, display),
    }


def _picture(topics: Topics, display: str, content_type: str) -> dict[str, Component]:
    artwork = {"platform": "sensor", "state_topic": topics.artwork(display)}
    return {
        "picture": {
            "platform": "image",
            "name": say("Picture"),
            "icon": "mdi:image-frame",
            "image_topic": topics.image(display),
            "content_type": content_type,
        },
        "title": {
            **artwork,
            "name": say("Title"),
            "icon": "mdi:palette",
            "value_template": state("title", fallback="Untitled"),
            "json_attributes_topic": topics.artwork(display),
            "json_attributes_template": to_json(_attributes()),
        },
        "artist": _sensor(artwork, say("Artist"), "mdi:account-edit", state("artist")),
        "year": _sensor(artwork, say("Year"), "mdi:calendar", state("date", "year_from")),
        "why": _sensor(artwork, say("Why this one"), "mdi:comment-question", state("why")),
        "match": {
            **_sensor(artwork, say("Match"), "mdi:percent-circle", _MATCH_PERCENT),
            "unit_of_measurement": "%",
        },
        "liked": {
            **_sensor(artwork, say("Liked"), "mdi:heart-outline", on_where(key("liked"))),
            "platform": "binary_sensor",
        },
    }


def _sensor(artwork: Component, name: str, icon: str, template: str) -> Component:
    return {**artwork, "name": name, "icon": icon, "value_template": template}


def _switches(topics: Topics, display: str) -> dict[str, Component]:
    """Whether the display is on, and whether anything changes by itself."""
    here = {"display": display}
    return {
        "power": {
            "platform": "switch",
            "name": say("Power"),
            "icon": "mdi:power",
            "command_topic": topics.command,
            "payload_on": as_json({"command": "power", "on": True, **here}),
            "payload_off": as_json({"command": "power", "on": False, **here}),
            "state_topic": topics.power(display),
            "state_on": "on",
            "state_off": "off",
        },
        "pause": {
            "platform": "switch",
            "name": say("Pause"),
            "icon": "mdi:pause-circle-outline",
            "command_topic": topics.command,
            "payload_on": as_json({"command": "pause", **here}),
            "payload_off": as_json({"command": "resume", **here}),
            "state_on": "ON",
            "state_off": "OFF",
            "value_template": on_where(key("paused")),
            "state_topic": topics.settings(display),
        },
    }


def _times(topics: Topics, display: str) -> dict[str, Component]:
    """When something changes by itself."""
    settings = {"state_topic": topics.settings(display)}
    return {
        "change": {
            "platform": "sensor",
            "name": say("Next change"),
            "icon": "mdi:clock-outline",
            "device_class": "timestamp",
            "value_template": state("next_change_at"),
            **settings,
        },
        "quiet": {
            "platform": "sensor",
            "name": say("Quiet until"),
            "icon": "mdi:sleep",
            "device_class": "timestamp",
            "entity_category": "diagnostic",
            "value_template": state("quiet_until"),
            **settings,
        },
    }


def _happenings(topics: Topics, display: str) -> dict[str, Component]:
    """A new picture, as an event to look at and as a trigger to choose for an automation."""
    topic = topics.event("shown")
    return {
        "shown": {
            "platform": "event",
            "name": say("Shown"),
            "icon": "mdi:image-refresh",
            "state_topic": topic,
            "value_template": _own_event(display),
            "event_types": ["shown"],
        },
        "changed": {
            "platform": "device_automation",
            "automation_type": "trigger",
            "topic": topic,
            "value_template": state("display"),
            "payload": display,
            "type": "changed",
            "subtype": "artwork",
        },
    }


def _own_event(display: str) -> str:
    """A template for the events of one display; it makes nothing of those of the others."""
    event = {"event_type": key("event_type"), "title": text("title", MAX_ATTRIBUTE_CHARS)}
    told = to_json({**event, **_attributes()})
    return f"{{% if {key('display')} == {quoted(display)} %}}{told}{{% endif %}}"


def _attributes() -> dict[str, str]:
    """Expressions for the attributes of a work, each cut so that all stay below the limit."""
    return {
        "artwork": key("id"),
        **{name: text(name, MAX_ATTRIBUTE_CHARS) for name in _TEXT_ATTRIBUTES},
        **{name: _short_url(name) for name in _URL_ATTRIBUTES},
        **{name: key(name) for name in _PLAIN_ATTRIBUTES},
        "colours": f"({key('colours')} or [])[:8]",
        "pair": _beside(),
    }


def _beside() -> str:
    """An expression for the work that hangs beside it, or none."""
    told = {
        "artwork": "pair.get('id')",
        **{n: f"(pair.get('{n}') or '')[:{MAX_ATTRIBUTE_CHARS}]" for n in _PAIR_TEXTS},
        "liked": "pair.get('liked')",
    }
    inside = ", ".join(f"{quoted(name)}: {value}" for name, value in told.items())
    pair = key("pair")
    return f"({{{inside}}} if {pair} else none)".replace("pair.get(", f"{pair}.get(")


def _short_url(name: str) -> str:
    value = f"({key(name)} or '')"
    return f"{value} if {value} | length <= {MAX_URL_CHARS} else ''"
