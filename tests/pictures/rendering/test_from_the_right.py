"""Labels in writing that runs from the right: joined, ordered, and set at the right."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFont, features

from glance_agent.domain.wall_label import Label, LabelLine, LabelText
from glance_agent.pictures.rendering.labelling import labelled
from glance_agent.pictures.rendering.placing import Rect
from glance_agent.pictures.rendering.typeface import can_write, runs_from_right, typeface_for

FONTS = Path(__file__).parents[2] / "fixtures" / "fonts"
HEBREW, ARABIC = str(FONTS / "noto-sans-hebrew.woff2"), str(FONTS / "noto-sans-arabic.woff2")
MAURYCY, NIGHT = "מאוריצי גוטליב", "ليلة النجوم"
AT = Rect(40, 20, 400, 200)

shaped = pytest.mark.skipif(not features.check("raqm"), reason="Pillow has no Raqm here")


def plain(file: str, size_px: int = 40) -> ImageFont.FreeTypeFont:
    """The font without joining and ordering: letters from the left, as they are stored."""
    return ImageFont.truetype(file, size_px, layout_engine=ImageFont.Layout.BASIC)


@shaped
def test_letters_stand_in_the_order_in_which_they_are_read() -> None:
    font = typeface_for("אבג", 40, italic=False, file=HEBREW)
    assert font is not None
    drawn, stored = font.getmask("אבג"), plain(HEBREW).getmask("גבא")
    assert (drawn.size, bytes(drawn)) == (stored.size, bytes(stored))


@shaped
def test_arabic_letters_are_joined() -> None:
    font = typeface_for(NIGHT, 40, italic=False, file=ARABIC)
    assert font is not None
    assert font.getlength(NIGHT) < 0.9 * plain(ARABIC).getlength(NIGHT)


@shaped
@pytest.mark.parametrize(("file", "name"), [(HEBREW, MAURYCY), (ARABIC, NIGHT)])
def test_a_line_from_the_right_stands_at_the_right(file: str, name: str) -> None:
    """Below it stands a longer one in Latin letters, in the font that comes along."""
    text = LabelText((LabelLine(name), LabelLine("A long title in Latin, 1876")))
    label = Label(height=0.06, font=file)
    canvas = Image.new("RGB", (480, 300), (245, 242, 235))
    canvas.paste((120, 90, 60), AT.box)
    both = np.asarray(labelled(canvas.copy(), AT, text, label), dtype=int)
    ink = np.abs(both - np.asarray(canvas, dtype=int)).max(axis=2) > 60
    rows, columns = np.nonzero(ink)
    empty = np.setdiff1d(np.arange(rows.min(), rows.max()), rows)
    assert empty.size, "the lines do not touch"
    above, below = columns[rows < empty[0]], columns[rows > empty[0]]
    assert above.min() > below.min() + 40
    assert abs(int(above.max()) - int(below.max())) <= 6
    assert above.max() <= AT.right + 2


def test_without_raqm_such_a_line_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "check", lambda feature: False)
    assert not can_write(MAURYCY, plain(HEBREW))
    assert typeface_for("Monet", 20, italic=False, file=HEBREW) is not None


@pytest.mark.parametrize(
    ("text", "from_right"),
    [(MAURYCY, True), (NIGHT, True), ("Monet", False), ("1876", False), ("", False),
     ("“גוטליב”, 1876", True), ("Monet (מונה)", False)],
)  # fmt: skip
def test_the_first_letter_says_where_a_line_begins(text: str, from_right: bool) -> None:
    assert runs_from_right(text) is from_right
