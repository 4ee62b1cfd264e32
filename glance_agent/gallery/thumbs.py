"""What thumbnails are called: a name tells the work and which picture of it, so it never changes.

aic:16568 -> YWljOjE2NTY4-1f0c9a2b-400.webp
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal, cast

from glance_agent.domain.artwork import is_artwork_id
from glance_agent.domain.listing import ListedWork

ThumbKind = Literal["webp", "jpg"]
SIZES: Final = (200, 400, 800, 1600)
"""The long side of thumbnails, in pixels; the largest is for a work's own page."""
ANY_REVISION: Final = "0" * 8
"""Asks for whichever picture there is."""
_NAME: Final = re.compile(r"([A-Za-z0-9_-]{4,1000})-([0-9a-f]{8})-(\d{3,4})\.(webp|jpg)")


@dataclass(frozen=True, slots=True)
class Thumb:
    """One thumbnail of one picture of a work."""

    artwork_id: str
    revision: str
    size_px: int
    kind: ThumbKind


def thumb_of(name: str) -> Thumb | None:
    """What a name means; None where it is none."""
    found = _NAME.fullmatch(name)
    if found is None or int(found[3]) not in SIZES:
        return None
    try:
        padded = found[1] + "=" * (-len(found[1]) % 4)
        artwork = base64.urlsafe_b64decode(padded).decode()
    except (binascii.Error, UnicodeDecodeError):
        return None
    if not is_artwork_id(artwork):
        return None
    return Thumb(artwork, found[2], int(found[3]), cast("ThumbKind", found[4]))


def revision_of(work: ListedWork) -> str:
    """Eight digits that are others once the work has another picture."""
    picture = work.content_hash or work.location
    return sha256(picture.encode("utf-8", "surrogateescape")).hexdigest()[:8]


def address_of(work: ListedWork) -> str | None:
    """Where its thumbnails are, without size and kind; None where there can be none."""
    return f"thumbs/{_coded(work.artwork.id)}-{revision_of(work)}" if work.usable else None


def lasting_address_of(artwork_id: str, size_px: int = 1600) -> str:
    """Where the picture that a work has now is found by its id alone, as a JPEG."""
    return f"thumbs/{_coded(artwork_id)}-{ANY_REVISION}-{size_px}.jpg"


def _coded(artwork_id: str) -> str:
    return base64.urlsafe_b64encode(artwork_id.encode()).decode().rstrip("=")
