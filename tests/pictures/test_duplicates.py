"""Near-duplicates are told by look and meaning."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.items import Look
from glance_agent.pictures.duplicates import alike, distance, is_turned, means_the_same
from glance_agent.pictures.look import look_of
from tests.sources.museums.test_museum_ingest import picture


def look(number: int, size: tuple[int, int] = (90, 60)) -> Look:
    found = look_of(picture(number, size))
    assert found is not None
    return found


def test_a_scaled_copy_looks_the_same_and_other_works_do_not() -> None:
    assert distance(look(1, (900, 600)), look(1, (300, 200))) <= 8
    assert min(distance(look(1), look(n)) for n in range(2, 30)) > 16
    assert distance(look(1), look(1, (60, 60))) == 128


def test_a_squashed_picture_looks_as_it_did_before() -> None:
    squashed = look_of(picture(1, (900, 600)).resize((128, 128), Image.Resampling.BICUBIC), 1.5)
    assert squashed is not None
    assert distance(look(1, (900, 600)), squashed) <= 8


@pytest.mark.parametrize("turn", Image.Transpose)
def test_a_turned_picture_is_told_by_its_look(turn: Image.Transpose) -> None:
    for number in range(1, 9):
        found = look_of(picture(number, (900, 600)).transpose(turn))
        assert found is not None
        assert is_turned(found, look(number, (900, 600)))
        assert distance(found, look(number, (900, 600))) > 16
        assert not is_turned(found, look(number + 1, (900, 600)))
    assert not is_turned(look(1), look(1))


def test_a_picture_of_one_colour_could_be_any_other() -> None:
    assert look_of(Image.new("RGB", (90, 60), "teal")) is None


def test_works_that_look_alike_come_by_how_much_they_do() -> None:
    works = {"a:2": look(2), "b:1": look(1, (300, 200)), "a:1": look(1)}
    assert alike(look(1), works) == ["a:1", "b:1"]
    assert alike(look(1), {"a:2": look(2)}) == []
    assert alike(look(1), {}) == []


def test_what_means_another_thing_is_another_work() -> None:
    vector = np.array([1.0, 0.0], dtype=np.float32)
    assert means_the_same(vector, np.array([0.95, 0.31], dtype=np.float32))
    assert not means_the_same(vector, np.array([0.8, 0.6], dtype=np.float32))
