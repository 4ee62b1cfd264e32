"""Procedural abstract paintings: colour fields, grids, circles, stripes and their kin.

The same kind, seed and size always give the same picture. Needs numpy and Pillow only. Every
painter works in a square of side 1 mapped onto the canvas, painted at twice the wanted size and
reduced, so edges are smooth.
"""

from __future__ import annotations

import itertools
import math
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

Rgb = tuple[int, int, int]
Floats = NDArray[np.float32]
OVERSAMPLING = 2


@dataclass(frozen=True, slots=True)
class Palette:
    """A handful of colours that go together: ground first, then accents; and the moods they
    suggest.
    """

    name: str
    colours: tuple[Rgb, ...]
    moods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """What a label beside the painting would say."""

    title: str
    tags: tuple[str, ...]


def _palette(name: str, hexes: str, *moods: str) -> Palette:
    colours = tuple((int(h[:2], 16), int(h[2:4], 16), int(h[4:], 16)) for h in hexes.split())
    return Palette(name, colours, moods)


PALETTES = (
    _palette("ember", "3b0a0a 8c1c13 d1350f ef6f1a f7b538", "warm", "fiery", "intense"),
    _palette("ocean", "0b2545 13497b 1d7aa8 58b4d1 cfe8ef", "cool", "calm", "peaceful"),
    _palette("forest", "14281d 355834 6e8b3d a3b86c e6e2b8", "natural", "quiet", "calm"),
    _palette("dusk", "2b1b4d 5d3a7e a6557e e58f7b f8d5a3", "evening", "dreamy", "romantic"),
    _palette("desert", "e8d5b0 c98f4f a85a32 6f3b24 2f4858", "warm", "dry", "earthy"),
    _palette("primary", "f4f0e4 d62718 f2c230 1c4fa0 151515", "bold", "playful", "clear"),
    _palette(
        "monochrome", "f2f2f0 bdbdbb 7c7c7a 3a3a3a 0d0d0d", "austere", "sober", "black and white"
    ),
    _palette("pastel", "fbf3ea f6c9cf c9dcf0 cfe8cf f9e6a8", "gentle", "soft", "light"),
    _palette("carnival", "ffd60a f72585 3a0ca3 06d6a0 fb5607", "vivid", "joyful", "lively"),
    _palette("earth", "e3d3bb a98b6a 7a5c43 4b3a2d 8a8f6b", "muted", "rustic", "earthy"),
    _palette("ice", "eef6fa cfe3ee 9fc4dc 6a9ac0 34557a", "cold", "clear", "wintry"),
    _palette("night", "05070f 0f1a35 1c2f57 3b4f86 d9c77a", "dark", "mysterious", "silent"),
    _palette("rose", "fbe9e7 f2b5b5 e07a8b b23a5c 5c1a33", "tender", "romantic", "warm"),
    _palette("citrus", "fffbe0 ffe14d ffb21a 9ccc3c 2f8f4e", "sunny", "fresh", "cheerful"),
    _palette("lagoon", "e9fbf6 9be0d2 3bb5a6 14807f 0c4a5a", "fresh", "tranquil", "cool"),
    _palette("storm", "1a1d23 343b46 5b6673 8f9aa5 c7b98a", "stormy", "gloomy", "dramatic"),
    _palette("scarlet", "1a0506 c1121f e5383b f5b0a8 fff4ec", "red", "passionate", "dramatic"),
)


