"""Of two copies one is the original, whichever is asked first."""

from __future__ import annotations

from typing import Any

import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.pictures.originals import Copy, is_original


def copy(name: str = "sunset.jpg", size: tuple[int, int] = (4000, 3000), **facts: Any) -> Copy:
    location = name if name.startswith("http") else f"/nas/{name}"
    facts = {"title": "Sunset", **facts}
    return Copy(Artwork(id="a:1", width=size[0], height=size[1], **facts), location)


@pytest.mark.parametrize(
    ("original", "other"),
    [
        (copy(), copy(size=(1600, 1200))),
        (copy("sunset (1).jpg"), copy("sunset.jpg", size=(1600, 1200))),
        (copy(), copy("sunset-edited.jpg")),
        (copy(), copy("Sunset - Kopie.jpg", size=(4060, 3050))),
        (copy(), copy("Copy of sunset.jpg", date="2019-07-04")),
        (copy("b.jpg", date="2019-07-04"), copy("a.jpg", date="2020-01-01")),
        (copy("b.jpg", date="2019-07-04"), copy("a.jpg", date="2019", year_from=2020)),
        (copy("b.jpg", date="c. 1665", year_from=1665), copy("a.jpg")),
        (copy("b.jpg", artist="Mia", tags=("sea",)), copy("a.jpg", artist="Mia")),
        (copy("b.jpg"), copy("a.jpg", title="Untitled")),
    ],
)
def test_an_original_is_known(original: Copy, other: Copy) -> None:
    assert is_original(original, other)
    assert not is_original(other, original)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (copy("a.jpg"), copy("b.jpg")),
        (copy(), copy("https://museum.example/1.jpg", size=(400, 300))),
        (copy(), copy("http://museum.example/1.jpg", size=(4000, 3000), title="Untitled")),
    ],
)
def test_neither_displaces_the_other(one: Copy, other: Copy) -> None:
    """Nobody can tell, or a museum says what is its own."""
    assert not is_original(one, other)
    assert not is_original(other, one)
