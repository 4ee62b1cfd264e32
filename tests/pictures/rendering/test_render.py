"""The whole chain, by profile."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.frame import Frame
from glance_agent.domain.panel import Encoding, Format, Layout, PanelProfile, Rotation, Tone
from glance_agent.pictures.rendering.inks import PANELS
from glance_agent.pictures.rendering.render import render
from tests.pictures.rendering.golden import assert_golden
from tests.pictures.rendering.painted import colours_of, noise, pixels, sunset

SIZE = (160, 100)
MUCH = 1_000_000


def on(panel: str, form: Format = "png", size: tuple[int, int] = SIZE) -> PanelProfile:
    return PanelProfile(size, MUCH, Layout("cover"), panel=panel, encoding=Encoding(form))


def depth_and_colour(data: bytes) -> tuple[int, int]:
    """Bit depth and colour type of a PNG (W3C PNG, 11.2.1)."""
    assert data[12:16] == b"IHDR"
    return data[24], data[25]


# -- PNG -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("panel", "expected"),
    [("lcd", (8, 2)), ("grey", (8, 0)), ("mono", (1, 0)), ("grey4", (2, 3)), ("grey16", (4, 3)),
     ("bwr", (2, 3)), ("spectra6", (4, 3))],
)  # fmt: skip
@pytest.mark.parametrize("picture", ["sunset", "black"])
def test_a_png_has_the_depth_of_its_panel(
    panel: str, expected: tuple[int, int], picture: str
) -> None:
    image = sunset() if picture == "sunset" else Image.new("RGB", (20, 20))
    frame = render(image, on(panel))
    assert frame.content_type == "image/png"
    assert depth_and_colour(frame.data) == expected
    assert pixels(frame).size == (frame.width_px, frame.height_px) == SIZE
    if panel in PANELS:
        assert colours_of(pixels(frame)) <= set(PANELS[panel].nominal)


def test_a_png_that_is_too_long_has_fewer_colours_then_pixels() -> None:
    whole = render(noise(SIZE), on("lcd"))
    sizes = {}
    for share in (0.7, 0.3, 0.05):
        most = round(share * len(whole.data))
        profile = PanelProfile(SIZE, most, Layout("cover"), encoding=Encoding("png"))
        frame = render(noise(SIZE), profile)
        assert len(frame.data) <= most
        assert pixels(frame).size == (frame.width_px, frame.height_px)
        sizes[share] = frame.width_px
    assert sizes[0.7] == sizes[0.3] == SIZE[0] > sizes[0.05]


def test_inks_that_take_too_much_are_not_spread() -> None:
    spread = render(sunset(), on("spectra6"))
    profile = PanelProfile(SIZE, 1_500, Layout("cover"), panel="spectra6", encoding=Encoding("png"))
    frame = render(sunset(), profile)
    assert len(frame.data) <= 1_500 < len(spread.data)
    assert (frame.width_px, frame.height_px) == SIZE


# -- BMP -------------------------------------------------------------------------------------------


def header(frame: Frame) -> tuple[int, int, int, int, int, int]:
    """Length, offset of pixels, length of the information, planes, bits, compression."""
    length, _, offset, info = struct.unpack_from("<IIII", frame.data, 2)
    planes, bits, compression = struct.unpack_from("<HHI", frame.data, 26)
    return length, offset, info, planes, bits, compression


def test_a_bmp_of_two_inks_is_what_small_devices_read() -> None:
    """800 x 480 pixels are exactly 48,062 bytes: a header of 62, and 2 colours declared."""
    frame = render(sunset(), on("mono", "bmp", (800, 480)))
    assert frame.content_type == "image/bmp"
    assert header(frame) == (48_062, 62, 40, 1, 1, 0)
    assert len(frame.data) == 48_062
    assert struct.unpack_from("<I", frame.data, 46) == (2,)


@pytest.mark.parametrize(("panel", "bits"), [("lcd", 24), ("grey", 8), ("spectra6", 8)])
def test_other_bmps(panel: str, bits: int) -> None:
    frame = render(sunset(), on(panel, "bmp"))
    assert header(frame)[2:] == (40, 1, bits, 0)
    assert pixels(frame).size == SIZE


# -- tone and turns --------------------------------------------------------------------------------


def test_a_screen_at_night_is_darker_and_warmer() -> None:
    white = Image.new("RGB", SIZE, (255, 255, 255))

    def shown(tone: Tone) -> tuple[int, ...]:
        profile = PanelProfile(SIZE, MUCH, Layout("cover"), tone, encoding=Encoding("png"))
        return tuple(np.asarray(pixels(render(white, profile)))[50, 80].tolist())

    assert shown(Tone()) == (255, 255, 255)
    dim = shown(Tone(brightness=0.5))
    assert dim == (188, 188, 188)  # half of the light, not of the number
    red, green, blue = shown(Tone(warmth=1.0))
    assert (red, green, blue) == (255, 243, 225)
    assert shown(Tone(0.5, 1.0))[2] < dim[2]


@pytest.mark.parametrize(("rotation", "corner"), [(90, 1), (180, 3), (270, 2)])
def test_pictures_are_turned_for_panels_that_hang_turned(rotation: Rotation, corner: int) -> None:
    image = Image.new("RGB", SIZE, (0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 40, 40))
    profile = PanelProfile(SIZE, MUCH, rotation=rotation, encoding=Encoding("png"))
    frame = render(image, profile)
    assert (frame.width_px, frame.height_px) == (SIZE if rotation == 180 else SIZE[::-1])
    shown = np.asarray(pixels(frame))[..., 0] > 128
    corners = [shown[5, 5], shown[5, -5], shown[-5, 5], shown[-5, -5]]
    assert [bool(bright) for bright in corners] == [place == corner for place in range(4)]


@pytest.mark.parametrize("panel", ["mono", "grey4", "spectra6", "grey"])
def test_panels_look_as_they_should(panel: str) -> None:
    """From afar: reduced by four, what is dithered is what the eye sees of it."""
    shown = pixels(render(sunset((240, 160)), on(panel, size=(240, 160))))
    assert_golden(shown.reduce(4), f"panel-{panel}")


@pytest.mark.parametrize("panel", ["lcd", "grey"])
def test_a_jpeg_may_be_grey(panel: str) -> None:
    frame = render(sunset(), on(panel, "jpeg"))
    assert Image.open(BytesIO(frame.data)).mode == ("L" if panel == "grey" else "RGB")