class Canvas:
    """A picture in the making: its size in working pixels, its palette and its seeded chance."""

    def __init__(
        self, chance: np.random.Generator, palette: Palette, size_px: tuple[int, int]
    ) -> None:
        self.chance = chance
        self.palette = palette
        self.width, self.height = size_px
        self.unit = min(size_px)
        self.image = Image.new("RGB", size_px, palette.colours[0])

    def accent(self) -> Rgb:
        """One of the colours that are not the ground."""
        return self.palette.colours[int(self.chance.integers(1, len(self.palette.colours)))]

    def between(self, low: float, high: float) -> float:
        """A number drawn evenly from [low, high)."""
        return float(self.chance.uniform(low, high))

    def point(self, margin: float = 0.0) -> tuple[float, float]:
        """A place on the canvas, working pixels, at least `margin` (share of each side) from the
        edge.
        """
        return (
            self.between(margin, 1 - margin) * self.width,
            self.between(margin, 1 - margin) * self.height,
        )

    def glaze(
        self, draw: Callable[[ImageDraw.ImageDraw], None], colour: Rgb, opacity: float
    ) -> None:
        """Lay one colour through the mask that `draw` paints (white on black), `opacity` 0..1."""
        mask = Image.new("L", self.image.size, 0)
        draw(ImageDraw.Draw(mask))
        self.image.paste(colour, mask=mask.point([int(v * opacity) for v in range(256)]))

    def ramp(self, position: Floats) -> None:
        """Paint the whole canvas: `position` (height, width) in 0..1 runs through the palette's
        colours.
        """
        stops = np.asarray(self.palette.colours, dtype=np.float32)
        at = np.clip(position, 0, 1) * (len(stops) - 1)
        low = np.minimum(at.astype(np.int64), len(stops) - 2)
        share = (at - low)[..., None]
        mixed = stops[low] * (1 - share) + stops[low + 1] * share
        self.image = Image.fromarray(mixed.astype(np.uint8), "RGB")

    def mesh(self) -> tuple[Floats, Floats]:
        """x and y of every pixel as shares of the side, each (height, width)."""
        y, x = np.mgrid[0 : self.height, 0 : self.width].astype(np.float32)
        return x / self.width, y / self.height

    def clouds(self, coarsest: int) -> Floats:
        """Smooth noise in 0..1, (height, width); `coarsest` lumps along a side, then twice as
        many, and so on.
        """
        total = np.zeros((self.height, self.width), dtype=np.float32)
        for octave in range(4):
            cells = coarsest * 2**octave
            lumps = self.chance.random((cells, cells), dtype=np.float32)
            blown_up = Image.fromarray(lumps, "F").resize(self.image.size, Image.Resampling.BICUBIC)
            total += np.asarray(blown_up) * 0.5**octave
        return np.asarray((total - total.min()) / (np.ptp(total) + 1e-6), dtype=np.float32)


def _colour_field(canvas: Canvas) -> None:
    """Two to four soft rectangles stacked on a ground."""
    count = int(canvas.chance.integers(2, 5))
    cuts = np.cumsum(canvas.chance.uniform(0.6, 1.6, count))
    edges = np.concatenate([[0.0], cuts / cuts[-1]]) * 0.9 + 0.05
    blur = ImageFilter.GaussianBlur(canvas.unit * canvas.between(0.006, 0.03))
    for top, bottom in itertools.pairwise(edges):
        box = (
            0.07 * canvas.width,
            (top + 0.015) * canvas.height,
            0.93 * canvas.width,
            (bottom - 0.015) * canvas.height,
        )
        mask = Image.new("L", canvas.image.size, 0)
        ImageDraw.Draw(mask).rectangle(box, fill=235)
        canvas.image.paste(canvas.accent(), mask=mask.filter(blur))


def _grid(canvas: Canvas) -> None:
    """Rectangles between black bars, a few of them filled."""
    draw = ImageDraw.Draw(canvas.image)
    xs = np.sort(canvas.chance.uniform(0, canvas.width, int(canvas.chance.integers(2, 6))))
    ys = np.sort(canvas.chance.uniform(0, canvas.height, int(canvas.chance.integers(2, 6))))
    bar = max(2, round(canvas.unit * canvas.between(0.012, 0.035)))
    for left, right in zip([0, *xs], [*xs, canvas.width], strict=True):
        for top, bottom in zip([0, *ys], [*ys, canvas.height], strict=True):
            if canvas.chance.random() < 0.4:
                draw.rectangle((left, top, right, bottom), fill=canvas.accent())
    for x in xs:
        draw.line((x, 0, x, canvas.height), fill=(18, 18, 18), width=bar)
    for y in ys:
        draw.line((0, y, canvas.width, y), fill=(18, 18, 18), width=bar)


def _disc(draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float) -> None:
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)


def _polygon(draw: ImageDraw.ImageDraw, corners: list[tuple[float, float]]) -> None:
    draw.polygon(corners, fill=255)


