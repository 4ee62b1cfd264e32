"""What commands know of the displays: what they are called, and how they are set at first."""

from __future__ import annotations

from glance_agent.config.naming import called
from glance_agent.config.settings import Config
from glance_agent.domain.display import DisplaySettings
from glance_agent.domain.display_names import Place


def places_of(config: Config) -> tuple[Place, ...]:
    """The displays and their groups as people name them."""
    return tuple(Place(name, names) for name, names in called(config.displays).items())


def defaults_of(config: Config) -> DisplaySettings:
    """How displays are set until somebody says otherwise."""
    choice = config.choice
    return DisplaySettings(
        slideshow=choice.slideshow,
        interval_seconds=choice.interval_seconds,
        discovery=choice.discovery,
    )
