"""What can be set about every display, whatever its kind."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, field_validator

from glance_agent.displays.appearance import AppearanceSettings
from glance_agent.domain.quiet import QuietWindow, never_ends, quiet_window
from glance_agent.domain.values import DisplayName


def _part_of_the_day(text: str) -> str:
    quiet_window(text)
    return text


QuietText = Annotated[str, AfterValidator(_part_of_the_day)]
"""Quiet hours as people write them."""


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
    min_interval_seconds: int = Field(
        0,
        ge=0,
        le=86_400,
        description="A picture stays at least this long; what is asked for before waits.",
    )
    quiet: tuple[QuietText, ...] = Field(
        (),
        description="When nothing changes by itself, in local time, such as 22:00-07:00 or "
        "sat,sun 22:00-09:00 (the days on which it begins).",
    )

    @field_validator("quiet")
    @classmethod
    def _has_an_end(cls, quiet: tuple[str, ...]) -> tuple[str, ...]:
        if never_ends(map(quiet_window, quiet)):
            raise ValueError("these quiet hours never end: set choice.slideshow = false instead")
        return quiet

    @property
    def quiet_windows(self) -> tuple[QuietWindow, ...]:
        """The quiet hours, read."""
        return tuple(map(quiet_window, self.quiet))

    @property
    def orientation(self) -> str:
        return "portrait" if self.height_px > self.width_px else "landscape"
