"""JPEGs whose files end early: taken where little is missing, refused where more is."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.decode import DecodedPicture, decode, decode_and_measure
from glance_agent.pictures.limits import NO_MEMORY_LIMIT

SIZE = (600, 400)


def jpeg(mode: str = "RGB", size: tuple[int, int] = SIZE, **options: object) -> bytes:
    """Noise over a slope, so that all rows are alike in length; nowhere of the grey of nothing."""
    noise = np.random.default_rng(1).integers(-40, 40, (size[1], size[0], 3))
    slope = np.linspace((190, 60, 60), (60, 60, 190), size[1])[:, None]
    out = BytesIO()
    image = Image.fromarray(np.clip(slope + noise, 0, 255).astype(np.uint8)).convert(mode)
    image.save(out, "JPEG", quality=90, **options)
    return out.getvalue()


def cut(data: bytes, percent: float) -> bytes:
    return data[: int(len(data) * percent / 100)]


def measured(data: bytes, wanted_px: int | None = None) -> DecodedPicture:
    return decode_and_measure(data, limits=NO_MEMORY_LIMIT, wanted_px=wanted_px, admit=None)


def refused(data: bytes) -> bool:
    try:
        decode(data)
    except BadPicture as bad:
        return bad.reason == "truncated"
    return False


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
@pytest.mark.parametrize(
    "options", [{}, {"subsampling": 0}, {"restart_marker_rows": 1}, {"subsampling": 2}]
)
def test_what_lacks_a_little_is_taken_without_what_it_lacks(
    mode: str, options: dict[str, Any]
) -> None:
    data = jpeg(mode, **options)
    whole = np.asarray(decode(data)).astype(int)
    for percent in (97, 98, 99.5):
        found = measured(cut(data, percent))
        assert found.cut
        assert found.size_px == found.image.size
        assert SIZE[1] * 0.9 <= found.image.height < SIZE[1]
        seen = np.asarray(found.image).astype(int)
        assert np.abs(seen - whole[: len(seen)])[:-1].max() < 3  # colours reach over an edge
    assert not measured(data).cut


@pytest.mark.parametrize("size", [SIZE, (1_600, 1_200)])
def test_what_lacks_its_end_alone_is_all_there(size: tuple[int, int]) -> None:
    found = measured(jpeg(size=size)[:-2])
    assert (found.cut, found.size_px) == (False, size)


@pytest.mark.parametrize("percent", [5, 30, 60, 88])
def test_what_lacks_more_is_refused(percent: int) -> None:
    for data in (jpeg(), jpeg(subsampling=0), jpeg("L")):
        assert refused(cut(data, percent))


@pytest.mark.parametrize("height", [401, 408, 415])
def test_a_height_that_is_no_multiple_of_a_block_is_judged_alike(height: int) -> None:
    data = jpeg(size=(600, height))
    for wanted_px in (None, 100):
        with pytest.raises(BadPicture, match="of its rows are there"):
            measured(cut(data, 40), wanted_px)
        assert measured(cut(data, 97), wanted_px).size_px[1] < height


def test_of_several_passes_only_a_refinement_may_be_missing() -> None:
    data = jpeg(progressive=True)
    last = data.rindex(b"\xff\xda")
    found = measured(data[: last + 200])
    assert (found.cut, found.size_px) == (True, SIZE)
    coarse = np.abs(np.asarray(found.image).astype(int) - np.asarray(decode(data))).mean()
    assert coarse < 8
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    assert refused(data[: second + 200])
    assert refused(cut(data, 10))


def test_a_file_with_room_for_more_is_as_long_as_it_is_written() -> None:
    data = jpeg()
    for percent, taken in ((97, True), (60, False)):
        hollow = cut(data, percent).ljust(len(data), b"\0")
        assert refused(hollow) is not taken
    assert measured(cut(data, 97).ljust(len(data), b"\0")).image.height < SIZE[1]
    assert not measured(data + bytes(5_000)).cut  # some cameras fill up a block of their card


def test_what_is_turned_upright_loses_its_side() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = measured(cut(jpeg(exif=exif), 97))
    assert found.image.height == found.size_px[1] == SIZE[0]
    assert SIZE[1] * 0.9 <= found.image.width == found.size_px[0] < SIZE[1]


def test_a_small_copy_lacks_as_much() -> None:
    data = cut(jpeg(size=(1_600, 1_200)), 97)
    small, whole = measured(data, 200), measured(data)
    assert small.image.size == (200, small.size_px[1] // 8)
    assert 0 <= whole.size_px[1] - small.size_px[1] <= 32
    assert small.size_px[0] == 1_600


def test_other_formats_are_refused_as_before() -> None:
    for form in ("PNG", "GIF", "WEBP", "TIFF"):
        out = BytesIO()
        Image.effect_noise((200, 200), 80).convert("RGB").save(out, form)
        with pytest.raises(BadPicture):
            decode(cut(out.getvalue(), 99))
