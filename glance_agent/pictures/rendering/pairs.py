"""Two pictures on one panel: side by side, or one above the other where they are wide.

They lie on one mat with a gutter between them, as high as each other (as wide, where one lies above
the other), as framers cut a mat with two windows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, NamedTuple

from PIL import Image

from glance_agent.domain.panel import Layout
from glance_agent.pictures.rendering import mats
from glance_agent.pictures.rendering.laying_out import part_of, varied_by
from glance_agent.pictures.rendering.placing import (
    BOTTOM_WEIGHT,
    Crop,
    Placement,
    Rect,
    Size,
    filling,
    window_of,
)
from glance_agent.pictures.rendering.saliency import best_crop

GUTTER: Final = 0.04
"""The least space between two pictures, as a share of the panel's short side; a framed mat's own
width where that is more."""
WIDEST_GUTTER: Final = 1.5
"""Of a framed mat the gutter is at most so many times as wide as its sides."""
_JOINT_PX: Final = 256


class PairSide(NamedTuple):
    """One picture of a pair, and the part of the panel that is its own, for its label."""

    placement: Placement
    room: Rect


class _Part(NamedTuple):
    """Which part of a picture is seen where."""

    part: tuple[float, float, float, float]
    at: Rect


@dataclass(frozen=True, slots=True)
class _Row:
    """Two pictures in a row along one axis, in pixels: where each begins, how long, how broad."""

    begins: tuple[float, float]
    lengths: tuple[float, float]
    across: float
    breadth: float

    @property
    def area(self) -> float:
        return self.breadth * sum(self.lengths)


def laid_out_pair(
    images: Sequence[Image.Image], panel: Size, layout: Layout
) -> tuple[Image.Image, tuple[PairSide, PairSide]]:
    """A new picture of exactly the panel's size, and where on it the two pictures lie.

    Raises ValueError for a size under 1 px or a colour that is none.
    """
    if min(panel) < 1:
        raise ValueError(f"there is no panel of {panel} pixels")
    first, second = images
    joint = _joint(first, second)
    layout = varied_by(layout, joint)
    crops = partial(best_crop, first), partial(best_crop, second)
    sides = placed_pair((first.size, second.size), panel, layout, crops)
    colour = mats.mat_colour(joint, layout.mat)
    if layout.mat.varies:
        colour = mats.varied_colour(colour, joint)
    is_blurred = layout.mat.style == "blur"
    canvas = mats.blurred(joint, panel) if is_blurred else Image.new("RGB", panel, colour)
    for image, side in zip(images, sides, strict=True):
        canvas.paste(part_of(image, side.placement), side.placement.at.box[:2])
        if layout.mat.style == "framed" and layout.mat.bevel:
            mats.cut(canvas, side.placement, colour)
    return canvas, sides


def _joint(first: Image.Image, second: Image.Image) -> Image.Image:
    """Both in one small picture, for what is taken from colours."""
    half = (_JOINT_PX // 2, _JOINT_PX)
    joint = Image.new("RGB", (_JOINT_PX, _JOINT_PX))
    for left, image in ((0, first), (_JOINT_PX // 2, second)):
        small = image.convert("RGB").resize(half, Image.Resampling.BOX, reducing_gap=2.0)
        joint.paste(small, (left, 0))
    return joint


# -- where they lie: numbers only ----------------------------------------------------------------


def placed_pair(
    pictures: tuple[Size, Size], panel: Size, layout: Layout, crops: tuple[Crop, Crop]
) -> tuple[PairSide, PairSide]:
    """How two pictures of these sizes (width, height) lie: the way in which they are larger.

    Pictures that fill have a half of the mat's window each; others are shown whole.
    """
    window = window_of(panel, layout.mat)
    least = _least_gutter(panel, layout)
    rows = [_row(pictures, window, layout, least, panel, axis) for axis in (0, 1)]
    axis = int(rows[1].area > rows[0].area)
    seen = _filled(pictures, window, layout, least, axis, crops)
    return _with_rooms(seen or _whole(pictures, rows[axis], window, axis), panel, axis)


def _least_gutter(panel: Size, layout: Layout) -> int:
    side = layout.mat.width if layout.mat.style == "framed" else 0.0
    return min(round(max(side, GUTTER) * min(panel)), max(min(panel) // 3, 0))


def _row(
    pictures: tuple[Size, Size], window: Rect, layout: Layout, least: int, panel: Size, axis: int
) -> _Row:
    """Both shown whole and as broad as each other, along the axis (0 across, 1 down)."""
    ratios = [picture[axis] / picture[1 - axis] for picture in pictures]
    length, breadth = window.size[axis], window.size[1 - axis]
    most = layout.max_enlargement
    fitting = max(length - least, 2) / sum(ratios)
    breadth_px = min(breadth, fitting, *(most * picture[1 - axis] for picture in pictures))
    lengths = ratios[0] * breadth_px, ratios[1] * breadth_px
    left = length - sum(lengths)
    gap = max(least, left / 3)
    if layout.mat.style == "framed":
        gap = min(gap, max(least, WIDEST_GUTTER * layout.mat.width * min(panel)))
    begin = (window.left, window.upper)[axis] + (left - gap) / 2
    is_weighted = layout.mat.style == "framed" and axis == 0
    above = (breadth - breadth_px) / ((1 + BOTTOM_WEIGHT) if is_weighted else 2)
    across = (window.left, window.upper)[1 - axis] + above
    return _Row((begin, begin + lengths[0] + gap), lengths, across, breadth_px)


def _whole(pictures: tuple[Size, Size], row: _Row, window: Rect, axis: int) -> tuple[_Part, _Part]:
    first, second = (
        _Part((0, 0, *picture), _rect(begin, length, row, window, axis))
        for picture, begin, length in zip(pictures, row.begins, row.lengths, strict=True)
    )
    return first, second


def _rect(begin: float, length: float, row: _Row, window: Rect, axis: int) -> Rect:
    """Whole pixels, one at least, within the window."""
    most_long, most_broad = window.size[axis], window.size[1 - axis]
    long, broad = max(1, round(length)), min(max(1, round(row.breadth)), most_broad)
    begins = (window.left, window.upper)[axis], (window.left, window.upper)[1 - axis]
    along = min(max(round(begin), begins[0]), begins[0] + most_long - 1)
    across = min(max(round(row.across), begins[1]), begins[1] + most_broad - broad)
    long = min(long, begins[0] + most_long - along)
    return Rect(along, across, long, broad) if axis == 0 else Rect(across, along, broad, long)


def _filled(
    pictures: tuple[Size, Size],
    window: Rect,
    layout: Layout,
    gutter: int,
    axis: int,
    crops: tuple[Crop, Crop],
) -> tuple[_Part, _Part] | None:
    """Both filling their halves; None where one of them is to be shown whole."""
    if layout.fit == "contain":
        return None
    found = []
    halves = _halves(window, gutter, axis)
    for picture, half, crop in zip(pictures, halves, crops, strict=True):
        scales = half.width / picture[0], half.height / picture[1]
        part = filling(picture, scales, layout, crop)
        if part is None:
            return None
        found.append(_Part(part, half))
    return found[0], found[1]


def _halves(window: Rect, gutter: int, axis: int) -> tuple[Rect, Rect]:
    half = max(1, (window.size[axis] - gutter) // 2)
    left, upper, width, height = window
    if axis == 0:
        return Rect(left, upper, half, height), Rect(left + width - half, upper, half, height)
    return Rect(left, upper, width, half), Rect(left, upper + height - half, width, half)


def _with_rooms(seen: tuple[_Part, _Part], panel: Size, axis: int) -> tuple[PairSide, PairSide]:
    """Each has its side of the panel; the space between two that lie one above the other is for
    the label of the upper one."""
    one, other = seen[0].at, seen[1].at
    width, height = panel
    if axis == 0:
        middle = (one.right + other.left) // 2
        rooms = Rect(0, 0, middle, height), Rect(middle, 0, width - middle, height)
    else:
        rooms = Rect(0, 0, width, other.upper), Rect(0, other.upper, width, height - other.upper)
    first, second = (Placement(part, at, Rect(0, 0, *panel)) for part, at in seen)
    return PairSide(first, rooms[0]), PairSide(second, rooms[1])
