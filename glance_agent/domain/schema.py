"""The contract as documents: JSON Schema per command, AsyncAPI 3 for all of it.

Both are made from the models that the agent itself validates and answers with. The references
below a schema's `$defs` are moved to the document's own components.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from glance_agent.domain.command import COMMANDS, keys_of
from glance_agent.domain.device import DeviceState
from glance_agent.domain.display import TimedSettings
from glance_agent.domain.errors import ERROR_MEANINGS
from glance_agent.domain.published import (
    AgentFacts,
    DisplayArtwork,
    ErrorMessage,
    IngestEvent,
    ModelEvent,
    ReactionEvent,
    ShownEvent,
)
from glance_agent.domain.reply import Reply
from glance_agent.domain.topics import Topics

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
COMPONENTS = "#/components/schemas/"

_BOUNDS = {"ge": "minimum", "le": "maximum", "gt": "exclusiveMinimum", "lt": "exclusiveMaximum"}


def command_schema(verb: str) -> Schema:
    """The JSON Schema of a command's JSON payload; KeyError for an unknown verb."""
    kind = COMMANDS[verb]
    made = _tidy(kind.model_json_schema(by_alias=True))
    known = keys_of(kind)
    properties = {
        "command": {"const": verb, "description": "the verb, where the topic does not name it"},
        **{key: made["properties"][key] for key in known},
    }
    needed = kind.needs_one_of
    return {
        "$schema": DIALECT,
        "title": verb,
        "description": f"{kind.__doc__} As plain text: {kind.plain_text.said}.",
        "type": "object",
        "properties": properties,
        **({"required": made["required"]} if "required" in made else {}),
        **({"anyOf": [{"required": [key]} for key in needed]} if needed else {}),
        "additionalProperties": False,
    }


def asyncapi(base: str) -> Schema:
    """The whole contract below a base topic as an AsyncAPI 3.0 document."""
    topics = Topics(base)
    channels = {**_command_channels(topics), **_channels_out(topics)}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "glance-agent",
            "version": "1.0.0",
            "description": (
                "What a glance-agent understands and says over MQTT. Commands are sent at QoS 1 "
                "and never retained. Every command is answered."
            ),
            "license": {"name": "MIT"},
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": {**_operations_in(), **_operations_out()},
        "components": {"messages": _messages(), "schemas": _schemas()},
    }


# -- channels and operations -------------------------------------------------------------------

_DISPLAY = {"display": {"description": "The name of a configured display, such as wall."}}
_SAID: dict[str, tuple[str, bool, str]] = {
    "response": ("Reply", False, "The answer to every command."),
    "error": ("ErrorMessage", False, "What went wrong, of every command that failed."),
    "status": ("Status", True, "Whether the agent is there; offline is also its last will."),
    "agent": ("AgentFacts", True, "The facts about the agent."),
    "artwork": ("DisplayArtwork", True, "What a display shows."),
    "image": ("Image", True, "The picture, rendered for the display."),
    "settings": ("TimedSettings", True, "What is set for the display."),
    "power": ("Power", True, "Whether the display is wanted to be on."),
    "device": ("DeviceState", True, "What the device of the display says of itself."),
    "shown": ("ShownEvent", False, "A display shows another work."),
    "reaction": ("ReactionEvent", False, "Somebody said what they think of a work."),
    "ingest": ("IngestEvent", False, "How the fetching of pictures goes on."),
    "model": ("ModelEvent", False, "How the fetching of a model goes on."),
}
"""Channel -> message, whether it is retained, and what it tells."""


def _command_channels(topics: Topics) -> Schema:
    """One channel for whole commands, and two per verb: with and without a display."""
    every = {verb: {"$ref": f"#/components/messages/{verb}"} for verb in COMMANDS}
    channels: Schema = {
        "command": {
            "address": topics.command,
            "description": "A whole command: “search stormy sea”, or JSON with “command”.",
            "messages": every,
        }
    }
    for verb, message in every.items():
        plain = COMMANDS[verb].plain_text.said
        channels[f"command_{verb}"] = {
            "address": f"{topics.command}/{verb}",
            "description": f"For the default display. Plain text: {plain}.",
            "messages": {verb: message},
        }
        channels[f"command_{verb}_display"] = {
            "address": f"{topics.command}/{verb}/{{display}}",
            "parameters": _DISPLAY,
            "messages": {verb: message},
        }
    return channels


