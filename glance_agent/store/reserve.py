"""Some room laid by beside the library, so that it can be opened although the disk is full.

SQLite makes a file beside the library when it opens it. A machine that starts with a full disk
could open nothing then, and show nothing.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from glance_agent.domain.private import write_private

RESERVE_BYTES = 256_000
PLENTY_BYTES = 50_000_000
"""Room is laid by only where there is this much: it is not to be what fills the disk."""


def lay_by(library: Path) -> None:
    """Keep some room for bad times, where there is plenty."""
    reserve = _reserve_of(library)
    with suppress(OSError):
        if not reserve.exists() and shutil.disk_usage(reserve.parent).free >= PLENTY_BYTES:
            # Random, so that no file system saves the room by compressing it.
            write_private(reserve, os.urandom(RESERVE_BYTES))


def spend(library: Path) -> bool:
    """Give the room back to the disk; False where none was laid by."""
    try:
        _reserve_of(library).unlink()
    except OSError:
        return False
    return True


def _reserve_of(library: Path) -> Path:
    return library.with_name(f"{library.name}.reserve")
