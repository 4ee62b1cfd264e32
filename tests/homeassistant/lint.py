"""What Home Assistant refuses, ignores or drops without a word, as a lint of our own.

The rules were found in Home Assistant 2026.11 and hold for a device discovery payload (see
https://www.home-assistant.io/integrations/mqtt/#device-discovery-payload). Nothing here knows
the agent: the lint reads a topic and a payload.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import jinja2

TOPIC = re.compile(r"[^#+\s]+/device/([a-zA-Z0-9_-]+/)?[a-zA-Z0-9_-]+/config")
ENTITY_ID = re.compile(r"(?!.+__)(?!_)[\da-z_]+(?<!_)\.(?!_)[\da-z_]+(?<!_)")

TOP = {
    "device", "origin", "components", "state_topic", "command_topic", "qos", "encoding",
    "availability", "availability_topic", "availability_mode", "availability_template",
    "payload_available", "payload_not_available",
}  # fmt: skip
DEVICE = {
    "identifiers", "connections", "name", "manufacturer", "model", "model_id", "hw_version",
    "sw_version", "serial_number", "suggested_area", "via_device", "configuration_url",
}  # fmt: skip
ORIGIN = {"name", "sw_version", "support_url"}
ENTITY = {
    "platform", "unique_id", "name", "default_entity_id", "icon", "entity_category",
    "enabled_by_default", "visible_by_default", "entity_picture", "json_attributes_topic",
    "json_attributes_template", "qos", "encoding", "availability", "availability_topic",
    "availability_mode", "availability_template", "payload_available", "payload_not_available",
}  # fmt: skip
COMMANDED = {"command_topic", "command_template", "retain"}
STATED = {"state_topic", "value_template"}
PLATFORMS: dict[str, set[str]] = {
    "image": {"image_topic", "content_type", "image_encoding", "url_topic", "url_template"},
    "text": COMMANDED | STATED | {"min", "max", "mode", "pattern"},
    "button": COMMANDED | {"payload_press", "device_class"},
    "select": COMMANDED | STATED | {"options"},
    "number": COMMANDED | STATED
    | {"min", "max", "step", "mode", "unit_of_measurement", "device_class", "payload_reset"},
    "switch": COMMANDED | STATED
    | {"payload_on", "payload_off", "state_on", "state_off", "device_class"},
    "sensor": STATED
    | {
        "device_class", "state_class", "unit_of_measurement", "options", "expire_after",
        "force_update", "suggested_display_precision", "last_reset_value_template",
    },
    "binary_sensor": STATED
    | {"payload_on", "payload_off", "off_delay", "expire_after", "device_class"},
    "event": STATED | {"event_types", "device_class"},
    "update": STATED
    | {
        "command_topic", "payload_install", "title", "latest_version_topic",
        "latest_version_template", "release_summary", "release_url", "device_class", "retain",
    },
    "notify": COMMANDED,
    "device_automation": {
        "automation_type", "topic", "payload", "type", "subtype", "value_template", "qos",
    },
}  # fmt: skip
NEEDED: dict[str, set[str]] = {
    "text": {"command_topic"},
    "button": {"command_topic"},
    "select": {"command_topic", "options"},
    "number": {"command_topic"},
    "switch": {"command_topic"},
    "sensor": {"state_topic"},
    "binary_sensor": {"state_topic"},
    "event": {"state_topic", "event_types"},
    "update": {"state_topic"},
    "notify": {"command_topic"},
    "device_automation": {"automation_type", "topic", "type", "subtype"},
}
UNITS = {"duration": {"s", "ms", "min", "h", "d"}, "data_size": {"B", "kB", "MB", "GB", "TB"}}
EVENT_CLASSES = {"doorbell", "button", "motion"}


def problems(topic: str, payload: dict[str, Any] | None) -> list[str]:
    """Every reason for which Home Assistant would not do what the payload wants."""
    found = [] if TOPIC.fullmatch(topic) else [f"illegal discovery topic {topic!r}"]
    if payload is None or payload == {"migrate_discovery": True}:
        return found
    found += _nulls("", payload)
    found += _top(payload)
    ids: list[str] = []
    for key, component in payload.get("components", {}).items():
        found += [f"{key}: {problem}" for problem in _component(component)]
        ids += [component["unique_id"]] if "unique_id" in component else []
    found += [f"unique_id {i} occurs twice" for i in set(ids) if ids.count(i) > 1]
    return found


def _nulls(path: str, value: Any) -> Iterator[str]:
    if value is None:
        yield f"{path} is null"
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _nulls(f"{path}/{key}", inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _nulls(f"{path}[]", inner)


def _top(payload: dict[str, Any]) -> Iterator[str]:
    device, origin = payload.get("device", {}), payload.get("origin", {})
    yield from (f"top level: {key} is unknown" for key in payload.keys() - TOP)
    yield from (f"device: {key} is unknown" for key in device.keys() - DEVICE)
    yield from (f"origin: {key} is unknown" for key in origin.keys() - ORIGIN)
    if not device.get("identifiers") and not device.get("connections"):
        yield "device: neither identifiers nor connections"
    if not origin.get("name"):
        yield "origin: no name"
    for where, url in (("device", "configuration_url"), ("origin", "support_url")):
        said = payload.get(where, {}).get(url, "http://")
        if not re.match(r"(https?|homeassistant)://", said):
            yield f"{where}: {url} has no scheme"
    if "availability" in payload and "availability_topic" in payload:
        yield "availability and availability_topic exclude each other"
    if payload.get("qos", 0) not in (0, 1, 2):
        yield "qos is not 0, 1 or 2"
    if not str(device.get("name", "")).strip():
        yield "device: no name"


def _component(component: dict[str, Any]) -> Iterator[str]:
    platform = component.get("platform", "")
    if platform not in PLATFORMS:
        yield f"unknown platform {platform!r}"
        return
    if component.keys() == {"platform"}:
        return  # this is how a component is removed
    known = PLATFORMS[platform] | {"platform"}
    if platform != "device_automation":
        known |= ENTITY
        yield from _entity(component)
    yield from (f"{key} is dropped" for key in component.keys() - known)
    yield from (f"{key} is missing" for key in NEEDED.get(platform, set()) - component.keys())
    yield from _topics(component)
    yield from _templates(component)
    yield from _of_platform(platform, component)


def _entity(component: dict[str, Any]) -> Iterator[str]:
    if not component.get("unique_id"):
        yield "no unique_id: the whole device is refused"
    entity_id = component.get("default_entity_id", "sensor.fine")
    if not ENTITY_ID.fullmatch(entity_id):
        yield f"{entity_id!r} is no entity id"
    elif "default_entity_id" in component and entity_id.split(".")[0] != component["platform"]:
        yield f"{entity_id!r} is of another domain"
    if component.get("entity_category") not in (None, "config", "diagnostic"):
        yield "entity_category is neither config nor diagnostic"
    if not re.match(r"https?://", component.get("entity_picture", "http://")):
        yield "entity_picture is no absolute address"


def _topics(component: dict[str, Any]) -> Iterator[str]:
    for key, topic in component.items():
        if key.endswith("topic") and (not topic or re.search(r"[#+\0]", topic)):
            yield f"{key} is no topic"
        if key.endswith("topic") and topic.startswith("homeassistant/"):
            yield f"{key} lies in Home Assistant's own topics"
    if component.get("retain"):
        yield "retained commands run again at every restart"
    if component.get("qos", 0) not in (0, 1, 2):
        yield "qos is not 0, 1 or 2"


def _templates(component: dict[str, Any]) -> Iterator[str]:
    parser = jinja2.Environment(autoescape=True)
    for key, text in component.items():
        if not key.endswith("template"):
            continue
        try:
            parser.parse(text)
        except jinja2.TemplateSyntaxError as error:
            yield f"{key} is no template: {error}"
        if re.search(r"value_json\.(?!get\b)", text):
            yield f"{key} logs a warning wherever a key is missing"


def _of_platform(platform: str, component: dict[str, Any]) -> Iterator[str]:
    if platform == "image":
        yield from _image(component)
    elif platform == "text" and component.get("max", 255) > 255:
        yield "a text has at most 255 characters"
    elif platform == "select":
        yield from _select(component.get("options", []))
    elif platform == "sensor":
        yield from _sensor(component)
    elif platform == "event":
        if not component.get("event_types"):
            yield "event_types is empty"
        if component.get("device_class", "button") not in EVENT_CLASSES:
            yield "no such device_class of an event"
    elif platform == "update" and ("command_topic" in component) != (
        "payload_install" in component
    ):
        yield "command_topic and payload_install belong together"
    if component.get("min", 0) > component.get("max", 255 if platform == "text" else 100):
        yield "min is above max"
    units = UNITS.get(component.get("device_class", ""))
    if units and component.get("unit_of_measurement") not in units:
        yield "this device_class does not go with this unit"


def _image(component: dict[str, Any]) -> Iterator[str]:
    if ("image_topic" in component) == ("url_topic" in component):
        yield "an image needs exactly one of image_topic and url_topic"
    if "url_topic" in component and "content_type" in component:
        yield "content_type goes with image_topic only"
    if component.get("image_encoding", "b64") not in ("b64", "raw"):
        yield "image_encoding is neither b64 nor raw"


def _select(options: list[str]) -> Iterator[str]:
    if not options:
        yield "a select without options breaks later"
    if len(set(options)) != len(options):
        yield "an option occurs twice"
    if any(option.lower() == "none" or not option.strip() for option in options):
        yield "an empty option, or one that is read as nothing"


def _sensor(component: dict[str, Any]) -> Iterator[str]:
    if component.get("entity_category") == "config":
        yield "a sensor is no configuration"
    if "options" in component and component.get("device_class") != "enum":
        yield "options need the device_class enum"
    if "options" in component and {"unit_of_measurement", "state_class"} & component.keys():
        yield "options go with neither unit nor state_class"
