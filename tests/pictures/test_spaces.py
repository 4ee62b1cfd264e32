"""Colours that a file names without a profile, and formats that few pictures have."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin
from PIL.ExifTags import IFD

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.decode import decode
from tests.pictures.test_decode import encoded, near, painted

SOFT = (180, 120, 60)


def png(*chunks: tuple[bytes, bytes], icc: bytes | None = None) -> bytes:
    """A PNG of one colour with these chunks before its pixels."""
    found = PngImagePlugin.PngInfo()
    for name, content in chunks:
        found.add(name, content)
    return encoded(Image.new("RGB", (16, 16), SOFT), "PNG", pnginfo=found, icc_profile=icc)


def seen(data: bytes) -> tuple[int, ...]:
    pixel = decode(data).getpixel((8, 8))
    assert isinstance(pixel, tuple)
    return pixel


# Expected colours are those of the matrices that BT.2407, Apple and Adobe have published.


def adobe(space: int, index: str | None) -> bytes:
    exif = Image.Exif()
    exif.get_ifd(IFD.Exif)[0xA001] = space
    if index is not None:
        exif.get_ifd(IFD.Exif)[IFD.Interop] = {1: index}
    return encoded(Image.new("RGB", (16, 16), SOFT), "JPEG", exif=exif, quality=100, subsampling=0)


@pytest.mark.parametrize(("space", "index"), [(0xFFFF, "R03"), (2, None)])
def test_adobe_rgb_is_honoured_where_exif_names_it(space: int, index: str | None) -> None:
    assert near(seen(adobe(space, index)), (199, 121, 53), 2)


@pytest.mark.parametrize(("space", "index"), [(0xFFFF, "R98"), (0xFFFF, None), (1, "R03")])
def test_other_colours_of_cameras_are_srgb(space: int, index: str | None) -> None:
    assert near(seen(adobe(space, index)), SOFT, 1)


def gamma(value: float) -> tuple[bytes, bytes]:
    return b"gAMA", struct.pack(">I", round(value * 100_000))


def test_the_gamma_of_a_png_is_honoured_unless_something_better_is_there() -> None:
    assert near(seen(png(gamma(1.0))), (219, 182, 133), 1)
    assert near(seen(png(gamma(1 / 2.2))), SOFT, 1)
    assert near(seen(png((b"sRGB", b"\0"), gamma(1.0))), SOFT, 1)
    assert near(seen(png(gamma(0.00001))), SOFT, 1)


def test_broken_primaries_are_passed_over() -> None:
    for corners in (bytes(32), struct.pack(">8I", *[33_333] * 8), struct.pack(">8I", *[2**31] * 8)):
        assert near(seen(png(gamma(1 / 2.2), (b"cHRM", corners))), SOFT, 1)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((1, 13, 0, 1), SOFT),
        ((12, 13, 0, 1), (190, 117, 45)),
        ((9, 13, 0, 1), (210, 110, 42)),
        ((1, 8, 0, 1), (219, 182, 133)),
        ((2, 2, 0, 1), SOFT),
        ((200, 13, 0, 1), SOFT),
    ],
)
def test_cicp_of_a_png_is_honoured(
    numbers: tuple[int, int, int, int], expected: tuple[int, int, int]
) -> None:
    assert near(seen(png((b"cICP", bytes(numbers)))), expected, 3)
    assert near(seen(png(gamma(1.0), (b"cICP", bytes(numbers)))), expected, 3)  # it outranks it


def test_white_of_a_bright_picture_is_white() -> None:
    level = round(0.5807 * 255)  # 203 cd/m² in PQ
    found = PngImagePlugin.PngInfo()
    found.add(b"cICP", bytes((9, 16, 0, 1)))
    page = encoded(Image.new("RGB", (16, 16), (level,) * 3), "PNG", pnginfo=found)
    assert near(seen(page), (255, 255, 255), 15)


@pytest.mark.parametrize("fmt", ["JPEG2000", "PPM", "TGA", "ICO"])
def test_rarer_formats_are_read(fmt: str) -> None:
    picture = decode(encoded(painted("RGB", (48, 48)), fmt))
    assert picture.size == (48, 48)
    assert near(picture.getpixel((5, 10)), (220, 30, 30), 40)
    assert near(picture.getpixel((43, 10)), (30, 30, 220), 40)


def test_of_a_stereo_picture_the_first_is_shown() -> None:
    out = BytesIO()
    painted("RGB", (48, 48)).save(
        out, "MPO", save_all=True, append_images=[Image.new("RGB", (48, 48), "white")]
    )
    assert near(decode(out.getvalue()).getpixel((5, 10)), (220, 30, 30), 40)


def test_a_photograph_that_moves_is_its_still() -> None:
    still = encoded(painted("RGB", (48, 48)), "JPEG")
    film = b"\0\0\0\x18ftypmp42" + zlib.compress(bytes(9_000)) * 20
    assert near(decode(still + film).getpixel((5, 10)), (220, 30, 30), 40)


@pytest.mark.parametrize("fmt", ["JPEG2000", "PPM", "TGA", "ICO"])
def test_what_is_cut_off_of_rarer_formats_is_refused(fmt: str) -> None:
    data = encoded(painted("RGB", (48, 48)), fmt)
    with pytest.raises(BadPicture):
        decode(data[:40])