def _circles(canvas: Canvas) -> None:
    """Overlapping translucent discs, large to small."""
    count = int(canvas.chance.integers(5, 22))
    for radius in sorted(canvas.chance.uniform(0.03, 0.3, count), reverse=True):
        centre = canvas.point(0.05)
        disc = partial(_disc, centre=centre, radius=radius * canvas.unit)
        canvas.glaze(disc, canvas.accent(), canvas.between(0.5, 1))


def _rings(canvas: Canvas) -> None:
    """A chequer of cells, each with rings inside one another."""
    cells = int(canvas.chance.integers(1, 5))
    rows = max(1, round(cells * canvas.height / canvas.width))
    wide, high = canvas.width / cells, canvas.height / rows
    draw = ImageDraw.Draw(canvas.image)
    for row, column in np.ndindex(rows, cells):
        left, top = column * wide, row * high
        draw.rectangle((left, top, left + wide, top + high), fill=canvas.accent())
        for share in np.linspace(0.46, 0.1, int(canvas.chance.integers(3, 6))):
            radius, x, y = share * min(wide, high), left + wide / 2, top + high / 2
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=canvas.accent())


def _stripes(canvas: Canvas) -> None:
    """Parallel bands, upright, level or slanting."""
    angle = float(canvas.chance.choice([0, 90, 45, -30]))
    reach = round(1.5 * max(canvas.width, canvas.height))
    cloth = Image.new("RGB", (reach, reach), canvas.palette.colours[0])
    draw = ImageDraw.Draw(cloth)
    at, typical = 0.0, canvas.between(0.02, 0.14) * canvas.unit
    while at < reach:
        band = typical * canvas.between(0.4, 1.6)
        draw.rectangle(
            (at, 0, at + band, reach),
            fill=canvas.palette.colours[int(canvas.chance.integers(0, 5))],
        )
        at += band
    turned = cloth.rotate(angle, Image.Resampling.BICUBIC)
    left, top = (reach - canvas.width) // 2, (reach - canvas.height) // 2
    canvas.image = turned.crop((left, top, left + canvas.width, top + canvas.height))


def _gradient(canvas: Canvas) -> None:
    """One colour melting into the next, straight or from a centre."""
    x, y = canvas.mesh()
    if canvas.chance.random() < 0.6:
        angle = canvas.between(0, math.tau)
        slope = (x - 0.5) * math.cos(angle) + (y - 0.5) * math.sin(angle) + 0.5
    else:
        slope = np.hypot(x - canvas.between(0.2, 0.8), y - canvas.between(0.2, 0.8)) * 1.3
    canvas.ramp(
        np.asarray(slope + (canvas.clouds(3) - 0.5) * canvas.between(0, 0.4), dtype=np.float32)
    )


def _texture(canvas: Canvas) -> None:
    """Thick, scumbled paint lit from the upper left."""
    relief = canvas.clouds(int(canvas.chance.integers(3, 9)))
    canvas.ramp(relief)
    light = np.gradient(relief, axis=0) + np.gradient(relief, axis=1)
    lit = (
        np.asarray(canvas.image, dtype=np.float32)
        * (1 + np.clip(light * canvas.unit * 0.12, -0.35, 0.35))[..., None]
    )
    canvas.image = Image.fromarray(np.clip(lit, 0, 255).astype(np.uint8), "RGB")


def _geometric(canvas: Canvas) -> None:
    """Bars, triangles and discs floating on the ground."""
    for size in sorted(
        canvas.chance.uniform(0.06, 0.4, int(canvas.chance.integers(6, 16))), reverse=True
    ):
        x, y = canvas.point(0.1)
        corners = int(canvas.chance.choice([3, 4, 4, 40]))
        flat = canvas.between(0.15, 1) if corners == 4 else 1.0
        turn, radius = canvas.between(0, math.tau), size * canvas.unit * 0.6
        angles = np.arange(corners) * math.tau / corners + math.pi / corners
        across, along = np.cos(angles) * radius, np.sin(angles) * radius * flat
        outline = np.stack(
            [
                x + across * math.cos(turn) - along * math.sin(turn),
                y + across * math.sin(turn) + along * math.cos(turn),
            ],
            1,
        )
        shape = [(float(px), float(py)) for px, py in outline]
        canvas.glaze(partial(_polygon, corners=shape), canvas.accent(), canvas.between(0.8, 1))


