"""How the process keeps its memory: little of what it has freed."""

from __future__ import annotations

import ctypes
from typing import Final

LARGE_BYTES: Final = 4_000_000
"""From here on a block is the system's as soon as it is freed."""
KEPT_BYTES: Final = 8 << 20
"""Of smaller ones so much is kept for the next."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Of glibc's malloc.h."""


def keep_little_memory() -> None:
    """Have freed memory given back (mallopt(3)), now and from now on; call it before there are
    threads.

    Left to itself, glibc takes the first large block that is freed for a sign that there will be
    many, keeps the room of all that follow, and what is small lies scattered in it for ever: 14 MB
    after the vectors of 10,000 works were read, and twice the largest file in each thread that had
    read one. It also gives each thread a room of its own, which grows to what that thread ever
    needed at once: 50 MB in all before an ingest, and 100 after it; of one room, all use what any
    has freed. Other libraries of C are left as they are.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
        mallopt(_ARENA_MAX, 1)
