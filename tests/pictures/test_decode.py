"""Any bytes in: a picture that is upright, RGB and sRGB, or BadPicture with a stable reason."""

from __future__ import annotations

import struct
import threading
import warnings
import zlib
from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageDraw, TiffImagePlugin

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.colours import dominant_colours
from glance_agent.pictures.decode import decode, header
from glance_agent.pictures.limits import Limits

REASONS = {"not a picture", "too large", "too complex", "broken", "truncated"}


def encoded(image: Image.Image, fmt: str, **options: object) -> bytes:
    out = BytesIO()
    image.save(out, fmt, **options)
    return out.getvalue()


def painted(mode: str = "RGB", size: tuple[int, int] = (40, 20)) -> Image.Image:
    """Red left half, blue right half, in the asked mode."""
    image = Image.new("RGB", size, (220, 30, 30))
    image.paste((30, 30, 220), (size[0] // 2, 0, size[0], size[1]))
    return image.convert(mode)


def near(pixel: object, colour: tuple[int, int, int], off: int = 30) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= off for a, b in zip(pixel, colour, strict=True))


def png_header(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + check

    ihdr = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", ihdr) + chunk(b"IDAT", zlib.compress(b"\0" * 99))


@pytest.mark.parametrize(
    ("mode", "fmt"),
    [
        ("RGB", "PNG"),
        ("RGB", "JPEG"),
        ("RGB", "WEBP"),
        ("RGB", "GIF"),
        ("RGB", "BMP"),
        ("RGB", "TIFF"),
        ("RGB", "AVIF"),
        ("P", "PNG"),
        ("P", "GIF"),
        ("RGBA", "PNG"),
        ("RGBA", "WEBP"),
        ("RGBA", "TIFF"),
        ("CMYK", "JPEG"),
        ("CMYK", "TIFF"),
        ("YCbCr", "TIFF"),
        ("LAB", "TIFF"),
    ],
)
def test_every_mode_becomes_rgb_with_its_colours(mode: str, fmt: str) -> None:
    source = painted("RGB")
    if mode == "LAB":
        srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
        converted = ImageCms.profileToProfile(source, srgb, lab, outputMode="LAB")
        assert converted is not None
        source = converted
    else:
        source = source.convert(mode)
    picture = decode(encoded(source, fmt))
    assert picture.mode == "RGB"
    assert picture.size == (40, 20)
    assert picture.info == {}
    assert near(picture.getpixel((5, 10)), (220, 30, 30))
    assert near(picture.getpixel((35, 10)), (30, 30, 220))


@pytest.mark.parametrize(
    ("mode", "fmt"), [("L", "JPEG"), ("L", "PNG"), ("1", "PNG"), ("LA", "PNG")]
)
def test_greys_become_rgb(mode: str, fmt: str) -> None:
    picture = decode(encoded(Image.new("L", (8, 8), 255).convert(mode), fmt))
    assert picture.getpixel((3, 3)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("values", "fmt", "expected"),
    [
        (np.array([[0, 0x8000, 0xFFFF]], np.uint16), "PNG", [0, 128, 255]),
        (np.array([[0, 0x8000, 0xFFFF]], np.uint16), "TIFF", [0, 128, 255]),
        (np.array([[0, 128, 255]], np.int32), "TIFF", [0, 128, 255]),
        (np.array([[0, 32768, 65535]], np.int32), "TIFF", [0, 127, 255]),
        (np.array([[0.0, 0.5, 1.0]], np.float32), "TIFF", [0, 127, 255]),
        (np.array([[-2.0, np.nan, 2.0]], np.float32), "TIFF", [0, 0, 255]),
        (np.full((1, 3), np.nan, np.float32), "TIFF", [0, 0, 0]),
    ],
)
def test_deep_greys_keep_their_range(
    values: np.ndarray[tuple[int, int], np.dtype[np.generic]], fmt: str, expected: list[int]
) -> None:
    picture = decode(encoded(Image.fromarray(values), fmt))
    assert np.asarray(picture)[0, :, 0].tolist() == expected


def test_transparency_lies_on_white() -> None:
    for mode, fmt in (("RGBA", "PNG"), ("RGBA", "WEBP"), ("LA", "PNG")):
        clear = Image.new("RGBA", (8, 8), (0, 0, 0, 0)).convert(mode)
        assert decode(encoded(clear, fmt)).getpixel((4, 4)) == (255, 255, 255)
    half = Image.new("RGBA", (8, 8), (0, 0, 0, 128))
    assert near(decode(encoded(half, "PNG")).getpixel((4, 4)), (127, 127, 127), 2)
    palette = encoded(Image.new("P", (8, 8), 0), "PNG", transparency=0)
    assert decode(palette).getpixel((4, 4)) == (255, 255, 255)
    keyed = encoded(Image.new("RGB", (8, 8), (1, 2, 3)), "PNG", transparency=(1, 2, 3))
    assert decode(keyed).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
def test_every_orientation_comes_upright(fmt: str, orientation: int) -> None:
    upright = Image.new("RGB", (64, 32), (255, 255, 255))
    ImageDraw.Draw(upright).rectangle((0, 0, 15, 15), fill=(255, 0, 0))
    undo = {
        1: None, 2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4,
    }[orientation]  # fmt: skip
    stored = upright if undo is None else upright.transpose(Image.Transpose(undo))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = encoded(stored, fmt, exif=exif)
    assert header(data)[0] == (64, 32)
    picture = decode(data)
    assert picture.size == (64, 32)
    assert near(picture.getpixel((6, 6)), (255, 0, 0), 40)
    assert near(picture.getpixel((6, 26)), (255, 255, 255), 40)
    assert near(picture.getpixel((58, 6)), (255, 255, 255), 40)


@pytest.mark.parametrize("fmt", ["GIF", "WEBP", "PNG", "AVIF"])
def test_the_first_frame_of_an_animation(fmt: str) -> None:
    frames = [Image.new("RGB", (16, 16), c) for c in ("#cc2222", "#22cc22", "#2222cc")]
    data = encoded(frames[0], fmt, save_all=True, append_images=frames[1:])
    assert near(decode(data).getpixel((8, 8)), (0xCC, 0x22, 0x22))


def page(colour: str, size: tuple[int, int], **fields: int) -> Image.Image:
    """One page of a TIFF; fields by their numbers (`t254=1`)."""
    image = Image.new("RGB", size, colour)
    told = TiffImagePlugin.ImageFileDirectory_v2()
    for name, value in fields.items():
        told[int(name[1:])] = value
    image.encoderinfo = {"tiffinfo": told}
    return image


def tiff_of(*pages: Image.Image, **options: object) -> bytes:
    out = BytesIO()
    with TiffImagePlugin.AppendingTiffWriter(out) as writer:
        for one in pages:
            one.save(writer, "TIFF", **one.encoderinfo, **options)
            writer.newFrame()
    return out.getvalue()


RED, GREEN = (204, 34, 34), (34, 204, 34)
WHOLE = page("#cc2222", (900, 600))
SHEET = page("#cc2222", (900, 600), t254=2)


@pytest.mark.parametrize(
    ("pages", "colour"),
    [
        ([WHOLE], RED),
        ([page("#22cc22", (150, 100), t254=1), WHOLE], RED),
        ([page("#22cc22", (900, 600), t254=4), WHOLE], RED),
        ([page("#22cc22", (150, 100), t255=2), WHOLE], RED),
        ([page("#22cc22", (150, 100)), WHOLE], RED),
        ([page("#22cc22", (150, 100)), page("#2222cc", (450, 300)), WHOLE], RED),
        ([WHOLE, page("#22cc22", (150, 100), t254=1), page("#2222cc", (900, 600), t254=4)], RED),
        ([SHEET, page("#22cc22", (1_800, 1_200), t254=2)], RED),
        ([page("#22cc22", (150, 150)), WHOLE], GREEN),
        ([page("#22cc22", (600, 400)), page("#2222cc", (900, 600))], GREEN),
        ([page("#22cc22", (150, 100), t254=1), page("#2222cc", (75, 50), t254=5)], GREEN),
    ],
)
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_the_picture_of_a_tiff_is_no_thumbnail(
    pages: list[Image.Image], colour: tuple[int, int, int], compression: str | None
) -> None:
    data = tiff_of(*pages, compression=compression)
    assert near(decode(data).getpixel((9, 9)), colour, 5)
    assert decode(data).size == header(data)[0]


def test_anything_may_stand_behind_the_last_page_of_a_tiff() -> None:
    data = tiff_of(WHOLE)
    start = int.from_bytes(data[4:8], "little")
    after = start + 2 + 12 * int.from_bytes(data[start : start + 2], "little")
    for following in (start, len(data), len(data) + 9, 0x7FFFFFFF):
        changed = data[:after] + struct.pack("<I", following) + data[after + 4 :] + b"\xff" * 99
        assert decode(changed).size == (900, 600)


def test_a_profile_is_converted_and_a_broken_one_passed_over() -> None:
    image = Image.new("RGB", (8, 8), (200, 100, 50))
    # A matrix profile with red and blue exchanged would be art; XYZ is at hand and plainly other.
    swapped = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    for index in range(struct.unpack(">I", swapped[128:132])[0]):
        at = 132 + 12 * index
        tag = bytes(swapped[at : at + 4])
        swapped[at : at + 4] = {b"rXYZ": b"bXYZ", b"bXYZ": b"rXYZ"}.get(tag, tag)
        if tag == b"desc":
            swapped[at : at + 4] = b"dscx"
    exchanged = decode(encoded(image, "PNG", icc_profile=bytes(swapped)))
    assert near(exchanged.getpixel((4, 4)), (50, 100, 200), 6)
    for profile in (b"rubbish", bytes(swapped[:200])):
        assert decode(encoded(image, "PNG", icc_profile=profile)).getpixel((4, 4)) == (200, 100, 50)
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    grey = decode(encoded(image.convert("L"), "PNG", icc_profile=srgb))
    assert grey.getpixel((4, 4)) == decode(encoded(image.convert("L"), "PNG")).getpixel((4, 4))


def test_a_bomb_is_refused_by_its_header() -> None:
    bomb = png_header(60_000, 60_000)
    assert header(bomb)[0] == (60_000, 60_000)
    with pytest.raises(BadPicture) as caught:
        decode(bomb)
    assert caught.value.reason == "too large"
    with pytest.raises(BadPicture) as caught:
        decode(encoded(painted(), "JPEG"), limits=Limits(max_shrunk_pixels=799))
    assert caught.value.reason == "too large"
    assert decode(encoded(painted(), "JPEG"), limits=Limits(max_shrunk_pixels=800)).size == (40, 20)


@pytest.mark.parametrize("fmt", ["JPEG", "PNG", "WEBP", "TIFF", "BMP", "AVIF"])
def test_a_cut_file_is_truncated_or_broken(fmt: str) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    data = encoded(noise, fmt)
    with pytest.raises(BadPicture) as caught:
        decode(data[: len(data) // 2])
    assert caught.value.reason in {"truncated", "broken"}
    if fmt in ("JPEG", "PNG"):
        assert caught.value.reason == "truncated"


@pytest.mark.parametrize(
    "data", [b"", b"<html><body>404</body></html>", b'{"error": 404}', b"\x00" * 64, b"%PDF-1.7"]
)
def test_what_is_no_picture(data: bytes) -> None:
    for read in (decode, header):
        with pytest.raises(BadPicture) as caught:
            read(data)
        assert caught.value.reason == "not a picture"


def test_a_draft_is_smaller_and_never_below_the_wanted_side() -> None:
    data = encoded(painted(size=(1000, 400)), "JPEG")
    assert decode(data, wanted_px=240).size == (250, 100)
    assert decode(data, wanted_px=251).size == (500, 200)
    assert decode(data, wanted_px=2000).size == (1000, 400)
    assert decode(encoded(painted(size=(100, 40)), "PNG"), wanted_px=10).size == (100, 40)


def test_broken_exif_neither_stops_the_picture_nor_warns() -> None:
    data = encoded(painted(), "JPEG", exif=b"Exif\x00\x00II*\x00\xff\xff\x00\x00junkjunkjunk")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        assert decode(data).size == (40, 20)
        header(data)
    assert seen == []


def test_decoding_in_several_threads() -> None:
    files = [encoded(painted(size=(60 + n, 40)), f) for n, f in enumerate(("JPEG", "PNG", "WEBP"))]
    wrong: list[object] = []

    def work(data: bytes) -> None:
        expected = header(data)[0]
        wrong.extend(p for _ in range(10) if (p := decode(data)).size != expected)

    threads = [threading.Thread(target=work, args=(data,)) for data in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_metadata_is_handed_over_raw() -> None:
    exif = Image.Exif()
    exif[0x010E] = "Water Lilies"
    data = encoded(painted(), "JPEG", exif=exif, xmp=b"<x/>")
    found = header(data)[1]
    assert found.exif[0x010E] == "Water Lilies"
    assert found.xmp == b"<x/>"
    assert found.iptc == {}


def test_dominant_colours_are_ordered_distinct_and_repeatable() -> None:
    image = Image.new("RGB", (100, 100), (20, 40, 160))
    image.paste((240, 200, 20), (0, 0, 100, 30))
    image.paste((250, 250, 250), (0, 90, 100, 100))
    colours = dominant_colours(image)
    assert colours == dominant_colours(image.copy())
    assert len(colours) == 3
    assert [near(tuple(bytes.fromhex(c[1:])), want, 12) for c, want in zip(
        colours, [(20, 40, 160), (240, 200, 20), (250, 250, 250)], strict=True
    )] == [True] * 3  # fmt: skip
    assert dominant_colours(Image.new("L", (3, 1), 0)) == ("#000000",)
    assert len(dominant_colours(Image.effect_noise((64, 64), 90), 2)) <= 2


SEEDS = [
    encoded(painted("CMYK" if fmt == "JPEG" else "RGB", (24, 16)), fmt)
    for fmt in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
]


def read_fully(data: bytes) -> str:
    """The reason why the bytes are no picture; empty where they are one."""
    try:
        picture = decode(data, limits=Limits(1_000_000, 1_000_000))
        assert picture.mode == "RGB"
        assert min(header(data)[0]) >= 1
        header(data)
        dominant_colours(picture)
    except BadPicture as bad:
        return bad.reason
    return ""


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_give_a_picture_or_a_reason(data: bytes) -> None:
    assert read_fully(data) in {"", *REASONS}


@settings(max_examples=250, deadline=None)
@given(
    st.sampled_from(SEEDS),
    st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 255)), max_size=6),
    st.integers(0, 100),
)
def test_any_damage_gives_a_picture_or_a_reason(
    seed: bytes, changes: list[tuple[int, int]], keep_percent: int
) -> None:
    damaged = bytearray(seed)
    for at, value in changes:
        damaged[at % len(damaged)] = value
    kept = bytes(damaged[: max(12, len(damaged) * keep_percent // 100)])
    assert read_fully(kept) in {"", *REASONS}
