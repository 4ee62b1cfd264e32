"""What can be set about how pictures look on a display."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from glance_agent.domain.panel import Encoding, Layout, Mat, PanelProfile

COLOUR = r"#[0-9a-fA-F]{6}"


class AppearanceSettings(BaseModel):
    """The panel, how pictures lie on it, and how they are sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    width_px: int = Field(1280, ge=16, le=7680, description="Width of the panel in pixels.")
    height_px: int = Field(800, ge=16, le=7680, description="Height of the panel in pixels.")
    fit: Literal["contain", "cover", "smart"] = Field(
        "contain",
        description="contain shows the whole picture; cover fills and crops; smart fills where "
        "little is lost, and nothing that matters.",
    )
    max_crop: float = Field(
        0.15, ge=0, le=0.5, description="smart crops at most this share of a picture."
    )
    max_enlargement: float = Field(
        2.0,
        ge=1,
        le=16,
        description="A picture that is shown whole is enlarged at most this many times.",
    )
    mat: str = Field(
        "auto",
        pattern=rf"^(auto|dark|light|{COLOUR})$",
        description="Colour around the picture: #rrggbb, or by the picture dark, light or auto.",
    )
    mat_style: Literal["plain", "framed", "blur"] = Field(
        "plain",
        description="plain fills what the picture leaves; framed is a mat all around, as framers "
        "cut it; blur is the picture, enlarged and blurred.",
    )
    mat_width: float = Field(
        0.08,
        ge=0,
        le=0.3,
        description="Width of a framed mat, as a share of the panel's short side; below 1.15 "
        "times as wide.",
    )
    mat_bevel: bool = Field(
        True, description="A framed mat shows its cut edge and casts a shadow on the picture."
    )
    mat_varies: bool = Field(
        False, description="Each picture has another mat, so that nothing burns into an OLED."
    )
    max_image_bytes: int = Field(
        300_000, ge=5_000, le=10_000_000, description="Largest picture to publish, in bytes."
    )
    progressive: bool = Field(
        True,
        description="Pictures as progressive JPEGs, a little smaller; simple frames read none.",
    )

    def profile(self, most_bytes: int) -> PanelProfile:
        """What pictures are rendered by; `most_bytes` is what comes through on the way there."""
        mat = Mat(
            self.mat_style,
            self.mat,
            self.mat_width,
            bevel=self.mat_bevel,
            varies=self.mat_varies,
        )
        return PanelProfile(
            (self.width_px, self.height_px),
            min(self.max_image_bytes, most_bytes),
            Layout(self.fit, self.max_crop, self.max_enlargement, mat),
            Encoding(progressive=self.progressive),
        )
