"""What the process keeps of memory that it has freed."""

from __future__ import annotations

import sys
from typing import Final

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Of mallopt(3), which glibc alone has."""
LARGE_BYTES: Final = 4 << 20
KEPT_BYTES: Final = 8 << 20


def give_back_freed() -> None:
    """Let what was large go back to the system as soon as it is freed, as files of pictures are.

    Else glibc takes the largest that was freed, up to 32 MB, for usual: each thread then keeps
    twice as much for the next one.
    """
    if sys.platform != "linux":
        return
    import ctypes

    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_MMAP_THRESHOLD, LARGE_BYTES)
        mallopt(_TRIM_THRESHOLD, KEPT_BYTES)
