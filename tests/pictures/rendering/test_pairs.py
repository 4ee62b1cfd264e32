"""Two pictures on one panel: on one mat, as high as each other, each with its label."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from glance_agent.domain.panel import Encoding, Fit, Layout, Mat, MatStyle, PanelProfile
from glance_agent.domain.wall_label import Label, LabelLine, LabelText
from glance_agent.pictures.rendering.pairs import laid_out_pair
from glance_agent.pictures.rendering.placing import Rect
from glance_agent.pictures.rendering.render import render_pair
from tests.pictures.rendering.golden import assert_golden
from tests.pictures.rendering.painted import drawing, noise, pixels, sunset

WIDE, UPRIGHT = (480, 270), (270, 480)
TALL, LONG = (90, 120), (120, 90)
FRAMED = Layout(max_enlargement=8.0, mat=Mat("framed"))
PLAIN = Layout(max_enlargement=8.0)
TEXTS = (
    LabelText((LabelLine("Claude Monet"), LabelLine("Water Lilies, 1906", italic=True))),
    LabelText((LabelLine("Katsushika Hokusai"), LabelLine("The Great Wave", italic=True))),
)


def lying(
    sizes: tuple[tuple[int, int], tuple[int, int]], panel: tuple[int, int], layout: Layout
) -> tuple[Rect, Rect]:
    """Where two pictures of these sizes lie."""
    _, (first, second) = laid_out_pair([sunset(size) for size in sizes], panel, layout)
    return first.placement.at, second.placement.at


@pytest.mark.parametrize("layout", [PLAIN, FRAMED])
def test_upright_pictures_hang_side_by_side_and_are_as_high(layout: Layout) -> None:
    left, right = lying(((90, 120), (80, 120)), WIDE, layout)
    assert (left.upper, left.height) == (right.upper, right.height)
    assert left.width / left.height == pytest.approx(0.75, abs=0.01)
    assert right.width / right.height == pytest.approx(2 / 3, abs=0.01)
    assert left.right < right.left
    assert abs(left.left - (WIDE[0] - right.right)) <= 1


@pytest.mark.parametrize("layout", [PLAIN, FRAMED])
def test_wide_pictures_hang_one_above_the_other_and_are_as_wide(layout: Layout) -> None:
    upper, lower = lying(((120, 90), (120, 80)), UPRIGHT, layout)
    assert (upper.left, upper.width) == (lower.left, lower.width)
    assert upper.lower < lower.upper


@pytest.mark.parametrize(("panel", "size"), [(WIDE, TALL), (UPRIGHT, LONG)])
def test_a_framed_pair_has_one_mat_and_a_gutter_like_its_sides(
    panel: tuple[int, int], size: tuple[int, int]
) -> None:
    one, other = lying(
        (size, size), panel, Layout(max_enlargement=8.0, mat=Mat("framed", width=0.1))
    )
    gutter = max(other.left - one.right, other.upper - one.lower)
    assert 27 <= gutter <= 41
    assert min(one.left, one.upper) >= 27


def test_space_that_is_left_is_shared_evenly_on_a_plain_mat() -> None:
    left, right = lying((TALL, TALL), (600, 200), PLAIN)
    spaces = [left.left, right.left - left.right, 600 - right.right]
    assert max(spaces) - min(spaces) <= 2


@pytest.mark.parametrize("most", [1.0, 1.5])
def test_neither_is_enlarged_more_than_allowed(most: float) -> None:
    left, right = lying(((45, 60), (90, 120)), (800, 600), Layout(max_enlargement=most))
    assert left.height == right.height == round(60 * most)


def test_cover_fills_both_halves() -> None:
    canvas, sides = laid_out_pair([noise(TALL), noise(LONG, 1)], WIDE, Layout("cover"))
    one, other = (side.placement.at for side in sides)
    assert (one.upper, one.height, other.height) == (0, 270, 270)
    assert abs(one.width - other.width) <= 1
    assert (one.left, other.right) == (0, WIDE[0])
    assert canvas.size == WIDE


def test_smart_fills_both_or_neither() -> None:
    fitting, lost = (234, 270), (234, 400)
    _, filled = laid_out_pair([drawing(fitting)] * 2, WIDE, Layout("smart"))
    assert [side.placement.at.height for side in filled] == [270, 270]
    assert filled[0].placement.at.left == 0
    _, whole = laid_out_pair([drawing(fitting), drawing(lost)], WIDE, Layout("smart"))
    assert [side.placement.part for side in whole] == [(0, 0, *fitting), (0, 0, *lost)]


@pytest.mark.parametrize("panel", [WIDE, UPRIGHT])
@pytest.mark.parametrize("layout", [PLAIN, FRAMED, Layout("cover")])
def test_each_label_stays_beside_its_own_picture(panel: tuple[int, int], layout: Layout) -> None:
    """Changing one label changes nothing in the other picture's part of the panel."""
    size = TALL if panel == WIDE else LONG
    profile = PanelProfile(panel, 10**6, layout, encoding=Encoding("png"), label=Label(height=0.05))
    images = [sunset(size), drawing(size)]
    both, first, none = (
        np.asarray(pixels(render_pair(images, profile, texts)), dtype=int)
        for texts in (TEXTS, (TEXTS[0], None), (None, None))
    )
    _, sides = laid_out_pair(images, panel, layout)
    for room, drawn, other in (
        (sides[0].room, first - none, both - first),
        (sides[1].room, both - first, first - none),
    ):
        inside = slice(room.upper, room.lower), slice(room.left, room.right)
        assert (np.abs(drawn[inside]).max(axis=2) > 60).sum() > 100
        assert not other[inside].any()


