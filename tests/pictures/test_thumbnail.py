"""Thumbnails are small, never enlarged, and hold nothing of the original but its pixels."""

from __future__ import annotations

from io import BytesIO

import pytest
from PIL import Image

from glance_agent.pictures.thumbnail import ThumbnailFormat, thumbnail


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


@pytest.mark.parametrize("kind", ["webp", "jpg", "png"])
@pytest.mark.parametrize(
    ("size", "expected"),
    [((1200, 800), (400, 267)), ((800, 1200), (267, 400)), ((300, 200), (300, 200)),
     ((9000, 1), (400, 1))],
)  # fmt: skip
def test_the_long_side_fits(
    kind: ThumbnailFormat, size: tuple[int, int], expected: tuple[int, int]
) -> None:
    small = opened(thumbnail(Image.new("RGB", size, "teal"), 400, kind))
    assert small.size == expected
    assert small.format == {"webp": "WEBP", "jpg": "JPEG", "png": "PNG"}[kind]


@pytest.mark.parametrize("kind", ["webp", "jpg", "png"])
def test_nothing_that_was_said_in_the_original_is_in_it(kind: ThumbnailFormat) -> None:
    image = Image.new("RGB", (50, 50), "teal")
    image.info |= {"exif": b"Exif\0\0secret place", "comment": b"secret", "icc_profile": b"secret"}
    assert b"secret" not in thumbnail(image, 40, kind)
