"""A picture in, a small one out, encoded: without a mat, never enlarged."""

from __future__ import annotations

from io import BytesIO
from typing import Any, Final, Literal

from PIL import Image

ThumbnailFormat = Literal["webp", "jpg", "png"]
_SAVING: Final[dict[ThumbnailFormat, dict[str, Any]]] = {
    "webp": {"format": "WEBP", "quality": 80, "method": 4},
    "jpg": {"format": "JPEG", "quality": 82, "optimize": True, "progressive": True},
    "png": {"format": "PNG"},
}


def thumbnail(image: Image.Image, size_px: int, kind: ThumbnailFormat) -> bytes:
    """The picture with a long side of at most `size_px`; nothing of its metadata is in it."""
    plain = image if image.mode == "RGB" else image.convert("RGB")
    scale = min(1.0, size_px / max(plain.size))
    size = max(1, round(plain.width * scale)), max(1, round(plain.height * scale))
    small = plain.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    small.info = {}
    out = BytesIO()
    small.save(out, **_SAVING[kind])
    return out.getvalue()
