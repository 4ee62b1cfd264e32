"""One way through a folder on a WebDAV server: which pictures it holds, and what is left out.

What is wanted there is decided as in a folder of this machine: by the settings, by `.glanceignore`
and `.nomedia`, by custom. Files that tell of others are fetched again only when they change.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from yarl import URL

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.foreign import JsonLimits, line, shown
from glance_agent.domain.items import UNREADABLE_FOLDER, Skipped
from glance_agent.domain.said import say
from glance_agent.sources.folders.kinds import is_picture, not_read
from glance_agent.sources.folders.sidecar import (
    GALLERY_NAME,
    GalleryEntry,
    gallery_entries,
    sidecar_names,
    why_no_gallery,
)
from glance_agent.sources.folders.walking import NOT_FOLLOWED
from glance_agent.sources.folders.wanted import (
    IGNORE_FILES,
    MARKS,
    Ignored,
    WantedFiles,
    is_left_alone,
    lines_of,
)
from glance_agent.sources.web.dav import DavEntry, FolderRefused, entries
from glance_agent.sources.web.taking import NoAnswer, Unreadable
from glance_agent.sources.web.visit import STRIKES, Visit

MOST_FOLDERS: Final = 50_000
MOST_LEVELS: Final = 40
"""Folders within folders; on a server a link may lead back to where it lies."""
LONGEST_KEY: Final = 1000
_LEADS_BACK: Final = "it leads back to a folder around it"
_MOST_BYTES: Final = JsonLimits().bytes


class DavPicture(NamedTuple):
    """A picture that was listed: when it was changed, the keys of what lies beside it, and what
    gallery.json says of it."""

    mark: str
    modified: float | None
    beside: tuple[str | None, str | None]
    entry: GalleryEntry | None = None


class _Folder(NamedTuple):
    """A folder that is still to be walked; its key is empty or ends with a slash."""

    prefix: str
    ignored: Ignored = Ignored()
    around: tuple[int, ...] = ()
    """What the folders around it hold, a hash for each."""


class DavFolder:
    """A folder on a server, whose pictures are listed as often as is wanted."""

    def __init__(
        self, name: str, url: str, visit: Visit, wanted: WantedFiles, *, recursive: bool
    ) -> None:
        """`name` is that of the source, in what is said."""
        self._name = name
        self._url = f"{url.rstrip('/')}/"
        self._visit = visit
        self._wanted = wanted
        self._recursive = recursive
        self._texts: dict[str, tuple[str, bytes]] = {}
        self._gallery: dict[str, GalleryEntry] = {}

    def address(self, key: str) -> str:
        """The address of what has this relative path."""
        return self._url + "/".join(quote(part, safe="") for part in key.split("/"))

    async def walked(self) -> tuple[dict[str, DavPicture], list[Skipped]]:
        """The pictures by their relative paths, and what looks like one and is left out.

        A server that fails on one folder is asked for the others (what it has mounted there may be
        away), until it fails on several in a row. Raises SourceError.
        """
        found: dict[str, DavPicture] = {}
        skipped: list[Skipped] = []
        waiting, walked, silent = [_Folder("")], 0, 0
        while waiting:
            folder, walked = waiting.pop(), walked + 1
            if walked > MOST_FOLDERS or folder.prefix.count("/") > MOST_LEVELS:
                skipped.append(_unreadable(folder.prefix, "there are folders without end"))
                if walked > MOST_FOLDERS:
                    break
                continue
            try:
                inside = await self._inside(folder.prefix)
                here = await self._entered(folder, inside)
                silent = 0
            except (Unreadable, NoAnswer, BadPicture) as error:
                silent += isinstance(error, NoAnswer)
                if silent >= STRIKES or not (folder.prefix or isinstance(error, BadPicture)):
                    raise
                skipped.append(_unreadable(folder.prefix, str(error)))
                continue
            if here is None:
                skipped.append(Skipped(line(folder.prefix), NOT_FOLLOWED, _LEADS_BACK))
                continue
            for one in self._sorted_out(here, inside, found):
                if isinstance(one, Skipped):
                    skipped.append(one)
                else:
                    waiting.append(one)
        return found, sorted(skipped, key=lambda item: item.key)

    async def _inside(self, prefix: str) -> list[DavEntry]:
        """What lies in a folder; nothing where it is gone. Raises SourceError."""
        url = self.address(prefix)
        body = await self._visit.folder(url)
        if body is None and not prefix:
            raise SourceError(
                say("There is no folder at the url of {name}: check it.", name=self._name)
            )
        if body is None:
            return []
        try:
            inside = await asyncio.to_thread(entries, body, url)
        except FolderRefused as error:
            raise self._visit.refused_folder(url, error.status) from error
        except ValueError as error:
            host = URL(url).host
            raise Unreadable(
                say("{host} does not answer as WebDAV does ({why}).", host=host, why=error)
            ) from error
        if not prefix:
            await self._read_gallery(inside)
        return inside

    async def _entered(self, folder: _Folder, inside: Sequence[DavEntry]) -> _Folder | None:
        """The folder with what holds in it and below; None where it is one of those around it.

        nginx and SabreDAV follow links. Raises BadPicture, SourceError.
        """
        holds = hash(frozenset(inside))
        # Dates of one or two folders may be those of others: they have to come back twice.
        is_sure = len(inside) > 2 or any(not entry.is_folder for entry in inside)
        is_known = all(entry.mark.strip() for entry in inside)
        if inside and is_known and folder.around.count(holds) >= (1 if is_sure else 2):
            return None
        ignored = await self._ignored(folder, inside)
        return _Folder(folder.prefix, ignored, (*folder.around, holds))

    async def _ignored(self, folder: _Folder, inside: Sequence[DavEntry]) -> Ignored:
        """What holds below a folder by its ignore files. Raises BadPicture, SourceError."""
        files = {entry.name: entry for entry in inside if not entry.is_folder}
        texts = [
            await self._text(f"{folder.prefix}{name}", files[name])
            for name in IGNORE_FILES
            if name in files
        ]
        lines = [one for text in texts for one in lines_of(text)]
        return folder.ignored.below(folder.prefix, lines)

    async def _read_gallery(self, inside: Sequence[DavEntry]) -> None:
        """Read what gallery.json says, if it is there. Raises SourceError."""
        self._gallery = {}
        for entry in inside:
            if entry.name != GALLERY_NAME or entry.is_folder:
                continue
            try:
                content = await self._text(GALLERY_NAME, entry)
                self._gallery = await asyncio.to_thread(gallery_entries, content)
            except (BadPicture, ValueError) as error:
                why = why_no_gallery(error)
                raise SourceError(
                    say("{file} of {name} {why}.", file=GALLERY_NAME, name=self._name, why=why)
                ) from error

    async def _text(self, key: str, entry: DavEntry) -> bytes:
        """A file that tells of others, fetched where it is not as it was."""
        mark, text = self._texts.get(key, ("", b""))
        if mark != entry.mark:
            some = entry.size != 0
            text = await self._visit.text(self.address(key), max_bytes=_MOST_BYTES) if some else b""
            self._texts[key] = (entry.mark, text)
        return text

    def _sorted_out(
        self, folder: _Folder, inside: Sequence[DavEntry], found: dict[str, DavPicture]
    ) -> Iterator[_Folder | Skipped]:
        """Notes the pictures that are wanted; the folders below, and what is left out."""
        marks = {entry.name: entry.mark for entry in inside if not entry.is_folder}
        if folder.prefix and not marks.keys().isdisjoint(MARKS):
            return
        for entry in inside:
            key = f"{folder.prefix}{entry.name}{'/' if entry.is_folder else ''}"
            if is_left_alone(entry.name) or not self._wants(key, folder):
                continue
            if (why := _left_out(entry, key.rstrip("/"))) is not None:
                yield why
            elif entry.is_folder:
                yield _Folder(key, folder.ignored, folder.around)
            elif is_picture(entry.name):
                found[key] = _listed(entry, folder.prefix, marks, self._gallery.get(key))

    def _wants(self, key: str, folder: _Folder) -> bool:
        is_folder = key.endswith("/")
        wanted = self._wanted.folder(key) if is_folder else self._wanted.file(key)
        return wanted and (self._recursive or not is_folder) and not folder.ignored.has(key)


def _unreadable(prefix: str, why: str) -> Skipped:
    return Skipped(line(prefix) or "/", UNREADABLE_FOLDER, why)


def _left_out(entry: DavEntry, key: str) -> Skipped | None:
    """Why a file that looks like a picture, or a folder, is none that can be taken."""
    if not entry.is_folder and not is_picture(entry.name):
        unread = not_read(entry.name)
        return Skipped(line(key), *unread) if unread else None
    if _can_be_told(key):
        return None
    return Skipped(line(key), "unreadable", "rename it: its path is too long, or not to be read")


def _can_be_told(key: str) -> bool:
    """Whether a path can be kept, shown, and asked for again."""
    return len(key) <= LONGEST_KEY and "\ufffd" not in key and shown(key, one_line=True) == key


def _listed(
    entry: DavEntry, prefix: str, marks: Mapping[str, str], told: GalleryEntry | None
) -> DavPicture:
    """A picture, with what of the folder's files, which have these marks, belongs to it."""
    names = [
        next((n for n in some if n in marks and _can_be_told(n)), None)
        for some in sidecar_names(entry.name)
    ]
    mark = "+".join([entry.mark, *(marks[name] for name in names if name is not None)])
    if told is not None:
        mark += f"+gallery:{told.digest}"
    json_name, xmp_name = (name and f"{prefix}{name}" for name in names)
    return DavPicture(mark, entry.modified, (json_name, xmp_name), told)
