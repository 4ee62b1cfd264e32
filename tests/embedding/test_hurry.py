"""An encoder that says nothing is waited for so long and no longer."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from glance_agent.domain.errors import ModelError, ModelLate
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.embedding.hurry import GivenUp, Hurried
from tests.colour_encoder import ColourEncoder
from tests.spawned import PATIENCE_SECONDS


class Silent(ColourEncoder):
    """Answers when it is let."""

    def __init__(self) -> None:
        self.asked, self.released = threading.Event(), threading.Event()

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        self.asked.set()
        assert self.released.wait(PATIENCE_SECONDS)
        return super().embed_images(images)

    def embed_text(self, text: str) -> Vector:
        raise ModelError("it has no words")


PICTURE = [Image.new("RGB", (8, 8), (30, 60, 220))]


def test_what_comes_in_time_is_what_the_encoder_says() -> None:
    silent = Silent()
    silent.released.set()
    hurried = Hurried(silent, seconds=None, given_up=threading.Event())
    assert (hurried.space, hurried.dimension) == (silent.space, silent.dimension)
    assert np.array_equal(hurried.embed_images(PICTURE), silent.embed_images(PICTURE))
    with pytest.raises(ModelError, match="no words"):
        hurried.embed_text("sea")


def test_what_comes_too_late_is_not_waited_for() -> None:
    silent = Silent()
    with pytest.raises(ModelLate):
        Hurried(silent, seconds=0.01, given_up=threading.Event()).embed_images(PICTURE)
    silent.released.set()


def test_who_gives_up_waits_no_longer() -> None:
    silent, given_up = Silent(), threading.Event()
    with ThreadPoolExecutor(1) as executor:
        hurried = Hurried(silent, seconds=None, given_up=given_up)
        waiting = executor.submit(hurried.embed_images, PICTURE)
        assert silent.asked.wait(PATIENCE_SECONDS)
        given_up.set()
        assert isinstance(waiting.exception(PATIENCE_SECONDS), GivenUp)
    silent.released.set()
