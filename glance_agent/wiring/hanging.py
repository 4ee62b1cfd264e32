"""The configured displays, opened; and what brings their pictures to those that need it."""

from __future__ import annotations

from random import Random
from typing import Any

from glance_agent.commands.speech.places import Place
from glance_agent.config.load import Config
from glance_agent.displays.delivery import DisplayDelivery, Tell
from glance_agent.displays.display import Display, PushedDisplay
from glance_agent.displays.registry import opened


def displays_of(config: Config) -> dict[str, Display[Any]]:
    """Every display, by its name."""
    return {settings.name: opened(settings) for settings in config.displays}


def places_of(config: Config) -> tuple[Place, ...]:
    """The displays and their groups as people name them."""
    groups = map(Place, config.display_names.groups)
    return (*(Place(d.name, (d.title,) if d.title else ()) for d in config.displays), *groups)


def deliveries_of(config: Config, tell: Tell) -> list[DisplayDelivery]:
    """What keeps the displays as they should be that do not read their pictures themselves."""
    return [
        DisplayDelivery(display, tell=tell, chance=Random())  # noqa: S311 - only spreads attempts
        for display in displays_of(config).values()
        if isinstance(display, PushedDisplay)
    ]
