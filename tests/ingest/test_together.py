"""Pictures that are ready are embedded together, as many as a moment is long enough for."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from PIL import Image

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import ModelError
from glance_agent.domain.items import Listed, Skipped
from glance_agent.domain.vectors import Matrix
from glance_agent.ingest.admit import MOST_TOGETHER, TOGETHER_SECONDS, Admission
from glance_agent.pictures.prepare import Prepared
from glance_agent.store.connection import open_database
from glance_agent.store.index import VectorIndex
from glance_agent.store.library import Library
from tests.colour_encoder import COLOURS, ColourEncoder


class Counting(ColourEncoder):
    """Notes how many pictures it is given at once; takes so long for each, by its own clock."""

    def __init__(self, seconds: float, unfit: int | None = None) -> None:
        self.now = 0.0
        self.given: list[int] = []
        self._seconds = seconds
        self._unfit = unfit

    def embed_images(self, images: Sequence[Image.Image]) -> Matrix:
        self.given.append(len(images))
        self.now += self._seconds * len(images)
        if any(image.width == self._unfit for image in images):
            raise ModelError("no direction")
        return super().embed_images(images)


def ready(count: int) -> list[Prepared | Skipped]:
    """So many pictures; the width of each is 100 and its number."""
    colours = [*COLOURS.values()]
    return [
        Prepared(
            Listed(str(n), "f"),
            Artwork(id=f"a:{n}", title=str(n), source="a"),
            f"/a/{n}",
            Image.new("RGB", (100 + n, 80), colours[n % len(colours)]),
            f"{n:064x}",
            None,
        )
        for n in range(count)
    ]


def admitted(path: Path, encoder: Counting, items: list[Prepared | Skipped]) -> int:
    """Bring the items in, in as many turns as it takes; how many have a vector."""
    with closing(open_database(path)) as db:
        index = VectorIndex(encoder.space, encoder.dimension)
        admission = Admission(Library(db), encoder, index, lambda: encoder.now)
        while items:
            items = items[len(admission.admit("a", items, None)) :]
        return len(index)


@pytest.mark.parametrize(
    ("part", "given"),
    [(0.0, [1, MOST_TOGETHER, 3]), (0.3, [1, 3, 3, 3, 2]), (0.9, [1] * 12), (5.0, [1] * 12)],
)
def test_as_many_are_embedded_together_as_fit(
    tmp_path: Path, part: float, given: list[int]
) -> None:
    encoder = Counting(part * TOGETHER_SECONDS)
    assert admitted(tmp_path / "x.db", encoder, ready(12)) == 12
    assert encoder.given == given


def test_one_that_gets_no_vector_costs_the_others_nothing(tmp_path: Path) -> None:
    encoder = Counting(0.0, unfit=104)
    assert admitted(tmp_path / "x.db", encoder, ready(6)) == 5


def test_what_is_left_out_is_not_embedded(tmp_path: Path) -> None:
    encoder = Counting(0.0)
    items = [Skipped("x", "broken"), *ready(2), Skipped("y", "broken")]
    assert admitted(tmp_path / "x.db", encoder, items) == 2
    assert sum(encoder.given) == 2
