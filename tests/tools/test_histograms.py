"""The baseline of colours sees colours, near ones as near, and nothing where none is meant."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tools.embedded_model.histograms import by_intersection, by_quadratic_form, lab, targets

Ranking = Callable[[list[str], list[Image.Image], int], NDArray[np.float64]]
COLOURS = {"blue": (20, 30, 230), "navy": (10, 10, 120), "red": (230, 20, 10), "white": (250,) * 3}
PICTURES = [Image.new("RGB", (40, 30), colour) for colour in COLOURS.values()]


def test_lab_of_white_black_and_red() -> None:
    found = lab(np.array([[255, 255, 255], [0, 0, 0], [255, 0, 0]]))
    known = np.array([[100, 0, 0], [0, 0, 0], [53.2, 80.1, 67.2]])
    assert np.abs(found - known).max() < 0.2


@pytest.mark.parametrize("rank", [by_intersection, by_quadratic_form])
def test_the_colour_that_is_named_comes_first(rank: Ranking) -> None:
    best = rank(["blue painting", "red painting", "snow"], PICTURES, 0).argmax(1)
    assert [list(COLOURS)[number] for number in best] == ["blue", "red", "white"]


def test_near_colours_are_nearer() -> None:
    (scores,) = by_quadratic_form(["blue"], PICTURES, 0)
    assert list(np.array(list(COLOURS))[np.argsort(-scores)][:2]) == ["blue", "navy"]


def test_words_without_a_colour_ask_for_none() -> None:
    assert not targets(["a horse"]).any()
    assert targets(["warm evening"]).sum() == pytest.approx(1)
