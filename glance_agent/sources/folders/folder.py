"""Pictures in a folder of this machine.

Where a work's facts come from, the first that tells something winning field by field: the
sidecar JSON, gallery.json at the folder's root, XMP and IPTC inside the file, a file name that
names an artist, EXIF, any other file name. EXIF's date, when the camera clicked, counts only
where neither artist nor date is known from anything but the camera.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import stat
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from glance_agent.domain.artwork import Artwork, is_artwork_id
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Fetched, Listed, Page, Skipped
from glance_agent.pictures.metadata import RawMetadata
from glance_agent.sources.folders.embedded_metadata import camera_facts, embedded_facts
from glance_agent.sources.folders.file_names import facts_from_name
from glance_agent.sources.folders.sidecar import (
    GALLERY_NAME,
    GalleryEntry,
    read_gallery,
    read_sidecar,
    sidecar_path,
)
from glance_agent.sources.records.facts import Facts

EXTENSIONS: Final = frozenset(
    (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif")
)
PAGE_ITEMS: Final = 200
_LET_IN: Final = (
    ". Where the agent is a systemd service, `glance-agent doctor` names the lines of its unit "
    "that let a folder in"
)
Look = Callable[[bytes], tuple[tuple[int, int], RawMetadata]]
"""The size of a picture upright, and what else its header says; blocks. Raises BadPicture."""
_UNREADABLE_FOLDER: Final = "unreadable folder"


class FolderSource:
    """Lists and reads the pictures under one folder.

    Hidden files and folders and unknown extensions are passed over. Links to folders are not
    followed, and links to files only where the file lies within the folder: what is linked
    there is listed at its own place anyway, and nothing outside can be reached.
    """

    at_once = 4
    """Few, since files may be large, and a disk is slower when asked for many."""

    def __init__(
        self,
        name: str,
        path: Path,
        look: Look,
        *,
        recursive: bool = True,
        max_bytes: int = 200_000_000,
        ids_of: Iterable[str] = (),
    ) -> None:
        """`look` reads headers, of strangers' files as of one's own. Sidecars may give ids of
        this source, and of those called `ids_of`."""
        self.name = name
        self._ids_of = frozenset((name, *ids_of))
        self._path = path
        self._look = look
        self._recursive = recursive
        self._max_bytes = max_bytes
        self._gallery: tuple[str, dict[str, GalleryEntry]] = ("", {})
        self._saw_all = True

    @property
    def lists_everything(self) -> bool:
        """Whether what the last listing lacked is gone; not where a folder was unreadable."""
        return self._saw_all

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The pictures in the order of their relative paths, those after `cursor` only.

        Raises SourceError where the folder or its gallery.json cannot be read.
        """
        keys, unreadable = await asyncio.to_thread(self._listed_keys)
        gallery = await asyncio.to_thread(self._entries)
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
        return not any(isinstance(found, str) for found in self._walk("", self._path))

    def find(self, location: str) -> bool:
        """Whether the picture is there, without reading it: True, or raises as `read` does.

        Blocks on the disk.
        """
        with self._opened(Path(location)):
            return True

    def _bytes(self, path: Path) -> bytes:
        with self._opened(path) as file:
            data = file.read(self._max_bytes + 1)
        if len(data) > self._max_bytes:
            raise BadPicture("file too long", f"{self._max_bytes} bytes allowed")
        return data

    @contextmanager
    def _opened(self, path: Path) -> Iterator[BinaryIO]:
        """The file of a picture; what keeps it from being read is told as `read` tells it."""
        try:
            self._check_inside(path)
            if not stat.S_ISREG(path.stat().st_mode):
                raise BadPicture("unreadable", "not a regular file")
            with path.open("rb") as file:
                yield file
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
            raise BadPicture("unreadable", type(error).__name__, passing=True) from error

    def _require_pictures(self) -> None:
        """Raises SourceError where no picture is left: a mount point, and its disk is away."""
        self._check_root()
        if self.is_empty():
            raise SourceError(f"{self._called()} has no picture any more: mount its disk")

    def _called(self) -> str:
        return f"The folder “{_printable(self._path.name)}” of the source “{self.name}”"

    # -- listing -------------------------------------------------------------------------------

    def _listed_keys(self) -> tuple[list[str], tuple[Skipped, ...]]:
        """The relative paths of all pictures, sorted, and what could not be listed."""
        self._check_root()
        keys: list[str] = []
        skipped: list[Skipped] = []
        for found in self._walk("", self._path):
            if isinstance(found, str):
                keys.append(found)
            else:
                skipped.append(found)
        self._saw_all = not any(item.reason == _UNREADABLE_FOLDER for item in skipped)
        return sorted(keys), tuple(sorted(skipped, key=lambda item: item.key))

    def _check_root(self) -> None:
        where = self._called()
        if not is_utf8(str(self._path.absolute())):
            raise SourceError(f"{where} has a path that is not UTF-8: rename what it consists of")
        try:
            with os.scandir(self._path):
                return
        except FileNotFoundError as error:
            raise SourceError(
                f"{where} does not exist: create it, mount its disk, "
                f"or correct its path in the configuration{_LET_IN}"
            ) from error
        except NotADirectoryError as error:
            raise SourceError(f"{where} is a file: name the folder that holds it") from error
        except OSError as error:
            raise SourceError(
                f"{where} cannot be read: allow it to the user that the agent runs as{_LET_IN}"
            ) from error

    def _walk(self, prefix: str, folder: Path) -> Iterator[str | Skipped]:
        """Relative paths in no order; folders are walked without recursion, however deep."""
        waiting = [(prefix, folder)]
        while waiting:
            prefix, folder = waiting.pop()
            try:
                with os.scandir(folder) as scan:
                    entries = [entry for entry in scan if not entry.name.startswith(".")]
            except OSError as error:
                key = _printable(prefix) or "/"
                yield Skipped(key, _UNREADABLE_FOLDER, type(error).__name__)
                continue
            for entry in entries:
                key = prefix + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if self._recursive:
                        waiting.append((key + "/", Path(entry.path)))
                elif self._is_picture(entry):
                    yield key if is_utf8(key) else Skipped(_printable(key), "name is not UTF-8")

    def _is_picture(self, entry: os.DirEntry[str]) -> bool:
        if os.path.splitext(entry.name)[1].lower() not in EXTENSIONS:
            return False
        try:
            if entry.is_symlink():
                self._check_inside(Path(entry.path))
            return entry.is_file()
        except (OSError, BadPicture, RuntimeError):
            return False

    def _items(
        self, keys: list[str], gallery: dict[str, GalleryEntry]
    ) -> tuple[Listed | Skipped, ...]:
        return tuple(self._item(key, gallery.get(key)) for key in keys)

    def _item(self, key: str, entry: GalleryEntry | None) -> Listed | Skipped:
        path = self._path / key
        try:
            size, fingerprint = path.stat().st_size, _stamp(path)
            beside = sidecar_path(path, self._path)
            if beside is not None:
                fingerprint += f"+{_stamp(beside)}"
        except OSError:
            self._require_pictures()
            return Skipped(key, "vanished")
        if entry is not None:
            fingerprint += f"+gallery:{entry.digest}"
        if size > self._max_bytes:
            detail = f"{size} bytes, {self._max_bytes} allowed"
            return Skipped(key, "file too long", detail, fingerprint)
        return Listed(key, fingerprint)

    def _check_inside(self, path: Path) -> None:
        """Raises BadPicture where the path leads out of the folder."""
        if not path.resolve().is_relative_to(self._path.resolve()):
            raise BadPicture("unreadable", "outside the folder")

    # -- fetching ------------------------------------------------------------------------------

    def _fetched(self, key: str) -> Fetched:
        path = self._path.absolute() / key
        data = self._bytes(path)
        (width, height), raw = self._look(data)
        facts = self._facts(key, path, raw)
        fallback = f"{self.name}:{hashlib.sha256(data).hexdigest()[:16]}"
        artwork = Artwork(
            id=_id_of(facts, self.name, self._ids_of) or fallback,
            title=facts.title or "Untitled",
            artist=facts.artist,
            date=facts.date,
            year_from=facts.year_from,
            year_to=facts.year_to,
            medium=facts.medium,
            source=self.name,
            credit=facts.credit,
            licence=facts.licence,
            page_url=facts.page_url,
            width=width,
            height=height,
            tags=facts.tags,
            description=facts.description,
        )
        return Fetched(artwork, data, str(path))

    def _facts(self, key: str, path: Path, raw: RawMetadata) -> Facts:
        known = (
            read_sidecar(path, self._path)
            .or_else(self._gallery_facts(key))
            .or_else(embedded_facts(raw))
        )
        named, camera = facts_from_name(key), camera_facts(raw)
        if known.title is None and named.artist:
            known = known.or_else(named)
        if known.artist or known.date or named.date:
            camera = replace(camera, date=None, year_from=None, year_to=None)
        known = known.or_else(camera)
        return known if known.title else known.or_else(named)

    def _gallery_facts(self, key: str) -> Facts:
        entry = self._entries().get(key)
        return entry.facts if entry else Facts()

    def _entries(self) -> dict[str, GalleryEntry]:
        """What gallery.json says, read again whenever it has changed."""
        try:
            stamp = _stamp(self._path / GALLERY_NAME)
        except OSError:
            return {}
        known, entries = self._gallery
        if known != stamp:
            entries = read_gallery(self._path)
            self._gallery = (stamp, entries)
        return entries


def _id_of(facts: Facts, source: str, own: frozenset[str]) -> str | None:
    """The id that a sidecar gives, None if unfit.

    It begins with the source's name, which is put before it unless it begins with one of its
    own: an id of another source would replace that source's work.
    """
    if facts.id is None:
        return None
    before, colon, _ = facts.id.partition(":")
    full = facts.id if colon and before in own else f"{source}:{facts.id}"
    return full if is_artwork_id(full) else None


def _stamp(path: Path) -> str:
    found = path.stat()
    return f"{found.st_size}:{found.st_mtime_ns}"


def is_utf8(name: str) -> bool:
    """Whether a path can be kept as text; other programs may have given it any bytes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _printable(name: str) -> str:
    return name.encode("utf-8", "backslashreplace").decode()
