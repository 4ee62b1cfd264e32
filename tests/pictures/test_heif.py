"""HEIC: read with its extra and without known holes; else said with what to do."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures import heif
from glance_agent.pictures.decode import decode, header
from glance_agent.pictures.heif import (
    HINT,
    PIXEL_BYTES,
    RICH_PIXEL_BYTES,
    RICHEST_PIXEL_BYTES,
    UNKNOWN_KIND,
    decoder_pixel_bytes,
    fault,
    heif_opener,
    is_heif,
)
from glance_agent.pictures.limits import Limits
from glance_agent.sources.folders import kinds
from glance_agent.sources.folders.kinds import is_picture, not_read

HEAD = b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"
SAFE = {"libheif": "1.23.6", "decoders": {"libde265": "libde265 HEVC decoder, version 1.1.3"}}


def heic(image: Image.Image, **options: Any) -> bytes:
    """The picture in HEIC; skips the test where the extra is not here."""
    module = pytest.importorskip("pillow_heif", reason="an extra: pip install glance-agent[heic]")
    out = BytesIO()
    module.from_pillow(image).save(out, quality=90, **options)
    return out.getvalue()


@pytest.fixture
def forgotten() -> Iterator[None]:
    """What was found of the extra is forgotten before the test and after it."""
    heif._loaded.cache_clear()
    yield
    heif._loaded.cache_clear()


def halves() -> Image.Image:
    image = Image.new("RGB", (128, 64), (200, 40, 40))
    image.paste((40, 40, 200), (64, 0, 128, 64))
    return image


def test_a_picture_of_a_phone_is_read_upright_with_what_it_says() -> None:
    exif = Image.Exif()
    exif[0x0110] = "iPhone 15"
    exif[0x0112] = 6
    data = heic(halves(), exif=exif.tobytes())
    assert header(data)[0] == decode(data).size == (64, 128)
    assert header(data)[1].exif[0x0110] == "iPhone 15"
    upper = decode(data).getpixel((32, 20))
    assert isinstance(upper, tuple)
    assert upper[0] > 150 > upper[2]


def test_one_that_is_too_large_for_the_memory_is_shrunk_while_it_is_copied() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    data = heic(halves().resize((320, 238)), exif=exif.tobytes(), tile_size=128)
    n = 320 * 238
    for_half = Limits().within(22_100_000 + (PIXEL_BYTES + 1) * n)
    assert decode(data).size == (238, 320)
    small = decode(data, limits=for_half)
    assert small.size == (119, 160)
    upper, lower = small.getpixel((60, 70)), small.getpixel((60, 90))
    assert isinstance(upper, tuple)
    assert isinstance(lower, tuple)
    assert upper[0] > 150 > upper[2]
    assert lower[2] > 150 > lower[0]
    with pytest.raises(BadPicture) as caught:
        decode(data, limits=Limits().within(PIXEL_BYTES * n))
    assert caught.value.reason == "too large"


@pytest.mark.parametrize("times", [1, 2, 3, 7])
def test_what_is_shrunk_is_what_it_would_be_afterwards(times: int) -> None:
    ramp = Image.linear_gradient("L").resize((71, 520))
    data = heic(Image.merge("RGB", (ramp, ramp.rotate(180), ramp)))
    whole, picture = heif_opener()(BytesIO(data)), heif_opener()(BytesIO(data))
    whole.load()
    picture.draft(None, (-(-71 // times), -(-520 // times)))
    picture.load()
    assert picture.tobytes() == whole.reduce(times).tobytes()


@pytest.mark.parametrize(
    ("mode", "chroma", "takes"),
    [
        ("RGB", 420, PIXEL_BYTES),
        ("L", 420, PIXEL_BYTES),
        ("RGB", 444, RICH_PIXEL_BYTES),
        ("RGBA", 420, RICH_PIXEL_BYTES),
    ],
)
def test_what_the_decoder_keeps_of_a_pixel_is_told_by_the_file(
    mode: str, chroma: int, takes: int
) -> None:
    assert decoder_pixel_bytes(heic(halves().convert(mode), chroma=chroma)) == takes


def test_deep_colours_take_more_and_what_says_nothing_is_not_trusted() -> None:
    def configured(kind: int, depth: int) -> bytes:
        return HEAD + b"hvcC" + bytes(16) + bytes((0xFC | kind, 0xF8 | depth, 0xF8 | depth))

    assert decoder_pixel_bytes(configured(1, 0)) == PIXEL_BYTES
    assert decoder_pixel_bytes(configured(1, 2)) == RICH_PIXEL_BYTES
    assert decoder_pixel_bytes(configured(3, 2)) == RICHEST_PIXEL_BYTES
    assert decoder_pixel_bytes(configured(1, 0) + configured(2, 4)) == RICHEST_PIXEL_BYTES
    assert decoder_pixel_bytes(HEAD) == RICH_PIXEL_BYTES


def test_a_cut_one_is_refused() -> None:
    data = heic(Image.effect_noise((200, 200), 90).convert("RGB"))
    for percent in (10, 60, 99):
        with pytest.raises(BadPicture):
            decode(data[: len(data) * percent // 100])


def test_without_the_extra_the_hint_names_it(
    monkeypatch: pytest.MonkeyPatch, forgotten: None
) -> None:
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    for read in (decode, header):
        with pytest.raises(BadPicture) as caught:
            read(HEAD.ljust(500, b"\0"))
        assert (caught.value.reason, caught.value.detail) == (UNKNOWN_KIND, HINT)
        assert caught.value.passing  # it may be installed the next time
    assert "glance-agent[heic]" in HINT


def test_libraries_with_known_holes_are_not_used(
    monkeypatch: pytest.MonkeyPatch, forgotten: None
) -> None:
    module = pytest.importorskip("pillow_heif")
    monkeypatch.setattr(module, "libheif_info", lambda: {**SAFE, "libheif": "1.19.8"})
    with pytest.raises(BadPicture) as caught:
        decode(HEAD.ljust(500, b"\0"))
    assert "libheif 1.19.8" in caught.value.detail
    assert "pip install --upgrade 'glance-agent[heic]'" in caught.value.detail


@pytest.mark.parametrize(
    ("told", "named"),
    [
        (SAFE, ""),
        ({**SAFE, "libheif": "2.0.0"}, ""),
        ({**SAFE, "libheif": "1.23.3"}, "libheif 1.23.3"),
        ({**SAFE, "decoders": {"libde265": "libde265 HEVC decoder, version 1.0.16"}}, "1.0.16"),
        ({**SAFE, "decoders": {"ffmpeg": "FFmpeg HEVC decoder"}}, "no libde265"),
        ({}, "no libheif"),
    ],
)
def test_what_has_holes_is_named(told: dict[str, Any], named: str) -> None:
    assert named in fault(told)
    assert bool(named) is bool(fault(told))


def test_an_avif_is_no_heic() -> None:
    out = BytesIO()
    halves().save(out, "AVIF")
    assert not is_heif(out.getvalue()[:32])
    assert not is_heif(b"\0\0\0\x1cftypmif1\0\0\0\0mif1avif")
    assert is_heif(HEAD)


@pytest.mark.parametrize("here", [True, False])
def test_files_of_phones_are_listed_where_they_can_be_read(
    here: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "is_installed", lambda: here)
    for name in ("IMG_1.HEIC", "a.heif", "b.hif"):
        assert is_picture(name) is here
    told = not_read("IMG_1.HEIC")
    assert told is not None
    assert told.hint == HINT
