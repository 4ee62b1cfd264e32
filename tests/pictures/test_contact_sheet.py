"""Pictures with their labels on one sheet."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glance_agent.pictures.contact_sheet import _drawable, contact_sheet
from glance_agent.pictures.rendering.typeface import can_write, typeface


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


def test_rows_are_as_high_as_their_pictures() -> None:
    wide = [(Image.new("RGB", (160, 40), (255, 0, 0)), "wide")] * 3
    square = [(Image.new("RGB", (160, 160), (255, 0, 0)), "square")] * 3
    flat = contact_sheet(wide, columns=3, cell_px=80).height
    high = contact_sheet(square, columns=3, cell_px=80).height
    assert high - flat == 60
    assert contact_sheet(wide + square, columns=3, cell_px=80).height == flat + high - 6


@pytest.mark.parametrize("caption", ["Ελληνικά", "Живопись", "Tiếng Việt", "Ångström", "“Œuvre”"])
def test_letters_of_many_languages_are_drawn(caption: str) -> None:
    """As they are, not as the plain ones or the question marks that would stand for them."""
    image = Image.new("RGB", (40, 40))
    plain = unicodedata.normalize("NFKD", caption).encode("ascii", "replace").decode()
    said = [contact_sheet([(image, text)], columns=1, cell_px=200) for text in (caption, plain)]
    assert said[0].tobytes() != said[1].tobytes()
    assert can_write(caption, typeface(13))
    assert _drawable(caption, typeface(13)) == caption
