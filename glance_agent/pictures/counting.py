"""Numbers in strangers' files, read where they stand, and refused where there are too many."""

from __future__ import annotations

import struct

from glance_agent.domain.errors import BadPicture
from glance_agent.pictures.fleeting import PictureFile


def number(data: PictureFile, at: int, form: str) -> int:
    """The number of this form (as `struct` has it) that stands there; 0 where the file ends
    before it does."""
    size = struct.calcsize(form)
    found = data[at : at + size]
    return int(struct.unpack(form, found)[0]) if len(found) == size else 0


def refuse_over(count: int, most: int, what: str) -> None:
    """Raises BadPicture where there are more of them than any picture needs."""
    if count > most:
        raise BadPicture("too complex", f"{count} {what}, {most} allowed")