def _triangles(canvas: Canvas) -> None:
    """A mosaic of facets whose colours drift across the canvas."""
    cells = int(canvas.chance.integers(4, 11))
    canvas.ramp(canvas.clouds(2))
    colours = np.asarray(canvas.image)
    jitter = canvas.chance.uniform(-0.3, 0.3, (cells + 3, cells + 3, 2))
    spots = (
        np.stack(np.meshgrid(np.arange(-1, cells + 2), np.arange(-1, cells + 2)), -1) + jitter
    ) / cells
    spots = spots * (canvas.width, canvas.height)
    draw = ImageDraw.Draw(canvas.image)
    for row, column in np.ndindex(cells + 2, cells + 2):
        a, b, c, d = (spots[row + i, column + j] for i, j in ((0, 0), (0, 1), (1, 1), (1, 0)))
        for facet in ((a, b, c), (a, c, d)):
            x, y = np.clip(np.mean(facet, 0), 0, (canvas.width - 1, canvas.height - 1)).astype(int)
            shade = np.clip(colours[y, x] * canvas.between(0.82, 1.18), 0, 255).astype(int)
            draw.polygon(
                [(float(p[0]), float(p[1])) for p in facet],
                fill=(int(shade[0]), int(shade[1]), int(shade[2])),
            )


def _waves(canvas: Canvas) -> None:
    """Bands that roll one behind the other."""
    x, y = canvas.mesh()
    count = int(canvas.chance.integers(5, 13))
    swell, tide = canvas.between(1, 3.5), canvas.between(0.02, 0.08)
    drift = canvas.between(0, math.tau)
    level = (
        y
        + tide * np.sin(math.tau * swell * x + drift)
        + 0.5 * tide * np.sin(math.tau * 2.3 * swell * x + y * 6)
    )
    band = np.floor(level * count) % len(canvas.palette.colours)
    canvas.ramp(np.asarray(band / 4, dtype=np.float32))


def _dots(canvas: Canvas) -> None:
    """Spots of paint in rows, their colours drifting."""
    cells = int(canvas.chance.integers(7, 22))
    rows = max(2, round(cells * canvas.height / canvas.width))
    drift, draw = canvas.clouds(2), ImageDraw.Draw(canvas.image)
    wide, high, loose = canvas.width / cells, canvas.height / rows, canvas.between(0, 0.35)
    for row, column in np.ndindex(rows, cells):
        x = (column + 0.5 + canvas.between(-loose, loose)) * wide
        y = (row + 0.5 + canvas.between(-loose, loose)) * high
        pick = 1 + int(drift[int((row + 0.5) * high), int((column + 0.5) * wide)] * 3.99)
        radius = min(wide, high) * canvas.between(0.3, 0.46)
        draw.ellipse(
            (x - radius, y - radius, x + radius, y + radius), fill=canvas.palette.colours[pick]
        )


def _splatter(canvas: Canvas) -> None:
    """Flung skeins and drops of paint."""
    draw = ImageDraw.Draw(canvas.image)
    for _ in range(int(canvas.chance.integers(25, 60))):
        steps = canvas.chance.normal(0, 0.045 * canvas.unit, (24, 2)).cumsum(0) + canvas.point()
        swung = np.asarray(steps + canvas.chance.normal(0, 0.02 * canvas.unit, 2))
        width = max(1, round(canvas.unit * canvas.between(0.003, 0.014)))
        draw.line(
            [(float(x), float(y)) for x, y in swung],
            fill=canvas.accent(),
            width=width,
            joint="curve",
        )
    for _ in range(160):
        (x, y), radius = canvas.point(), canvas.unit * canvas.between(0.002, 0.012)
        draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=canvas.accent())


def _brushwork(canvas: Canvas) -> None:
    """Short strokes that follow an unseen current."""
    canvas.ramp(canvas.clouds(2))
    ground, current = np.asarray(canvas.image), canvas.clouds(2)
    draw = ImageDraw.Draw(canvas.image)
    length, width = (
        canvas.unit * canvas.between(0.03, 0.09),
        max(2, round(canvas.unit * canvas.between(0.01, 0.03))),
    )
    for _ in range(1400):
        x, y = canvas.point()
        angle = float(current[int(y), int(x)]) * 2 * math.tau
        paint = ground[int(y), int(x)] * 0.75 + np.asarray(canvas.accent()) * 0.25
        end = (x + length * math.cos(angle), y + length * math.sin(angle))
        draw.line(((x, y), end), fill=(int(paint[0]), int(paint[1]), int(paint[2])), width=width)


