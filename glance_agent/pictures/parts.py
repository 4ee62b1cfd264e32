"""What a file is made of, counted by its markers before any decoder sees it.

Decoders pass over the whole picture for each scan, and keep a record of each strip, tile and
frame: a small file that holds very many of them takes minutes or gigabytes. Nothing here
allocates more than the file has bytes; a file that ends early is left to the decoder to refuse.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from glance_agent.pictures.counting import number, refuse_over
from glance_agent.pictures.fleeting import PictureFile
from glance_agent.pictures.heif import THREAD_BYTES, decoder_pixel_bytes, is_heif
from glance_agent.pictures.jpeg import jpeg_markers
from glance_agent.pictures.strips import Strips
from glance_agent.pictures.tiff import TiffPage, picture_page, tiff_pages

MOST_SCANS: Final = 100
"""Progressive JPEGs have about ten."""
MOST_STRIPS: Final = 65_536
"""Strips or tiles of a TIFF; one of 80 megapixels with a strip a row has about 10,000."""
MOST_VALUES: Final = 1_000_000
"""Numbers in one field of a TIFF."""
AVIF_PIXEL_BYTES: Final = 12
"""What libavif and its decoder keep of a pixel of eight bits a channel, at most."""
JP2_PIXEL_BYTES: Final = 36
"""What OpenJPEG keeps of a pixel of four channels: its numbers twice, and a tile."""
JP2: Final = b"\0\0\0\x0cjP  \r\n\x87\n"
J2K: Final = b"\xff\x4f\xff\x51"
"""How files of JPEG 2000 begin, and their bare streams (ISO 15444-1)."""
ANIMATION_PIXEL_BYTES: Final = 12
"""What libwebp keeps of a pixel of an animation, and hands over."""
MOST_CHUNKS: Final = 10_000
"""Chunks of a WebP, so frames too; chunks of a PNG before its pixels."""


@dataclass(frozen=True, slots=True)
class PictureParts:
    """What decoding keeps beside the picture: so many bytes, and so many for each of its pixels.

    `shrinks` says that the decoder makes a picture smaller while it decodes, `passes` how often it
    goes over the whole of it, `page` which of several pages is the picture; `strips` where those
    of a TIFF are that can be decoded by themselves.
    """

    buffer_bytes: int = 0
    pixel_bytes: int = 0
    shrinks: bool = False
    passes: int = 1
    page: int = 0
    strips: Strips | None = None


def counted(data: PictureFile) -> PictureParts:
    """What this file is made of. Raises BadPicture where there is too much of it."""
    if data.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return _tiff(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        refuse_over(sum(1 for _ in _png_chunks(data)), MOST_CHUNKS, "chunks")
        return PictureParts()
    return _others(data[:])


def _others(data: bytes) -> PictureParts:
    """The same of what is read as a whole."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if is_heif(data[:32]):
        return PictureParts(THREAD_BYTES, pixel_bytes=decoder_pixel_bytes(data), shrinks=True)
    if data[4:8] == b"ftyp":
        return PictureParts(
            pixel_bytes=2 * AVIF_PIXEL_BYTES if _deep_avif(data) else AVIF_PIXEL_BYTES
        )
    if data.startswith((JP2, J2K)):
        return PictureParts(pixel_bytes=JP2_PIXEL_BYTES)
    if data.startswith(b"BM") and data[30:31] in (b"\x01", b"\x02"):
        return PictureParts(pixel_bytes=2)  # run-length encoded: unpacked once, and copied
    return PictureParts()


# -- JPEG (ITU-T T.81, annex B) ----------------------------------------------------------------

_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset((0xC2, 0xC6, 0xCA, 0xCE))
_SCAN_PAIR: Final = 0xDAFF
"""The marker of a scan, as a number whose first byte is the lower one."""
_COMPARED_BYTES: Final = 1 << 20


def _jpeg(data: bytes) -> PictureParts:
    """More than one scan keeps every coefficient of the whole picture, two bytes each."""
    scans, samples, progressive = 0, 0, False
    for marker, at in jpeg_markers(data):
        if marker in _FRAMES and not samples:
            progressive, samples = marker in _PROGRESSIVE, _jpeg_samples(data, at)
        scans += marker == 0xDA
        if marker == 0xDA and not _has_scan(data, at):
            break  # what comes after the last one need not be searched for other markers
    refuse_over(scans, MOST_SCANS, "scans")
    kept = 2 * samples if progressive or scans > 1 else 0
    return PictureParts(kept, shrinks=True, passes=max(scans, 1))


