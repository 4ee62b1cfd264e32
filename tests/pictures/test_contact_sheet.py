"""Pictures with their labels on one sheet."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glance_agent.pictures.contact_sheet import contact_sheet


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
