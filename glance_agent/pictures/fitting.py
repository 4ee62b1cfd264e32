"""Pictures as an image tower takes them: a square of its size, as it was trained to see them.

Pillow's bicubic and bilinear are antialiased, as are the references'. Sizes and offsets follow
open_clip and torchvision: the long side is cut down with int() when cropping, rounded when
padding; the centre offset is rounded. Pictures arrive upright, in RGB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from PIL import Image

_FILTERS: Final = {
    "bicubic": Image.Resampling.BICUBIC,
    "bilinear": Image.Resampling.BILINEAR,
    "lanczos": Image.Resampling.LANCZOS,
}

LEAST_SEEN_PX: Final = 72
"""The side of a square in which there is enough to see for a look and for colours."""


@dataclass(frozen=True, slots=True)
class SquareFit:
    """The square that a tower takes: its side in pixels; how a picture gets into it ("squash",
    "crop" or "pad"), the RGB colour around one that is padded, the name of a filter."""

    size_px: int
    fit: str
    fill: tuple[int, int, int]
    resample: str


def fitting_of(encoder: object) -> SquareFit | None:
    """What this encoder makes of pictures first of all; None where it wants them as they are."""
    found = getattr(encoder, "fitting", None)
    return found if isinstance(found, SquareFit) else None


def shows_all(fitting: SquareFit) -> bool:
    """Whether all of a picture is in its square, and nothing else, so that it can be looked at
    there: a difference hash squashes it anyway, and colours have no place."""
    return fitting.fit == "squash" and fitting.size_px >= LEAST_SEEN_PX


def fitted(image: Image.Image, fitting: SquareFit) -> Image.Image:
    """The picture as an RGB square of the tower's size; one that is so already stays as it is."""
    image = image if image.mode == "RGB" else image.convert("RGB")
    if fitting.fit == "squash":
        return _resized(image, fitting, fitting.size_px, fitting.size_px)
    return _cropped(image, fitting) if fitting.fit == "crop" else _padded(image, fitting)


def _padded(image: Image.Image, fitting: SquareFit) -> Image.Image:
    """All of the picture, its long side filling the square, the fill colour around it."""
    longest, size = max(image.size), fitting.size_px
    width, height = (max(1, round(s * size / longest)) for s in image.size)
    if width == height:
        return _resized(image, fitting, width, height)
    canvas = Image.new("RGB", (size, size), fitting.fill)
    corner = ((size - width) // 2, (size - height) // 2)
    canvas.paste(_resized(image, fitting, width, height), corner)
    return canvas


def _cropped(image: Image.Image, fitting: SquareFit) -> Image.Image:
    """The middle of the picture, its short side filling the square.

    Only the part that stays is resampled, the same numbers as cutting afterwards: a strip
    of 1 to 4000 would else become a picture of two hundred million pixels on the way.
    """
    shortest, size = min(image.size), fitting.size_px
    spans = []
    for side in image.size:
        scaled = max(size, int(side * size / shortest))
        first = round((scaled - size) / 2.0)
        spans.append((first * side / scaled, min(side, (first + size) * side / scaled)))
    (left, right), (top, bottom) = spans
    return image.resize((size, size), _FILTERS[fitting.resample], box=(left, top, right, bottom))


def _resized(image: Image.Image, fitting: SquareFit, width: int, height: int) -> Image.Image:
    size = (width, height)
    return image if image.size == size else image.resize(size, _FILTERS[fitting.resample])
