"""What a source of pictures hands over: pages of items, and each item's picture."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

if TYPE_CHECKING:  # decoding processes have no need of what artworks are made with
    from glance_agent.domain.artwork import Artwork
    from glance_agent.domain.vectors import Vector


@dataclass(frozen=True, slots=True)
class ImageCandidate:
    """One way to get a picture: an address (URL or absolute path) and its size in pixels."""

    location: str
    width_px: int | None = None
    height_px: int | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One item of a source's list.

    `key` is unique within the source; `fingerprint` changes whenever the item has to be
    fetched again (size and time of a file, a museum's date of change). `artwork` is there
    when the list itself tells what the work is; a folder learns it from the file.
    """

    key: str
    fingerprint: str = ""
    artwork: Artwork | None = None
    images: tuple[ImageCandidate, ...] = ()


class SoFar(NamedTuple):
    """How many works of a library that is being filled are here, and how many there will be."""

    here: int
    of: int


UNREADABLE_FOLDER: Final = "unreadable folder"
"""The reason for a folder whose items a listing lacks; its key begins theirs."""


@dataclass(frozen=True, slots=True)
class Skipped:
    """One item that is not taken, and why (`reason` is a short, stable phrase)."""

    key: str
    reason: str
    detail: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """Some items, and the cursor with which to ask for what comes after them.

    `next_cursor` is None on the last page; `total` is the whole list's length where known.
    """

    items: tuple[Listed | Skipped, ...]
    next_cursor: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Fetched:
    """One work with its picture: encoded bytes, and where to get them again.

    `liked_by` is the user in whose name its source says that it is a favourite. Bytes that are
    `settled` will stay as they are: a picture that ends early is taken all the same.
    `content_hash` is their SHA-256 in hexadecimal, where the source has worked it out. A work is
    `half_told` where what lies beside it could not be read now: the next run fetches it again.
    """

    artwork: Artwork
    data: bytes = field(repr=False)
    location: str
    liked_by: str | None = None
    settled: bool = False
    content_hash: str = ""
    half_told: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How a picture looks: 128 bits in 16 bytes, and width divided by height."""

    bits: bytes
    ratio: float


@dataclass(frozen=True, eq=False, slots=True)
class StoredWork:
    """A work as it is kept: with its picture's place, its bytes' hash and its vector.

    `twin_of` is the work that represents its group, where this is one more copy of it; `liked_by`
    the user who likes it, unless that user has said anything of it.
    """

    artwork: Artwork
    location: str
    fingerprint: str
    content_hash: str
    space: str
    vector: Vector | None
    look: Look | None = None
    twin_of: str | None = None
    liked_by: str | None = None


class PictureReader(Protocol):
    """Reads a picture again from where it was found; raises BadPicture or SourceError."""

    async def read(self, location: str) -> bytes: ...
