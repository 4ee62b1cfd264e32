"""Which pictures a folder holds: found by their names, hidden ones and links out passed over."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from glance_agent.domain.items import Skipped

EXTENSIONS: Final = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
)
UNREADABLE_FOLDER: Final = "unreadable folder"


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through a folder, and through those below it where it is recursive.

    Hidden files and folders and unknown extensions are passed over. Links to folders are not
    followed, and links to files only where the file lies within the folder: what is linked
    there is listed at its own place anyway, and nothing outside can be reached.
    """

    root: Path
    recursive: bool = True

    def found(self) -> Iterator[str | Skipped]:
        """Relative paths in no order, and what could not be listed; blocks on the disk.

        Folders are walked without recursion, however deep.
        """
        waiting = [("", self.root)]
        while waiting:
            prefix, folder = waiting.pop()
            try:
                with os.scandir(folder) as scan:
                    entries = [entry for entry in scan if not entry.name.startswith(".")]
            except OSError as error:
                key = printable(prefix) or "/"
                yield Skipped(key, UNREADABLE_FOLDER, type(error).__name__)
                continue
            for entry in entries:
                key = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if self.recursive:
                        waiting.append((key + "/", Path(entry.path)))
                elif self._is_picture(entry):
                    yield key if is_utf8(key) else Skipped(printable(key), "name is not UTF-8")

    def _is_picture(self, entry: os.DirEntry[str]) -> bool:
        if os.path.splitext(entry.name)[1].lower() not in EXTENSIONS:
            return False
        try:
            if entry.is_symlink() and not lies_inside(self.root, Path(entry.path)):
                return False
            return entry.is_file()
        except (OSError, RuntimeError):
            return False


def lies_inside(root: Path, path: Path) -> bool:
    """Whether the path does not lead out of the folder. Raises OSError and RuntimeError."""
    return path.resolve().is_relative_to(root.resolve())


def is_utf8(name: str) -> bool:
    """Whether a path can be kept as text; other programs may have given it any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def printable(name: str) -> str:
    """A path as it can be shown, whatever bytes it is made of."""
    return name.encode("utf-8", "backslashreplace").decode()
