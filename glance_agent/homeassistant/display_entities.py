"""What Home Assistant gets to see of one display, as data.

Commands go to the contract's own command topics, states come from its retained topics. Names of
components are single words: `<display>_<component>` then tells display and component apart.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.templates import MAX_STATE_CHARS, key, quoted, state, text, to_json

Component = dict[str, Any]

NO_MOOD = "No mood"
MAX_ATTRIBUTE_CHARS = 300
MAX_URL_CHARS = 1_000
"""Both keep all attributes of a work below the 16 kB that Home Assistant's recorder takes."""

_TEXT_ATTRIBUTES = ("artist", "date", "medium", "source", "credit", "licence", "why", "shown_at")
_URL_ATTRIBUTES = ("page_url", "image_url")
_MATCH_PERCENT = (
    "{% set match = value_json.get('match') %}"
    "{{ (match * 100) | round | int if match is number else none }}"
)
_PLAIN_ATTRIBUTES = ("liked", "position", "match", "year_from", "year_to", "width", "height")


def display_entities(
    topics: Topics, display: str, content_type: str, moods: Mapping[str, str]
) -> dict[str, Component]:
    """The components of one display, by their short names."""
    return {
        **_picture(topics, display, content_type),
        **_asking(topics, display),
        **_buttons(topics, display),
        **_mood(topics, display, moods),
        **_settings(topics, display),
        **_time(topics, display),
        **_happenings(topics, display),
    }


def _picture(topics: Topics, display: str, content_type: str) -> dict[str, Component]:
    artwork = {"platform": "sensor", "state_topic": topics.artwork(display)}
    return {
        "picture": {
            "platform": "image",
            "name": "Picture",
            "icon": "mdi:image-frame",
            "image_topic": topics.image(display),
            "content_type": content_type,
        },
        "title": {
            **artwork,
            "name": "Title",
            "icon": "mdi:palette",
            "value_template": state("title", fallback="Untitled"),
            "json_attributes_topic": topics.artwork(display),
            "json_attributes_template": to_json(_attributes()),
        },
        "artist": _sensor(artwork, "Artist", "mdi:account-edit", state("artist")),
        "year": _sensor(artwork, "Year", "mdi:calendar", state("date", "year_from")),
        "why": _sensor(artwork, "Why this one", "mdi:comment-question", state("why")),
        "match": {
            **_sensor(artwork, "Match", "mdi:percent-circle", _MATCH_PERCENT),
            "unit_of_measurement": "%",
        },
    }


def _sensor(artwork: Component, name: str, icon: str, template: str) -> Component:
    return {**artwork, "name": name, "icon": icon, "value_template": template}


def _asking(topics: Topics, display: str) -> dict[str, Component]:
    return {
        "search": {
            "platform": "text",
            "name": "Search",
            "icon": "mdi:magnify",
            "command_topic": f"{topics.command}/say",
            "command_template": _said(display),
            "min": 1,
            "max": MAX_STATE_CHARS,
        },
        "request": {
            "platform": "notify",
            "name": "Request",
            "icon": "mdi:message-text",
            "command_topic": topics.command,
            "command_template": _request(display),
        },
    }


def _said(display: str) -> str:
    """Any sentence, for the display unless it names another."""
    return f"{{{{ {{'text': value, 'display': {quoted(display)}}} | to_json }}}}"


def _request(display: str) -> str:
    """Words are understood as any sentence is, for the display unless they name another.

    JSON is a command, for this display unless it says. It goes on as text, with the display before
    its keys, since the last of two equal keys counts: what is not valid is answered by the agent,
    not by a fault of the template.
    """
    here = quoted(display)
    return (
        "{% set words = value | trim %}"
        "{% if words.startswith('{') %}"
        f"{{{{ '{{\"display\": {here}, ' ~ words[1:] }}}}"
        "{% else %}"
        f"{{{{ {{'command': 'say', 'text': words, 'display': {here}}} | to_json }}}}"
        "{% endif %}"
    )


