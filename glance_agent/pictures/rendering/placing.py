"""Where a picture lies on its panel: numbers only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, NamedTuple

from glance_agent.domain.panel import Layout, Mat

BOTTOM_WEIGHT: Final = 1.15
"""A framer's mat is so many times as wide below as above: the eye takes the middle to be higher."""
SMALL_MAT: Final = 0.4
"""How wide the mat of a small picture is, as a share of that picture's short side."""
DETACHED: Final = 0.85
"""A small picture's mat ends before the edges of the panel where it takes less than this share."""

Size = tuple[int, int]
Crop = Callable[[tuple[float, float]], tuple[float, float] | None]
"""Where a part of this size (width, height) keeps what matters; None where it cannot."""


class Rect(NamedTuple):
    """Whole pixels of a panel."""

    left: int
    upper: int
    width: int
    height: int

    @property
    def size(self) -> Size:
        return self.width, self.height

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def lower(self) -> int:
        return self.upper + self.height

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, upper, right and lower edge, as Pillow has them."""
        return self.left, self.upper, self.right, self.lower


@dataclass(frozen=True, slots=True)
class Placement:
    """Which part of a picture lies where, and how far its mat reaches."""

    part: tuple[float, float, float, float]
    """Left, upper, right and lower edge, in pixels of the picture."""
    at: Rect
    mat: Rect
    """The whole panel, but for small pictures."""


def window_of(panel: Size, mat: Mat) -> Rect:
    """What a mat leaves free for pictures."""
    if mat.style != "framed":
        return Rect(0, 0, *panel)
    side = round(mat.width * min(panel))
    below = round(BOTTOM_WEIGHT * side)
    width, height = max(1, panel[0] - 2 * side), max(1, panel[1] - side - below)
    return Rect(min(side, panel[0] - width), min(side, panel[1] - height), width, height)


def placed(picture: Size, panel: Size, layout: Layout, crop: Crop) -> Placement:
    """How a picture of this size lies on a panel. `crop` is asked only where it may be smart."""
    window = window_of(panel, layout.mat)
    across, down = window.width / picture[0], window.height / picture[1]
    part = filling(picture, (across, down), layout, crop)
    if part is not None:
        return Placement(part, window, Rect(0, 0, *panel))
    scale = min(across, down, layout.max_enlargement)
    at = _within(window, (picture[0] * scale, picture[1] * scale), layout.mat)
    is_small = layout.max_enlargement < min(across, down)
    mat = _small_mat(at, panel, layout.mat) if is_small else Rect(0, 0, *panel)
    return Placement(_middle(picture, (at.width / scale, at.height / scale)), at, mat)


def filling(
    picture: Size, scales: tuple[float, float], layout: Layout, crop: Crop
) -> tuple[float, float, float, float] | None:
    """The part of the picture that fills a window of which `scales` are the sizes over its own;
    None where it is to be shown whole."""
    scale = max(scales)
    size = picture[0] * scales[0] / scale, picture[1] * scales[1] / scale
    if layout.fit == "cover":
        return _middle(picture, size)
    lost = 1.0 - min(scales) / scale
    if layout.fit == "contain" or lost > layout.max_crop or scale > layout.max_enlargement:
        return None
    corner = crop(size)
    return None if corner is None else (*corner, corner[0] + size[0], corner[1] + size[1])


def _middle(picture: Size, size: tuple[float, float]) -> tuple[float, float, float, float]:
    """The middle of a picture, of this size at most."""
    wide, high = min(picture[0], size[0]), min(picture[1], size[1])
    left, upper = (picture[0] - wide) / 2, (picture[1] - high) / 2
    return left, upper, left + wide, upper + high


def _within(window: Rect, size: tuple[float, float], mat: Mat) -> Rect:
    """A picture of this size in the middle of a window; a little higher where it has a mat."""
    width = min(window.width, max(1, round(size[0])))
    height = min(window.height, max(1, round(size[1])))
    free = window.height - height
    above = round(free / (1 + BOTTOM_WEIGHT)) if mat.style == "framed" else free // 2
    return Rect(window.left + (window.width - width) // 2, window.upper + above, width, height)


def _small_mat(at: Rect, panel: Size, mat: Mat) -> Rect:
    """The mat of a picture that is much smaller than its panel: by the picture's own proportions,
    so that it is no stamp on a wall; the whole panel where that comes near its edges."""
    side = round(SMALL_MAT * min(at.size))
    if mat.style == "framed":
        side = max(side, round(mat.width * min(panel)))
    below = round(BOTTOM_WEIGHT * side)
    found = Rect(at.left - side, at.upper - side, at.width + 2 * side, at.height + side + below)
    fits = found.width <= DETACHED * panel[0] and found.height <= DETACHED * panel[1]
    return found if fits and mat.style != "blur" else Rect(0, 0, *panel)
