"""Picture and display in, Frame out: whole, matted, honest about its size, under the limit."""

from __future__ import annotations

from io import BytesIO
from typing import Literal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.pictures.contact_sheet import contact_sheet
from glance_agent.pictures.render import MIN_BYTES, compose, mat_colour

DISPLAY = (320, 200)


def pixels(frame: Frame) -> Image.Image:
    return Image.open(BytesIO(frame.data)).convert("RGB")


def noise(size: tuple[int, int], seed: int = 0) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    return Image.fromarray(values)


def near(pixel: object, colour: tuple[int, int, int], off: int = 12) -> bool:
    assert isinstance(pixel, tuple)
    return all(abs(a - b) <= off for a, b in zip(pixel, colour, strict=True))


@pytest.mark.parametrize(
    ("size", "outside", "inside"),
    [
        ((300, 600), (20, 100), (115, 100)),  # portrait: mat left and right
        ((1200, 200), (160, 20), (5, 100)),  # panorama: mat above and below
        ((4000, 1), (160, 20), (160, 99)),  # a line stays visible
    ],
)
def test_the_whole_picture_lies_on_a_mat(
    size: tuple[int, int], outside: tuple[int, int], inside: tuple[int, int]
) -> None:
    frame = compose(Image.new("RGB", size, (250, 250, 250)), size_px=DISPLAY, mat="#102030")
    shown = pixels(frame)
    assert (frame.width_px, frame.height_px) == shown.size == DISPLAY
    assert frame.content_type == "image/jpeg"
    assert near(shown.getpixel(outside), (0x10, 0x20, 0x30))
    assert not near(shown.getpixel(inside), (0x10, 0x20, 0x30))


def test_cover_fills_the_display_and_crops_evenly() -> None:
    image = Image.new("RGB", (300, 600), (250, 250, 250))
    image.paste((250, 0, 0), (0, 0, 300, 100))
    image.paste((250, 0, 0), (0, 500, 300, 600))
    shown = pixels(compose(image, size_px=DISPLAY, fit="cover", mat="#000000"))
    corners = [(0, 0), (319, 0), (0, 199), (319, 199)]
    assert all(near(shown.getpixel(corner), (250, 250, 250)) for corner in corners)


@pytest.mark.parametrize("fit", ["contain", "cover"])
def test_a_tiny_picture_is_at_most_doubled(fit: Literal["contain", "cover"]) -> None:
    tiny = Image.new("RGB", (40, 40), (255, 255, 255))
    shown = np.asarray(pixels(compose(tiny, size_px=DISPLAY, fit=fit, mat="#000000")))
    white = shown.mean(axis=2) > 128
    assert (white.any(axis=0).sum(), white.any(axis=1).sum()) == (80, 80)


def test_the_mat_is_dark_and_of_the_pictures_own_colour() -> None:
    sunset = Image.new("RGB", (60, 60), (250, 160, 60))
    sunset.paste((90, 20, 40), (0, 40, 60, 60))
    red, green, blue = mat_colour(sunset)
    assert red > blue > green
    for flat in ((255, 255, 255), (0, 0, 0), (0, 0, 255), (255, 240, 0)):
        assert max(mat_colour(Image.new("RGB", (4, 4), flat))) <= 80
    assert near(pixels(compose(sunset, size_px=(200, 60))).getpixel((5, 30)), (red, green, blue), 6)


@pytest.mark.parametrize("max_bytes", [200_000, 60_000, 20_000, 5_000, MIN_BYTES])
def test_the_limit_holds_even_for_noise_and_the_size_is_true(max_bytes: int) -> None:
    frame = compose(noise((500, 400)), size_px=(400, 300), max_bytes=max_bytes)
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
    opened = Image.open(BytesIO(compose(image, size_px=DISPLAY).data))
    assert set(opened.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density",
                                "progressive", "progression"}  # fmt: skip
    assert opened.info["progressive"] == 1


def test_what_cannot_be_composed() -> None:
    image = Image.new("RGB", (8, 8))
    with pytest.raises(ValueError, match="pixels in"):
        compose(image, size_px=(0, 10))
    with pytest.raises(ValueError, match="pixels in"):
        compose(image, size_px=DISPLAY, max_bytes=MIN_BYTES - 1)
    for colour in ("dark", "#12", "#gggggg", "red", "#ff00ff80"):
        with pytest.raises(ValueError, match="colo"):
            compose(image, size_px=DISPLAY, mat=colour)


@settings(max_examples=30, deadline=None)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    display=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    fit=st.sampled_from(["contain", "cover"]),
)
def test_any_shape_on_any_display(
    size: tuple[int, int], display: tuple[int, int], fit: Literal["contain", "cover"]
) -> None:
    frame = compose(noise(size), size_px=display, fit=fit, max_bytes=100_000)
    assert (frame.width_px, frame.height_px) == display == pixels(frame).size


def test_a_contact_sheet_shows_every_picture() -> None:
    items = [(Image.new("RGB", (30 + n, 40), (255, 40 * n, 0)), f"No {n}") for n in range(5)]
    sheet = contact_sheet(items, columns=3, cell_px=60)
    shown = {sheet.getpixel((6 + 66 * (n % 3) + 30, 6 + (n // 3) * (sheet.height - 6) // 2 + 30))
             for n in range(5)}  # fmt: skip
    assert shown == {(255, 40 * n, 0) for n in range(5)}
    taller = contact_sheet(items, columns=3, cell_px=60, title="Five")
    assert taller.height > sheet.height
    assert contact_sheet([], columns=3, cell_px=60).width == sheet.width


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(), max_size=120))
def test_a_caption_may_be_any_text(text: str) -> None:
    image = Image.new("RGB", (8, 8))
    plain = contact_sheet([(image, "x")], columns=1, cell_px=64, title="x")
    assert contact_sheet([(image, text)], columns=1, cell_px=64, title=text or "x").size == (
        plain.size
    )


@pytest.mark.parametrize("max_bytes", [300_000, 6_000])
def test_a_baseline_jpeg_is_one_and_no_longer_than_allowed(max_bytes: int) -> None:
    noise = np.random.default_rng(1).integers(0, 255, (90, 160, 3), dtype=np.uint8)
    frame = compose(
        Image.fromarray(noise), size_px=(320, 180), max_bytes=max_bytes, progressive=False
    )
    assert len(frame.data) <= max_bytes
    assert b"\xff\xc0" in frame.data  # SOF0: baseline (ITU-T T.81, table B.1)
    assert b"\xff\xc2" not in frame.data
    assert "progressive" not in Image.open(BytesIO(frame.data)).info
