"""Colours of mats."""

from __future__ import annotations

import pytest
from PIL import Image

from glance_agent.domain.panel import Mat
from glance_agent.pictures.rendering.mats import OFF_WHITE, dark_colour, mat_colour
from tests.pictures.rendering.painted import drawing, starter, sunset


def test_a_dark_mat_is_of_the_pictures_own_colour() -> None:
    evening = Image.new("RGB", (60, 60), (250, 160, 60))
    evening.paste((90, 20, 40), (0, 40, 60, 60))
    red, green, blue = dark_colour(evening)
    assert red > blue > green
    for flat in ((255, 255, 255), (0, 0, 0), (0, 0, 255), (255, 240, 0)):
        assert max(dark_colour(Image.new("RGB", (4, 4), flat))) <= 80


def test_auto_is_dark_where_no_mat_is_cut() -> None:
    for image in (sunset(), drawing()):
        assert mat_colour(image, Mat()) == dark_colour(image)


@pytest.mark.parametrize(
    ("name", "is_light"),
    [
        ("blossfeldt-acanthus-mollis", True),
        ("crane-before-the-red-sun", True),
        ("moored-boat-on-a-misty-lake", True),
        ("moonlit-sea", False),
        ("lone-tree-at-sunset", False),
        ("northern-lights-over-a-lake", False),
    ],
)
def test_a_framer_chooses_by_the_picture(name: str, is_light: bool) -> None:
    colour = mat_colour(starter(name), Mat("framed"))
    assert (colour == OFF_WHITE) is is_light
    assert is_light or max(colour) <= 80


def test_a_colour_of_ones_own() -> None:
    image = sunset()
    assert mat_colour(image, Mat("framed", "#102030")) == (16, 32, 48)
    assert mat_colour(image, Mat("framed", "light")) == OFF_WHITE
    assert mat_colour(drawing(), Mat("framed", "dark")) == dark_colour(drawing())
