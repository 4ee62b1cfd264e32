"""What a display takes: its panel, how pictures are laid out on it, and how they are encoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

from glance_agent.domain.wall_label import Label

Fit = Literal["contain", "cover", "smart"]
MatStyle = Literal["plain", "framed", "blur"]
Dither = Literal["auto", "burkes", "floyd-steinberg", "atkinson", "stucki", "none"]
Format = Literal["jpeg", "png", "bmp"]
Rotation = Literal[0, 90, 180, 270]

SMALLEST_BYTES: Final = 1_024
"""No limit under this is accepted: the headers of a picture alone take most of it."""


@dataclass(frozen=True, slots=True)
class Mat:
    """What lies around a picture.

    `plain` is one colour up to the edges of the panel; `framed` is a mat as a framer cuts it, at
    least `width` (a share of the panel's short side) wide; `blur` is the picture itself, enlarged,
    blurred and darkened.
    """

    style: MatStyle = "plain"
    colour: str = "auto"
    """`#rrggbb`, or by the picture: `dark`, `light`, or `auto`, which chooses between them."""
    width: float = 0.08
    bevel: bool = True
    """Whether a framed mat shows its cut edge, and casts a shadow on the picture."""
    varies: bool = False
    """Whether each picture has it a little different, so that nothing burns into an OLED."""


@dataclass(frozen=True, slots=True)
class Layout:
    """How a picture lies on its panel.

    `cover` fills; `smart` does where no more than `max_crop`, a share of the picture, is lost and
    nothing of what matters in it; else it shows the whole picture, as `contain` does. A whole
    picture is enlarged `max_enlargement` times at most.
    """

    fit: Fit = "contain"
    max_crop: float = 0.15
    max_enlargement: float = 2.0
    mat: Mat = Mat()


@dataclass(frozen=True, slots=True)
class Tone:
    """What is made of the colours.

    `brightness` (of linear light) and `warmth` (0-1) are for screens, `contrast` and `saturation`
    for inks; 1 is as it is.
    """

    brightness: float = 1.0
    warmth: float = 0.0
    contrast: float = 1.0
    saturation: float = 1.4


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a picture is sent."""

    format: Format = "jpeg"
    progressive: bool = True
    """Whether JPEGs are progressive, which makes them a little smaller."""
    full_colour: bool = True
    """Whether JPEGs may have a colour for each pixel, where there is room; else for each four."""

    @property
    def content_type(self) -> str:
        return f"image/{self.format}"


@dataclass(frozen=True, slots=True)
class PanelProfile:
    """All that a picture is rendered by, for one display."""

    size_px: tuple[int, int]
    max_bytes: int
    layout: Layout = Layout()
    tone: Tone = Tone()
    panel: str = "lcd"
    """`lcd`, `grey` (8 bits), or inks by their name in `rendering/inks.py`."""
    dither: Dither = "auto"
    rotation: Rotation = 0
    """By how many degrees pictures are turned clockwise before they are sent; `size_px` is what
    people see."""
    encoding: Encoding = Encoding()
    label: Label | None = None

    @property
    def beside_px(self) -> int:
        """How long the long side of a picture has to be that hangs beside another."""
        return (min if self.layout.fit == "contain" else max)(self.size_px)

    def on_a_screen(self, size_px: tuple[int, int], max_bytes: int) -> PanelProfile:
        """The same layout for a page of another size: as the picture is, not as inks show it, and
        without a label."""
        tone = Tone(self.tone.brightness, self.tone.warmth)
        return PanelProfile(size_px, max_bytes, self.layout, tone)


def profile_from_json(told: dict[str, Any]) -> PanelProfile:
    """The profile that `dataclasses.asdict` made this of. Raises TypeError, KeyError."""
    layout, label = told["layout"], told["label"]
    return PanelProfile(
        size_px=(told["size_px"][0], told["size_px"][1]),
        max_bytes=told["max_bytes"],
        layout=Layout(**{**layout, "mat": Mat(**layout["mat"])}),
        tone=Tone(**told["tone"]),
        panel=told["panel"],
        dither=told["dither"],
        rotation=told["rotation"],
        encoding=Encoding(**told["encoding"]),
        label=label and Label(**{**label, "fields": tuple(label["fields"])}),
    )
