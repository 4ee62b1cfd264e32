"""What can be set about every display, whatever its kind."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Final

from pydantic import AfterValidator, Field, field_validator

from glance_agent.displays.appearance import IN_COLOURS, AppearanceSettings
from glance_agent.domain.device_id import device_id
from glance_agent.domain.foreign import shown
from glance_agent.domain.quiet import QuietWindow, never_ends, quiet_window
from glance_agent.domain.said import say
from glance_agent.domain.values import DisplayName, SourceName


def _part_of_the_day(text: str) -> str:
    quiet_window(text)
    return text


def _device(text: str) -> str:
    if (found := device_id(text)) is None:
        raise ValueError(
            say(
                "“{text}” is no id of a device: write it as the device says it, such as "
                "esp32-ab12cd, or its MAC address, 01:23:45:67:89:ab",
                text=shown(text),
            )
        )
    return found


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))
    except ValueError:
        raise ValueError(
            say(
                "“{text}” is no address: write it in numbers, such as 192.168.1.40",
                text=shown(text),
            )
        ) from None


DeviceId = Annotated[str, AfterValidator(_device)]
"""The id by which a device names itself."""
QuietText = Annotated[str, AfterValidator(_part_of_the_day)]
"""Quiet hours as people write them."""


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    if words and (not words[0].strip() or any("\0" in word for word in words)):
        raise ValueError(say('it names no program: write ["wlopm", "--off", "HDMI-A-1"]'))
    return words


Program = Annotated[tuple[str, ...], Field(max_length=50), AfterValidator(_program)]
"""A program and its arguments, each as it is; no shell reads them."""
COLOUR_STAYS_SECONDS: Final = 900
"""E-paper in colours flashes for half a minute at each change, and wears by it."""
MinInterval = Annotated[
    int,
    Field(
        ge=0,
        le=86_400,
        description="A picture stays at least this long; what is asked for before waits.",
    ),
]
WakeSeconds = Annotated[
    int,
    Field(
        ge=60,
        le=86_400,
        description="The device looks for a new picture so often at least, but in quiet hours; "
        "where one is due before, it comes for that.",
    ),
]


class PanelSettings(AppearanceSettings):
    """What every display has."""

    kind: str = Field(description="Which kind of display; mqtt where none is named.")
    name: DisplayName = Field(description="Its name in topics: a–z, 0–9, _ and -.")
    title: str | None = Field(None, description="What people call it.")
    area: str | None = Field(
        None, description="The room that it hangs in, such as Bedroom; several may share one."
    )
    group: DisplayName | None = Field(
        None, description="A name that means this display and others of the same group."
    )
    sources: tuple[SourceName, ...] = Field(
        (), description="The sources whose works come up here; all where none is named."
    )
    min_interval_seconds: MinInterval | None = Field(
        None,
        description="A picture stays at least this long, what is asked for before waits; not given "
        "900 for e-paper in colours, else 0.",
    )
    quiet: tuple[QuietText, ...] = Field(
        (),
        description="When nothing changes by itself, in local time, such as 22:00-07:00 or "
        "sat,sun 22:00-09:00 (the days on which it begins).",
    )

    power_on: Program = Field(
        (), description="A command that switches its screen on, such as wlopm --on HDMI-A-1."
    )
    power_off: Program = Field((), description="A command that switches its screen off.")

    @field_validator("quiet")
    @classmethod
    def _has_an_end(cls, quiet: tuple[str, ...]) -> tuple[str, ...]:
        if never_ends(map(quiet_window, quiet)):
            raise ValueError(
                say("these quiet hours never end: set choice.slideshow = false instead")
            )
        return quiet

    @property
    def least_seconds(self) -> int:
        """How long a picture stays at least."""
        if self.min_interval_seconds is not None:
            return self.min_interval_seconds
        return COLOUR_STAYS_SECONDS if self.panel in IN_COLOURS else 0

    @property
    def quiet_windows(self) -> tuple[QuietWindow, ...]:
        """The quiet hours, read."""
        return tuple(map(quiet_window, self.quiet))

    @property
    def orientation(self) -> str:
        return "portrait" if self.height_px > self.width_px else "landscape"

    @property
    def sent_px(self) -> tuple[int, int]:
        """Across and down, as the device is sent its pictures."""
        size = (self.width_px, self.height_px)
        return size if self.rotation in (0, 180) else size[::-1]


class PulledSettings(PanelSettings):
    """What every display has whose device asks for its picture."""

    device: DeviceId = Field(
        description="The id by which the device names itself, or its MAC address; the log says it "
        "of one that asks and is not known."
    )
    address: Annotated[str, AfterValidator(_address)] | None = Field(
        None, description="Its address in the network, where several of its kind name no id."
    )
    wake_seconds: WakeSeconds = 1_800
