"""What can be set about every display, whatever its kind."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from glance_agent.domain.values import DisplayName


class PanelSettings(BaseModel):
    """What every display has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str = Field(description="Which kind of display; mqtt where none is named.")
    name: DisplayName = Field(description="Its name in topics: a–z, 0–9, _ and -.")
    title: str | None = Field(None, description="What people call it.")
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

    @property
    def orientation(self) -> str:
        return "portrait" if self.height_px > self.width_px else "landscape"
