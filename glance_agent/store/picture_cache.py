"""Pictures from the web, kept on disk while there is room; the least recently shown leave first."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Collection, Container, Set
from hashlib import sha256
from pathlib import Path

from glance_agent.domain.private import write_private

ROOM_LEFT = 0.9
"""The share of the room that is filled after pictures had to leave."""


class KeptPictures(Container[str]):
    """The locations whose pictures were kept at one moment; looks no more at the disk."""

    def __init__(self, names: Set[str], path_of: Callable[[str], Path]) -> None:
        """`names` are those of the files, `path_of` tells which one a location has."""
        self._names = names
        self._path_of = path_of

    def __contains__(self, location: object) -> bool:
        return bool(self._names) and self._path_of(str(location)).name in self._names


class PictureCache:
    """A directory of pictures by where they come from, one file each.

    It blocks on the disk, and may be used by several threads.
    """

    def __init__(self, directory: Path, *, max_bytes: int) -> None:
        self._directory = directory
        self._max_bytes = max_bytes
        self._last_ns = 0
        self._size: int | None = None
        self._lock = threading.Lock()

    def get(self, location: str) -> bytes | None:
        """The picture, which counts as shown now."""
        path = self._path(location)
        with self._lock:
            try:
                data = path.read_bytes()
                self._touch(path)
            except OSError:
                return None
            return data

    def has(self, location: str) -> bool:
        """Whether the picture is kept."""
        return self._path(location).is_file()

    def kept(self) -> KeptPictures:
        """The locations whose pictures are kept at this moment."""
        return KeptPictures({path.name for path in self._directory.glob("*.picture")}, self._path)

    def put(self, location: str, data: bytes, *, liked: Collection[str] = ()) -> None:
        """Keep a picture; those from the `liked` locations never leave to make room for it."""
        path = self._path(location)
        with self._lock:
            self._directory.mkdir(parents=True, exist_ok=True)
            draft = path.with_suffix(".new")
            write_private(draft, data)
            before = path.stat().st_size if path.exists() else 0
            os.replace(draft, path)
            self._touch(path)
            if self._size is not None:
                self._size += len(data) - before
            if self._size is None or self._size > self._max_bytes:
                self._make_room({self._path(place) for place in (*liked, location)})

    def _path(self, location: str) -> Path:
        name = sha256(location.encode("utf-8", "replace")).hexdigest()
        return self._directory / f"{name[:40]}.picture"

    def _touch(self, path: Path) -> None:
        """Stamp the file later than every other one, also where the clock is coarse."""
        self._last_ns = max(time.time_ns(), self._last_ns + 1)
        os.utime(path, ns=(self._last_ns, self._last_ns))

    def _make_room(self, staying: set[Path]) -> None:
        found = [(p, p.stat()) for p in self._directory.glob("*.picture")]
        self._size = sum(stat.st_size for _, stat in found)
        if self._size <= self._max_bytes:
            return
        for path, stat in sorted(found, key=lambda pair: pair[1].st_mtime_ns):
            if self._size <= self._max_bytes * ROOM_LEFT:
                return
            if path not in staying:
                path.unlink(missing_ok=True)
                self._size -= stat.st_size
