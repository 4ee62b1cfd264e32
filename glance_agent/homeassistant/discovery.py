"""Home Assistant discovery as data: which messages make it show what the agent has.

One device for the agent, and one per display that is linked to it, whatever their order. Home
Assistant keeps a component until it is told to drop it: what was published before comes in with
the facts, and what has gone since is dropped by name. What only moved to another device is let go
of without being forgotten, so that names and areas that people gave it stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from glance_agent.domain.languages import ENGLISH, in_language
from glance_agent.domain.topics import Topics
from glance_agent.homeassistant.agent_entities import agent_entities
from glance_agent.homeassistant.device_entities import device_entities
from glance_agent.homeassistant.display_entities import Component, display_entities

Published = Mapping[str, Mapping[str, str]]
"""Discovery topic -> component id -> its platform: what Home Assistant was told before."""

MAX_NAME_CHARS = 64
NOT_ENTITIES = {"device_automation"}
"""Platforms whose components are no entities: they have neither unique id nor entity id."""
LET_GO = {"migrate_discovery": True}
"""Makes Home Assistant unload what it has by a topic and remember it for another one."""


@dataclass(frozen=True, slots=True)
class DisplayFacts:
    """What discovery has to know of one display."""

    name: str
    title: str | None = None
    content_type: str = "image/jpeg"
    area: str | None = None
    says: tuple[str, ...] = ()
    """What its device says of itself: keys of the device topic."""


@dataclass(frozen=True, slots=True)
class DiscoveryFacts:
    """What discovery has to know.

    `instance` is the id of the house, which stays; `moods` are words by the
    name of their preset; `latest_version` is there only where a newer version is known. The
    pages are at `web_url`, and whoever needs help finds it at `support_url`. Entities are called in
    `language`; their ids never change with it.
    """

    instance: str
    version: str
    displays: tuple[DisplayFacts, ...]
    topics: Topics = field(default_factory=Topics)
    prefix: str = "homeassistant"
    moods: Mapping[str, str] = field(default_factory=dict)
    web_url: str | None = None
    support_url: str | None = None
    latest_version: str | None = None
    language: str = ENGLISH


class DiscoveryMessage(NamedTuple):
    """One retained message; a payload of None is an empty one and takes the device away."""

    topic: str
    payload: dict[str, Any] | None


def discovery_messages(facts: DiscoveryFacts, before: Published) -> list[DiscoveryMessage]:
    """All that Home Assistant has to be told now, in order: first what has gone, then what is."""
    devices = dict(_devices(facts))
    moved = _moved(devices, before)
    vanished = [DiscoveryMessage(topic, None) for topic in before if topic not in devices]
    dropped = [
        DiscoveryMessage(topic, _dropping(device, kept))
        for topic, device in devices.items()
        if (kept := _without(before.get(topic, {}), moved.get(topic, ()))).keys()
        - device["components"].keys()
    ]
    let_go = [DiscoveryMessage(topic, dict(LET_GO)) for topic in moved]
    wanted = [DiscoveryMessage(topic, device) for topic, device in devices.items()]
    return [*vanished, *dropped, *let_go, *wanted]


def _moved(devices: Mapping[str, dict[str, Any]], before: Published) -> dict[str, set[str]]:
    """The entities that another device has now, by the topic of the device that had them.

    There is nothing to remember of what is no entity: it is dropped, and comes up anew.
    """
    now = {topic: device["components"].keys() for topic, device in devices.items()}
    elsewhere = {
        topic: {key for other, keys in now.items() if other != topic for key in keys}
        for topic in now
    }
    moved = {
        topic: {
            key
            for key, platform in before.get(topic, {}).items()
            if key in elsewhere[topic] - now[topic] and platform not in NOT_ENTITIES
        }
        for topic in now
    }
    return {topic: keys for topic, keys in moved.items() if keys}


def _without(components: Mapping[str, str], keys: Collection[str]) -> dict[str, str]:
    return {key: platform for key, platform in components.items() if key not in keys}


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
    yield _topic(facts), _device(facts, _about_agent(facts), _of_agent(facts))
    for display in facts.displays:
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
    link = {"configuration_url": facts.web_url} if _is_url(facts.web_url) else {}
    help_at = {"support_url": facts.support_url} if _is_url(facts.support_url) else {}
    return {
        "device": {**about, **link},
        "origin": {"name": "glance-agent", "sw_version": facts.version, **help_at},
        "availability_topic": facts.topics.status,
        "payload_available": "online",
        "payload_not_available": "offline",
        "qos": 1,
        "components": components,
    }


def _is_url(text: str | None) -> bool:
    """Whether Home Assistant takes it for the address of a page."""
    return (text or "").startswith(("http://", "https://"))


def _about_agent(facts: DiscoveryFacts) -> dict[str, Any]:
    base = facts.topics.base
    return {
        "identifiers": [_identifier(facts)],
        "name": _device_name("" if base == Topics().base else base),
        "manufacturer": "glance-agent",
        "model": "Art agent",
        "sw_version": facts.version,
    }


def _about_display(facts: DiscoveryFacts, display: DisplayFacts) -> dict[str, Any]:
    area = _on_one_line(display.area or "")
    return {
        "identifiers": [_identifier(facts, display.name)],
        "name": _device_name(display.title or display.name),
        "manufacturer": "glance-agent",
        "model": "Art display",
        "sw_version": facts.version,
        "via_device": _identifier(facts),
        **({"suggested_area": area} if area else {}),
    }


def _device_name(title: str) -> str:
    """“Glance” and what it is called besides."""
    return _on_one_line(f"Glance {title}")


def _on_one_line(text: str) -> str:
    """A name that Home Assistant takes: on one line and not too long."""
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())[:MAX_NAME_CHARS].rstrip()


def _of_agent(facts: DiscoveryFacts) -> dict[str, Component]:
    entities = agent_entities(facts.topics, facts.latest_version)
    return {name: _named(facts, component, name) for name, component in entities.items()}


def _of_display(facts: DiscoveryFacts, display: DisplayFacts) -> dict[str, Component]:
    """The components of a display: their ids say whose they are, wherever they are listed."""
    entities = {
        **display_entities(facts.topics, display.name, display.content_type, facts.moods),
        **device_entities(facts.topics, display.name, display.says),
    }
    return {
        f"{display.name}_{name}": _named(facts, component, display.name, name)
        for name, component in entities.items()
    }


def _named(facts: DiscoveryFacts, component: Component, *parts: str) -> Component:
    if component["platform"] in NOT_ENTITIES:
        return component
    return {
        **in_language(component, facts.language),
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
