"""A picture of any mode in, plain sRGB out: by its colour profile, transparency laid on white.

Large pictures are converted a piece at a time, each shrunk at once, so that no second copy of the
whole picture is ever needed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from glance_agent.pictures.spaces import has_cicp, named_space

PIECE_PX: Final = 512
"""The side of the pieces in which pictures are converted."""
_PROFILE_MODES: Final = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}
_AVERAGED: Final = frozenset(("RGB", "RGBA", "L", "LA", "CMYK"))
"""Modes whose pixels can be averaged as they are."""
_Convert = Callable[[Image.Image], Image.Image]


def srgb_on_white(image: Image.Image, shrink: int = 1) -> Image.Image:
    """Mode RGB with eight bits a channel, `shrink` times smaller than it was.

    Raises whatever Pillow does on broken pixels.
    """
    convert = _conversion(image)
    if shrink == 1 and max(image.size) <= 4 * PIECE_PX:
        return convert(image)
    if shrink == 1 and convert is _as_it_is:
        return image
    canvas = _canvas(image, shrink)
    _lay(canvas, image, convert, shrink)
    return canvas


def srgb_of_bands(image: Image.Image, bands: Iterable[Image.Image], shrink: int) -> Image.Image:
    """The same of a picture whose pixels come by themselves, from its top, some rows at a time:
    of all bands but the last a multiple of `shrink`."""
    convert, upper = _conversion(image), 0
    canvas = _canvas(image, shrink)
    for band in bands:
        _lay(canvas, band, convert, shrink, upper // shrink)
        upper += band.height
    return canvas


def _canvas(image: Image.Image, shrink: int) -> Image.Image:
    """To be laid full: without a colour its memory is taken as it is written."""
    return Image.new("RGB", (-(-image.width // shrink), -(-image.height // shrink)), None)


def _lay(
    canvas: Image.Image, image: Image.Image, convert: _Convert, shrink: int, upper: int = 0
) -> None:
    """Convert a picture piece by piece, and put it on its place, so many rows from the top."""
    for box in _pieces(image.size, shrink):
        piece = image.crop(box)
        small = _shrunk(piece, convert, shrink) if shrink > 1 else convert(piece)
        canvas.paste(small, (box[0] // shrink, upper + box[1] // shrink))


def _pieces(size: tuple[int, int], shrink: int) -> Iterator[tuple[int, int, int, int]]:
    """Boxes that cover a picture of this size, each a multiple of `shrink` wide and high."""
    step = max(shrink, PIECE_PX // shrink * shrink)
    for upper in range(0, size[1], step):
        for left in range(0, size[0], step):
            yield left, upper, min(left + step, size[0]), min(upper + step, size[1])


def _shrunk(piece: Image.Image, convert: _Convert, shrink: int) -> Image.Image:
    """Averaged before it is converted where the mode allows it: that is less to convert."""
    keyed = piece.mode not in ("RGBA", "LA") and piece.has_transparency_data
    if piece.mode in _AVERAGED and not keyed:
        return convert(piece.reduce(shrink))
    return convert(piece).reduce(shrink)


# -- conversion --------------------------------------------------------------------------------


def _conversion(image: Image.Image) -> _Convert:
    """What makes pieces of this picture plain sRGB."""
    if image.mode == "LAB":
        return _transform(ImageCms.createProfile("LAB"), "LAB")
    plain = _eight_bit(image)
    if image.has_transparency_data or image.mode in ("La", "RGBa"):
        colour = _profiled(image, "RGB")
        return lambda piece: _on_white(plain(piece), colour)
    mode = image.mode if image.mode in ("RGB", "CMYK", "L") else "RGB"
    if plain is not _as_it_is:
        mode = "L"
    colour = _profiled(image, mode)
    if plain is _as_it_is and colour is _as_it_is and image.mode == "RGB":
        return _as_it_is
    return lambda piece: _in(colour(_in(plain(piece), mode)), "RGB")


def _as_it_is(piece: Image.Image) -> Image.Image:
    return piece


def _in(piece: Image.Image, mode: str) -> Image.Image:
    return piece if piece.mode == mode else piece.convert(mode)


def _on_white(piece: Image.Image, colour: _Convert) -> Image.Image:
    with_alpha = (piece.convert("LA") if piece.mode == "La" else piece).convert("RGBA")
    canvas = Image.new("RGB", piece.size, "white")
    canvas.paste(colour(with_alpha.convert("RGB")), mask=with_alpha.getchannel("A"))
    return canvas


# -- deep greys --------------------------------------------------------------------------------


def _eight_bit(image: Image.Image) -> _Convert:
    """Integer and float greys become mode L (Pillow's own conversion clips them at 255)."""
    if image.mode.startswith("I;16"):
        return lambda piece: Image.fromarray(
            (np.asarray(piece).astype(np.uint16) >> 8).astype(np.uint8)
        )
    if image.mode in ("I", "F"):
        low, high = _range(image)
        return lambda piece: Image.fromarray(_stretched(np.asarray(piece), low, high))
    return _as_it_is


def _range(image: Image.Image) -> tuple[float, float]:
    """The usual range that holds all values (from 0 to 1, 255, 65535), else their own.

    Values that are no number count as the lowest.
    """
    tops = (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0)
    lows, highs = [], []
    for box in _pieces(image.size, 1):
        values = np.asarray(image.crop(box), dtype=np.float32)
        finite = values[np.isfinite(values)]
        if finite.size:
            lows.append(float(finite.min()))
            highs.append(float(finite.max()))
    low, high = min(lows, default=0.0), max(highs, default=1.0)
    if low < 0:
        return low, high
    return 0.0, next((top for top in tops if high <= top), high)


def _stretched(values: NDArray[np.generic], low: float, high: float) -> NDArray[np.uint8]:
    numbers = values.astype(np.float32)
    span = max(high - low, 1e-30)
    finite = np.where(np.isfinite(numbers), numbers, np.float32(low))
    scaled = (finite - np.float32(low)) * np.float32(255.0 / span)
    grey: NDArray[np.uint8] = np.clip(scaled, 0, 255).astype(np.uint8)
    return grey


# -- colour profiles ---------------------------------------------------------------------------


def _profiled(image: Image.Image, mode: str) -> _Convert:
    """From the picture's colour profile to sRGB; one that is broken or of another mode is
    passed over."""
    profile = image.info.get("icc_profile")
    if has_cicp(image) or not isinstance(profile, bytes) or not profile:
        return _by_name(image, mode)
    try:
        own = ImageCms.ImageCmsProfile(BytesIO(profile))
        if _PROFILE_MODES.get(own.profile.xcolor_space) != mode:
            return _as_it_is
        if (own.profile.profile_description or "").startswith("sRGB"):
            return _as_it_is
        return _transform(own, mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return _as_it_is


def _by_name(image: Image.Image, mode: str) -> _Convert:
    """From the colour space that a file names without a profile."""
    space = named_space(image) if mode == "RGB" else None
    return space.conversion() if space is not None else _as_it_is


def _transform(own: Any, mode: str) -> _Convert:
    """One transform for all pieces. Raises PyCMSError."""
    srgb = ImageCms.createProfile("sRGB")
    transform = ImageCms.buildTransform(own, srgb, mode, "RGB")
    return lambda piece: ImageCms.applyTransform(piece, transform) or piece
