"""What a person can do with one display in Home Assistant, as data.

Commands go to the contract's own command topics, states come from its retained topics.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glance_agent.domain.said import say
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.templates import (
    MAX_STATE_CHARS,
    key,
    on_where,
    quoted,
    state,
    text,
)

Component = dict[str, Any]

NO_MOOD = "No mood"


def display_controls(
    topics: Topics, display: str, moods: Mapping[str, str]
) -> dict[str, Component]:
    """The components by which a display is asked and set, by their short names."""
    return {
        **_asking(topics, display),
        **_buttons(topics, display),
        **_mood(topics, display, moods),
        **_settings(topics, display),
    }


def _asking(topics: Topics, display: str) -> dict[str, Component]:
    return {
        "search": {
            "platform": "text",
            "name": say("Search"),
            "icon": "mdi:magnify",
            "command_topic": f"{topics.command}/say",
            "command_template": _said(display),
            "min": 1,
            "max": MAX_STATE_CHARS,
        },
        "request": {
            "platform": "notify",
            "name": say("Request"),
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
        ("next", "next", say("Next"), "mdi:skip-next"),
        ("previous", "previous", say("Previous"), "mdi:skip-previous"),
        ("like", "like", say("Like"), "mdi:heart"),
        ("dislike", "dislike", say("Dislike"), "mdi:heart-broken"),
        ("similar", "similar", say("More like this"), "mdi:image-multiple"),
        ("hide", "hide", say("Hide"), "mdi:eye-off"),
        ("undo", "undo", say("Undo"), "mdi:undo"),
        ("unhide", "unhide", say("Unhide last"), "mdi:eye-refresh"),
        ("describe", "describe", say("Describe"), "mdi:information"),
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
        "name": say("Mood words"),
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
        "name": say("Mood"),
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
            "name": say("Slideshow"),
            "icon": "mdi:play-box-multiple",
            "command_topic": slideshow,
            "value_template": on_where(key("slideshow")),
            **settings,
        },
        "interval": {
            "platform": "number",
            "name": say("Interval"),
            "icon": "mdi:timer-outline",
            "entity_category": "config",
            "command_topic": slideshow,
            "command_template": "{{ {'interval_seconds': value | round | int} | to_json }}",
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
            "name": say("Discovery"),
            "icon": "mdi:compass",
            "entity_category": "config",
            "command_topic": _command(topics, "discovery", display),
            "command_template": "{{ value | round | int }}",
            "value_template": f"{{{{ {key('discovery')} }}}}",
            "unit_of_measurement": "%",
            "min": 0,
            "max": 100,
            "mode": "slider",
            **settings,
        },
    }


def _command(topics: Topics, verb: str, display: str) -> str:
    return f"{topics.command}/{verb}/{display}"