def _buttons(topics: Topics, display: str) -> dict[str, Component]:
    kinds = (
        ("next", "next", "Next", "mdi:skip-next"),
        ("previous", "previous", "Previous", "mdi:skip-previous"),
        ("like", "like", "Like", "mdi:heart"),
        ("dislike", "dislike", "Dislike", "mdi:heart-broken"),
        ("similar", "similar", "More like this", "mdi:image-multiple"),
        ("hide", "hide", "Hide", "mdi:eye-off"),
        ("undo", "undo", "Undo", "mdi:undo"),
        ("unhide", "unhide", "Unhide last", "mdi:eye-refresh"),
        ("describe", "describe", "Describe", "mdi:information"),
    )
    return {
        component: {
            "platform": "button",
            "name": name,
            "icon": icon,
            "command_topic": _command(topics, verb, display),
        }
        for component, verb, name, icon in kinds
    }


def _mood(topics: Topics, display: str, moods: Mapping[str, str]) -> dict[str, Component]:
    command = _command(topics, "mood", display)
    words: Component = {
        "platform": "text",
        "name": "Mood words",
        "icon": "mdi:text",
        "command_topic": command,
        "command_template": "{{ {'mood': value} | to_json }}",
        "state_topic": topics.settings(display),
        "value_template": f"{{{{ {text('mood')} }}}}",
        "min": 0,
        "max": MAX_STATE_CHARS,
    }
    if not moods:
        return {"words": words}
    by_name = quoted(dict(moods))
    by_words = quoted({text: name for name, text in moods.items()})
    select: Component = {
        "platform": "select",
        "name": "Mood",
        "icon": "mdi:weather-sunset",
        "command_topic": command,
        "command_template": f"{{{{ {{'mood': {by_name}.get(value, '')}} | to_json }}}}",
        "state_topic": topics.settings(display),
        "value_template": (
            f"{{{{ {by_words}.get({key('mood')}, none) if {key('mood')} else {quoted(NO_MOOD)} }}}}"
        ),
        "options": [NO_MOOD, *moods],
    }
    return {"mood": select, "words": words}


def _settings(topics: Topics, display: str) -> dict[str, Component]:
    slideshow = _command(topics, "slideshow", display)
    settings = {"state_topic": topics.settings(display)}
    return {
        "slideshow": {
            "platform": "switch",
            "name": "Slideshow",
            "icon": "mdi:play-box-multiple",
            "command_topic": slideshow,
            "value_template": "{{ 'ON' if value_json.get('slideshow') else 'OFF' }}",
            **settings,
        },
        "interval": {
            "platform": "number",
            "name": "Interval",
            "icon": "mdi:timer-outline",
            "entity_category": "config",
            "command_topic": slideshow,
            "command_template": "{{ {'interval_seconds': value | int} | to_json }}",
            "value_template": state("interval_seconds"),
            "device_class": "duration",
            "unit_of_measurement": "s",
            "min": 10,
            "max": 604_800,
            "mode": "box",
            **settings,
        },
        "discovery": {
            "platform": "number",
            "name": "Discovery",
            "icon": "mdi:compass",
            "entity_category": "config",
            "command_topic": _command(topics, "discovery", display),
            "value_template": f"{{{{ {key('discovery')} }}}}",
            "unit_of_measurement": "%",
            "min": 0,
            "max": 100,
            "mode": "slider",
            **settings,
        },
    }


def _time(topics: Topics, display: str) -> dict[str, Component]:
    """Whether anything changes by itself, and when."""
    settings = {"state_topic": topics.settings(display)}
    here = {"display": display}
    return {
        "pause": {
            "platform": "switch",
            "name": "Pause",
            "icon": "mdi:pause-circle-outline",
            "command_topic": topics.command,
            "payload_on": as_json({"command": "pause", **here}),
            "payload_off": as_json({"command": "resume", **here}),
            "state_on": "ON",
            "state_off": "OFF",
            "value_template": f"{{{{ 'ON' if {key('paused')} else 'OFF' }}}}",
            **settings,
        },
        "change": {
            "platform": "sensor",
            "name": "Next change",
            "icon": "mdi:clock-outline",
            "device_class": "timestamp",
            "value_template": state("next_change_at"),
            **settings,
        },
        "quiet": {
            "platform": "sensor",
            "name": "Quiet until",
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
            "name": "Shown",
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
    }


def _short_url(name: str) -> str:
    value = f"({key(name)} or '')"
    return f"{value} if {value} | length <= {MAX_URL_CHARS} else ''"


def _command(topics: Topics, verb: str, display: str) -> str:
    return f"{topics.command}/{verb}/{display}"
