"""The panel's picture in, a Frame out that is no longer than allowed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from io import BytesIO
from typing import Final

from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import SMALLEST_BYTES, Dither, PanelProfile
from glance_agent.pictures.rendering.dithering import dithered
from glance_agent.pictures.rendering.inks import PANELS

_BEST_QUALITY: Final = 90
_WORST_QUALITY: Final = 40
_INKS_LEVEL: Final = 2
"""Spread inks get no smaller by compressing harder, but that takes three times as long."""
_FEWER_COLOURS: Final = (256, 64)


def encoded(canvas: Image.Image, profile: PanelProfile) -> Frame:
    """The toned picture (RGB) as the panel takes it, in at most `max_bytes`.

    Where it is too long it loses what is seen least: a JPEG quality, a PNG colours or the spreading
    of its inks. Where that is not enough it gets smaller in the same proportions, and the frame
    says its size. Raises ValueError for a limit under SMALLEST_BYTES.
    """
    if profile.max_bytes < SMALLEST_BYTES:
        raise ValueError(f"no picture fits into {profile.max_bytes} bytes")
    ways = _jpegs if profile.encoding.format == "jpeg" else _others
    while True:
        for data in ways(canvas, profile):
            if len(data) <= profile.max_bytes:
                return Frame(data, profile.encoding.content_type, canvas.width, canvas.height)
        smaller = max(1, round(canvas.width * 0.8)), max(1, round(canvas.height * 0.8))
        canvas = canvas.resize(smaller, Image.Resampling.LANCZOS)


# -- PNG and BMP ---------------------------------------------------------------------------------


def _others(canvas: Image.Image, profile: PanelProfile) -> Iterator[bytes]:
    """Encodings without loss, each of a picture with less in it than the one before."""
    if profile.panel in PANELS:
        ways: tuple[Dither, ...] = (profile.dither, "none")
        pictures: Iterator[Image.Image] = (inked(canvas, profile.panel, way) for way in ways)
    elif profile.panel == "grey":
        pictures = iter((canvas.convert("L"),))
    else:
        pictures = _coloured(canvas)
    for picture in pictures:
        yield _png(picture) if profile.encoding.format == "png" else _bmp(picture)


def inked(canvas: Image.Image, panel: str, dither: Dither) -> Image.Image:
    """The picture in a panel's inks, mode P, or 1 for two."""
    indices = dithered(canvas, PANELS[panel], dither)
    if panel != "mono":
        return indices
    return Image.frombytes("L", indices.size, indices.tobytes()).point(lambda i: 255 * i, "1")


def _coloured(canvas: Image.Image) -> Iterator[Image.Image]:
    yield canvas
    yield from (canvas.quantize(count) for count in _FEWER_COLOURS)


def _png(picture: Image.Image) -> bytes:
    """Inks in as few bits as they need, however many of them occur; devices count on it."""
    out = BytesIO()
    colours = len(picture.getpalette() or ()) // 3
    bits = 1 if colours <= 2 else 2 if colours <= 4 else 4 if colours <= 16 else 8
    options = {"bits": bits, "compress_level": _INKS_LEVEL} if picture.mode in ("P", "1") else {}
    picture.save(out, "PNG", **options)
    return out.getvalue()


def _bmp(picture: Image.Image) -> bytes:
    """Version 3: 1, 8 or 24 bits a pixel, with a header of 40 bytes, as small devices read it."""
    out = BytesIO()
    picture.save(out, "BMP")
    return out.getvalue()


# -- JPEG ----------------------------------------------------------------------------------------


def _jpegs(canvas: Image.Image, profile: PanelProfile) -> Iterator[bytes]:
    """Full colour resolution at the best quality, then the best at half of it that fits."""
    picture = canvas.convert("L") if profile.panel == "grey" else canvas
    encode = partial(_jpeg, picture, progressive=profile.encoding.progressive)
    if profile.encoding.full_colour:
        yield encode(_BEST_QUALITY, "4:4:4")
    found = _best_under(profile.max_bytes, partial(encode, subsampling="4:2:0"))
    if found is not None:
        yield found


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
