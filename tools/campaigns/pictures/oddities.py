"""Files that are whole, and strange: modes, profiles, metadata, animations."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageCms

from tools.campaigns.pictures.containers import (
    encoded,
    ihdr,
    png_of,
    riff,
    webp_chunks,
    with_segment,
    zeros,
)
from tools.campaigns.pictures.sample import Sample, painting

FORMS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_MODES = {
    "JPEG": ("1", "L", "RGB", "CMYK", "YCbCr"),
    "PNG": ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "I", "I;16"),
    "WEBP": ("L", "LA", "P", "RGB", "RGBA", "CMYK"),
    "GIF": ("1", "L", "P", "RGB", "RGBA"),
    "BMP": ("1", "L", "P", "RGB", "RGBA"),
    "TIFF": ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "CMYK", "YCbCr", "LAB", "I", "F", "I;16",
             "HSV"),
    "AVIF": ("L", "LA", "RGB", "RGBA"),
}  # fmt: skip


def oddities() -> Iterator[Sample]:
    yield from _modes()
    yield from _profiles()
    yield from _exif()
    yield from _metadata()


def _modes() -> Iterator[Sample]:
    for form, modes in _MODES.items():
        for mode in modes:
            name = f"{mode.replace(';', '')}.{form.lower()}"
            yield Sample("mode", name, lambda f=form, m=mode: _in_mode(f, m))
    for name, value in (("inf", np.inf), ("nan", np.nan), ("huge", 3e38)):
        values = np.full((50, 40), value, np.float32)
        values[0, 0] = 0.5
        yield Sample("mode", f"{name}.tiff", lambda v=values: encoded(Image.fromarray(v), "TIFF"))
    for kind in range(8):
        for depth in (1, 2, 4, 8, 16, 32):
            head = (b"IHDR", ihdr((9, 9), depth, kind))
            body = (b"IDAT", zlib.compress(bytes(900)))
            yield Sample("mode", f"kind{kind}-{depth}bit.png", lambda c=(head, body): png_of(c))


def _in_mode(form: str, mode: str) -> bytes:
    """The picture in that mode; in a plain one where Pillow does not write it so."""
    picture = painting()
    try:
        if mode == "LAB":
            srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
            converted = ImageCms.profileToProfile(picture, srgb, lab, outputMode="LAB") or picture
        elif mode == "I;16":
            converted = Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)
        elif mode == "PA":
            converted = picture.convert("P").convert("PA")
        else:
            converted = picture.convert(mode)
        return encoded(converted, form)
    except (OSError, ValueError, KeyError):
        return encoded(picture, form)


def _profiles() -> Iterator[Sample]:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xyz = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    shifted = srgb.replace(b"desc", b"dscx")
    of_cmyk = srgb[:16] + b"CMYK" + srgb[20:]
    liar = struct.pack(">I", 0x7FFFFFFF) + srgb[4:]
    many_tags = srgb[:128] + struct.pack(">I", 0xFFFFFFF) + srgb[132:]
    found = {
        "srgb": srgb, "xyz": xyz, "lab": lab, "shifted": shifted, "of-cmyk": of_cmyk,
        "too-long": liar, "many-tags": many_tags, "cut": srgb[:200], "rubbish": b"rubbish" * 99,
        "zeros": bytes(4_000_000), "empty": b" ",
    }  # fmt: skip
    for name, profile in found.items():
        for form, mode in (("PNG", "RGB"), ("PNG", "RGBA"), ("TIFF", "CMYK"), ("WEBP", "RGB")):
            yield Sample(
                "profile",
                f"{name}-{mode}.{form.lower()}",
                lambda f=form, m=mode, p=profile: encoded(
                    painting((64, 48)).convert(m), f, icc_profile=p
                ),
            )
    yield Sample(
        "profile",
        "packed-bomb.png",
        lambda: _png_with([(b"iCCP", b"icc\0\0" + zeros(200_000_000))]),
    )


def _exif() -> Iterator[Sample]:
    for form in ("JPEG", "PNG", "WEBP", "TIFF", "AVIF"):
        for orientation in (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 65_535):
            exif = Image.Exif()
            exif[0x0112] = orientation
            yield Sample(
                "exif",
                f"orientation-{orientation}.{form.lower()}",
                lambda f=form, e=exif: encoded(painting((60, 30)), f, exif=e),
            )
    for name, block in _exif_blocks().items():
        yield Sample("exif", f"{name}.jpg", lambda b=block: _jpeg_with_exif(b))
        yield Sample("exif", f"{name}.png", lambda b=block: _png_with([(b"eXIf", b)]))
        yield Sample("exif", f"{name}.webp", lambda b=block: _webp_with_exif(b))


def _exif_blocks() -> dict[str, bytes]:
    """EXIF that leads astray: loops, counts, offsets behind the end."""
    head = b"II*\0\x08\0\0\0"
    to_itself = struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + struct.pack("<I", 8)
    huge = struct.pack("<HHHII", 1, 0x010E, 2, 0xFFFFFFF0, 8) + bytes(4)
    counts = struct.pack("<HHHII", 1, 0x0112, 3, 30_000, 26) + bytes(4) + bytes(60_000)
    many = struct.pack("<H", 5_000) + b"".join(
        struct.pack("<HHII", tag, 4, 1, tag) for tag in range(5_000)
    )
    return {
        "loop": head + to_itself,
        "huge-count": head + huge,
        "many-values": head + counts,
        "many-tags": head + many + bytes(4),
        "behind-the-end": b"II*\0\xff\xff\xff\x7f",
        "cut": b"II*",
        "escapes": head
        + struct.pack("<HHHII", 1, 0x010E, 2, 12, 26)
        + bytes(4)
        + b"\x1b[31mRed\0\0\0",
    }


def _metadata() -> Iterator[Sample]:
    for name, head in ((b"zTXt", b"Title\0\0"), (b"iTXt", b"Title\0\x01\0\0\0")):
        yield Sample(
            "metadata",
            f"{name.decode().lower()}-bomb.png",
            lambda name=name, head=head: _png_with([(name, head + zeros(400_000_000))]),
        )
    some = zlib.compress(bytes(1_000_000), 9)
    many = [(b"zTXt", b"Title\0\0" + some)] * 500
    yield Sample("metadata", "500-ztxt.png", lambda: _png_with(many))
    for count in (9_000, 300_000):
        chunks = [(b"tEXt", b"a\0b")] * count
        yield Sample("metadata", f"{count}-chunks.png", lambda chunks=chunks: _png_with(chunks))
    plain = encoded(painting(), "JPEG")
    for marker in (0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE):
        for what, body in (
            ("noise", bytes(range(256)) * 200),
            ("empty", b""),
            ("long", bytes(65_533)),
        ):
            yield Sample(
                "metadata",
                f"{marker:x}-{what}.jpg",
                lambda m=marker, b=body: with_segment(plain, m, b),
            )
    yield Sample("metadata", "2000-segments.jpg", lambda: _segments(plain, 2_000))
    xmp = b"<x>" + b"<a>" * 300_000
    yield Sample("metadata", "deep-xmp.webp", lambda: _webp_with([(b"XMP ", xmp)]))
    iptc = b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\xff\xff" + b"\x1c\x02\x05\xff\xff" * 9_000
    yield Sample("metadata", "iptc-lengths.jpg", lambda: with_segment(plain, 0xED, iptc))


def _segments(data: bytes, count: int) -> bytes:
    body = b"http://ns.adobe.com/xap/1.0/\0" + bytes(20_000)
    one = struct.pack(">BBH", 0xFF, 0xE1, 2 + len(body)) + body
    return data[:2] + one * count + data[2:]


def _png_with(chunks: list[tuple[bytes, bytes]]) -> bytes:
    pixels = (b"IDAT", zlib.compress(bytes((1 + 3 * 40) * 30)))
    return png_of([(b"IHDR", ihdr((40, 30))), *chunks, pixels, (b"IEND", b"")])


def _jpeg_with_exif(block: bytes) -> bytes:
    return with_segment(encoded(painting(), "JPEG"), 0xE1, (b"Exif\0\0" + block)[:65_533])


def _webp_with_exif(block: bytes) -> bytes:
    return _webp_with([(b"EXIF", block)])


def _webp_with(chunks: list[tuple[bytes, bytes]]) -> bytes:
    plain = webp_chunks(encoded(painting((40, 30)), "WEBP"))
    flags = 0x08 if chunks[0][0] == b"EXIF" else 0x04
    head = bytes([flags, 0, 0, 0]) + (39).to_bytes(3, "little") + (29).to_bytes(3, "little")
    return riff([(b"VP8X", head), *plain, *chunks])
