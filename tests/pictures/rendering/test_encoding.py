"""The panel's picture in, bytes out: under the limit, honest about their size, nothing beside."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from glance_agent.domain.panel import SMALLEST_BYTES, Encoding, PanelProfile
from glance_agent.pictures.rendering.encoding import encoded
from glance_agent.pictures.rendering.render import render
from tests.pictures.rendering.painted import noise, pixels

DISPLAY = (320, 200)


@pytest.mark.parametrize("max_bytes", [200_000, 60_000, 20_000, 5_000, SMALLEST_BYTES])
def test_the_limit_holds_even_for_noise_and_the_size_is_true(max_bytes: int) -> None:
    frame = render(noise((500, 400)), PanelProfile((400, 300), max_bytes))
    assert len(frame.data) <= max_bytes
    assert pixels(frame).size == (frame.width_px, frame.height_px)
    assert abs(frame.width_px * 3 - frame.height_px * 4) <= 8
    if max_bytes == 60_000:
        assert (frame.width_px, frame.height_px) == (400, 300)
        assert len(frame.data) > 45_000


def test_the_jpeg_is_progressive_and_carries_nothing_else() -> None:
    image = Image.new("RGB", (64, 64), (200, 30, 30))
    exif = Image.Exif()
    exif[0x010F] = "Camera"
    image.info = {"exif": exif.tobytes(), "comment": b"secret", "xmp": b"<x/>", "icc_profile": b"p"}
    frame = render(image, PanelProfile(DISPLAY, 300_000))
    opened = Image.open(BytesIO(frame.data))
    assert frame.content_type == "image/jpeg"
    assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                "progressive", "progression"}  # fmt: skip
    assert opened.info["progressive"] == 1


@pytest.mark.parametrize("max_bytes", [300_000, 6_000])
def test_a_baseline_jpeg_is_one_and_no_longer_than_allowed(max_bytes: int) -> None:
    frame = encoded(
        noise((320, 180)), PanelProfile((320, 180), max_bytes, encoding=Encoding(progressive=False))
    )
    assert len(frame.data) <= max_bytes
    assert b"\xff\xc0" in frame.data  # SOF0: baseline (ITU-T T.81, table B.1)
    assert b"\xff\xc2" not in frame.data
    assert "progressive" not in Image.open(BytesIO(frame.data)).info


def test_colours_are_halved_where_a_device_reads_no_others() -> None:
    picture = Image.new("RGB", (64, 64), (200, 30, 30))
    for full, layers in ((True, [(1, 1)] * 3), (False, [(2, 2), (1, 1), (1, 1)])):
        encoding = Encoding(progressive=False, full_colour=full)
        frame = encoded(picture, PanelProfile((64, 64), 300_000, encoding=encoding))
        image = Image.open(BytesIO(frame.data))
        assert isinstance(image, JpegImageFile)
        assert [layer[1:3] for layer in image.layer] == layers


def test_no_picture_fits_into_nothing() -> None:
    with pytest.raises(ValueError, match="no picture fits into 1023 bytes"):
        encoded(noise((8, 8)), PanelProfile((8, 8), SMALLEST_BYTES - 1))
