"""What is seen of a file beside its bytes: whether it is all there, and will stay as it is."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sized
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Final

from glance_agent.domain.errors import BadPicture
from glance_agent.sources.folders.walking import SETTLED_SECONDS

_AHEAD_SECONDS: Final = 86_400.0
"""How far clocks of other machines may be ahead; beyond, a time is only wrong."""


@contextmanager
def content_of(path: Path, data: Sized) -> Iterator[None]:
    """Within it, what is no picture is told apart from a file that has no content yet."""
    try:
        yield
    except BadPicture as bad:
        if bad.reason != "not a picture" or not len(data) or not _is_hollow(path):
            raise
        hint = "have your cloud keep it on this machine"
        raise BadPicture("not downloaded", hint, passing=True) from bad


def wanted_soon(file: BinaryIO) -> None:
    """Let the system read ahead, where it can: over a network that is what takes long, and
    decoders take turns."""
    if sys.platform == "linux":
        with suppress(OSError):
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_WILLNEED)


def length_of(path: Path) -> int:
    """How many bytes a file has; none where it cannot be seen, which reading it will tell."""
    try:
        return path.stat().st_size
    except (OSError, ValueError):
        return 0


def is_settled(path: Path, now: float) -> bool:
    """Whether a file has not changed for a while, so that what it lacks will not come any more.

    Its time may be that of another file, and ahead of all clocks; that of its last change by the
    file system is looked at as well.
    """
    try:
        found = path.stat()
    except OSError:
        return False
    times = (found.st_mtime, found.st_ctime)
    return not any(now - SETTLED_SECONDS < time < now + _AHEAD_SECONDS for time in times)


def _is_hollow(path: Path) -> bool:
    """Whether a file has a size and takes no room: a placeholder of what is in a cloud."""
    try:
        return getattr(path.stat(), "st_blocks", 1) == 0
    except OSError:
        return False
