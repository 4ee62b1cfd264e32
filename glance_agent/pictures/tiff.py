"""The pages of a TIFF, what each says of itself, and which of them is the picture.

Scanners and editors put more than a picture into one file: smaller copies of it, masks, the next
sheet. A page says so in NewSubfileType (TIFF 6.0, section 8), or in the older SubfileType, and many
a thumbnail says nothing. Nothing here allocates more than a record for each field.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from glance_agent.pictures.counting import number, refuse_over
from glance_agent.pictures.fleeting import PictureFile

MOST_FIELDS: Final = 4_096
MOST_PAGES: Final = 64
"""So many are looked at; what comes behind them is no thumbnail's picture."""
THUMBNAIL_PX: Final = 640
"""A page up to this long may be a thumbnail that does not say so."""
_TYPE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8,
                      13: 4, 16: 8, 17: 8, 18: 8}  # fmt: skip
_BYTES_OR_TEXT: Final = frozenset((1, 2, 6, 7))
_NEW_KIND, _KIND, _WIDTH, _LENGTH, _COLOURS = 254, 255, 256, 257, 262
_SMALLER, _MASK = 1, 4
_OLD_SMALLER, _TRANSPARENCY = 2, 4


@dataclass(frozen=True, slots=True)
class TiffField:
    """One entry of a directory: its type, how many values, and the first of them."""

    kind: int
    count: int
    first: int

    @property
    def is_bytes(self) -> bool:
        return self.kind in _BYTES_OR_TEXT


@dataclass(frozen=True, slots=True)
class TiffPage:
    """One directory of a file, by its place in their chain."""

    index: int
    fields: dict[int, TiffField]

    def value(self, tag: int, otherwise: int) -> int:
        """The first value of a field."""
        return self.fields[tag].first if tag in self.fields else otherwise

    @property
    def size(self) -> tuple[int, int]:
        """Width and length in pixels as they are stored; 0 where it does not say so."""
        return self.value(_WIDTH, 0), self.value(_LENGTH, 0)

    @property
    def is_aside(self) -> bool:
        """Whether it is called a smaller copy or a mask of another page, or has no pixels."""
        called = self.value(_NEW_KIND, 0) & (_SMALLER | _MASK)
        old = self.value(_KIND, 0) == _OLD_SMALLER
        return bool(called) or old or self.value(_COLOURS, 0) == _TRANSPARENCY or 0 in self.size


def picture_page(pages: Sequence[TiffPage]) -> TiffPage:
    """The page that is the picture: the first that is called nothing less.

    A small one gives way to the largest of its shape that is twice as long: it is a thumbnail.
    """
    real = [page for page in pages if not page.is_aside] or pages
    first = real[0]
    if max(first.size) > THUMBNAIL_PX:
        return first
    larger = [page for page in real if _is_thumbnail_of(first, page)]
    return max(larger, key=lambda page: page.size, default=first)


def _is_thumbnail_of(small: TiffPage, large: TiffPage) -> bool:
    (width, length), (wide, high) = small.size, large.size
    if max(wide, high) < 2 * max(width, length):
        return False
    return abs(wide * length - high * width) <= max(wide, high)  # alike to a pixel of the small one


def tiff_pages(data: PictureFile) -> list[TiffPage]:
    """The first pages in their order, at least one. Raises BadPicture where that is too complex."""
    order = "<" if data.startswith(b"II") else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    offset, room = ("Q", 8) if big else ("L", 4)
    at, seen, pages = number(data, room, order + offset), set[int](), list[TiffPage]()
    while len(pages) < MOST_PAGES and at not in seen and (at or not pages):
        seen.add(at)
        count = number(data, at, order + ("Q" if big else "H"))
        if count > MOST_FIELDS and pages:
            break  # no page: some programs write anything behind the last one
        pages.append(TiffPage(len(pages), dict(_fields(data, at, order, big))))
        at += (8 + 20 * count) if big else (2 + 12 * count)
        at = number(data, at, order + offset)
    return pages


def _fields(data: PictureFile, at: int, order: str, big: bool) -> Iterator[tuple[int, TiffField]]:
    """The fields of the directory that stands there."""
    counter, entry, room = ("Q", "HHQ", 8) if big else ("H", "HHL", 4)
    count = number(data, at, order + counter)
    refuse_over(count, MOST_FIELDS, "fields")
    at += struct.calcsize(order + counter)
    for _ in range(count):
        head = data[at : at + struct.calcsize(order + entry)]
        if len(head) < struct.calcsize(order + entry):
            return
        tag, kind, values = struct.unpack(order + entry, head)
        at += len(head)
        where = at
        if values * _TYPE_BYTES.get(kind, 1) > room:
            where = number(data, at, order + ("Q" if big else "L"))
        yield tag, TiffField(kind, values, _value(data, where, order, kind))
        at += room


def _value(data: PictureFile, at: int, order: str, kind: int) -> int:
    code = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}.get(kind)
    return number(data, at, order + code) if code else 0
