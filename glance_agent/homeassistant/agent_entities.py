"""What Home Assistant gets to see of the agent as a whole, as data."""

from __future__ import annotations

from typing import Any

from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.templates import (
    MAX_STATE_CHARS,
    key,
    on_where,
    quoted,
    state,
    text,
    to_json,
)

Component = dict[str, Any]

RESTART = "It is installed; restart the agent to run it."

_EMBEDDED_PERCENT = (
    "{% set all = value_json.get('artworks') %}"
    "{{ 100 * value_json.get('embedded') // all if all else none }}"
)
_MODEL_STATE = (
    f"{{{{ 'failed' if {key('model_error')}"
    f" else 'waiting' if {key('model_wanted')} else 'ready' }}}}"
)
_FETCHING = f"{{{{ 'fetching' if {key('ingesting')} else 'idle' }}}}"
_FREE_GIGABYTES = (
    "{% set free = value_json.get('free_disk_bytes') %}"
    "{{ (free / 1000000000) | round(1) if free is number else none }}"
)


def agent_entities(topics: Topics, latest_version: str | None) -> dict[str, Component]:
    """The components of the agent as a whole, by their short names."""
    return {
        **_collection(topics),
        **_condition(topics),
        **_asking(topics),
        **_answers(topics),
        **_reaction(topics),
        **_changed(topics),
        **(_update(topics, latest_version) if latest_version else {}),
    }


def _collection(topics: Topics) -> dict[str, Component]:
    agent: Component = {
        "platform": "sensor",
        "entity_category": "diagnostic",
        "state_topic": topics.agent,
    }
    return {
        "artworks": {
            **_sensor(agent, say("Artworks"), "mdi:image-album", state("artworks", fallback="0")),
            "unit_of_measurement": "artworks",
            "state_class": "measurement",
            # By this a script finds the agent's device, whatever its entities are called.
            "json_attributes_topic": topics.agent,
            "json_attributes_template": to_json({"base_topic": quoted(topics.base)}),
        },
        "embedded": {
            **_sensor(agent, say("Embedded"), "mdi:progress-check", _EMBEDDED_PERCENT),
            "unit_of_measurement": "%",
            "state_class": "measurement",
        },
        "model": _sensor(agent, say("Model"), "mdi:brain", state("model")),
        "disk": {
            **_sensor(agent, say("Free disk"), "mdi:harddisk", _FREE_GIGABYTES),
            "device_class": "data_size",
            "unit_of_measurement": "GB",
            "state_class": "measurement",
        },
    }


def _condition(topics: Topics) -> dict[str, Component]:
    """Whether all is well, what the model does, and whether pictures are being fetched."""
    agent: Component = {"entity_category": "diagnostic", "state_topic": topics.agent}
    missing, away = key("model_error"), f"({key('away')} or [])"
    trouble = {"model": text("model_error"), "away": f"{away}[:8]"}
    return {
        "problem": {
            **_sensor(agent, say("Problem"), "mdi:alert", on_where(f"{missing} or {away}")),
            "platform": "binary_sensor",
            "device_class": "problem",
            "json_attributes_topic": topics.agent,
            "json_attributes_template": to_json(trouble),
        },
        "readiness": {
            **_sensor(agent, say("Model state"), "mdi:brain", _MODEL_STATE),
            "platform": "sensor",
            "device_class": "enum",
            "options": ["ready", "waiting", "failed"],
        },
        "fetching": {
            **_sensor(agent, say("Fetching"), "mdi:image-sync", _FETCHING),
            "platform": "sensor",
            "device_class": "enum",
            "options": ["idle", "fetching"],
            "json_attributes_topic": topics.agent,
            "json_attributes_template": to_json({"from": text("ingesting")}),
        },
    }


def _asking(topics: Topics) -> dict[str, Component]:
    """What is asked of the agent as a whole."""
    return {
        "request": {
            "platform": "notify",
            "name": say("Request"),
            "icon": "mdi:message-text",
            "command_topic": topics.command,
        },
        "fetch": {
            "platform": "button",
            "name": say("Fetch pictures"),
            "icon": "mdi:image-plus",
            "entity_category": "diagnostic",
            "command_topic": topics.command,
            "payload_press": as_json({"command": "ingest"}),
        },
    }


def _answers(topics: Topics) -> dict[str, Component]:
    """The last answer and its error; they also keep Home Assistant subscribed to the answers."""
    answer: Component = {
        "platform": "sensor",
        "entity_category": "diagnostic",
        "state_topic": topics.response,
    }
    fault = "value_json.get('error') or {}"
    hint = f"(({fault}).get('hint') or '')[:{MAX_STATE_CHARS}]"
    attributes = {name: key(name) for name in ("verb", "ok", "display", "transaction")}
    problem = f"{{{{ 'No error' if {key('ok')} else {text('message')} }}}}"
    return {
        "answer": {
            **_sensor(answer, say("Last answer"), "mdi:message-reply-text", state("message")),
            "json_attributes_topic": topics.response,
            "json_attributes_template": to_json(attributes),
        },
        "error": {
            **_sensor(answer, say("Last error"), "mdi:alert-circle-outline", problem),
            "json_attributes_topic": topics.response,
            "json_attributes_template": to_json(
                {"code": f"({fault}).get('code')", "verb": key("verb"), "hint": hint}
            ),
        },
    }


def _reaction(topics: Topics) -> dict[str, Component]:
    work = f"({key('artwork')} or {{}})"
    event = {name: key(name) for name in ("event_type", "display", "user")}
    event["artwork"] = f"{work}.get('id')"
    event |= {
        name: f"({work}.get('{name}') or '')[:{MAX_STATE_CHARS}]" for name in ("title", "artist")
    }
    return {
        "reaction": {
            "platform": "event",
            "name": say("Reaction"),
            "icon": "mdi:heart-pulse",
            "state_topic": topics.event("reaction"),
            "value_template": to_json(event),
            "event_types": ["like", "dislike", "forget", "hide", "unhide"],
        }
    }


def _changed(topics: Topics) -> dict[str, Component]:
    """A new picture on any display, as a trigger to choose for an automation."""
    return {
        "changed": {
            "platform": "device_automation",
            "automation_type": "trigger",
            "topic": topics.event("shown"),
            "type": "changed",
            "subtype": "artwork",
        }
    }


def _update(topics: Topics, latest_version: str) -> dict[str, Component]:
    versions = {
        "installed_version": key("version"),
        "latest_version": quoted(latest_version),
        "release_summary": quoted(RESTART),
    }
    return {
        "version": {
            "platform": "update",
            "name": say("Version"),
            "entity_category": "diagnostic",
            "title": "glance-agent",
            "state_topic": topics.agent,
            "value_template": to_json(versions),
        }
    }


def _sensor(common: Component, name: str, icon: str, template: str) -> Component:
    return {**common, "name": name, "icon": icon, "value_template": template}
