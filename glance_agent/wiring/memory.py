"""How the process keeps its memory: what was large and is freed is the system's again."""

from __future__ import annotations

import ctypes
from typing import Final

LARGE_BYTES: Final = 4_000_000
"""From here on a block is the system's as soon as it is freed."""
_MMAP_THRESHOLD: Final = -3
"""M_MMAP_THRESHOLD of glibc's malloc.h."""


def give_back_large_blocks() -> None:
    """Have freed blocks that were large given back at once (mallopt(3)), now and from now on.

    Left to itself, glibc takes the first such block that is freed for a sign that there will be
    many, keeps the room of all that follow, and what is small lies scattered in it for ever: 14 MB
    after the vectors of 10,000 works were read. Other libraries of C are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
