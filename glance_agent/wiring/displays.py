"""The configured displays, opened; and what brings their pictures to those that need it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from datetime import timedelta, tzinfo
from functools import partial
from random import Random
from typing import Any

from glance_agent.config.settings import Config
from glance_agent.displays.delivery import DisplayDelivery, Tell
from glance_agent.displays.display import Display, PushedDisplay
from glance_agent.displays.memory import DisplayMemory
from glance_agent.displays.pull import PulledDisplay
from glance_agent.displays.registry import opened
from glance_agent.displays.settings import PanelSettings
from glance_agent.displays.switching import Switch
from glance_agent.domain.device import DeviceReport
from glance_agent.domain.panel import PanelProfile
from glance_agent.domain.quiet import QuietHours
from glance_agent.domain.timed_profile import Night, TimedProfile
from glance_agent.wiring.clockwork import zone_of

Hear = Callable[[str, DeviceReport], None]
"""Takes what the device of a display says of itself."""


def displays_of(config: Config) -> dict[str, Display[Any]]:
    """Every display, by its name; what one remembers lies beside the library."""
    displays = {settings.name: opened(settings) for settings in config.displays}
    library = config.library.path
    for name, display in displays.items():
        if isinstance(display, PushedDisplay):
            display.memory = DisplayMemory(library.with_name(f"{library.stem}.display-{name}.json"))
    return displays


def heard_displays_of(config: Config, hear: Hear) -> dict[str, Display[Any]]:
    """Every display, by its name; what its device says of itself is heard."""
    displays = displays_of(config)
    for name, display in displays.items():
        display.report = partial(hear, name)
    return displays


def deliveries_of(
    displays: Iterable[Display[Any]], tell: Tell, owns: Callable[[], bool]
) -> list[DisplayDelivery]:
    """What keeps the displays as they should be that do not read their pictures themselves, while
    the agent `owns` them for sure."""
    chance = Random()  # noqa: S311 - only spreads attempts
    return [
        DisplayDelivery(display, tell=tell, chance=chance, owns=owns)
        for display in displays
        if isinstance(display, PushedDisplay)
    ]


def switches_of(displays: Iterable[Display[Any]], tell: Tell) -> list[Switch]:
    """What switches the screens of the displays that have commands for it."""
    settings = [display.settings for display in displays]
    return [Switch(one, tell) for one in settings if one.power_on or one.power_off]


def pulled_of(displays: Iterable[Display[Any]]) -> list[PulledDisplay[Any]]:
    """Those whose devices ask for their pictures at addresses of their own."""
    return [display for display in displays if isinstance(display, PulledDisplay)]


def profiles_of(config: Config) -> dict[str, PanelProfile]:
    """What pictures for each display are rendered by."""
    most_bytes = config.mqtt.max_payload_bytes or sys.maxsize
    return {d.name: d.profile(most_bytes, config.spoken.told) for d in config.displays}


def timed_profiles_of(config: Config) -> dict[str, TimedProfile]:
    """The same, and what the time makes of it."""
    zone, profiles = zone_of(config), profiles_of(config)
    return {
        d.name: TimedProfile(
            profiles[d.name],
            _night(d, zone),
            d.label_stays,
            timedelta(seconds=d.least_seconds),
        )
        for d in config.displays
    }


def _night(display: PanelSettings, zone: tzinfo) -> Night | None:
    night = display.night
    if night is None:
        return None
    return Night(QuietHours((night.window,), zone), night.brightness, night.warmth)
