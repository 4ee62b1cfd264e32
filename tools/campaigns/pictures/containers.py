"""Files put together by hand, where no program would write them so."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterable, Sequence

from PIL import Image

Chunks = Sequence[tuple[bytes, bytes]]


def encoded(image: Image.Image, form: str, **options: object) -> bytes:
    """The picture as Pillow writes it."""
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


# -- PNG ------------------------------------------------------------------------------------------


def png(size: tuple[int, int], pixels: bytes, *, depth: int = 8, kind: int = 2) -> bytes:
    """A PNG of `kind` (0 grey, 2 colour, 3 palette, 4 and 6 with alpha); `pixels` is compressed."""
    return png_of([(b"IHDR", ihdr(size, depth, kind)), (b"IDAT", pixels), (b"IEND", b"")])


def ihdr(size: tuple[int, int], depth: int = 8, kind: int = 2, interlaced: int = 0) -> bytes:
    return struct.pack(">IIBBBBB", *size, depth, kind, 0, 0, interlaced)


def png_of(chunks: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A PNG of these chunks."""
    parts = [b"\x89PNG\r\n\x1a\n"]
    for name, body in chunks:
        check = struct.pack(">I", zlib.crc32(name + body))
        parts += [struct.pack(">I", len(body)), name, body, check]
    return b"".join(parts)


def zeros(count: int) -> bytes:
    """So many zero bytes, compressed a thousandfold."""
    packer, done, block = zlib.compressobj(1), [], bytes(1 << 20)
    for _ in range(count >> 20):
        done.append(packer.compress(block))
    done.append(packer.compress(bytes(count & ((1 << 20) - 1))))
    return b"".join([*done, packer.flush()])


def flat_png(size: tuple[int, int], *, depth: int = 8, kind: int = 2) -> bytes:
    """A PNG of this size that is all zeros."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    row = 1 + -(-size[0] * channels * depth // 8)
    found = [(b"IHDR", ihdr(size, depth, kind))]
    if kind == 3:
        found.append((b"PLTE", bytes(range(48))))
    return png_of([*found, (b"IDAT", zeros(row * size[1])), (b"IEND", b"")])


# -- TIFF -----------------------------------------------------------------------------------------

Field = tuple[int, int, Sequence[int]]
_CODES = {1: "B", 3: "H", 4: "I"}


def tiff(fields: Iterable[Field], body: bytes = b"") -> bytes:
    """A little-endian TIFF with one directory; each field is a tag, a type and its values.

    `body` begins at offset 8.
    """
    start = 8 + len(body)
    start += start % 2
    entries, extra = [], b""
    listed = sorted(fields)
    after = start + 2 + 12 * len(listed) + 4
    for tag, kind, values in listed:
        packed = struct.pack(f"<{len(values)}{_CODES[kind]}", *values)
        where = packed.ljust(4, b"\0")
        if len(packed) > 4:
            where = struct.pack("<I", after + len(extra))
            extra += packed
        entries.append(struct.pack("<HHI", tag, kind, len(values)) + where)
    head = b"II*\0" + struct.pack("<I", start) + body
    table = struct.pack("<H", len(entries)) + b"".join(entries) + bytes(4)
    return head.ljust(start, b"\0") + table + extra


def picture_fields(size: tuple[int, int], *, compression: int = 1) -> list[Field]:
    """What every TIFF of grey pixels says of itself."""
    return [
        (256, 4, [size[0]]),
        (257, 4, [size[1]]),
        (258, 3, [8]),
        (259, 3, [compression]),
        (262, 3, [1]),
        (277, 3, [1]),
    ]


# -- WebP -----------------------------------------------------------------------------------------


def riff(chunks: Chunks) -> bytes:
    """A WebP of these chunks."""
    body = b"".join(
        name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2) for name, data in chunks
    )
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def webp_chunks(data: bytes) -> list[tuple[bytes, bytes]]:
    """The chunks of a WebP."""
    found, at = [], 12
    while at + 8 <= len(data):
        size = struct.unpack("<I", data[at + 4 : at + 8])[0]
        found.append((data[at : at + 4], data[at + 8 : at + 8 + size]))
        at += 8 + size + size % 2
    return found


def flat_webp(size: tuple[int, int]) -> bytes:
    """A lossless WebP of one colour, in a few bytes whatever its size."""
    bits = (size[0] - 1) | (size[1] - 1) << 14
    # No transform, no colour cache, no meta codes; then five codes of one symbol each, so that
    # pixels need no bits at all.
    codes, length = 0, 3
    for _ in range(5):
        codes |= 0b0001 << length
        length += 4
    body = b"\x2f" + struct.pack("<I", bits) + codes.to_bytes(-(-length // 8), "little")
    return riff([(b"VP8L", body)])


def animated_webp(frame: bytes, size: tuple[int, int], count: int) -> bytes:
    """So many times the same frame, which is a whole still WebP."""
    chunks = [c for c in webp_chunks(frame) if c[0] in (b"VP8 ", b"VP8L", b"ALPH")]
    inner = riff(chunks)[12:]
    flat = [(size[0] - 1).to_bytes(3, "little"), (size[1] - 1).to_bytes(3, "little")]
    one = b"".join([bytes(6), *flat, (40).to_bytes(3, "little"), b"\0", inner])
    head = b"".join([b"\x02\0\0\0", *flat])
    return riff([(b"VP8X", head), (b"ANIM", bytes(6)), *[(b"ANMF", one)] * count])


# -- JPEG -----------------------------------------------------------------------------------------


def with_scans(data: bytes, count: int) -> bytes:
    """A progressive JPEG whose last scan comes so often."""
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * count + b"\xff\xd9"


def with_segment(data: bytes, marker: int, body: bytes) -> bytes:
    """A JPEG with one more segment at its beginning."""
    return data[:2] + struct.pack(">BBH", 0xFF, marker, 2 + len(body)) + body + data[2:]


def resized_jpeg(data: bytes, size: tuple[int, int]) -> bytes:
    """A JPEG that says it were of another size."""
    at = next(i for i in range(len(data)) if data[i : i + 2] in (b"\xff\xc0", b"\xff\xc2"))
    return data[: at + 5] + struct.pack(">HH", size[1], size[0]) + data[at + 9 :]
