"""Files for their owner alone, wherever and by whomever the program is started."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO

PRIVATE = 0o600
"""What a file is made with: its owner may read and write it, nobody else."""


def opened_private(path: Path) -> IO[bytes]:
    """A file to be written from its beginning; a new one is its owner's alone. Raises OSError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, PRIVATE)
    return os.fdopen(descriptor, "wb")


def write_private(path: Path, data: bytes) -> None:
    """The same, written at once. Raises OSError."""
    with opened_private(path) as file:
        file.write(data)
