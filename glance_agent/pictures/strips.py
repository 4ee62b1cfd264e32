"""A TIFF decoded some strips at a time, each band of them to be shrunk at once: in full size all of
it is never there.

Strips are decoded by themselves (TIFF 6.0, section 3). A band is a file of its own with the same
fields, so that Pillow decodes it as it does the whole.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, TiffImagePlugin
from PIL.ImageFile import ImageFile

from glance_agent.pictures.fleeting import FleetingBytes, PictureFile

TOGETHER_ROWS: Final = 128
"""So many rows are decoded at a time, or a few more."""
_WIDTH, _LENGTH, _BITS, _COMPRESSION, _COLOURS, _ORDER = 256, 257, 258, 259, 262, 266
_OFFSETS, _TURN, _SAMPLES, _ROWS, _COUNTS, _PLANES = 273, 274, 277, 278, 279, 284
_PREDICTOR, _INKS, _EXTRA, _FORMAT, _TILE_WIDTH, _TILE_OFFSETS = 317, 332, 338, 339, 322, 324
_SAME: Final = (
    *(_WIDTH, _BITS, _COMPRESSION, _COLOURS, _SAMPLES, _ROWS, _PREDICTOR, _INKS, _EXTRA, _FORMAT),
)
"""What a band says of itself as the whole does."""
_USUAL: Final = {_ORDER: 1, _TURN: 1, _PLANES: 1}
_COMPRESSIONS: Final = frozenset((1, 5, 8, 32_773, 32_946))
"""None, LZW, deflate by both its numbers, and PackBits."""
_SPACES: Final = frozenset((0, 1, 2, 5))
"""Grey either way, RGB, and separated."""
_MODES: Final = frozenset(("L", "RGB", "RGBA", "CMYK"))


@dataclass(frozen=True, eq=False, slots=True)
class Strips:
    """Where the strips of a picture are; each but the last has so many rows."""

    fields: TiffImagePlugin.ImageFileDirectory_v2
    size: tuple[int, int]
    each: int
    offsets: tuple[int, ...]
    counts: tuple[int, ...]

    def rows(self, shrink: int) -> int | None:
        """How many rows are decoded at a time where the picture is shrunk; None where that is not
        less than all of it."""
        least = math.lcm(self.each, shrink)
        rows = least * -(-TOGETHER_ROWS // least)
        return rows if shrink > 1 and 2 * rows <= self.size[1] else None

    def bands(self, data: PictureFile, rows: int) -> Iterator[Image.Image]:
        """The picture from its top, so many rows at a time. Raises what Pillow does."""
        together, ascending = rows // self.each, list(self.offsets) == sorted(self.offsets)
        for first in range(0, len(self.offsets), together):
            if ascending and isinstance(data, FleetingBytes):
                data.let_go(self.offsets[first])
            high = min(rows, self.size[1] - first * self.each)
            yield self._band(data, slice(first, first + together), high)

    def _band(self, data: PictureFile, some: slice, rows: int) -> Image.Image:
        counts, at = self.counts[some], 0
        told = TiffImagePlugin.ImageFileDirectory_v2(prefix=self.fields.prefix)
        for tag in _SAME:
            if tag in self.fields:
                told[tag] = self.fields[tag]
        behind = []
        for count in counts:
            behind.append(at)
            at += count
        told[_LENGTH], told[_OFFSETS], told[_COUNTS] = rows, tuple(behind), counts
        file = BytesIO()
        told.save(file)  # what is said of offsets is made to begin behind it
        for offset, count in zip(self.offsets[some], counts, strict=True):
            file.write(data[offset : offset + count])
        file.seek(0)
        return TiffImagePlugin.TiffImageFile(file)


def strips_of(image: ImageFile, file_bytes: int) -> Strips | None:
    """The strips of an opened picture; None where it is anything but a plain TIFF, all there."""
    if not isinstance(image, TiffImagePlugin.TiffImageFile) or image.mode not in _MODES:
        return None
    fields = image.tag_v2
    offsets, counts, each = _numbers(fields, _OFFSETS), _numbers(fields, _COUNTS), image.height
    each = min(fields.get(_ROWS, each), each)
    if not _is_plain(fields) or not isinstance(each, int) or each < 1 or not counts:
        return None
    found = Strips(fields, image.size, each, offsets, counts)
    return found if _are_whole(found, file_bytes, fields.get(_COMPRESSION, 1)) else None


def _numbers(fields: TiffImagePlugin.ImageFileDirectory_v2, tag: int) -> tuple[int, ...]:
    """The values of a field; none where one of them is no whole number."""
    values = fields.get(tag, ())
    if not isinstance(values, tuple) or not all(isinstance(one, int) for one in values):
        return ()
    return values


def _is_plain(fields: TiffImagePlugin.ImageFileDirectory_v2) -> bool:
    """Whether it has eight bits a sample, all samples of a pixel together, upright, in strips."""
    if _TILE_WIDTH in fields or _TILE_OFFSETS in fields:
        return False
    known = fields.get(_COMPRESSION, 1) in _COMPRESSIONS and fields.get(_COLOURS, 0) in _SPACES
    usual = all(fields.get(tag, value) == value for tag, value in _USUAL.items())
    bits, formats = set(_numbers(fields, _BITS)), set(fields.get(_FORMAT, (1,)))
    return known and usual and bits == {8} and formats == {1}


def _are_whole(strips: Strips, file_bytes: int, compression: int) -> bool:
    """Whether each strip is there, and as long as its rows where it is not compressed."""
    (width, height), count = strips.size, len(strips.offsets)
    if not count == len(strips.counts) == -(-height // strips.each):
        return False
    if any(
        at < 0 or length < 1 or at + length > file_bytes
        for at, length in zip(strips.offsets, strips.counts, strict=True)
    ):
        return False
    samples = strips.fields.get(_SAMPLES, 1)
    lengths = [samples * width * min(strips.each, height - n * strips.each) for n in range(count)]
    return compression != 1 or lengths == list(strips.counts)
