"""Home Assistant discovery as data: which messages make it show what the agent has.

One device for the agent, which carries the default display too, and one device per further
display that is linked to it. Home Assistant keeps a component until it is told to drop it: what
was published before comes in with the facts, and what has gone since is dropped by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.agent_entities import agent_entities
from glance_agent.homeassistant.display_entities import Component, display_entities

Published = Mapping[str, Mapping[str, str]]
"""Discovery topic -> component id -> its platform: what Home Assistant was told before."""

MAX_NAME_CHARS = 64
NOT_ENTITIES = {"device_automation"}
"""Platforms whose components are no entities: they have neither unique id nor entity id."""


@dataclass(frozen=True, slots=True)
class DisplayFacts:
    """What discovery has to know of one display."""

    name: str
    title: str | None = None
    content_type: str = "image/jpeg"


@dataclass(frozen=True, slots=True)
class DiscoveryFacts:
    """What discovery has to know; the first display is the default one.

    `instance` is the id that the library keeps for this installation; `moods` are words by the
    name of their preset; `latest_version` is there only where a newer version is known.
    """

    instance: str
    version: str
    displays: tuple[DisplayFacts, ...]
    topics: Topics = field(default_factory=Topics)
    prefix: str = "homeassistant"
    moods: Mapping[str, str] = field(default_factory=dict)
    web_url: str | None = None
    latest_version: str | None = None


class DiscoveryMessage(NamedTuple):
    """One retained message; a payload of None is an empty one and takes the device away."""

    topic: str
    payload: dict[str, Any] | None


def discovery_messages(facts: DiscoveryFacts, before: Published) -> list[DiscoveryMessage]:
    """All that Home Assistant has to be told now, in order: first what has gone, then what is."""
    devices = dict(_devices(facts))
    vanished = [DiscoveryMessage(topic, None) for topic in before if topic not in devices]
    dropped = [
        DiscoveryMessage(topic, _dropping(device, before[topic]))
        for topic, device in devices.items()
        if set(before.get(topic, ())) - set(device["components"])
    ]
    wanted = [DiscoveryMessage(topic, device) for topic, device in devices.items()]
    return [*vanished, *dropped, *wanted]


def removal_messages(before: Published) -> list[DiscoveryMessage]:
    """What takes everything out of Home Assistant again, linked devices first."""
    return [DiscoveryMessage(topic, None) for topic in sorted(before, reverse=True)]


def published(facts: DiscoveryFacts) -> dict[str, dict[str, str]]:
    """What Home Assistant knows once the messages are sent; to be handed back as `before`."""
    return {
        topic: {key: component["platform"] for key, component in device["components"].items()}
        for topic, device in _devices(facts)
    }


def _devices(facts: DiscoveryFacts) -> Iterator[tuple[str, dict[str, Any]]]:
    """Discovery topic and payload of every device, the agent's first."""
    default, *further = facts.displays
    components = {**_of_agent(facts), **_of_display(facts, default)}
    yield _topic(facts), _device(facts, _about_agent(facts, default), components)
    for display in further:
        about = _about_display(facts, display)
        yield _topic(facts, display.name), _device(facts, about, _of_display(facts, display))


def _topic(facts: DiscoveryFacts, *display: str) -> str:
    return f"{facts.prefix}/device/{_identifier(facts, *display)}/config"


def _identifier(facts: DiscoveryFacts, *parts: str) -> str:
    """Stable and unique: neither versions nor names of people's choosing but the display's."""
    return "_".join(("glance", facts.instance, *parts))


def _device(
    facts: DiscoveryFacts, about: dict[str, Any], components: dict[str, Component]
) -> dict[str, Any]:
    web = facts.web_url or ""
    link = {"configuration_url": web} if web.startswith(("http://", "https://")) else {}
    return {
        "device": {**about, **link},
        "origin": {"name": "glance-agent", "sw_version": facts.version},
        "availability_topic": facts.topics.status,
        "payload_available": "online",
        "payload_not_available": "offline",
        "qos": 1,
        "components": components,
    }


def _about_agent(facts: DiscoveryFacts, default: DisplayFacts) -> dict[str, Any]:
    return {
        "identifiers": [_identifier(facts)],
        "name": _device_name(default.title or ""),
        "manufacturer": "glance-agent",
        "model": "Art agent",
        "sw_version": facts.version,
    }


def _about_display(facts: DiscoveryFacts, display: DisplayFacts) -> dict[str, Any]:
    return {
        "identifiers": [_identifier(facts, display.name)],
        "name": _device_name(display.title or display.name),
        "manufacturer": "glance-agent",
        "model": "Art display",
        "via_device": _identifier(facts),
    }


def _device_name(title: str) -> str:
    """“Glance” and the display's title, on one line and not too long."""
    printable = "".join(c if c.isprintable() else " " for c in title)
    return " ".join(f"Glance {printable}".split())[:MAX_NAME_CHARS].rstrip()


def _of_agent(facts: DiscoveryFacts) -> dict[str, Component]:
    entities = agent_entities(facts.topics, facts.latest_version)
    return {name: _named(facts, component, name) for name, component in entities.items()}


def _of_display(facts: DiscoveryFacts, display: DisplayFacts) -> dict[str, Component]:
    """The components of a display: their ids say whose they are, wherever they are listed."""
    entities = display_entities(facts.topics, display.name, display.content_type, facts.moods)
    return {
        f"{display.name}_{name}": _named(facts, component, display.name, name)
        for name, component in entities.items()
    }


def _named(facts: DiscoveryFacts, component: Component, *parts: str) -> Component:
    if component["platform"] in NOT_ENTITIES:
        return component
    return {
        **component,
        "unique_id": _identifier(facts, *parts),
        "default_entity_id": _entity_id(component["platform"], facts.topics.base, *parts),
    }


def _entity_id(platform: str, *parts: str) -> str:
    """An entity id of these parts, in the only form that Home Assistant takes."""
    slug = re.sub(r"[^a-z0-9]+", "_", "_".join(parts).lower()).strip("_")
    return f"{platform}.{slug}"


def _dropping(device: dict[str, Any], before: Mapping[str, str]) -> dict[str, Any]:
    """What was there before, with the platform alone for every component that has gone.

    New components wait for the next message: they may take the place of one that goes.
    """
    now = device["components"]
    known = {key: now.get(key, {"platform": platform}) for key, platform in before.items()}
    return {**device, "components": known}
