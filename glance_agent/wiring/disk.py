"""How much room there is where the library lies."""

from __future__ import annotations

from pathlib import Path
from shutil import disk_usage


def existing_folder_of(path: Path) -> Path:
    """The folder that a file is in; where that is not there yet, the one that it would be in."""
    return next(folder for folder in path.absolute().parents if folder.is_dir())


def free_bytes(library: Path) -> int | None:
    """How much room there is beside the library; None where nobody can say."""
    try:
        return disk_usage(existing_folder_of(library)).free
    except OSError:
        return None
