"""What Home Assistant gets to see of the agent as a whole, as data."""

from __future__ import annotations

from typing import Any

from glance_agent.jinja import MAX_STATE_CHARS, quoted, state
from glance_agent.topics import Topics

Component = dict[str, Any]

_EMBEDDED_PERCENT = (
    "{{ 100 * value_json.embedded // value_json.artworks if value_json.artworks else none }}"
)
_FREE_GIGABYTES = (
    "{{ (value_json.free_disk_bytes / 1000000000) | round(1) "
    "if value_json.free_disk_bytes is number else none }}"
)


def agent_entities(topics: Topics, latest_version: str | None) -> dict[str, Component]:
    """The components of the agent as a whole, by their short names."""
    return {
        **_collection(topics),
        **_answers(topics),
        "reaction": {
            "platform": "event",
            "name": "Reaction",
            "icon": "mdi:heart-pulse",
            "state_topic": topics.event("reaction"),
            "event_types": ["like", "dislike", "forget", "hide"],
        },
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
            **_sensor(agent, "Artworks", "mdi:image-album", "{{ value_json.artworks }}"),
            "unit_of_measurement": "artworks",
            "state_class": "measurement",
        },
        "embedded": {
            **_sensor(agent, "Embedded", "mdi:progress-check", _EMBEDDED_PERCENT),
            "unit_of_measurement": "%",
            "state_class": "measurement",
        },
        "model": _sensor(agent, "Model", "mdi:brain", state("model")),
        "disk": {
            **_sensor(agent, "Free disk", "mdi:harddisk", _FREE_GIGABYTES),
            "device_class": "data_size",
            "unit_of_measurement": "GB",
            "state_class": "measurement",
        },
    }


def _answers(topics: Topics) -> dict[str, Component]:
    """The last answer and its error; they also keep Home Assistant subscribed to the answers."""
    answer: Component = {
        "platform": "sensor",
        "entity_category": "diagnostic",
        "state_topic": topics.response,
    }
    sentence = f"(value_json.message | default('', true))[:{MAX_STATE_CHARS}] or none"
    fault = "value_json.error | default({}, true)"
    return {
        "answer": {
            **_sensor(answer, "Last answer", "mdi:message-reply-text", f"{{{{ {sentence} }}}}"),
            "json_attributes_topic": topics.response,
            "json_attributes_template": (
                "{{ {'verb': value_json.verb, 'ok': value_json.ok, "
                "'display': value_json.display, 'transaction': value_json.transaction} | to_json }}"
            ),
        },
        "error": {
            **_sensor(
                answer,
                "Last error",
                "mdi:alert-circle-outline",
                f"{{{{ 'No error' if value_json.ok else {sentence} }}}}",
            ),
            "json_attributes_topic": topics.response,
            "json_attributes_template": (
                f"{{% set fault = {fault} %}}"
                "{{ {'code': fault.code | default(none), 'verb': value_json.verb, "
                f"'hint': (fault.hint | default('', true))[:{MAX_STATE_CHARS}]}} | to_json }}}}"
            ),
        },
    }


def _update(topics: Topics, latest_version: str) -> dict[str, Component]:
    template = (
        "{{ {'installed_version': value_json.version, "
        f"'latest_version': {quoted(latest_version)}}} | to_json }}}}"
    )
    return {
        "version": {
            "platform": "update",
            "name": "Version",
            "entity_category": "diagnostic",
            "title": "glance-agent",
            "state_topic": topics.agent,
            "value_template": template,
        }
    }


def _sensor(common: Component, name: str, icon: str, template: str) -> Component:
    return {**common, "name": name, "icon": icon, "value_template": template}