@pytest.mark.parametrize(
    ("name", "panel", "layout", "size"),
    [
        ("framed", WIDE, FRAMED, TALL),
        ("plain", WIDE, PLAIN, TALL),
        ("upright", UPRIGHT, FRAMED, LONG),
    ],
)
def test_golden(name: str, panel: tuple[int, int], layout: Layout, size: tuple[int, int]) -> None:
    profile = PanelProfile(
        panel, 10**6, layout, encoding=Encoding("png"), label=Label(height=0.045)
    )
    frame = render_pair([sunset(size), drawing(size)], profile, TEXTS)
    assert_golden(pixels(frame), f"pair-{name}")


@settings(max_examples=40, deadline=None)
@given(
    sizes=st.tuples(*[st.tuples(st.integers(1, 300), st.integers(1, 300))] * 2),
    panel=st.tuples(st.integers(1, 200), st.integers(1, 200)),
    fit=st.sampled_from(["contain", "cover", "smart"]),
    style=st.sampled_from(["plain", "framed", "blur"]),
    width=st.floats(0, 0.3),
)
def test_any_two_on_any_panel(
    sizes: tuple[tuple[int, int], tuple[int, int]],
    panel: tuple[int, int],
    fit: Fit,
    style: MatStyle,
    width: float,
) -> None:
    layout = Layout(fit, mat=Mat(style, width=width, varies=True))
    canvas, sides = laid_out_pair([noise(size) for size in sizes], panel, layout)
    assert canvas.size == panel
    for side, size in zip(sides, sizes, strict=True):
        left, upper, right, lower = side.placement.part
        assert 0 <= left < right <= size[0] + 1e-6
        assert 0 <= upper < lower <= size[1] + 1e-6
        at = side.placement.at
        assert 0 <= at.left < at.right <= panel[0]
        assert 0 <= at.upper < at.lower <= panel[1]


def test_there_is_no_panel_without_pixels() -> None:
    with pytest.raises(ValueError, match="no panel"):
        laid_out_pair([Image.new("RGB", (8, 8))] * 2, (0, 10), Layout())
