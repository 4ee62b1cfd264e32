"""What a JPEG is made of, and what there is of one whose file ends early (ITU-T T.81, annex B).

Downloads and cards that fail leave files without their end. Of a picture that is coded row by row
the last rows are missing then; of one that is coded in several passes the last refinement.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from PIL.Image import Image

LEAST_SHARE: Final = 0.9
"""What part of its rows there must be of a picture that is taken all the same: with 0.9, of 300
paintings all but one are more like themselves than like any other work (glance-mini)."""
_BLOCKS_PX: Final = 16
"""Rows that are coded together, at most, in nearly every file."""
_ROOM_BYTES: Final = 64
"""No picture's code ends in so many zeros."""
_END: Final = b"\xff\xd9"
_MARKER: Final = re.compile(rb"\xff+([\x01-\xcf\xd8-\xfe])")
_SCAN: Final = 0xDA
_BANDS: Final = 64
_MISSING: Final = (127, 128)
"""What decoders make of blocks that are not there, in each channel: neither light nor dark."""


def jpeg_markers(data: bytes) -> Iterator[tuple[int, int]]:
    """Every marker up to the end of the image, and where its segment begins."""
    at = 2
    while found := _MARKER.search(data, at):
        marker, at = found[1][0], found.end()
        if marker == 0xD9:
            return
        if marker == 0x01 or marker == 0xD8:
            continue
        yield marker, at
        at += int.from_bytes(data[at : at + 2], "big")


def is_hollow(data: bytes) -> bool:
    """Whether nothing but zeros stands where the end should be: such a file had its length before
    it was written, and the writing has stopped, or goes on."""
    if not data.endswith(bytes(_ROOM_BYTES)):
        return False
    scans = _scans(data)
    return bool(scans) and data.find(_END, scans[-1]) < 0


def ended(data: bytes) -> bytes | None:
    """The file of a picture that lacks its end, with one that decoders accept.

    None where too little would be seen: of several passes over the picture one that is more than
    a refinement is missing, or not whole. Of a single one the decoded rows will tell.
    """
    scans = _scans(data)
    if not scans or (len(scans) > 1 and not _shows_everything(data, scans[:-1])):
        return None
    return data.rstrip(b"\0") + _END


def has_passes(data: bytes) -> bool:
    """Whether the picture is coded in several passes, so that any of its rows may be coarse."""
    return len(_scans(data)) > 1


def _scans(data: bytes) -> list[int]:
    """Where the segments begin that begin scans."""
    return [at for marker, at in jpeg_markers(data) if marker == _SCAN]


def _shows_everything(data: bytes, whole: list[int]) -> bool:
    """Whether these scans bring every frequency of each component once."""
    seen: dict[int, set[int]] = defaultdict(set)
    for at in whole:
        count = data[at + 2]
        first, last, precision = data[at + 3 + 2 * count : at + 6 + 2 * count]
        if precision >> 4 == 0:  # no refinement of what was there before
            for component in data[at + 3 : at + 3 + 2 * count : 2]:
                seen[component].update(range(first, last + 1))
    components = {c for at in whole for c in data[at + 3 : at + 3 + 2 * data[at + 2] : 2]}
    return all(len(seen[component]) >= _BANDS for component in components)


def whole_rows(image: Image, draft: int) -> int:
    """How many rows of a picture that was decoded from such a file are as they should be.

    `draft` is how many times smaller it was decoded. The last rows of blocks are not counted: the
    one in which the file ends, and the one that is coloured by it.
    """
    step = max(1, _BLOCKS_PX // draft)
    corner = image.crop((max(0, image.width - step), image.height - 1, image.width, image.height))
    if not _is_missing(corner):
        return image.height
    upper = (image.height - 1) // step * step
    lower = image.height  # a crop beyond the picture is black, and nothing of it would be missing
    while upper > 0 and _is_missing(image.crop((0, upper, image.width, lower))):
        upper, lower = upper - step, upper
    return max(0, upper - step)


def _is_missing(rows: Image) -> bool:
    return bool(np.isin(np.asarray(rows), _MISSING).all())
