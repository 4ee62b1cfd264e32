"""What matters stays whole: pictures of the starter gallery whose subjects people have marked."""

from __future__ import annotations

from functools import cache
from typing import Final

import pytest
from PIL import Image

from glance_agent.pictures.rendering.saliency import best_crop
from tests.pictures.rendering.painted import starter

MARKED: Final = {
    "azari-airplane-from-above": (0.18, 0.14, 0.94, 0.98),
    "beach-with-a-red-parasol": (0.55, 0.54, 0.85, 0.94),
    "beato-nagasaki-boats": (0.44, 0.15, 0.72, 0.72),
    "blossfeldt-acanthus-mollis": (0.12, 0.02, 0.90, 0.94),
    "blue-ranges-and-a-red-sun": (0.60, 0.05, 0.76, 0.16),
    "bowl-of-oranges-apples-and-lemons": (0.10, 0.30, 0.90, 0.95),
    "crane-before-the-red-sun": (0.22, 0.12, 0.92, 0.90),
    "daisies-in-a-blue-jug": (0.17, 0.10, 0.88, 0.88),
    "geese-across-the-moon": (0.34, 0.14, 0.84, 0.46),
    "koi-and-maple-leaves": (0.13, 0.23, 0.93, 0.93),
    "lighthouse-after-sunset": (0.66, 0.18, 0.78, 0.58),
    "lone-tree-at-sunset": (0.43, 0.30, 0.90, 0.82),
    "moonlit-sea": (0.42, 0.14, 0.58, 0.26),
    "moored-boat-on-a-misty-lake": (0.52, 0.69, 0.80, 0.81),
    "red-gate-in-the-snow": (0.18, 0.35, 0.84, 0.88),
    "red-tulips-in-a-vase": (0.15, 0.13, 0.86, 0.88),
    "sunflowers-in-a-vase": (0.04, 0.07, 0.97, 0.90),
    "waterfall-between-mossy-rocks": (0.34, 0.15, 0.65, 0.78),
    "wave-and-far-mountain": (0.13, 0.05, 0.70, 0.75),
    "white-sails-on-a-blue-sea": (0.27, 0.36, 0.45, 0.71),
}
"""Left, upper, right and lower edge of the subject, as shares of the picture, read off by eye."""
EYE: Final = 0.005


@cache
def picture(name: str) -> Image.Image:
    image = starter(name)
    image.thumbnail((256, 256), reducing_gap=2.0)
    return image


@cache
def kept(name: str, share: float, axis: int) -> tuple[bool, bool]:
    """Whether a picture is cropped to this share of its width (0) or height (1), and whether its
    subject is whole then."""
    image, mark = picture(name), MARKED[name]
    size = (image.width * share, image.height) if axis == 0 else (image.width, image.height * share)
    corner = best_crop(image, size)
    if corner is None:
        return False, True
    start = corner[axis] / image.size[axis]
    return True, start <= mark[axis] + EYE and mark[axis + 2] <= start + share + EYE


@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("share", [0.85, 0.95])
def test_subjects_stay_whole(share: float, axis: int) -> None:
    found = {name: kept(name, share, axis) for name in MARKED}
    cut = [name for name, (_, whole) in found.items() if not whole]
    assert len(MARKED) == 20
    assert len(cut) <= 1, cut


def test_crops_are_made() -> None:
    """Upright ones mostly: these pictures have their room above and below."""
    cropped = sum(kept(name, 0.95, axis)[0] for name in MARKED for axis in (0, 1))
    assert cropped >= 12
    assert sum(kept(name, 0.85, 1)[0] for name in MARKED) >= 6


@pytest.mark.parametrize("colour", [(0, 0, 0), (128, 10, 200)])
def test_where_nothing_is_to_be_seen_the_middle_stays(colour: tuple[int, int, int]) -> None:
    assert best_crop(Image.new("RGB", (100, 50), colour), (90, 50)) == pytest.approx((5, 0), abs=1)
    assert best_crop(Image.new("RGB", (1, 1), colour), (1, 0.9)) is not None
