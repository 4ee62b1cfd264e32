"""What a file is made of, counted by its markers before any decoder sees it.

Decoders pass over the whole picture for each scan, and keep a record of each strip, tile and
frame: a small file that holds very many of them takes minutes or gigabytes. Nothing here
allocates more than the file has bytes; a file that ends early is left to the decoder to refuse.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from glance_agent.domain.errors import BadPicture

MOST_SCANS: Final = 100
"""Progressive JPEGs have about ten."""
MOST_STRIPS: Final = 65_536
"""Strips or tiles of a TIFF; one of 80 megapixels with a strip a row has about 10,000."""
MOST_VALUES: Final = 1_000_000
"""Numbers in one field of a TIFF."""
MOST_FIELDS: Final = 4_096
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
    goes over the whole of it.
    """

    buffer_bytes: int = 0
    pixel_bytes: int = 0
    shrinks: bool = False
    passes: int = 1


def counted(data: bytes) -> PictureParts:
    """What this file is made of. Raises BadPicture where there is too much of it."""
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith((b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+")):
        return _tiff(data)
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        _refuse_over(sum(1 for _ in _png_chunks(data)), MOST_CHUNKS, "chunks")
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if data[4:8] == b"ftyp":
        return PictureParts(
            pixel_bytes=2 * AVIF_PIXEL_BYTES if _deep_avif(data) else AVIF_PIXEL_BYTES
        )
    if data.startswith((JP2, J2K)):
        return PictureParts(pixel_bytes=JP2_PIXEL_BYTES)
    if data.startswith(b"BM") and data[30:31] in (b"\x01", b"\x02"):
        return PictureParts(pixel_bytes=2)  # run-length encoded: unpacked once, and copied
    return PictureParts()


def _refuse_over(count: int, most: int, what: str) -> None:
    if count > most:
        raise BadPicture("too complex", f"{count} {what}, {most} allowed")


# -- JPEG (ITU-T T.81, annex B) ----------------------------------------------------------------

_MARKER: Final = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE: Final = frozenset((0xC2, 0xC6, 0xCA, 0xCE))


def _jpeg(data: bytes) -> PictureParts:
    """More than one scan keeps every coefficient of the whole picture, two bytes each."""
    scans, samples, progressive = 0, 0, False
    for marker, at in _jpeg_markers(data):
        if marker in _FRAMES and not samples:
            progressive, samples = marker in _PROGRESSIVE, _jpeg_samples(data, at)
        scans += marker == 0xDA
        if marker == 0xDA and not _has_scan(data, at):
            break  # what comes after the last one need not be searched for other markers
    _refuse_over(scans, MOST_SCANS, "scans")
    kept = 2 * samples if progressive or scans > 1 else 0
    return PictureParts(kept, shrinks=True, passes=max(scans, 1))


def _jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Every marker up to the end of the image, and where its segment begins."""
    at = 2
    while found := _MARKER.search(data, at):
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            return
        if marker == 0x01 or marker == 0xD8:
            continue
        yield marker, at
        at += int.from_bytes(data[at : at + 2], "big")


def _has_scan(data: bytes, at: int) -> bool:
    """Whether there may be a scan behind this place; its length has a first byte of zero."""
    while (at := data.find(b"\xda\0", at)) >= 0:
        if data[at - 1] == 0xFF:
            return True
        at += 1
    return False


def _jpeg_samples(data: bytes, at: int) -> int:
    """How many samples all components have, of the frame whose segment begins here."""
    height, width = _number(data, at + 3, ">H"), _number(data, at + 5, ">H")
    count = _number(data, at + 7, ">B")
    factors = data[at + 9 : at + 8 + 3 * count : 3]
    across = max((factor >> 4 for factor in factors), default=1) or 1
    down = max((factor & 15 for factor in factors), default=1) or 1
    share = sum((factor >> 4) * (factor & 15) for factor in factors) / (across * down)
    return round(width * height * share)


# -- TIFF 6.0 and BigTIFF ----------------------------------------------------------------------

_TYPE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8,
                      13: 4, 16: 8, 17: 8, 18: 8}  # fmt: skip
_BYTES_OR_TEXT: Final = frozenset((1, 2, 6, 7))
_WIDTH, _LENGTH, _BITS, _COMPRESSION, _SAMPLES, _ROWS = 256, 257, 258, 259, 277, 278
_TILE_WIDTH, _TILE_LENGTH = 322, 323
_OFFSETS: Final = frozenset((273, 279, 324, 325))


@dataclass(frozen=True, slots=True)
class _Field:
    """One entry of a directory: its type, how many values, and the first of them."""

    kind: int
    count: int
    first: int


def _tiff(data: bytes) -> PictureParts:
    """One strip or tile is unpacked at a time; what is not compressed is read as it lies there."""
    fields = dict(_tiff_fields(data))
    for tag, field in fields.items():
        if tag in _OFFSETS:
            _refuse_over(field.count, MOST_STRIPS, "strips or tiles")
        elif field.kind not in _BYTES_OR_TEXT:
            _refuse_over(field.count, MOST_VALUES, "values in one field")

    def value(tag: int, otherwise: int) -> int:
        return fields[tag].first if tag in fields else otherwise

    width, length = value(_WIDTH, 0), value(_LENGTH, 0)
    across, down = value(_TILE_WIDTH, width), value(_TILE_LENGTH, min(value(_ROWS, length), length))
    if across < 1 or down < 1:
        return PictureParts()
    strips = -(-width // across) * -(-length // down)
    _refuse_over(strips, MOST_STRIPS, "strips or tiles")
    if value(_COMPRESSION, 1) == 1:
        return PictureParts()
    samples = max(value(_SAMPLES, 1), 1)
    bits = max(value(_BITS, 1), 8)
    return PictureParts(across * down * max(samples * bits // 8, 4 if samples > 1 else 1))


def _tiff_fields(data: bytes) -> Iterator[tuple[int, _Field]]:
    """The fields of the first directory."""
    order = "<" if data.startswith(b"II") else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    start, counter, entry = (8, "Q", "HHQ") if big else (4, "H", "HHL")
    at = _number(data, start, order + ("Q" if big else "L"))
    count = _number(data, at, order + counter)
    _refuse_over(count, MOST_FIELDS, "fields")
    at += struct.calcsize(order + counter)
    room = 8 if big else 4
    for _ in range(count):
        head = data[at : at + struct.calcsize(order + entry)]
        if len(head) < struct.calcsize(order + entry):
            return
        tag, kind, values = struct.unpack(order + entry, head)
        at += len(head)
        where = at
        if values * _TYPE_BYTES.get(kind, 1) > room:
            where = _number(data, at, order + ("Q" if big else "L"))
        yield tag, _Field(kind, values, _value(data, where, order, kind))
        at += room


def _value(data: bytes, at: int, order: str, kind: int) -> int:
    code = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}.get(kind)
    return _number(data, at, order + code) if code else 0


def _number(data: bytes, at: int, form: str) -> int:
    """The number that stands there; 0 where the file ends before it does."""
    size = struct.calcsize(form)
    found = data[at : at + size]
    return int(struct.unpack(form, found)[0]) if len(found) == size else 0


# -- PNG, WebP and AVIF -----------------------------------------------------------------------


def _png_chunks(data: bytes) -> Iterator[bytes]:
    """The names of the chunks before the pixels, as many as are worth counting."""
    at = 8
    for _ in range(MOST_CHUNKS + 1):
        name = data[at + 4 : at + 8]
        if len(name) < 4 or name == b"IDAT":
            return
        yield name
        at += 12 + int.from_bytes(data[at : at + 4], "big")


def png_chunk(data: bytes, wanted: bytes) -> bytes:
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
    _refuse_over(len(names), MOST_CHUNKS, "frames")
    kept = 5 if b"ALPH" in names else 4 if b"VP8L" in names else 1
    return PictureParts(pixel_bytes=kept, shrinks=True)


def _deep_avif(data: bytes) -> bool:
    """Whether the configuration of the stream (av1C) names more than eight bits a channel."""
    at = data.find(b"av1C")
    return at < 0 or bool(int.from_bytes(data[at + 6 : at + 7], "big") & 0x40)
