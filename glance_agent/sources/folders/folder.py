"""Pictures in a folder of this machine: listed, fetched, and read again."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Any, Final

from glance_agent.domain.errors import BadPicture
from glance_agent.domain.items import Fetched, Listed, Page, Skipped
from glance_agent.pictures.memory import Memory
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import FetchedPrepared
from glance_agent.pictures.streamed import HashedFile
from glance_agent.sources.eyes import Look, See
from glance_agent.sources.folders.file_states import content_of, is_settled, length_of, wanted_soon
from glance_agent.sources.folders.files import FolderFiles
from glance_agent.sources.folders.labelling import FolderLabels, artwork_of, given_id
from glance_agent.sources.folders.sidecar import FolderNames, GalleryEntry
from glance_agent.sources.folders.walking import (
    Walk,
)
from glance_agent.sources.folders.wanted import WantedFiles

PAGE_ITEMS: Final = 200
FILES_BYTES: Final = 24_000_000
"""How much of files is held at a time; of one that is longer nothing else."""


class FolderSource:
    """Lists and reads the pictures under one folder."""

    at_once = 4
    """Few, since files may be large, and a disk is slower when asked for many."""

    def __init__(
        self,
        name: str,
        path: Path,
        look: Look,
        *,
        recursive: bool = True,
        wanted: WantedFiles | None = None,
        favourites_as: str | None = None,
        max_bytes: int = 200_000_000,
        ids_of: Iterable[str] = (),
        may_move: bool = False,
        clock: Callable[[], float] = time.time,
        see: See | None = None,
    ) -> None:
        """`look` reads headers, of strangers' files as of one's own; `see` decodes at once what
        is fetched. Sidecars may give ids of this source, and of those called `ids_of`. What files
        call a favourite is liked by the user `favourites_as`. A flat folder that `may_move` has its
        files by their names, wherever it lay once."""
        self.name = name
        self._ids_of = frozenset((name, *ids_of))
        self._path = path
        self._look, self._see = look, see
        self._favourites_as = favourites_as
        self._walk = Walk(path, recursive, wanted or WantedFiles())
        self._labels = FolderLabels(path)
        self._files = FolderFiles(name, path, self._walk, max_bytes=max_bytes, may_move=may_move)
        self._max_bytes, self._clock = max_bytes, clock
        self._room = Memory(FILES_BYTES)
        self._saw_all = True

    @property
    def lists_everything(self) -> bool:
        """Whether what the last listing lacked is gone, but for what lies below folders that it
        could not read; not where it could not be read itself, nor where nothing but what is left
        out is there: a mount point, and its disk is away."""
        return self._saw_all

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The pictures in the order of their relative paths, those after `cursor` only.

        Raises SourceError where the folder or its gallery.json cannot be read.
        """
        keys, unreadable = await asyncio.to_thread(self._listed_keys)
        gallery = await asyncio.to_thread(self._labels.entries)
        rest = [key for key in keys if cursor is None or key > cursor]
        for start in range(0, max(len(rest), 1), PAGE_ITEMS):
            some = rest[start : start + PAGE_ITEMS]
            items = await asyncio.to_thread(self._items, some, gallery)
            is_last = start + PAGE_ITEMS >= len(rest)
            yield Page(
                items=(*items, *unreadable) if is_last else items,
                next_cursor=None if is_last else some[-1],
                total=len(keys) + len(unreadable),
            )

    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched:
        """The file and what is known about it; `wanted_px` changes nothing, a file has one size.

        Raises BadPicture where the file is gone, too long, or no picture that can be decoded,
        and SourceError where gallery.json cannot be read or no picture is there any more.
        """
        return await asyncio.to_thread(self._fetched, item.key)

    async def read(self, location: str) -> bytes:
        """The bytes of a picture fetched before.

        Raises BadPicture, and SourceError where no picture of the folder is there any more.
        """
        return await asyncio.to_thread(self._files.content, Path(location))

    def is_empty(self) -> bool:
        """Whether it has no picture, or cannot be looked into; blocks on the disk."""
        return self._files.is_empty()

    def find(self, location: str) -> bool:
        """Whether the picture is there, without reading it: True, or raises as `read` does.

        Blocks on the disk.
        """
        with self._files.opened(Path(location)):
            return True

    # -- listing -------------------------------------------------------------------------------

    def _listed_keys(self) -> tuple[list[str], tuple[Skipped, ...]]:
        """The relative paths of all pictures, sorted, and what could not be listed."""
        self._files.check_root()
        keys: list[str] = []
        skipped: list[Skipped] = []
        for found in self._walk.found():
            if isinstance(found, str):
                keys.append(found)
            else:
                skipped.append(found)
        self._saw_all = bool(keys or not skipped)
        return sorted(keys), tuple(sorted(skipped, key=lambda item: item.key))

    def _items(
        self, keys: list[str], gallery: dict[str, GalleryEntry]
    ) -> tuple[Listed | Skipped, ...]:
        around = FolderNames()
        return tuple(self._item(key, gallery.get(key), around) for key in keys)

    def _item(self, key: str, entry: GalleryEntry | None, around: FolderNames) -> Listed | Skipped:
        path = self._path / key
        try:
            size, fingerprint = path.stat().st_size, self._labels.fingerprint(path, entry, around)
        except OSError:
            self._files.require_pictures()
            return Skipped(key, "vanished")
        if size > self._max_bytes:
            detail = f"{size} bytes, {self._max_bytes} allowed"
            return Skipped(key, "file too long", detail, fingerprint)
        return Listed(key, fingerprint)

    # -- fetching ------------------------------------------------------------------------------

    def _fetched(self, key: str) -> Fetched:
        path = self._path.absolute() / key
        if self._see is not None:
            return self._handed_on(key, path, self._see)
        with self._room.lent(length_of(path)):
            data = self._files.content(path)
            with content_of(path, data):
                size_px, raw = self._look(data)
            content_hash = hashlib.sha256(data).hexdigest()
            return Fetched(**self._told(key, path, raw, content_hash, size_px), data=data)

    def _handed_on(self, key: str, path: Path, see: See) -> Fetched:
        """The picture as it is seen while its file is read: all of it is never held here."""
        with self._files.open(path) as file:
            length = os.fstat(file.fileno()).st_size
            if length > self._max_bytes:
                raise BadPicture("file too long", f"{self._max_bytes} bytes allowed")
            wanted_soon(file)
            data = HashedFile(file, length)
            with content_of(path, data):
                found, raw = see(data)
        told = self._told(key, path, raw, data.content_hash, found.size_px)
        again = partial(self._files.content, path)
        return FetchedPrepared(**told, data=b"", preparation=found, again=again)

    def _told(
        self, key: str, path: Path, raw: RawMetadata, content_hash: str, size_px: tuple[int, int]
    ) -> dict[str, Any]:
        """What is fetched beside the picture."""
        facts = self._labels.facts(key, path, raw)
        by_content = f"{self.name}:{content_hash[:16]}"
        artwork_id = given_id(facts, self.name, self._ids_of) or by_content
        return {
            "artwork": artwork_of(facts, self.name, artwork_id, size_px),
            "location": str(path),
            "liked_by": self._favourites_as if facts.favourite else None,
            "settled": is_settled(path, self._clock()),
            "content_hash": content_hash,
        }