def _arcs(canvas: Canvas) -> None:
    """Tiles of quarter circles that join into ribbons."""
    cells = int(canvas.chance.integers(3, 8))
    side = canvas.width / cells
    draw = ImageDraw.Draw(canvas.image)
    for row, column in np.ndindex(math.ceil(canvas.height / side), cells):
        left, top = column * side, row * side
        draw.rectangle((left, top, left + side, top + side), fill=canvas.accent())
        x, y = (
            left + side * int(canvas.chance.integers(0, 2)),
            top + side * int(canvas.chance.integers(0, 2)),
        )
        tile = Image.new("L", canvas.image.size, 0)
        inside = Image.new("L", canvas.image.size, 0)
        ImageDraw.Draw(inside).rectangle((left, top, left + side, top + side), fill=255)
        for share in (0.95, 0.62, 0.3):
            _disc(ImageDraw.Draw(tile), (x, y), share * side)
            canvas.image.paste(
                canvas.palette.colours[int(canvas.chance.integers(0, 5))], mask=_both(tile, inside)
            )
            tile = Image.new("L", canvas.image.size, 0)


def _both(first: Image.Image, second: Image.Image) -> Image.Image:
    return Image.fromarray(np.minimum(np.asarray(first), np.asarray(second)), "L")


PAINTERS: dict[str, tuple[Callable[[Canvas], None], str, tuple[str, ...]]] = {
    "colour_field": (_colour_field, "colour field", ("colour field", "rectangles", "minimal")),
    "grid": (_grid, "grid composition", ("grid", "lines", "rectangles", "geometric")),
    "circles": (_circles, "circles", ("circles", "round shapes", "geometric")),
    "rings": (_rings, "concentric circles", ("circles", "rings", "squares", "geometric")),
    "stripes": (_stripes, "stripes", ("stripes", "lines", "bands")),
    "gradient": (_gradient, "gradient", ("gradient", "smooth", "minimal", "soft")),
    "texture": (_texture, "textured surface", ("texture", "thick paint", "clouds")),
    "geometric": (
        _geometric,
        "geometric composition",
        ("geometric", "shapes", "triangles", "circles"),
    ),
    "triangles": (
        _triangles,
        "mosaic of triangles",
        ("triangles", "mosaic", "facets", "geometric"),
    ),
    "waves": (_waves, "waves", ("waves", "bands", "curves", "flowing")),
    "dots": (_dots, "dots", ("dots", "spots", "pattern")),
    "splatter": (_splatter, "action painting", ("splatter", "drips", "expressive", "energetic")),
    "brushwork": (_brushwork, "swirling brushstrokes", ("brushstrokes", "swirls", "flowing")),
    "arcs": (_arcs, "arcs", ("arcs", "curves", "ribbons", "geometric")),
}
KINDS = tuple(PAINTERS)


def _chance(kind: str, seed: int) -> tuple[np.random.Generator, Palette]:
    chance = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    return chance, PALETTES[int(chance.integers(len(PALETTES)))]


def _grain(image: Image.Image, chance: np.random.Generator) -> Image.Image:
    """The weave of a canvas: a few grey levels of noise."""
    noise = chance.normal(0, 3, (image.height, image.width, 1))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8), "RGB")


def paint(kind: str, seed: int, size_px: tuple[int, int]) -> Image.Image:
    """An RGB painting of that kind, (width, height) pixels; KeyError for a kind not in KINDS."""
    chance, palette = _chance(kind, seed)
    canvas = Canvas(chance, palette, (size_px[0] * OVERSAMPLING, size_px[1] * OVERSAMPLING))
    PAINTERS[kind][0](canvas)
    return _grain(canvas.image.resize(size_px, Image.Resampling.LANCZOS), chance)


def describe(kind: str, seed: int) -> Description:
    """Title and tags of the painting that `paint` makes of the same kind and seed."""
    _, palette = _chance(kind, seed)
    _, noun, words = PAINTERS[kind]
    title = f"{noun.capitalize()} in {palette.name}, no. {seed}"
    return Description(title, ("abstract", *words, *palette.moods))
