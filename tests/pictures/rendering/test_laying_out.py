"""A picture on its panel: whole or cropped, on a mat, never stretched."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glance_agent.domain.panel import Fit, Layout, Mat, MatStyle
from glance_agent.pictures.rendering import laying_out
from glance_agent.pictures.rendering.laying_out import placement_of
from glance_agent.pictures.rendering.placing import Size
from tests.pictures.rendering.golden import assert_golden
from tests.pictures.rendering.painted import drawing, near, noise, sunset

DISPLAY = (320, 200)
WHITE = (250, 250, 250)
SMALL = (160, 100)


def laid_out(image: Image.Image, panel: Size, layout: Layout) -> Image.Image:
    """The panel's picture alone."""
    return laying_out.laid_out(image, panel, layout)[0]


def on_black(fit: Fit, **rest: float) -> Layout:
    return Layout(fit, mat=Mat(colour="#000000"), **rest)


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
    shown = laid_out(Image.new("RGB", size, WHITE), DISPLAY, Layout(mat=Mat(colour="#102030")))
    assert shown.size == DISPLAY
    assert near(shown.getpixel(outside), (0x10, 0x20, 0x30))
    assert not near(shown.getpixel(inside), (0x10, 0x20, 0x30))


def test_cover_fills_the_display_and_crops_evenly() -> None:
    image = Image.new("RGB", (300, 600), WHITE)
    image.paste((250, 0, 0), (0, 0, 300, 100))
    image.paste((250, 0, 0), (0, 500, 300, 600))
    shown = laid_out(image, DISPLAY, on_black("cover"))
    corners = [(0, 0), (319, 0), (0, 199), (319, 199)]
    assert all(near(shown.getpixel(corner), WHITE) for corner in corners)


@pytest.mark.parametrize("size", [(40, 40), (1, 1), (16, 9), (3000, 2), (2, 3000)])
def test_cover_fills_at_any_size(size: tuple[int, int]) -> None:
    shown = np.asarray(laid_out(Image.new("RGB", size, WHITE), DISPLAY, on_black("cover")))
    assert (shown > 240).all()


@pytest.mark.parametrize("fit", ["contain", "smart"])
@pytest.mark.parametrize("most", [1.0, 2.0, 3.0])
def test_a_tiny_picture_is_enlarged_as_far_as_allowed(fit: Fit, most: float) -> None:
    tiny = Image.new("RGB", (40, 40), WHITE)
    shown = np.asarray(laid_out(tiny, DISPLAY, on_black(fit, max_enlargement=most)))
    white = shown.mean(axis=2) > 128
    assert (white.any(axis=0).sum(), white.any(axis=1).sum()) == (40 * most, 40 * most)


# -- smart -----------------------------------------------------------------------------------------


def spot(at: tuple[int, int], size: tuple[int, int] = (300, 220)) -> Image.Image:
    """A red spot of 30 pixels on grey."""
    image = Image.new("RGB", size, (120, 124, 120))
    image.paste((220, 40, 30), (at[0] - 15, at[1] - 15, at[0] + 15, at[1] + 15))
    return image


@pytest.mark.parametrize("row", [20, 60, 110, 160, 200])
def test_smart_crops_around_what_matters(row: int) -> None:
    placement = placement_of(spot((150, row)), DISPLAY, on_black("smart"))
    left, upper, right, lower = placement.part
    assert placement.at.size == DISPLAY
    assert (left, right) == (0, 300)
    assert lower - upper == pytest.approx(187.5)
    assert upper <= row - 15
    assert row + 15 <= lower


def test_smart_shows_the_whole_picture_where_something_would_be_lost() -> None:
    both = spot((150, 20))
    both.paste(spot((150, 200)).crop((0, 150, 300, 220)), (0, 150))
    assert placement_of(both, DISPLAY, on_black("smart")).part == (0, 0, 300, 220)


@pytest.mark.parametrize(("most", "fills"), [(0.1, False), (0.14, False), (0.15, True)])
def test_smart_crops_no_more_than_allowed(most: float, fills: bool) -> None:
    """220 rows lose 32.5, which is 0.148 of them."""
    placement = placement_of(spot((150, 110)), DISPLAY, on_black("smart", max_crop=most))
    assert (placement.at.size == DISPLAY) is fills


# -- mats ------------------------------------------------------------------------------------------


