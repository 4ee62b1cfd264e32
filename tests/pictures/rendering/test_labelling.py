"""Labels beside pictures: legible, on the mat where there is room, whatever they say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glance_agent.domain.panel import Encoding, Fit, Layout, Mat, PanelProfile
from glance_agent.domain.wall_label import Label, LabelLine, LabelText
from glance_agent.pictures.rendering import typeface
from glance_agent.pictures.rendering.labelling import labelled
from glance_agent.pictures.rendering.placing import Rect
from glance_agent.pictures.rendering.render import render
from glance_agent.pictures.rendering.typeface import can_write
from tests.pictures.rendering.golden import assert_golden
from tests.pictures.rendering.painted import pixels, sunset

PANEL = (480, 300)
ROOMY = Label(height=0.05)
TEXT = LabelText((LabelLine("Claude Monet"), LabelLine("Water Lilies, 1906", italic=True)))
WHITE, DARK = (245, 242, 235), (24, 26, 30)


def changed(mat: tuple[int, int, int], at: Rect, text: LabelText = TEXT) -> Rect | None:
    """Which part of a panel a label takes."""
    canvas = Image.new("RGB", PANEL, mat)
    canvas.paste((120, 90, 60), at.box)
    before = np.asarray(canvas.copy(), dtype=int)
    after = np.asarray(labelled(canvas, at, text, ROOMY), dtype=int)
    rows, columns = np.nonzero(np.abs(after - before).max(axis=2) > 24)
    if not len(rows):
        return None
    left, upper = int(columns.min()), int(rows.min())
    return Rect(left, upper, int(columns.max()) + 1 - left, int(rows.max()) + 1 - upper)


@pytest.mark.parametrize("mat", [WHITE, DARK])
def test_it_stands_below_where_the_mat_has_room(mat: tuple[int, int, int]) -> None:
    at = Rect(40, 20, 400, 220)
    found = changed(mat, at)
    assert found is not None
    assert found.upper >= at.lower
    assert found.right <= at.right + 2


def test_else_it_stands_beside_the_picture() -> None:
    at = Rect(160, 10, 160, 280)
    found = changed(WHITE, at)
    assert found is not None
    assert found.left > at.right
    assert found.lower <= at.lower + 4


def test_else_on_a_plate_in_the_pictures_corner() -> None:
    at = Rect(0, 0, *PANEL)
    found = changed(WHITE, at)
    assert found is not None
    assert found.left > PANEL[0] // 3
    assert found.upper > PANEL[1] // 2
    assert found.right < PANEL[0]


@pytest.mark.parametrize("ground", [(0, 0, 0), (90, 90, 90), (160, 150, 140), (255, 255, 255)])
@pytest.mark.parametrize("fills", [True, False])
def test_it_can_be_read_on_any_ground(ground: tuple[int, int, int], fills: bool) -> None:
    """The lightest against the darkest, by WCAG 2.2: 7:1 on plates, 4.5:1 on grey mats."""
    canvas = Image.new("RGB", PANEL, ground)
    at = Rect(0, 0, *PANEL) if fills else Rect(40, 20, 400, 200)
    canvas = labelled(canvas, at, TEXT, ROOMY)
    code = np.asarray(canvas, dtype=float) / 255
    linear = np.where(code <= 0.04045, code / 12.92, ((code + 0.055) / 1.055) ** 2.4)
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
    if fills:
        upper = light[-100:, -300:]
        plate = np.median(upper[upper < upper.mean()]) if ground[0] > 100 else light.min()
        assert (light[-100:, -300:].max() + 0.05) / (plate + 0.05) >= 7 or ground == (255,) * 3
    contrast = (light.max() + 0.05) / (light.min() + 0.05)
    assert contrast >= 4.5


def test_a_code_is_there_where_it_is_asked_for() -> None:
    at = Rect(40, 10, 400, 180)
    plain = changed(WHITE, at)
    with_code = changed(WHITE, at, replace(TEXT, address="https://museum.example/1"))
    assert plain is not None
    assert with_code is not None
    assert with_code.height > plain.height
    assert with_code.width > plain.width


@pytest.mark.parametrize("text", ["Ångström", "Ελληνικά", "Живопись", "Tiếng Việt, ộ ữ", "Œuvre"])
def test_ours_has_the_letters_of_many_languages(text: str) -> None:
    assert can_write(text, typeface.typeface(14))
    assert can_write(text, typeface.typeface(14, italic=True))


def test_letters_that_no_font_has_are_no_boxes(tmp_path: Path) -> None:
    lines = LabelText((LabelLine("日本"),))
    assert changed(WHITE, Rect(40, 20, 400, 220), lines) is None
    assert not can_write("日本", typeface.typeface(14))
    broken = tmp_path / "font.ttf"
    broken.write_bytes(b"no font")
    label = replace(ROOMY, font=str(broken))
    canvas = Image.new("RGB", PANEL, WHITE)
    labelled(canvas, Rect(40, 20, 400, 220), TEXT, label)
    assert len(canvas.getcolors(1 << 20) or ()) > 1


@settings(max_examples=30, deadline=None)
@given(
    lines=st.lists(st.text(max_size=200), max_size=4),
    size=st.tuples(st.integers(16, 300), st.integers(16, 300)),
    height=st.floats(0.01, 0.1),
)
def test_it_may_say_anything_on_any_panel(
    lines: list[str], size: tuple[int, int], height: float
) -> None:
    text = LabelText(tuple(map(LabelLine, lines)), "https://museum.example/" + "x" * 60)
    canvas = Image.new("RGB", size, WHITE)
    assert labelled(canvas, Rect(0, 0, *size), text, Label(height=height)).size == size


@pytest.mark.parametrize("style", ["framed", "plain"])
def test_labelled_pictures_look_as_they_should(style: str) -> None:
    mat = Mat("framed", "light", width=0.16) if style == "framed" else Mat()
    profile = PanelProfile(
        (320, 200), 1_000_000, Layout("contain" if style == "framed" else "cover", mat=mat),
        encoding=Encoding("png"), label=Label(height=0.07),
    )  # fmt: skip
    shown = pixels(render(sunset((400, 260)), profile, TEXT))
    assert_golden(shown.reduce(2), f"label-{style}")


@pytest.mark.parametrize("panel", ["bwr", "grey4", "spectra6", "acep7", "uc8159"])
@pytest.mark.parametrize("fit", ["contain", "cover"])
def test_on_paper_its_letters_are_of_one_ink(panel: str, fit: Fit) -> None:
    layout = Layout(fit, mat=Mat("plain", "#ffffff"))
    profile = PanelProfile(PANEL, 10**6, layout, panel=panel, encoding=Encoding("png"), label=ROOMY)
    white = Image.new("RGB", (300, 300), "white")
    shown = pixels(render(white, profile, TEXT)).getcolors(PANEL[0] * PANEL[1])
    assert shown is not None
    assert {colour for _, colour in shown} == {(0, 0, 0), (255, 255, 255)}


def test_who_has_no_labels_is_shown_none() -> None:
    profile = PanelProfile((320, 200), 1_000_000)
    assert render(sunset(), profile, TEXT) == render(sunset(), profile)
