"""Colours -> inks, spread so that the eye sees the colours."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from PIL import Image

from glance_agent.domain.panel import Dither
from glance_agent.pictures.rendering.inks import Colour, Inks

if TYPE_CHECKING:
    from types import ModuleType

USUAL: Final[Dither] = "burkes"
_MODES: Final[dict[str, str]] = {
    "burkes": "BURKES",
    "floyd-steinberg": "FLOYD_STEINBERG",
    "atkinson": "ATKINSON",
    "stucki": "STUCKI",
    "none": "NONE",
}
_library: ModuleType | None = None


def load_ditherer() -> bool:
    """Use epaper-dithering from now on where it is installed; Pillow does else.

    It starts its threads here: where pictures are decoded there may be none later.
    """
    global _library
    try:
        os.environ.setdefault("RAYON_NUM_THREADS", "1")
        import epaper_dithering
    except ImportError:
        return False
    _library = epaper_dithering
    dithered(Image.new("RGB", (2, 2)), Inks(((0, 0, 0), (255, 255, 255)), ((0, 0, 0), (1, 1, 1))))
    return True


def ditherer() -> str:
    """What spreads the inks: `epaper-dithering` or `Pillow`."""
    return "Pillow" if _library is None else "epaper-dithering"


def dithered(image: Image.Image, inks: Inks, dither: Dither = "auto") -> Image.Image:
    """The picture (RGB) in indices of the inks, mode P, with their nominal colours.

    Pillow knows Floyd-Steinberg alone, and takes it for all others.
    """
    if _library is None:
        spread = Image.Dither.NONE if dither == "none" else Image.Dither.FLOYDSTEINBERG
        indices = image.quantize(palette=_palette_image(inks.measured), dither=spread)
    else:
        mode = _library.DitherMode[_MODES[USUAL if dither == "auto" else dither]]
        colours = {f"ink{number}": colour for number, colour in enumerate(inks.measured)}
        palette = _library.ColorPalette(colors=colours, accent="ink0")
        indices = _library.dither_image(image, palette, mode=mode)
    return as_inks(indices, inks.nominal)


def as_inks(indices: Image.Image, colours: tuple[Colour, ...]) -> Image.Image:
    """The same spots in other colours."""
    shown = Image.frombytes("P", indices.size, indices.tobytes())
    shown.putpalette([part for colour in colours for part in colour])
    return shown


def _palette_image(colours: tuple[Colour, ...]) -> Image.Image:
    return as_inks(Image.new("P", (1, 1)), colours)
