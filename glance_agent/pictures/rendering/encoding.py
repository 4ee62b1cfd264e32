"""The panel's picture in, a Frame out that is no longer than allowed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from io import BytesIO
from typing import Final

from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import SMALLEST_BYTES, Encoding

_BEST_QUALITY: Final = 90
_WORST_QUALITY: Final = 40


def encoded(canvas: Image.Image, encoding: Encoding, max_bytes: int) -> Frame:
    """The picture as a JPEG of at most `max_bytes`.

    Full colour resolution if that fits at once, else the best quality at half of it that does, else
    a smaller picture in the same proportions, and the frame says its size. Raises ValueError for a
    limit under SMALLEST_BYTES.
    """
    if max_bytes < SMALLEST_BYTES:
        raise ValueError(f"no picture fits into {max_bytes} bytes")
    return _jpeg_frame(canvas, max_bytes, progressive=encoding.progressive)


def _jpeg_frame(canvas: Image.Image, max_bytes: int, *, progressive: bool) -> Frame:
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
