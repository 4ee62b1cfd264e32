"""The bytes of a picture in, the picture ready to be embedded out: small, hashed, looked at."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from glance_agent.domain.errors import BadPicture
from glance_agent.domain.items import Fetched

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.Image import Image

    from glance_agent.domain.artwork import Artwork
    from glance_agent.domain.items import Listed, Look
    from glance_agent.pictures.fitting import SquareFit

EMBEDDED_PX = 448
"""Least long side of the picture that is decoded for embedding: twice what a tower sees."""
SMALL_PX = 144
"""Short side of the copy in which colours and looks are found."""


class SmallPictureDecoder(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    def small(self, data: bytes, wanted_px: int) -> Image:
        """The picture, its long side about `wanted_px`. Raises BadPicture."""
        ...


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is needed of a picture: a small one, the size of the whole, and what is seen in it.

    `cut` says that its file ends early: of the whole a little is missing. With a `fitting` the
    picture is the square of one model, and of no use to another.
    """

    image: Image
    size_px: tuple[int, int]
    colours: tuple[str, ...]
    look: Look | None
    cut: bool = False
    fitting: SquareFit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchedPrepared(Fetched):
    """A work whose picture was decoded when it was fetched: its header had to be read anyway.

    `again` reads its bytes once more, where they were let go of.
    """

    preparation: Preparation = field(repr=False)
    again: Callable[[], bytes] | None = field(default=None, repr=False)


def bytes_of(fetched: Fetched) -> bytes:
    """The picture's file; blocks. Raises BadPicture or SourceError where it is gone since."""
    again = fetched.again if isinstance(fetched, FetchedPrepared) else None
    return again() if again is not None else fetched.data


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
    liked_by: str | None = None


def prepared(item: Listed, fetched: Fetched, found: Preparation) -> Prepared:
    """The work with its picture, and with what its source did not tell of it.

    Raises BadPicture where it ends early and may yet be longer.
    """
    if found.cut and not fetched.settled:
        raise BadPicture("truncated", "it may not be complete yet", passing=True)
    artwork, (width, height) = fetched.artwork, found.size_px
    if found.cut or not (artwork.width and artwork.height):
        seen = {"width": width, "height": height, "cut": found.cut}
        artwork = artwork.model_copy(update=seen)
    if not artwork.colours:
        artwork = artwork.model_copy(update={"colours": found.colours})
    content_hash = fetched.content_hash or hashlib.sha256(fetched.data).hexdigest()
    return Prepared(
        item,
        artwork,
        fetched.location,
        found.image,
        content_hash,
        found.look,
        fetched.liked_by,
    )
