"""Templates rendered as Home Assistant renders them, as far as ours go; a missing key raises."""

from __future__ import annotations

import json
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment


def _compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=jinja2.StrictUndefined)
_ENVIRONMENT.filters["to_json"] = _compact
_ENVIRONMENT.filters["from_json"] = json.loads


def state(template: str, payload: Any) -> str:
    """The state that a value template makes of a JSON payload."""
    value = _compact(payload)
    return _ENVIRONMENT.from_string(template).render(value=value, value_json=payload).strip()


def command(component: dict[str, Any], value: Any = "") -> bytes:
    """What Home Assistant publishes when a person sets the component to a value."""
    template = component.get("command_template")
    if component["platform"] == "button":
        return str(component.get("payload_press", "PRESS")).encode()
    if component["platform"] == "switch":
        value = component.get(f"payload_{value.lower()}", value)
    if template is None:
        return str(value).encode()
    return _ENVIRONMENT.from_string(template).render(value=value).encode()
