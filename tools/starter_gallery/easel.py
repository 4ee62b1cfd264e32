"""The easel: the picture being painted, its coordinates, and plain shapes on it.

Positions are shares: x runs 0..1 from left to right, y 0..1 from top to bottom. Lengths are
shares of the longer side ("units"), so a picture looks alike at every size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from PIL import Image, ImageDraw

from .colour import mix, rgb
from .noise import Array, Rng, Shape, fbm

Point = tuple[float, float]


@dataclass
class Easel:
    """A picture in progress: `colour` (height, width, 3) in 0..1 and the paint's `relief`."""

    width_px: int
    height_px: int
    seed: int
    rng: Rng = field(init=False)
    colour: Array = field(init=False)
    relief: Array = field(init=False)

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)
        self.colour = np.ones((*self.shape, 3))
        self.relief = np.full(self.shape, 0.5)

    @property
    def shape(self) -> Shape:
        """(height, width) in pixels."""
        return self.height_px, self.width_px

    @property
    def unit_px(self) -> int:
        """The longer side in pixels: what a length of 1 means."""
        return max(self.width_px, self.height_px)

    @property
    def x(self) -> Array:
        """Horizontal shares, shape (1, width)."""
        return (np.arange(self.width_px)[None, :] + 0.5) / self.width_px

    @property
    def y(self) -> Array:
        """Vertical shares, shape (height, 1)."""
        return (np.arange(self.height_px)[:, None] + 0.5) / self.height_px

    def noise(self, across: float, down: float, octaves: int = 5) -> Array:
        """Fresh fractal noise over the whole picture, 0..1."""
        return fbm(self.rng, self.shape, (across, down), octaves)

    def distance(self, x: float, y: float, stretch: float = 1.0) -> Array:
        """Distance in units of every pixel from a point; `stretch` > 1 widens sideways."""
        across = (self.x - x) * self.width_px / self.unit_px / stretch
        down = (self.y - y) * self.height_px / self.unit_px
        return np.hypot(across, down)

    def disc(self, x: float, y: float, radius: float) -> Array:
        """A round mask with a soft rim of about a pixel."""
        inside = (radius - self.distance(x, y)) * self.unit_px
        return np.clip(inside + 0.5, 0, 1)

    def wash(self, mask: Array | float, colour: Array | str) -> None:
        """Lay `colour` (one, or a whole picture of them) where `mask` says."""
        paint = rgb(colour) if isinstance(colour, str) else colour
        self.colour = mix(self.colour, paint, mask)

    def lighten(self, mask: Array, colour: str) -> None:
        """Add light of `colour` (screen blending), as the sun does to haze."""
        glow = rgb(colour) * mask[..., None]
        self.colour = 1.0 - (1.0 - self.colour) * (1.0 - np.clip(glow, 0, 1))

    def polygon(self, points: Sequence[Point]) -> Array:
        """A filled polygon as a mask, drawn twice as large for smooth edges."""
        return self._drawn([("polygon", points, 0)])

    def polygons(self, shapes: Sequence[Sequence[Point]]) -> Array:
        """Several filled polygons as one mask."""
        return self._drawn([("polygon", points, 0) for points in shapes])

    def line(self, points: Sequence[Point], width: float) -> Array:
        """A line `width` units thick as a mask."""
        return self.lines([(points, width)])

    def lines(self, strokes: Sequence[tuple[Sequence[Point], float]]) -> Array:
        """Many lines, each with its own width in units, as one mask."""
        return self._drawn([("line", points, width) for points, width in strokes])

    def _drawn(self, shapes: Sequence[tuple[str, Sequence[Point], float]]) -> Array:
        size = (self.width_px * 2, self.height_px * 2)
        sheet = Image.new("L", size)
        pen = ImageDraw.Draw(sheet)
        for kind, points, width in shapes:
            dots = [(x * size[0], y * size[1]) for x, y in points]
            if kind == "polygon":
                pen.polygon(dots, fill=255)
            else:
                pen.line(
                    dots, fill=255, width=max(1, round(width * 2 * self.unit_px)), joint="curve"
                )
        small = sheet.resize((self.width_px, self.height_px), Image.Resampling.BOX)
        return np.asarray(small, dtype=np.float64) / 255.0
