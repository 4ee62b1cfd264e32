"""What Home Assistant is told of the agent, and the door by which it is."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from random import Random

from glance_agent.displays.registry import display_of
from glance_agent.domain.topics import Topics
from glance_agent.domain.version import __version__
from glance_agent.doors.homeassistant import HomeAssistantDoor
from glance_agent.homeassistant.announcer import Announcer
from glance_agent.homeassistant.discovery import DiscoveryFacts, DisplayFacts
from glance_agent.wiring.addresses import web_url_of
from glance_agent.wiring.rooms import Rooms

SUPPORT = ("support", "issues", "documentation", "repository", "homepage")
"""By which names a package tells where help is, the best first."""


def homeassistant_of(rooms: Rooms, house: str, worker: ThreadPoolExecutor) -> HomeAssistantDoor:
    """The door that introduces the agent by the id of its house, or takes it out."""
    settings = rooms.config.homeassistant

    def facts() -> DiscoveryFacts | None:
        return discovery_facts(rooms, house) if settings.enabled else None

    return HomeAssistantDoor(
        Announcer(rooms.history, facts),
        birth_topic=settings.birth_topic,
        worker=worker,
        chance=Random(),  # noqa: S311 - only spreads publications
    )


def discovery_facts(rooms: Rooms, house: str) -> DiscoveryFacts:
    """What Home Assistant is to know of this agent."""
    config = rooms.config
    return DiscoveryFacts(
        instance=house,
        version=__version__,
        displays=tuple(
            DisplayFacts(d.name, d.title, f"image/{d.format}", d.area, display_of(d.kind).says)
            for d in config.displays
        ),
        topics=Topics(config.mqtt.base_topic),
        prefix=config.homeassistant.discovery_prefix,
        moods=config.homeassistant.moods,
        web_url=web_url_of(config),
        support_url=support_url(),
        latest_version=newer_version(__version__),
        language=config.spoken.told,
    )


def support_url() -> str | None:
    """Where the package says that help is to be had, if it does."""
    from importlib.metadata import PackageNotFoundError, metadata

    try:
        named = metadata("glance-agent").get_all("Project-URL") or []
    except PackageNotFoundError:
        return None
    urls = {name.casefold(): url for name, _, url in (entry.partition(", ") for entry in named)}
    return next((urls[name] for name in SUPPORT if name in urls), None)


def newer_version(running: str) -> str | None:
    """The installed version where a restart of the program would bring a newer one, else None."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        installed = version("glance-agent")
    except PackageNotFoundError:
        return None
    return installed if _numbers(installed) > _numbers(running) else None


def _numbers(version: str) -> list[int]:
    """`0.10.2` -> [0, 10, 2]."""
    return [int(number) for number in re.findall(r"\d+", version)]
