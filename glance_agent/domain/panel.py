"""What a display takes: its panel, how pictures are laid out on it, and how they are encoded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, Literal

Fit = Literal["contain", "cover", "smart"]
MatStyle = Literal["plain", "framed", "blur"]

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
class Encoding:
    """How a picture is sent."""

    progressive: bool = True
    """Whether JPEGs are progressive, which makes them a little smaller."""


@dataclass(frozen=True, slots=True)
class PanelProfile:
    """All that a picture is rendered by, for one display."""

    size_px: tuple[int, int]
    max_bytes: int
    layout: Layout = Layout()
    encoding: Encoding = Encoding()


def profile_from_json(told: dict[str, Any]) -> PanelProfile:
    """The profile that `dataclasses.asdict` made this of. Raises TypeError, KeyError."""
    layout = told["layout"]
    return PanelProfile(
        size_px=(told["size_px"][0], told["size_px"][1]),
        max_bytes=told["max_bytes"],
        layout=Layout(**{**layout, "mat": Mat(**layout["mat"])}),
        encoding=Encoding(**told["encoding"]),
    )
