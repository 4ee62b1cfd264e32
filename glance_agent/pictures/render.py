"""Picture and display in, Frame out: fitted, matted, and encoded under a limit of bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Final, Literal

from PIL import Image, ImageColor

from glance_agent.domain.frame import Frame
from glance_agent.pictures.colours import dominant_colours

MAX_ENLARGEMENT: Final = 2.0
"""Pictures are never shown larger than this many times their size; the mat takes the rest."""

MIN_BYTES: Final = 1_024
"""No limit under this is accepted: the headers of a JPEG alone take most of it."""

_BEST_QUALITY: Final = 90
_WORST_QUALITY: Final = 40


def compose(
    image: Image.Image,
    *,
    size_px: tuple[int, int],
    fit: Literal["contain", "cover"] = "contain",
    mat: str = "auto",
    max_bytes: int = 300_000,
    progressive: bool = True,
) -> Frame:
    """The picture as a JPEG for a display of `size_px` (width, height), at most `max_bytes` long.

    `contain` shows the whole picture on a mat; `cover` fills the display and crops what juts
    out, evenly on both sides. Neither enlarges beyond MAX_ENLARGEMENT: a tiny picture lies
    small on a wide mat. `mat` is `#rrggbb`, or `auto`: the picture's own dark dominant colour.
    Where even the lowest good quality is too long, the frame gets smaller than the display, in
    the same proportions, and its size says so. Without `progressive` it is a baseline JPEG, which
    every decoder reads. Raises ValueError for a size under 1 px, a
    colour that is none, or a limit under MIN_BYTES.
    """
    if min(size_px) < 1 or max_bytes < MIN_BYTES:
        raise ValueError(f"cannot compose {size_px} pixels in {max_bytes} bytes")
    colour = mat_colour(image) if mat == "auto" else _parsed(mat)
    return _encoded(_laid_out(image, size_px, fit, colour), max_bytes, progressive=progressive)


def mat_colour(image: Image.Image) -> tuple[int, int, int]:
    """A quiet, dark colour (r, g, b) taken from the picture: its most widespread dark colour,
    else its most widespread one darkened. Its luma is at most 40 of 255, its parts at most 80."""
    colours = [_parsed(c) for c in dominant_colours(image, 6)]
    own = next((c for c in colours if _luma(c) < 80), colours[0])
    luma = max(_luma(own), 1.0)
    quieter = [0.75 * part + 0.25 * luma for part in own]
    scale = min(max(luma, 10.0), 40.0) / luma
    scale = min(scale, 80.0 / max(*quieter, 1.0))
    red, green, blue = (round(part * scale) for part in quieter)
    return red, green, blue


# -- laying out --------------------------------------------------------------------------------


def _parsed(colour: str) -> tuple[int, int, int]:
    if len(colour) != 7 or not colour.startswith("#"):
        raise ValueError(f"a colour is written #rrggbb, not {colour!r}")
    red, green, blue = ImageColor.getrgb(colour)[:3]
    return red, green, blue


def _luma(colour: tuple[int, int, int]) -> float:
    return 0.299 * colour[0] + 0.587 * colour[1] + 0.114 * colour[2]


def _laid_out(
    image: Image.Image, size_px: tuple[int, int], fit: str, colour: tuple[int, int, int]
) -> Image.Image:
    """A new picture of exactly `size_px`, so that nothing of the old file's metadata is in it."""
    across, down = size_px[0] / image.width, size_px[1] / image.height
    scale = min(max(across, down) if fit == "cover" else min(across, down), MAX_ENLARGEMENT)
    width = min(size_px[0], max(1, round(image.width * scale)))
    height = min(size_px[1], max(1, round(image.height * scale)))
    shown = _resized(image, (width, height), scale)
    canvas = Image.new("RGB", size_px, colour)
    canvas.paste(shown, ((size_px[0] - width) // 2, (size_px[1] - height) // 2))
    return canvas


def _resized(image: Image.Image, size: tuple[int, int], scale: float) -> Image.Image:
    """The middle of the picture that fills `size` at this scale, antialiased."""
    wide = min(image.width, size[0] / scale)
    high = min(image.height, size[1] / scale)
    left, upper = (image.width - wide) / 2, (image.height - high) / 2
    box = (left, upper, left + wide, upper + high)
    plain = image if image.mode == "RGB" else image.convert("RGB")
    return plain.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=3.0)


# -- encoding ----------------------------------------------------------------------------------


def _encoded(canvas: Image.Image, max_bytes: int, *, progressive: bool) -> Frame:
    """Full colour resolution if that fits at once, else the best quality at half of it that
    does, else a smaller frame."""
    encode = partial(_jpeg, progressive=progressive)
    data = encode(canvas, _BEST_QUALITY, "4:4:4")
    while len(data) > max_bytes:
        found = _best_under(max_bytes, partial(encode, canvas, subsampling="4:2:0"))
        if found is not None:
            data = found
            break
        smaller = max(1, round(canvas.width * 0.8)), max(1, round(canvas.height * 0.8))
        canvas = canvas.resize(smaller, Image.Resampling.LANCZOS)
    return Frame(data, "image/jpeg", canvas.width, canvas.height)


def _best_under(max_bytes: int, encode: Callable[[int], bytes]) -> bytes | None:
    """The longest encoding within the limit by bisection over the quality; None if none fits.

    Ends early within 6 % of the limit: nobody sees the difference, and a small computer
    takes a tenth of a second for each try.
    """
    low, high = _WORST_QUALITY, _BEST_QUALITY
    best: bytes | None = None
    while low <= high:
        quality = (low + high) // 2
        data = encode(quality)
        if len(data) > max_bytes:
            high = quality - 1
            continue
        best, low = data, quality + 1
        if len(data) > 0.94 * max_bytes:
            break
    return best


def _jpeg(canvas: Image.Image, quality: int, subsampling: str, *, progressive: bool) -> bytes:
    """Baseline, or progressive, except where the picture is mostly noise.

    Pillow gives a progressive encoder one byte per pixel (at least 64 KiB) and fails where
    that is too little; the plain encoding, quickly made, tells beforehand.
    """
    out = BytesIO()
    canvas.save(out, "JPEG", quality=quality, subsampling=subsampling)
    if progressive and out.tell() < 0.9 * max(canvas.width * canvas.height, 65_536):
        out = BytesIO()
        canvas.save(
            out, "JPEG", quality=quality, subsampling=subsampling, optimize=True, progressive=True
        )
    return out.getvalue()


# -- contact sheets ----------------------------------------------------------------------------
