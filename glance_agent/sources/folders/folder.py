"""Pictures in a folder of this machine: listed, fetched, and read again."""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Fetched, Listed, Page, Skipped
from glance_agent.domain.said import say
from glance_agent.pictures.memory import Memory
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.pictures.prepare import FetchedPrepared
from glance_agent.pictures.streamed import HashedFile
from glance_agent.sources.eyes import Look, See
from glance_agent.sources.folders.file_states import content_of, is_settled, length_of, wanted_soon
from glance_agent.sources.folders.labelling import FolderLabels, artwork_of, given_id
from glance_agent.sources.folders.sidecar import FolderNames, GalleryEntry
from glance_agent.sources.folders.walking import (
    UNREADABLE_FOLDER,
    Walk,
    is_utf8,
    lies_inside,
    printable,
    why_not,
)
from glance_agent.sources.folders.wanted import WantedFiles

PAGE_ITEMS: Final = 200
FILES_BYTES: Final = 24_000_000
"""How much of files is held at a time; of one that is longer nothing else."""
_LET_IN: Final = say(
    "Where the agent is a systemd service, `glance-agent doctor` names the lines of its unit that "
    "let a folder in"
)


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
        self._max_bytes = max_bytes
        self._clock, self._may_move = clock, may_move
        self._room = Memory(FILES_BYTES)
        self._saw_all = True

    @property
    def lists_everything(self) -> bool:
        """Whether what the last listing lacked is gone; not where a folder was unreadable, nor
        where nothing but what is left out is there: a mount point, and its disk is away."""
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
        return await asyncio.to_thread(self._bytes, Path(location))

    def is_empty(self) -> bool:
        """Whether it has no picture, or cannot be looked into; blocks on the disk."""
        return not any(isinstance(found, str) for found in self._walk.found())

    def find(self, location: str) -> bool:
        """Whether the picture is there, without reading it: True, or raises as `read` does.

        Blocks on the disk.
        """
        with self._opened(Path(location)):
            return True

    def _bytes(self, path: Path) -> bytes:
        with self._opened(path) as file:
            size = os.fstat(file.fileno()).st_size  # no buffer for the largest that may be
            data = file.read(min(size, self._max_bytes) + 1)
            if size < len(data) <= self._max_bytes:  # it has grown
                data += file.read(self._max_bytes + 1 - len(data))
        if len(data) > self._max_bytes:
            raise BadPicture("file too long", f"{self._max_bytes} bytes allowed")
        return data

    @contextmanager
    def _opened(self, path: Path) -> Iterator[BinaryIO]:
        """The file of a picture; what keeps it from being read is told as `read` tells it."""
        with self._reading(), self._file(path) as file:
            yield file

    def _file(self, path: Path) -> BinaryIO:
        path = self._path / path.name if self._may_move else path
        self._check_inside(path)
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadPicture("unreadable", "not a regular file")
        return path.open("rb")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Within it, what keeps a file from being read is told as `read` tells it."""
        try:
            yield
        except BadPicture:
            # What led into the folder leads out of it while its disk is away, or since it moved.
            self._require_pictures()
            raise
        except FileNotFoundError as error:
            self._require_pictures()
            raise BadPicture("vanished", passing=True) from error
        except (OSError, ValueError, RuntimeError) as error:
            self._require_pictures()
            # Permission can be given without a change of the file's time: worth another try.
            raise BadPicture("unreadable", why_not(error), passing=True) from error

    def _require_pictures(self) -> None:
        """Raises SourceError where no picture is left: a mount point, and its disk is away."""
        self._check_root()
        if self.is_empty():
            raise SourceError(
                say(
                    "{where} has no picture any more: mount its disk",
                    where=self._called(),
                )
            )

    def _called(self) -> str:
        return say(
            "The folder “{folder}” of the source “{source}”",
            folder=printable(self._path.name),
            source=self.name,
        )

    # -- listing -------------------------------------------------------------------------------

    def _listed_keys(self) -> tuple[list[str], tuple[Skipped, ...]]:
        """The relative paths of all pictures, sorted, and what could not be listed."""
        self._check_root()
        keys: list[str] = []
        skipped: list[Skipped] = []
        for found in self._walk.found():
            if isinstance(found, str):
                keys.append(found)
            else:
                skipped.append(found)
        unread = any(item.reason == UNREADABLE_FOLDER for item in skipped)
        self._saw_all = not unread and bool(keys or not skipped)
        return sorted(keys), tuple(sorted(skipped, key=lambda item: item.key))

    def _check_root(self) -> None:
        where = self._called()
        if not is_utf8(str(self._path.absolute())):
            raise SourceError(
                say("{where} has a path that is not UTF-8: rename what it consists of", where=where)
            )
        try:
            with os.scandir(self._path):
                return
        except FileNotFoundError as error:
            raise SourceError(
                say(
                    "{where} does not exist: create it, mount its disk, or correct its "
                    "path in the configuration. {let_in}",
                    where=where,
                    let_in=_LET_IN,
                )
            ) from error
        except NotADirectoryError as error:
            raise SourceError(
                say("{where} is a file: name the folder that holds it", where=where)
            ) from error
        except OSError as error:
            raise SourceError(
                say(
                    "{where} cannot be read: allow it to the user that the agent runs as. {let_in}",
                    where=where,
                    let_in=_LET_IN,
                )
            ) from error

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
            self._require_pictures()
            return Skipped(key, "vanished")
        if size > self._max_bytes:
            detail = f"{size} bytes, {self._max_bytes} allowed"
            return Skipped(key, "file too long", detail, fingerprint)
        return Listed(key, fingerprint)

    def _check_inside(self, path: Path) -> None:
        """Raises BadPicture where the path leads out of the folder."""
        if not lies_inside(self._walk.roots, path):
            raise BadPicture("unreadable", "outside the folder")

    # -- fetching ------------------------------------------------------------------------------

    def _fetched(self, key: str) -> Fetched:
        path = self._path.absolute() / key
        if self._see is not None:
            return self._handed_on(key, path, self._see)
        with self._room.lent(length_of(path)):
            data = self._bytes(path)
            with content_of(path, data):
                size_px, raw = self._look(data)
            content_hash = hashlib.sha256(data).hexdigest()
            return Fetched(**self._told(key, path, raw, content_hash, size_px), data=data)

    def _handed_on(self, key: str, path: Path, see: See) -> Fetched:
        """The picture as it is seen while its file is read: all of it is never held here."""
        with self._reading():
            file = self._file(path)
        with file:
            length = os.fstat(file.fileno()).st_size
            if length > self._max_bytes:
                raise BadPicture("file too long", f"{self._max_bytes} bytes allowed")
            wanted_soon(file)
            data = HashedFile(file, length)
            with content_of(path, data):
                found, raw = see(data)
        told = self._told(key, path, raw, data.content_hash, found.size_px)
        again = partial(self._bytes, path)
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
