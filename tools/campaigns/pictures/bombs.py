"""Small files that become very large, or take very long."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from tools.campaigns.pictures.containers import (
    animated_webp,
    encoded,
    flat_png,
    flat_webp,
    ihdr,
    picture_fields,
    png_of,
    resized_jpeg,
    tiff,
    with_scans,
    zeros,
)
from tools.campaigns.pictures.sample import Sample, painting

MEGAPIXELS = {20: (5000, 4000), 40: (8000, 5000), 79: (10_000, 7_900), 120: (12_000, 10_000),
              268: (16_383, 16_383)}  # fmt: skip


def bombs() -> Iterator[Sample]:
    """Every one of them, the larger ones made when they are asked for."""
    yield from _webp()
    yield from _png()
    yield from _tiff()
    yield from _gif_and_bmp()
    yield from _jpeg()
    yield from _avif()


def _webp() -> Iterator[Sample]:
    for megapixels, size in MEGAPIXELS.items():
        yield Sample("bomb", f"lossless-{megapixels}.webp", lambda size=size: flat_webp(size))
    for megapixels in (20, 40, 79, 120):
        size = MEGAPIXELS[megapixels]
        if megapixels < 120:
            yield Sample("bomb", f"lossy-{megapixels}.webp", lambda s=size: _flat(s, "WEBP"))
        still = flat_webp(size)
        yield Sample(
            "frames",
            f"animated-{megapixels}.webp",
            lambda still=still, size=size: animated_webp(still, size, 3),
        )
    small = flat_webp((16, 16))
    for count in (1_000, 20_000, 200_000):
        yield Sample(
            "frames",
            f"{count}-frames.webp",
            lambda count=count: animated_webp(small, (16, 16), count),
        )


def _png() -> Iterator[Sample]:
    kinds = (
        (0, 1),
        (0, 8),
        (0, 16),
        (2, 8),
        (2, 16),
        (3, 4),
        (3, 8),
        (4, 8),
        (4, 16),
        (6, 8),
        (6, 16),
    )
    for megapixels in (20, 79, 120):
        size = MEGAPIXELS[megapixels]
        for kind, depth in kinds:
            name = f"kind{kind}-{depth}bit-{megapixels}.png"
            yield Sample("bomb", name, lambda s=size, d=depth, k=kind: flat_png(s, depth=d, kind=k))
    for size in ((60_000_000, 1), (1, 60_000_000), (2_000_000, 40), (60_000, 60_000)):
        yield Sample("bomb", f"{size[0]}x{size[1]}.png", lambda size=size: flat_png(size, kind=0))
    yield Sample("bomb", "interlaced-79.png", _interlaced)
    yield Sample("bomb", "keyed-79.png", _keyed)


def _interlaced() -> bytes:
    size = MEGAPIXELS[79]
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2))  # fmt: skip
    count = 0
    for left, upper, across, down in passes:
        wide, high = -(-(size[0] - left) // across), -(-(size[1] - upper) // down)
        count += (1 + 3 * wide) * high
    head = (b"IHDR", ihdr(size, 8, 2, interlaced=1))
    return png_of([head, (b"IDAT", zeros(count)), (b"IEND", b"")])


def _keyed() -> bytes:
    size = MEGAPIXELS[79]
    pixels = zeros((1 + 3 * size[0]) * size[1])
    key = (b"tRNS", bytes(6))
    return png_of([(b"IHDR", ihdr(size)), key, (b"IDAT", pixels), (b"IEND", b"")])


def _tiff() -> Iterator[Sample]:
    for megapixels in (20, 79, 120):
        size = MEGAPIXELS[megapixels]
        for compression in ("tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
            for mode in ("RGB", "CMYK") if megapixels == 20 else ("RGB",):
                yield Sample(
                    "bomb",
                    f"{compression}-{mode}-{megapixels}.tif",
                    lambda s=size, c=compression, m=mode: _flat(s, "TIFF", mode=m, compression=c),
                )
    deflated = zlib.compress(bytes(1 << 20), 9)
    for rows, name in ((7_900, "one-strip"), (1, "strip-a-row")):
        yield Sample("strips", f"{name}-79.tif", lambda rows=rows: _stripped(rows))
    for count in (100_000, 4_000_000):
        yield Sample("strips", f"{count}-strips.tif", lambda count=count: _many_strips(count))
        yield Sample("strips", f"{count}-tiles.tif", lambda count=count: _many_tiles(count))
    for side in (16_384, 65_536, 1 << 20, 1 << 30):
        body = struct.pack("<I", len(deflated)) + deflated
        fields = [
            *picture_fields((1_000, 1_000), compression=8),
            (322, 4, [side]),
            (323, 4, [side]),
            (324, 4, [12]),
            (325, 4, [len(deflated)]),
        ]
        yield Sample("strips", f"one-tile-{side}.tif", lambda f=fields, b=body: tiff(f, b))


def _stripped(rows: int) -> bytes:
    """A compressed picture of 79 megapixels in strips of so many rows."""
    size = MEGAPIXELS[79]
    return _flat(size, "TIFF", compression="tiff_adobe_deflate", tiffinfo={278: rows})


def _many_strips(count: int) -> bytes:
    """Uncompressed; every strip is the same byte of the file."""
    fields = [
        *picture_fields((1, count)),
        (278, 4, [1]),
        (273, 4, [8] * count),
        (279, 4, [1] * count),
    ]
    return tiff(fields, b"\x80")


def _many_tiles(count: int) -> bytes:
    side = round(count**0.5)
    fields = [
        *picture_fields((side, side)),
        (322, 4, [1]),
        (323, 4, [1]),
        (324, 4, [8] * side * side),
        (325, 4, [1] * side * side),
    ]
    return tiff(fields, b"\x80")


def _gif_and_bmp() -> Iterator[Sample]:
    for megapixels in (20, 79, 120):
        size = MEGAPIXELS[megapixels]
        yield Sample("bomb", f"flat-{megapixels}.gif", lambda s=size: _flat(s, "GIF", mode="P"))
        yield Sample("bomb", f"rle-{megapixels}.bmp", lambda s=size: _rle_bmp(s))
    for count in (100, 5_000):
        yield Sample("frames", f"{count}-frames.gif", lambda count=count: _frames(count, "GIF"))
    yield Sample("frames", "2000-frames.png", lambda: _frames(2_000, "PNG"))


def _rle_bmp(size: tuple[int, int]) -> bytes:
    """Run-length encoded: each row is runs of 255 times the same pixel."""
    row = b"\xff\x01" * (size[0] // 255) + bytes([size[0] % 255, 1]) + b"\0\0"
    body = row * size[1] + b"\0\x01"
    palette = bytes(1024)
    head = struct.pack("<IiiHHIIiiII", 40, *size, 1, 8, 1, len(body), 0, 0, 256, 0)
    start = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(body), 0, 0, start) + head + palette + body


def _frames(count: int, form: str) -> bytes:
    """An animation whose frames all differ a little."""
    first = Image.new("P" if form == "GIF" else "L", (24, 24), 1)
    others = []
    for number in range(count - 1):
        frame = first.copy()
        frame.putpixel((number % 24, number // 24 % 24), number % 200)
        others.append(frame)
    return encoded(first, form, save_all=True, append_images=others)


def _jpeg() -> Iterator[Sample]:
    for megapixels in (20, 79, 120):
        size = MEGAPIXELS[megapixels]
        for name, options in (
            ("baseline", {}),
            ("progressive", {"progressive": True}),
            ("progressive444", {"progressive": True, "subsampling": 0}),
        ):
            yield Sample(
                "bomb",
                f"{name}-{megapixels}.jpg",
                lambda s=size, o=options: _flat(s, "JPEG", quality=60, **o),
            )
    yield Sample("bomb", "cmyk-79.jpg", lambda: _flat(MEGAPIXELS[79], "JPEG", mode="CMYK"))
    progressive = encoded(painting((1_600, 1_200)), "JPEG", progressive=True)
    for count in (30, 90, 300, 3_000):
        yield Sample("scans", f"{count}-scans.jpg", lambda c=count: with_scans(progressive, c))
    large = (8_000, 5_000)
    yield Sample("scans", "90-scans-40.jpg", lambda: with_scans(
        _flat(large, "JPEG", progressive=True), 90))  # fmt: skip
    for size in ((65_500, 65_500), (65_500, 1_200), (12_000, 9_999)):
        lying = resized_jpeg(progressive, size)
        yield Sample("lying", f"says-{size[0]}x{size[1]}.jpg", lambda lying=lying: lying)


def _avif() -> Iterator[Sample]:
    for megapixels, options in ((20, {}), (20, {"subsampling": "4:4:4"}), (40, {})):
        size = MEGAPIXELS[megapixels]
        name = f"flat-{megapixels}-{options.get('subsampling', '4:2:0').replace(':', '')}.avif"
        yield Sample("bomb", name, lambda s=size, o=options: _flat(s, "AVIF", speed=10, **o))


def _flat(size: tuple[int, int], form: str, *, mode: str = "RGB", **options: object) -> bytes:
    """One colour; made at once of the largest sizes, so that the maker needs the memory."""
    out = io.BytesIO()
    Image.new(mode, size, 7 if mode in ("L", "P") else 0).save(out, form, **options)
    return out.getvalue()
