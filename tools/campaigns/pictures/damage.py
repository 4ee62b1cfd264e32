"""Files that were whole: cut, changed, lying about their size, or something else altogether."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from random import Random

from PIL import Image

from tools.campaigns.pictures.containers import encoded, resized_jpeg
from tools.campaigns.pictures.oddities import FORMS
from tools.campaigns.pictures.sample import Sample, painting

CHANGED = 12
"""Changed copies of each format."""


def damage(seed: int = 1) -> Iterator[Sample]:
    chance = Random(seed)
    whole = {form: encoded(painting(), form) for form in FORMS}
    whole["JPEG2"] = encoded(painting(), "JPEG", progressive=True)
    whole["WEBP2"] = encoded(painting(), "WEBP", lossless=True)
    whole["TIFF2"] = encoded(painting(), "TIFF", compression="tiff_lzw")
    frames = [painting(seed=n) for n in range(3)]
    for form in ("GIF", "WEBP", "PNG", "AVIF"):
        whole[f"{form}-animated"] = encoded(
            frames[0], form, save_all=True, append_images=frames[1:]
        )
    for form, data in whole.items():
        yield from _cut(form, data)
        yield from _changed(form, data, chance)
    yield from _lying(whole)
    yield from _no_pictures()


def _cut(form: str, data: bytes) -> Iterator[Sample]:
    for percent in (0, 1, 5, 20, 50, 90, 99):
        kept = data[: len(data) * percent // 100]
        yield Sample("cut", f"{form}-{percent}", lambda kept=kept: kept)


def _changed(form: str, data: bytes, chance: Random) -> Iterator[Sample]:
    for number in range(CHANGED):
        changed = bytearray(data)
        for _ in range(1 + number):
            changed[chance.randrange(len(data))] = chance.randrange(256)
        yield Sample("changed", f"{form}-{number}", lambda c=bytes(changed): c)


def _lying(whole: dict[str, bytes]) -> Iterator[Sample]:
    """Files that say they were larger than they are."""
    for size in ((1, 1), (8_000, 6_000), (0, 0), (65_535, 65_535)):
        name = f"says-{size[0]}x{size[1]}"
        big, little = struct.pack(">II", *size), struct.pack("<HH", *size)
        yield Sample("lying", f"{name}.png", lambda b=big: _at(whole["PNG"], 16, b))
        yield Sample("lying", f"{name}.gif", lambda b=little: _at(whole["GIF"], 6, b))
        signed = struct.pack("<ii", *size)
        yield Sample("lying", f"{name}.bmp", lambda b=signed: _at(whole["BMP"], 18, b))
        vp8 = struct.pack("<HH", size[0] & 0x3FFF, size[1] & 0x3FFF)
        yield Sample("lying", f"{name}.webp", lambda b=vp8: _at(whole["WEBP"], 26, b))
        yield Sample("lying", f"{name}.jpg", lambda s=size: resized_jpeg(whole["JPEG"], s))
        yield Sample("lying", f"{name}.tif", lambda s=size: _tiff_of(whole["TIFF"], s))


def _tiff_of(data: bytes, size: tuple[int, int]) -> bytes:
    """A TIFF of Pillow's, little-endian, with other values for width and length."""
    start = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[start : start + 2])[0]
    for at in range(start + 2, start + 2 + 12 * count, 12):
        tag = struct.unpack("<H", data[at : at + 2])[0]
        if tag in (256, 257):
            entry = struct.pack("<HHII", tag, 4, 1, size[tag - 256])
            data = _at(data, at, entry)
    return data


def _at(data: bytes, at: int, put: bytes) -> bytes:
    return data[:at] + put + data[at + len(put) :]


def _no_pictures() -> Iterator[Sample]:
    png = encoded(Image.new("L", (2, 2)), "PNG")
    for name, data in {
        "empty": b"",
        "html": b"<html><body>404</body></html>",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>",
        "pdf": b"%PDF-1.7\n",
        "zeros": bytes(5_000_000),
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "psd": b"8BPS\0\x01" + bytes(60),
        "png-behind-text": b"text" + png,
        "two-pngs": png + png,
        "riff-only": b"RIFF\x04\0\0\0WEBP",
        "bm-only": b"BM" + bytes(30),
        "ftyp-only": b"\0\0\0\x18ftypavif" + bytes(20),
    }.items():
        yield Sample("no picture", name, lambda data=data: data)
