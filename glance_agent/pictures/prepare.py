"""The bytes of a picture in, the picture ready to be embedded out: small, hashed, looked at."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glance_agent.pictures.colours import dominant_colours
from glance_agent.pictures.decode import NO_MEMORY_LIMIT, decode_and_measure
from glance_agent.pictures.duplicates import look_of
from glance_agent.pictures.limits import Limits

if TYPE_CHECKING:
    from PIL.Image import Image

    from glance_agent.domain.artwork import Artwork
    from glance_agent.domain.items import Fetched, Listed, Look

EMBEDDED_PX = 448
"""Least long side of the picture that is decoded for embedding: twice what a tower sees."""
SMALL_PX = 144
"""Short side of the copy in which colours and looks are found."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is needed of a picture: a small one, the size of the whole, and what is seen in it."""

    image: Image
    size_px: tuple[int, int]
    colours: tuple[str, ...]
    look: Look | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """An item on its way: the work with its picture, ready to be embedded.

    The picture's bytes are not among this: many works may be on their way, and files be large.
    """

    item: Listed
    artwork: Artwork
    location: str
    image: Image
    content_hash: str
    look: Look | None


def small(
    data: bytes,
    wanted_px: int,
    *,
    limits: Limits = NO_MEMORY_LIMIT,
    admit: Callable[[int], None] | None = None,
) -> Image:
    """The picture, its long side at least `wanted_px` and at most twice that; smaller where the
    picture is. Raises BadPicture."""
    return _small(data, wanted_px, limits, admit)[0]


def preparation(
    data: bytes,
    *,
    colours: bool = True,
    limits: Limits = NO_MEMORY_LIMIT,
    admit: Callable[[int], None] | None = None,
) -> Preparation:
    """All that is needed of a picture, decoded once; its colours where they are asked for.

    Raises BadPicture.
    """
    image, size = _small(data, EMBEDDED_PX, limits, admit)
    glimpse = image.reduce(max(1, min(image.size) // SMALL_PX))
    found = dominant_colours(glimpse) if colours else ()
    return Preparation(image, size, found, look_of(glimpse))


def _small(
    data: bytes, wanted_px: int, limits: Limits, admit: Callable[[int], None] | None
) -> tuple[Image, tuple[int, int]]:
    """The picture, and the size of the whole."""
    image, size = decode_and_measure(data, limits=limits, wanted_px=wanted_px, admit=admit)
    image.thumbnail((2 * wanted_px, 2 * wanted_px), reducing_gap=2.0)
    return image, size


def prepared(item: Listed, fetched: Fetched, found: Preparation) -> Prepared:
    """The work with its picture, and with what its source did not tell of it."""
    artwork, (width, height) = fetched.artwork, found.size_px
    if not (artwork.width and artwork.height):
        artwork = artwork.model_copy(update={"width": width, "height": height})
    if not artwork.colours:
        artwork = artwork.model_copy(update={"colours": found.colours})
    content_hash = hashlib.sha256(fetched.data).hexdigest()
    return Prepared(item, artwork, fetched.location, found.image, content_hash, found.look)