def test_a_framed_mat_is_wider_below() -> None:
    layout = Layout(mat=Mat("framed", width=0.1))
    at = placement_of(sunset((1000, 625)), (400, 200), layout).at
    assert (at.upper, 200 - at.lower) == (20, 23)
    assert abs(at.left - (400 - at.right)) <= 1
    wide = placement_of(sunset((4000, 1000)), (400, 200), layout).at
    assert wide.left == 20
    assert wide.upper < 200 - wide.lower


@pytest.mark.parametrize("fit", ["cover", "smart"])
def test_a_framed_mat_stays_where_the_picture_fills(fit: Fit) -> None:
    layout = Layout(fit, mat=Mat("framed", "#ffffff", width=0.1, bevel=False))
    shown = np.asarray(laid_out(spot((150, 110)), (320, 220), layout))
    assert (shown[0] > 250).all()
    assert (shown[100, :22] > 250).all()
    assert (shown[100, 23:296] < 250).any(axis=1).all()


@pytest.mark.parametrize("style", ["plain", "framed"])
def test_a_small_picture_has_a_mat_by_its_own_proportions(style: MatStyle) -> None:
    placement = placement_of(sunset((100, 80)), (1000, 800), Layout(mat=Mat(style)))
    assert placement.at.size == (200, 160)
    assert placement.mat.width == 200 + 2 * 64
    assert placement.mat.height == 160 + 64 + 74
    near_the_edge = placement_of(sunset((100, 80)), (360, 280), Layout(mat=Mat(style)))
    assert near_the_edge.mat.size == (360, 280)


def test_mats_of_pictures_differ_where_they_vary() -> None:
    layout = Layout(mat=Mat("framed", varies=True))
    pictures = [noise((900, 600), seed) for seed in range(5)]
    shown = [laid_out(picture, SMALL, layout) for picture in pictures]
    again = [laid_out(picture, SMALL, layout) for picture in pictures]
    assert [image.tobytes() for image in shown] == [image.tobytes() for image in again]
    assert len({placement_of(picture, (1000, 600), layout).at for picture in pictures}) > 2
    assert len({image.getpixel((0, 0)) for image in shown}) > 2


@pytest.mark.parametrize("colour", ["dim", "#12", "#gggggg", "red", "#ff00ff80"])
def test_what_is_no_colour(colour: str) -> None:
    with pytest.raises(ValueError, match=r"colo|a mat is"):
        laid_out(noise((8, 8)), DISPLAY, Layout(mat=Mat(colour=colour)))


def test_there_is_no_panel_without_pixels() -> None:
    with pytest.raises(ValueError, match="no panel"):
        laid_out(noise((8, 8)), (0, 10), Layout())


# -- whatever comes --------------------------------------------------------------------------------


@settings(max_examples=40, deadline=None)
@given(
    size=st.tuples(st.integers(1, 300), st.integers(1, 300)),
    display=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    fit=st.sampled_from(["contain", "cover", "smart"]),
    style=st.sampled_from(["plain", "framed", "blur"]),
    width=st.floats(0, 0.3),
)
def test_any_shape_on_any_display(
    size: tuple[int, int], display: tuple[int, int], fit: Fit, style: MatStyle, width: float
) -> None:
    layout = Layout(fit, mat=Mat(style, width=width))
    placement = placement_of(noise(size), display, layout)
    left, upper, right, lower = placement.part
    assert left >= 0
    assert upper >= 0
    assert left < right <= size[0] + 1e-6
    assert upper < lower <= size[1] + 1e-6
    assert placement.at.left >= 0
    assert placement.at.upper >= 0
    assert placement.at.right <= display[0]
    assert placement.at.lower <= display[1]
    assert laid_out(noise(size), display, layout).size == display


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("plain", Layout()),
        ("plain-light", Layout(mat=Mat(colour="light"))),
        ("framed", Layout(mat=Mat("framed"))),
        ("framed-no-bevel", Layout(mat=Mat("framed", bevel=False, width=0.06))),
        ("blur", Layout(mat=Mat("blur"))),
        ("cover", Layout("cover")),
        ("small", Layout(mat=Mat("framed"), max_enlargement=1.0)),
    ],
)
@pytest.mark.parametrize("picture", ["sunset", "drawing"])
def test_pictures_look_as_they_should(name: str, layout: Layout, picture: str) -> None:
    size = (40, 30) if name == "small" else (240, 200)
    image = sunset(size) if picture == "sunset" else drawing(size[::-1])
    assert_golden(laid_out(image, SMALL, layout), f"{picture}-{name}")
