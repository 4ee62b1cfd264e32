"""The encoder of the tests knows colours, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from tests.colour_encoder import COLOURS, ColourEncoder


@pytest.mark.parametrize("name", COLOURS)
def test_a_colour_word_is_nearest_to_its_own_colour(name: str) -> None:
    encoder = ColourEncoder()
    pictures = encoder.embed_images([Image.new("RGB", (8, 6), c) for c in COLOURS.values()])
    assert pictures.shape == (len(COLOURS), encoder.dimension)
    assert list(COLOURS)[int((pictures @ encoder.embed_text(f"a {name} sea")).argmax())] == name


def test_two_colours_lie_between_them() -> None:
    encoder = ColourEncoder()
    both, red, blue, green = (encoder.embed_text(w) for w in ("red blue", "red", "blue", "green"))
    assert min(both @ red, both @ blue) > both @ green


@pytest.mark.parametrize("text", ["", "peaceful water", "\ud800", "red"])
def test_every_text_has_one_unit_vector(text: str) -> None:
    first, second = ColourEncoder().embed_text(text), ColourEncoder().embed_text(text)
    assert np.array_equal(first, second)
    assert np.linalg.norm(first) == pytest.approx(1.0, abs=1e-6)
    assert first.dtype == np.float32
