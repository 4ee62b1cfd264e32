"""What can be set about every display, whatever its kind."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator

from glance_agent.domain.quiet import QuietWindow, never_ends, quiet_window
from glance_agent.domain.values import DisplayName


def _part_of_the_day(text: str) -> str:
    quiet_window(text)
    return text


QuietText = Annotated[str, AfterValidator(_part_of_the_day)]
"""Quiet hours as people write them."""


class PanelSettings(BaseModel):
    """What every display has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(description="Which kind of display; mqtt where none is named.")
    name: DisplayName = Field(description="Its name in topics: a–z, 0–9, _ and -.")
    title: str | None = Field(None, description="What people call it.")
    area: str | None = Field(
        None, description="The room that it hangs in, such as Bedroom; several may share one."
    )
    group: DisplayName | None = Field(
        None, description="A name that means this display and others of the same group."
    )
    width_px: int = Field(1280, ge=16, le=7680, description="Width of the panel in pixels.")
    height_px: int = Field(800, ge=16, le=7680, description="Height of the panel in pixels.")
    fit: Literal["contain", "cover"] = Field(
        "contain", description="contain shows the whole picture; cover fills and crops."
    )
    mat: str = Field(
        "auto", pattern=r"^(auto|#[0-9a-fA-F]{6})$", description="Colour around the picture."
    )
    max_image_bytes: int = Field(
        300_000, ge=5_000, le=10_000_000, description="Largest picture to publish, in bytes."
    )
    progressive: bool = Field(
        True,
        description="Pictures as progressive JPEGs, a little smaller; simple frames read none.",
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
