"""Which pictures a folder holds, and which files that look like one are left out, and why."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

from glance_agent.domain.items import UNREADABLE_FOLDER, Skipped
from glance_agent.sources.folders.kinds import is_picture, not_read
from glance_agent.sources.folders.wanted import (
    MARKS,
    Ignored,
    WantedFiles,
    ignore_lines,
    is_left_alone,
)

SETTLED_SECONDS: Final = 60.0
"""How long a file that ends early must not have changed before it is taken as it is."""
NOT_FOLLOWED: Final = "link not followed"
NOT_UTF8: Final = "name is not UTF-8"
_SF_DATALESS: Final = 0x40000000
"""macOS: the file is in a cloud, and reading it would fetch it (sys/stat.h)."""


class _Folder(NamedTuple):
    """A folder that is still to be walked; `prefix` begins the keys of what it holds."""

    prefix: str
    path: Path
    ignored: Ignored = Ignored()


@dataclass(slots=True)
class _Waiting:
    """What is still to be walked: linked folders come last, so that what they lead to has the
    place where it lies, if that is in the folder; no folder is walked twice."""

    real: list[_Folder]
    linked: list[_Folder] = field(default_factory=list)
    walked: set[tuple[int, int]] = field(default_factory=set)

    def next(self) -> _Folder | None:
        if not self.real and self.linked:
            self.linked.sort(reverse=True)
            self.real.append(self.linked.pop())
        return self.real.pop() if self.real else None

    def is_new(self, found: os.stat_result) -> bool:
        """Whether the folder was not walked before; it was from now on."""
        identity = found.st_dev, found.st_ino
        new = identity not in self.walked
        self.walked.add(identity)
        return new


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through a folder, and through those below it where it is recursive.

    Hidden files and folders, those of systems, and what is not wanted are passed over without a
    word. Links to files are followed where the file lies within the folder or where links may
    lead; links to folders only where `wanted.linked` says so.
    """

    root: Path
    recursive: bool = True
    wanted: WantedFiles = field(default_factory=WantedFiles)

    @property
    def roots(self) -> tuple[Path, ...]:
        """The folders that its pictures may lie in."""
        return self.root, *(self.wanted.linked or ())

    def found(self) -> Iterator[str | Skipped]:
        """Relative paths in no order, and what was left out; blocks on the disk.

        Folders are walked without recursion, however deep.
        """
        waiting = _Waiting([_Folder("", self.root)])
        while (folder := waiting.next()) is not None:
            try:
                entries, ignored = self._entries(folder, waiting)
            except OSError as error:
                yield Skipped(printable(folder.prefix) or "/", UNREADABLE_FOLDER, why_not(error))
                continue
            here = folder._replace(ignored=ignored)
            for entry in entries:
                if (one := self._one(entry, here, waiting)) is not None:
                    yield one

    def _entries(
        self, folder: _Folder, waiting: _Waiting
    ) -> tuple[list[os.DirEntry[str]], Ignored]:
        """What a folder holds that may be wanted, and what holds below it. Raises OSError."""
        with os.scandir(folder.path) as scan:
            entries = list(scan)
        if not waiting.is_new(folder.path.stat()):
            return [], folder.ignored
        names = {entry.name for entry in entries}
        if folder.prefix and not names.isdisjoint(MARKS):
            return [], folder.ignored
        ignored = folder.ignored.below(folder.prefix, ignore_lines(folder.path, names))
        return [entry for entry in entries if not is_left_alone(entry.name)], ignored

    def _one(
        self, entry: os.DirEntry[str], folder: _Folder, waiting: _Waiting
    ) -> str | Skipped | None:
        """A picture, what is left out, or None for what says nothing; folders begin to wait."""
        key = folder.prefix + entry.name
        if _is_folder(entry):
            if not self.recursive or not self._wants(key + "/", folder):
                return None
            if not is_utf8(entry.name):  # to read it would stir who watches it
                return Skipped(printable(key) + "/", NOT_UTF8, "rename it")
            below = _Folder(key + "/", Path(entry.path), folder.ignored)
            if not entry.is_symlink():
                waiting.real.append(below)
            elif self.wanted.linked is not None and self._may_lead(entry):
                waiting.linked.append(below)
            else:
                return Skipped(printable(key), NOT_FOLLOWED, FOLLOW)
            return None
        return self._file(entry, key) if self._wants(key, folder) else None

    def _wants(self, key: str, folder: _Folder) -> bool:
        wants = self.wanted.folder if key.endswith("/") else self.wanted.file
        return wants(key) and not folder.ignored.has(key)

    def _file(self, entry: os.DirEntry[str], key: str) -> str | Skipped | None:
        if not is_picture(entry.name):
            unread = not_read(entry.name)
            return Skipped(printable(key), *unread) if unread else None
        if not is_utf8(key):
            return Skipped(printable(key), NOT_UTF8, "rename it")
        if entry.is_symlink() and not self._may_lead(entry):
            there = os.path.exists(entry.path)
            return Skipped(key, NOT_FOLLOWED, FOLLOW if there else NOWHERE)
        return _as_it_is(entry, key)

    def _may_lead(self, entry: os.DirEntry[str]) -> bool:
        """Whether a link leads to where pictures may lie."""
        try:
            return lies_inside(self.roots, Path(entry.path))
        except (OSError, RuntimeError):
            return False


FOLLOW: Final = "follow_links names the folders that links may lead to"
NOWHERE: Final = "it leads nowhere: mount the disk that it leads to, or remove it"


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round in a circle
        return False


def _as_it_is(entry: os.DirEntry[str], key: str) -> str | Skipped:
    """The picture, or why a file of such a name cannot be one."""
    try:
        found = entry.stat()
        if not entry.is_file():
            return Skipped(key, "unreadable", "it is no regular file")
    except OSError as error:
        if entry.is_symlink():
            return Skipped(key, NOT_FOLLOWED, NOWHERE)
        return Skipped(key, "unreadable", why_not(error))
    if getattr(found, "st_flags", 0) & _SF_DATALESS:
        return Skipped(key, "not downloaded", "have your cloud keep it on this machine")
    return key


def why_not(error: Exception) -> str:
    """Why something of a folder cannot be read, in words for people."""
    if isinstance(error, PermissionError):
        return "allow it to the user that the agent runs as"
    if isinstance(error, OSError) and error.strerror:
        return f"the system says: {error.strerror}"
    return str(error) if isinstance(error, OSError) else "its way there leads nowhere"


def lies_inside(roots: tuple[Path, ...], path: Path) -> bool:
    """Whether the path leads into one of these folders. Raises OSError and RuntimeError."""
    there = path.resolve()
    return any(there.is_relative_to(root.resolve()) for root in roots)


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
