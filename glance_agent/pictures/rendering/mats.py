"""What lies around a picture: which colour a mat has, and how its cut edge looks."""

from __future__ import annotations

import zlib
from dataclasses import replace
from typing import Final

from PIL import Image, ImageColor, ImageDraw, ImageFilter

from glance_agent.domain.panel import Mat
from glance_agent.pictures.colours import dominant_colours
from glance_agent.pictures.rendering.placing import Placement, Rect, Size

OFF_WHITE: Final = (245, 242, 235)
LIGHT_FROM: Final = 150.0
"""Pictures of this luma (of 255) and more on average look well on off-white."""
_BLURRED_PX: Final = 32
_USUAL_PX: Final = 1080
"""The short side of the panel that widths in pixels are meant for; they grow with it."""
_BEVEL_PX: Final = 4
_SHADOW_PX: Final = 9
_SHADOW: Final = 0.35

Colour = tuple[int, int, int]


# -- colours -------------------------------------------------------------------------------------


def mat_colour(image: Image.Image, mat: Mat) -> Colour:
    """The colour of a mat. Raises ValueError for one that is none."""
    if mat.colour.startswith("#"):
        return _parsed(mat.colour)
    light = mat.colour == "light" or (
        mat.colour == "auto" and mat.style == "framed" and _mean_luma(image) >= LIGHT_FROM
    )
    if mat.colour not in ("auto", "dark", "light"):
        raise ValueError(f"a mat is auto, dark, light or #rrggbb, not {mat.colour!r}")
    return OFF_WHITE if light else dark_colour(image)


def dark_colour(image: Image.Image) -> Colour:
    """A quiet, dark colour taken from the picture: its most widespread dark colour, else its most
    widespread one darkened. Its luma is at most 40 of 255, its parts at most 80."""
    colours = [_parsed(c) for c in dominant_colours(image, 6)]
    own = next((c for c in colours if _luma(c) < 80), colours[0])
    luma = max(_luma(own), 1.0)
    quieter = [0.75 * part + 0.25 * luma for part in own]
    scale = min(max(luma, 10.0), 40.0) / luma
    scale = min(scale, 80.0 / max(*quieter, 1.0))
    red, green, blue = (round(part * scale) for part in quieter)
    return red, green, blue


def _parsed(colour: str) -> Colour:
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(f"a colour is written #rrggbb, not {colour!r}")
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def _luma(colour: Colour) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _mean_luma(image: Image.Image) -> float:
    small = image.resize((16, 16), Image.Resampling.BOX, reducing_gap=2.0).convert("L")
    return sum(small.tobytes()) / 256


def _times(colour: Colour, by: float) -> Colour:
    red, green, blue = (min(255, round(part * by)) for part in colour)
    return red, green, blue


# -- variation -----------------------------------------------------------------------------------


def varied(mat: Mat, image: Image.Image) -> Mat:
    """The mat of this very picture: up to a sixth narrower or wider where mats vary."""
    return replace(mat, width=mat.width * (1 + _chance(image, 0) / 6)) if mat.varies else mat


def varied_colour(colour: Colour, image: Image.Image) -> Colour:
    """The same a little darker or lighter, by the picture."""
    by = _chance(image, 1) / 6
    return _times(colour, 1 + (by / 3 - 0.06 if min(colour) > 200 else by))


def _chance(image: Image.Image, which: int) -> float:
    """A number between -1 and 1 that is always the same for the same picture."""
    small = image.resize((8, 8), Image.Resampling.BOX, reducing_gap=2.0).convert("L")
    return (zlib.crc32(small.tobytes()) >> 8 * which) % 255 / 127 - 1


# -- painting ------------------------------------------------------------------------------------


def ground(panel: Size, mat: Rect, colour: Colour) -> Image.Image:
    """A panel with a mat on it; what is beyond the mat is a darker wall."""
    if mat.size == panel:
        return Image.new("RGB", panel, colour)
    wall = Image.new("RGB", panel, _times(colour, 0.45))
    wall.paste(colour, mat.box)
    return wall


def blurred(image: Image.Image, panel: Size) -> Image.Image:
    """The picture enlarged over the whole panel, blurred, and half as bright."""
    scale = _BLURRED_PX / max(panel)
    small = max(1, round(panel[0] * scale)), max(1, round(panel[1] * scale))
    tiny = image.convert("RGB").resize(small, Image.Resampling.BOX, reducing_gap=2.0)
    soft = tiny.filter(ImageFilter.GaussianBlur(2)).point(lambda value: value // 2)
    return soft.resize(panel, Image.Resampling.BICUBIC)


def cut(canvas: Image.Image, placement: Placement, colour: Colour) -> None:
    """Paint the bevelled edge of a mat around a picture, lit from the upper left, and the mat's
    shadow on it; both grow with the panel."""
    grown = min(canvas.size) / _USUAL_PX
    _bevel(canvas, placement.at, max(1, round(_BEVEL_PX * grown)), colour)
    _shadow(canvas, placement.at, max(1, round(_SHADOW_PX * grown)))


def _bevel(canvas: Image.Image, at: Rect, wide: int, colour: Colour) -> None:
    """The cut shows the white core of the board: its upper and left faces are in the shade."""
    draw = ImageDraw.Draw(canvas)
    core = 0.85 if _luma(colour) > 128 else 0.5
    left, upper, right, lower = at.left - 1, at.upper - 1, at.right, at.lower
    for step in range(wide):
        box = left - step, upper - step, right + step, lower + step
        lit, shaded = _grey(core + 0.15), _grey(core - 0.12)
        draw.line([(box[0], box[1]), (box[2], box[1])], fill=shaded)
        draw.line([(box[0], box[1]), (box[0], box[3])], fill=_grey(core - 0.06))
        draw.line([(box[0] + 1, box[3]), (box[2], box[3])], fill=lit)
        draw.line([(box[2], box[1] + 1), (box[2], box[3])], fill=_grey(core + 0.1))


def _grey(share: float) -> Colour:
    warm = round(255 * share)
    return warm, max(warm - 2, 0), max(warm - 6, 0)


def _shadow(canvas: Image.Image, at: Rect, deep: int) -> None:
    """Darkest at the upper and left edge, gone after `deep` pixels."""
    ramp = Image.linear_gradient("L").point(lambda value: round((255 - value) * _SHADOW))
    high, wide = min(deep, at.height), min(deep, at.width)
    above = ramp.resize((at.width, high), Image.Resampling.BILINEAR)
    canvas.paste((0, 0, 0), (at.left, at.upper, at.right, at.upper + high), above)
    beside = ramp.transpose(Image.Transpose.ROTATE_90).resize(
        (wide, at.height), Image.Resampling.BILINEAR
    )
    canvas.paste((0, 0, 0), (at.left, at.upper, at.left + wide, at.lower), beside)