def _channels_out(topics: Topics) -> Schema:
    of_display: dict[str, Callable[[str], str]] = {
        "artwork": topics.artwork,
        "image": topics.image,
        "settings": topics.settings,
        "power": topics.power,
        "device": topics.device,
    }
    plain = {name: getattr(topics, name) for name in ("response", "error", "status", "agent")}
    events = {name: topics.event(name) for name in ("shown", "reaction", "ingest", "model")}
    shaped = {name: make("{display}") for name, make in of_display.items()}
    channels: Schema = {}
    for name, address in {**plain, **shaped, **events}.items():
        message, retained, tells = _SAID[name]
        channels[name] = {
            "address": address,
            "description": f"{tells} {'Retained.' if retained else 'Not retained.'}",
            **({"parameters": _DISPLAY} if name in of_display else {}),
            "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        }
    return channels


def _operations_in() -> Schema:
    names = [
        "command",
        *(f"command_{verb}{suffix}" for verb in COMMANDS for suffix in ("", "_display")),
    ]
    reply = {"channel": {"$ref": "#/channels/response"}}
    return {
        f"receive_{name}": {
            "action": "receive",
            "channel": {"$ref": f"#/channels/{name}"},
            "bindings": {"mqtt": {"qos": 1, "retain": False}},
            "reply": reply,
        }
        for name in names
    }


def _operations_out() -> Schema:
    return {
        f"send_{name}": {
            "action": "send",
            "channel": {"$ref": f"#/channels/{name}"},
            "bindings": {"mqtt": {"qos": 1, "retain": retained}},
        }
        for name, (_, retained, _) in _SAID.items()
    }


# -- messages and schemas ----------------------------------------------------------------------


_MODELS = (
    Reply,
    ErrorMessage,
    AgentFacts,
    DisplayArtwork,
    TimedSettings,
    DeviceState,
    ShownEvent,
    ReactionEvent,
    IngestEvent,
    ModelEvent,
)
_BYTES: Schema = {
    "Status": {"type": "string", "enum": ["online", "offline"]},
    "Power": {"type": "string", "enum": ["on", "off"]},
    "Image": {"type": "string", "format": "binary"},
}


def _messages() -> Schema:
    commands = {
        verb: {
            "title": verb,
            "summary": (kind.__doc__ or "").strip(),
            "payload": {"$ref": f"{COMPONENTS}{verb}"},
        }
        for verb, kind in COMMANDS.items()
    }
    said: Schema = {
        message: {"summary": tells, "payload": {"$ref": f"{COMPONENTS}{message}"}}
        for message, _, tells in _SAID.values()
    }
    said["Status"]["contentType"] = said["Power"]["contentType"] = "text/plain"
    said["Image"]["contentType"] = "image/*"
    return {**commands, **said}


def _schemas() -> Schema:
    commands = {verb: command_schema(verb) for verb in COMMANDS}
    for schema in commands.values():
        del schema["$schema"]
    return {**commands, **schemas_of(*_MODELS), **_BYTES}


def schemas_of(*kinds: type[BaseModel]) -> Schema:
    """The schemas of the models, by name, and of all that they are made of; one at least has to
    have a code of the contract in it."""
    wanted = [(kind, "serialization") for kind in kinds]
    _, made = models_json_schema(wanted, ref_template=COMPONENTS + "{model}")  # type: ignore[arg-type]
    definitions: Schema = _tidy(made["$defs"])
    definitions["ErrorCode"]["description"] = "; ".join(
        f"{code}: {meaning}" for code, meaning in ERROR_MEANINGS.items()
    )
    return definitions


def _tidy(schema: Any) -> Any:
    """Bounds under their standard names, and no titles that only repeat a key."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        _BOUNDS.get(str(key), key): _tidy(value)
        for key, value in schema.items()
        if not (key == "title" and isinstance(value, str))
    }
