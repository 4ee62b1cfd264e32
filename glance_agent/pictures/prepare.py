"""The bytes of a picture in, the picture ready to be embedded out: small, hashed, looked at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import Fetched, Listed, Look
from glance_agent.pictures.colours import dominant_colours
from glance_agent.pictures.decode import decode
from glance_agent.pictures.duplicates import look_of

if TYPE_CHECKING:
    from PIL.Image import Image

EMBEDDED_PX = 448
"""Least long side of the picture that is decoded for embedding: twice what a tower sees."""
SMALL_PX = 144
"""Short side of the copy in which colours and looks are found."""


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


def to_embed(data: bytes, *, max_pixels: int = 120_000_000) -> Image:
    """The picture as encoders get to see it. Raises BadPicture."""
    image = decode(data, max_pixels=max_pixels, wanted_px=EMBEDDED_PX)
    image.thumbnail((2 * EMBEDDED_PX, 2 * EMBEDDED_PX), reducing_gap=2.0)
    return image


def prepare(item: Listed, fetched: Fetched, *, max_pixels: int) -> Prepared:
    """The work with its picture, decoded once for everything. Raises BadPicture."""
    image = to_embed(fetched.data, max_pixels=max_pixels)
    small = image.reduce(max(1, min(image.size) // SMALL_PX))
    artwork = fetched.artwork
    if not artwork.colours:
        artwork = artwork.model_copy(update={"colours": dominant_colours(small)})
    content_hash = hashlib.sha256(fetched.data).hexdigest()
    return Prepared(item, artwork, fetched.location, image, content_hash, look_of(small))
