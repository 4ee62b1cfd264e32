"""What decoding a picture takes, judged by its header: shrunk as far as it has to be, or refused.

Bytes are pixels times channels times depth times copies: of a PNG Pillow keeps the pixels once, of
an animation four times. What is converted is converted piece by piece into a smaller copy.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from PIL.ImageFile import ImageFile

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.limits import BYTES_A_PIXEL, SETTING, Limits
from glance_agent.pictures.parts import PictureParts

ENOUGH: Final = 4
"""Pictures are shrunk while they stay this many times as large as wanted."""
ORDINARY_PIXELS: Final = 4_000_000
"""Pictures up to here are decoded whole."""
WORK_BYTES: Final = 12_000_000
"""For the pieces in which a picture is converted, and whatever else is small."""
MOST_OF_IT: Final = 4
"""A picture that was decoded takes at most this part of the memory: it is still to be laid out."""
MOST_PASSED_PIXELS: Final = 2_000_000_000
"""Pixels times passes over the whole picture."""
LEAST_PX: Final = 64
"""No picture is shrunk to less than this to make it fit."""
_STORED: Final = {"1": 1, "L": 1, "P": 1, "I;16": 2, "I;16L": 2, "I;16B": 2, "I;16N": 2}
"""Bytes a pixel in Pillow; all other modes have four."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How many times a picture is shrunk by its decoder and then once more, and what that takes."""

    draft: int
    shrink: int
    takes_bytes: int


def planned(
    image: ImageFile, parts: PictureParts, file_bytes: int, *, wanted_px: int | None, limits: Limits
) -> Plan:
    """The way to decode a picture that was opened. Raises BadPicture where there is none."""
    memory, least = limits.memory_bytes, 0
    _refuse_many_passes(image, parts.passes)
    for draft, shrink in _ways(image, parts, wanted_px):
        takes, left = _bytes(image, parts, draft, shrink)
        takes += file_bytes
        if memory is None or (takes <= memory and left * MOST_OF_IT <= memory):
            return Plan(draft, shrink, takes)
        least = takes
    width, height = image.size
    raise BadPicture(
        "too large",
        f"{width} x {height} pixels of {image.format} take {_megabytes(least)} to decode, "
        f"{_megabytes(memory or 0)} allowed with {SETTING}",
    )


def _refuse_many_passes(image: ImageFile, passes: int) -> None:
    pixels = image.width * image.height
    if passes * pixels > MOST_PASSED_PIXELS:
        raise BadPicture("too complex", f"{passes} scans of {pixels / 1e6:.0f} megapixels")


def _ways(
    image: ImageFile, parts: PictureParts, wanted_px: int | None
) -> Iterator[tuple[int, int]]:
    """Ways to decode, each smaller than the one before; the first is as large as is wanted."""
    longest = max(image.size)
    most = max(1, longest // LEAST_PX)
    large = image.width * image.height > ORDINARY_PIXELS
    enough = max(1, longest // (ENOUGH * wanted_px)) if wanted_px and large else 1
    if image.format == "JPEG":
        drafts = [s for s in (8, 4, 2, 1) if wanted_px and longest // s >= wanted_px]
        first = drafts[0] if drafts else 1
        yield from ((s, 1) for s in (1, 2, 4, 8) if s >= first)
        yield from ((8, shrink) for shrink in range(2, most // 8 + 1))
    elif parts.shrinks:
        yield from ((draft, 1) for draft in range(enough, max(most, enough) + 1))
    else:
        yield from ((1, shrink) for shrink in range(enough, max(most, enough) + 1))


def _bytes(image: ImageFile, parts: PictureParts, draft: int, shrink: int) -> tuple[int, int]:
    """What decoding takes at its worst moment, and what is left of it afterwards."""
    width, height = image.size
    rows = parts.strips and parts.strips.rows(shrink)
    decoded = width * rows if rows else -(-width // draft) * -(-height // draft)
    pixels = decoded * _STORED.get(image.mode, BYTES_A_PIXEL)
    beside = parts.buffer_bytes + width * height * parts.pixel_bytes
    if parts.shrinks and image.format == "WEBP":  # once as bytes, once as Pillow has it
        beside += decoded * BYTES_A_PIXEL
    left = -(-width // (draft * shrink)) * -(-height // (draft * shrink)) * BYTES_A_PIXEL
    return max(pixels + beside, pixels + left) + WORK_BYTES, left


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.0f} MB"
