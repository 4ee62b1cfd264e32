"""What decoding takes is judged by the header: shrunk as far as it has to be, or refused."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms

from glance_agent.decoding.work import small
from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.decode import decode, header
from glance_agent.pictures.limits import SETTING, Limits
from glance_agent.pictures.parts import MOST_CHUNKS, MOST_SCANS, MOST_STRIPS, counted
from glance_agent.pictures.srgb import srgb_on_white
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
    with_segment,
)
from tools.campaigns.pictures.sample import painting

MEGABYTE = 1_000_000


def refusal(work: Callable[[], object]) -> BadPicture:
    with pytest.raises(BadPicture) as caught:
        work()
    return caught.value


def needed(data: bytes, wanted_px: int | None = None) -> int:
    """How many bytes decoding is said to take."""
    told: list[int] = []
    decode(data, admit=told.append, wanted_px=wanted_px)
    return told[0]


# -- too many parts --------------------------------------------------------------------------------


def progressive(scans: int, size: tuple[int, int] = (64, 48)) -> bytes:
    return with_scans(encoded(painting(size), "JPEG", progressive=True), scans)


def strips(count: int) -> bytes:
    return tiff(
        [*picture_fields((1, count)), (278, 4, [1]), (273, 4, [8] * count), (279, 4, [1] * count)],
        b"\x80",
    )


def tiles(side: int, *, tile: int = 1) -> bytes:
    """A picture of that side in tiles, of which only the first is listed."""
    lists = [(322, 4, [tile]), (323, 4, [tile]), (324, 4, [8]), (325, 4, [1])]
    return tiff([*picture_fields((side, side)), *lists], b"\x80")


def chunks(count: int) -> bytes:
    pixels = (b"IDAT", b"")
    return png_of([(b"IHDR", ihdr((4, 4))), *[(b"tEXt", b"a\0b")] * count, pixels])


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (progressive(3_000), "scans"),
        (strips(MOST_STRIPS + 1), "strips or tiles"),
        (tiles(2_000), "strips or tiles"),
        (animated_webp(flat_webp((16, 16)), (16, 16), MOST_CHUNKS), "frames"),
        (chunks(MOST_CHUNKS), "chunks"),
        (tiff([*picture_fields((9, 9)), (33_000, 3, [1] * 1_000_001)]), "values in one field"),
    ],
)
def test_what_is_made_of_too_much_is_refused_before_a_decoder_sees_it(
    data: bytes, said: str
) -> None:
    for read in (decode, header):
        bad = refusal(lambda read=read: read(data))  # type: ignore[misc]
        assert bad.reason == "too complex"
        assert said in bad.detail


def test_what_is_made_of_much_is_decoded() -> None:
    assert decode(progressive(MOST_SCANS // 2)).size == (64, 48)
    assert decode(strips(5_000)).size == (1, 5_000)
    assert decode(animated_webp(flat_webp((16, 16)), (16, 16), 1_000)).size == (16, 16)


def test_many_scans_of_a_large_picture_are_too_many() -> None:
    bad = refusal(lambda: decode(resized_jpeg(progressive(60), (9_000, 8_000))))
    assert (bad.reason, bad.detail) == ("too complex", "69 scans of 72 megapixels")


def test_scans_are_counted_in_pictures_not_in_what_lies_around_them() -> None:
    plain = encoded(painting(), "JPEG")
    preview = with_segment(plain, 0xE1, b"Exif\0\0" + b"\xff\xda\0\x0c" * 5_000)
    behind = plain + b"\xff\xda\0\x0c" * 5_000
    for data in (plain, preview, behind):
        assert counted(data).passes == 1
        assert decode(data).size == (160, 120)


# -- what it takes ---------------------------------------------------------------------------------


def test_bytes_are_pixels_times_depth_times_copies() -> None:
    size, pixels = (2_400, 1_800), 4_320_000
    baseline, several = (
        encoded(painting(size), "JPEG", progressive=p, subsampling=0) for p in (False, True)
    )
    still = encoded(painting(size), "WEBP", method=0)
    moving = animated_webp(still, size, 1)
    assert needed(flat_png(size)) == pytest.approx((4 + 4) * pixels + 12 * MEGABYTE, rel=0.01)
    assert needed(several) - needed(baseline) == pytest.approx(2 * pixels, rel=0.01)
    assert needed(moving) == pytest.approx((4 + 12) * pixels + 12 * MEGABYTE, rel=0.01)
    for data in (baseline, still):
        assert needed(data, wanted_px=200) < needed(data) / 1.5


def test_an_animation_too_large_for_the_memory_names_the_setting() -> None:
    data = animated_webp(flat_webp((3_000, 2_000)), (3_000, 2_000), 2)
    bad = refusal(lambda: decode(data, limits=Limits(memory_bytes=80 * MEGABYTE)))
    assert bad.reason == "too large"
    assert bad.detail.startswith("3000 x 2000 pixels of WEBP take 108 MB")
    assert bad.detail.endswith(f"80 MB allowed with {SETTING}")
    assert decode(data, limits=Limits(memory_bytes=120 * MEGABYTE)).width > 900


@pytest.mark.parametrize("form", ["PNG", "TIFF", "BMP", "WEBP", "JPEG"])
def test_what_does_not_fit_is_shrunk_until_it_does(form: str) -> None:
    data = encoded(painting((1_800, 1_200)), form)
    limits = Limits(memory_bytes=25 * MEGABYTE + len(data))
    shrunk = decode(data, limits=limits)
    assert 300 < shrunk.width < 1_800
    whole = np.asarray(decode(data).resize(shrunk.size, Image.Resampling.BOX), dtype=int)
    assert np.abs(np.asarray(shrunk) - whole).mean() < 3


def test_pixels_are_limited_and_half_as_many_more_where_they_are_shrunk() -> None:
    limits = Limits.of(6)
    assert (limits.max_pixels, limits.max_shrunk_pixels) == (6 * MEGABYTE, 9 * MEGABYTE)
    assert limits.process_bytes == 104 * MEGABYTE
    size = (3_000, 2_500)
    for data in (flat_webp(size), encoded(Image.new("L", size), "JPEG")):
        assert header(data)[0] == size
        assert small(data, 100, limits=limits).width <= 200
    bad = refusal(lambda: small(flat_png(size), 100, limits=limits))
    assert bad.detail == f"3000 x 2500 pixels, 6 megapixels allowed by {SETTING}"


# -- piece by piece -------------------------------------------------------------------------------


def profile() -> bytes:
    """One that is not sRGB: red and blue exchanged."""
    found = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return (
        found.replace(b"rXYZ", b"tmpX").replace(b"bXYZ", b"rXYZ").replace(b"tmpX", b"bXYZ")
    ).replace(b"desc", b"dscx")


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "CMYK", "1", "I;16", "F", "LAB"])
def test_a_picture_in_pieces_is_as_it_is_whole(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    grey = np.asarray(painting((90, 70)).convert("L"))
    if mode == "I;16":
        image = Image.fromarray(grey.astype(np.uint16) * 257)
    elif mode == "F":
        image = Image.fromarray(grey.astype(np.float32) * 3)
    elif mode == "LAB":
        lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
        image = ImageCms.profileToProfile(painting((90, 70)), srgb, lab, outputMode="LAB")  # type: ignore[assignment]
    else:
        image = painting((90, 70)).convert(mode)
    image.info["icc_profile"] = profile()
    whole = srgb_on_white(image)
    monkeypatch.setattr("glance_agent.pictures.srgb.PIECE_PX", 16)
    np.testing.assert_array_equal(srgb_on_white(image), whole)
    third = np.asarray(srgb_on_white(image, 3), dtype=int)
    assert third.shape == (24, 30, 3)
    assert np.abs(third - np.asarray(whole.reduce(3), dtype=int)).max() <= 6


# -- WebP -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"lossless": True}, {"quality": 30, "method": 6}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_still_webp_has_the_pixels_that_pillow_gives(
    mode: str, options: dict[str, object]
) -> None:
    image = painting().convert(mode)
    if mode == "RGBA":
        image.putalpha(painting(seed=5).convert("L"))
    data = encoded(image, "WEBP", **options)
    pillow = Image.open(BytesIO(data))
    np.testing.assert_array_equal(decode(data), srgb_on_white(pillow))
    assert header(data)[0] == pillow.size


def test_pillow_decodes_webp_where_its_library_cannot_be_called(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = encoded(painting(), "WEBP")
    directly = decode(data)
    monkeypatch.setattr("glance_agent.pictures.webp._library", lambda: None)
    np.testing.assert_array_equal(decode(data), directly)
    assert needed(data) > 10 * 160 * 120