def _has_scan(data: bytes, at: int) -> bool:
    """Whether there may be a scan behind this place; its length has a first byte of zero.

    Two bytes at a time are compared first, which takes a tenth of looking for three.
    """
    for start in range(at, len(data) - 1, _COMPARED_BYTES):
        for first in (start, start + 1):
            pairs = min(_COMPARED_BYTES, len(data) - first) // 2
            if (np.frombuffer(data, "<u2", pairs, first) == _SCAN_PAIR).any():
                return data.find(b"\xff\xda\0", at) >= 0
    return False


def _jpeg_samples(data: bytes, at: int) -> int:
    """How many samples all components have, of the frame whose segment begins here."""
    height, width = number(data, at + 3, ">H"), number(data, at + 5, ">H")
    count = number(data, at + 7, ">B")
    factors = data[at + 9 : at + 8 + 3 * count : 3]
    across = max((factor >> 4 for factor in factors), default=1) or 1
    down = max((factor & 15 for factor in factors), default=1) or 1
    share = sum((factor >> 4) * (factor & 15) for factor in factors) / (across * down)
    return round(width * height * share)


# -- TIFF 6.0 and BigTIFF ----------------------------------------------------------------------

_BITS, _COMPRESSION, _SAMPLES, _ROWS, _TILE_WIDTH, _TILE_LENGTH = 258, 259, 277, 278, 322, 323
_OFFSETS: Final = frozenset((273, 279, 324, 325))


def _tiff(data: PictureFile) -> PictureParts:
    """One strip or tile is unpacked at a time; what is not compressed is read as it lies there."""
    pages = tiff_pages(data)
    page = picture_page(pages)
    for before in pages[: page.index + 1]:  # they are read on the way to it
        _refuse_long_fields(before)
    width, length = page.size
    across, down = page.value(_TILE_WIDTH, width), page.value(_ROWS, length)
    down = page.value(_TILE_LENGTH, min(down, length))
    if across < 1 or down < 1:
        return PictureParts(page=page.index)
    strips = -(-width // across) * -(-length // down)
    refuse_over(strips, MOST_STRIPS, "strips or tiles")
    if page.value(_COMPRESSION, 1) == 1:
        return PictureParts(page=page.index)
    samples = max(page.value(_SAMPLES, 1), 1)
    bits = max(page.value(_BITS, 1), 8)
    kept = across * down * max(samples * bits // 8, 4 if samples > 1 else 1)
    return PictureParts(kept, page=page.index)


def _refuse_long_fields(page: TiffPage) -> None:
    for tag, field in page.fields.items():
        if tag in _OFFSETS:
            refuse_over(field.count, MOST_STRIPS, "strips or tiles")
        elif not field.is_bytes:
            refuse_over(field.count, MOST_VALUES, "values in one field")


# -- PNG, WebP and AVIF -----------------------------------------------------------------------


def _png_chunks(data: PictureFile) -> Iterator[bytes]:
    """The names of the chunks before the pixels, as many as are worth counting."""
    at = 8
    for _ in range(MOST_CHUNKS + 1):
        name = data[at + 4 : at + 8]
        if len(name) < 4 or name == b"IDAT":
            return
        yield name
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def png_chunk(data: PictureFile, wanted: bytes) -> bytes:
    """The content of a chunk of a PNG before its pixels; empty where it has none."""
    at = 8
    for name in _png_chunks(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if name == wanted:
            return data[at + 8 : at + 8 + min(size, MOST_CHUNKS)]
        at += 12 + size
    return b""


def riff_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Each chunk of a WebP with where its content begins and ends, as many as are counted."""
    at = 12
    for _ in range(MOST_CHUNKS + 1):
        if at + 8 > len(data):
            return
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        yield data[at : at + 4], at + 8, min(at + 8 + size, len(data))
        at += 8 + size + size % 2


def is_animated_webp(data: bytes) -> bool:
    """Whether a WebP says that it is an animation."""
    return data[12:16] == b"VP8X" and bool(int.from_bytes(data[20:21], "big") & 0x02)


def _webp(data: bytes) -> PictureParts:
    """Of a still lossless picture, and of alpha, every pixel is kept; of another a few rows."""
    names = [name for name, _, _ in riff_chunks(data)]
    refuse_over(len(names), MOST_CHUNKS, "frames")
    kept = 5 if b"ALPH" in names else 4 if b"VP8L" in names else 1
    return PictureParts(pixel_bytes=kept, shrinks=True)


def _deep_avif(data: bytes) -> bool:
    """Whether the configuration of the stream (av1C) names more than eight bits a channel."""
    at = data.find(b"av1C")
    return at < 0 or bool(int.from_bytes(data[at + 6 : at + 7], "big") & 0x40)
