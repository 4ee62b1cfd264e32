"""A picture file in a folder, for frames and programs that show what lies there.

The file is replaced in one step, so that nobody ever reads half of one. Everything is done within
the opened folder, and no link in it is followed. A record beside it, in the form of `sha256sum`,
holds what was written: a file that is not in it, or no longer as it was, is somebody else's and
stays.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, NamedTuple

from pydantic import Field

from glance_agent.displays.appearance import SUFFIXES, Progressive
from glance_agent.displays.display import Diagnosis, PushedDisplay
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.errors import DisplayError
from glance_agent.domain.frame import Frame
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.spelling import PathSetting
from glance_agent.domain.system_words import said_by_system

MOST_BYTES = 10_000_000
"""No picture and no record of ours is longer."""
LEAST_FREE_BYTES = 50_000_000
READABLE = 0o644
"""Whoever may enter the folder may read the picture: frames are other users, or other machines."""
_NO_FILE = {errno.ENOENT, errno.ELOOP, errno.ENXIO}
_HIDDEN = ".glance-agent-"
_AGAIN = say("Check that its disk is mounted and its path in the configuration is right.")
_RIGHTS = say(
    "Let the user of the agent write there; a service of systemd also needs a ReadWritePaths= "
    "line with the folder."
)
_TROUBLES = {
    errno.ENOENT: (say("its folder is not there"), _AGAIN),
    errno.ENOTDIR: (say("its folder is not there"), _AGAIN),
    errno.EACCES: (say("the agent may not write into its folder"), _RIGHTS),
    errno.EPERM: (say("the agent may not write into its folder"), _RIGHTS),
    errno.EROFS: (say("its folder can only be read"), _RIGHTS),
    errno.ENOSPC: (say("the disk of its folder is full"), say("Make room there, or lower “keep”.")),
    errno.EDQUOT: (say("the disk of its folder is full"), say("Make room there, or lower “keep”.")),
}


class _Written(NamedTuple):
    """A file as it was written: its name, and the SHA-256 of what is in it."""

    name: str
    digest: str


def _utc_now() -> datetime:
    return datetime.now(UTC)


class FolderDisplaySettings(PanelSettings):
    """A picture file in a folder, `<name>.jpg` (`.png`, `.bmp`), with dated copies beside it where
    wanted."""

    kind: Literal["folder"] = Field(description="Which kind of display.")
    progressive: Progressive = False
    path: PathSetting = Field(description="The folder; it has to be there.")
    keep: int = Field(
        0, ge=0, le=1_000, description="So many dated copies stay beside the picture."
    )


class FolderDisplay(PushedDisplay[FolderDisplaySettings]):
    """Keeps one file of a folder the picture that should be seen."""

    settings_class = FolderDisplaySettings

    @property
    def writes_into(self) -> Path:
        """The folder."""
        return self.settings.path

    async def hang(self, frame: Frame) -> None:
        """Put the picture in the place of the one before. Raises DisplayError."""
        await asyncio.to_thread(self._hang, frame.data)

    async def renew(self, frame: Frame) -> None:
        """The same; its dated copy takes the place of the one that this showing has."""
        await asyncio.to_thread(self._hang, frame.data, renews=True)

    async def examine(self) -> Diagnosis | None:
        """Whether the folder is there and can be written, and has room."""
        return await asyncio.to_thread(self._examine)

    @property
    def _picture(self) -> str:
        """The file's name."""
        return f"{self.settings.name}.{self.settings.suffix}"

    def _hang(self, data: bytes, *, renews: bool = False) -> None:
        try:
            with _entered(self.settings.path) as folder:
                files = _Files(folder, self._picture)
                files.put(data, self.settings.keep, renews=renews)
        except OSError as error:
            why, hint = _TROUBLES.get(
                error.errno or 0, (say("its folder cannot be written"), _AGAIN)
            )
            raise DisplayError(why, hint, f"{self.settings.path}: {error.strerror}") from error

    def _examine(self) -> Diagnosis:
        path = self.settings.path.absolute()
        if not path.is_dir():
            said = say("there is no folder {path}: make it, or mount its disk", path=path)
            return Diagnosis(False, said)
        if not os.access(path, os.W_OK | os.X_OK):
            said = say("{path} cannot be written.", path=path)
            return Diagnosis(False, in_a_row(said, _RIGHTS))
        try:
            with _entered(path) as folder:
                _Files(folder, self._picture).check()
        except DisplayError as foreign:
            return Diagnosis(False, foreign.in_full)
        except OSError as error:
            why = said_by_system(error)
            return Diagnosis(False, say("{path} cannot be read: {why}", path=path, why=why))
        if shutil.disk_usage(path).free < LEAST_FREE_BYTES:
            said = say("the disk of {path} is nearly full: make room there", path=path)
            return Diagnosis(False, said)
        return Diagnosis(True, say("{path} can be written", path=path / self._picture))


class _Files:
    """The files of one display in an opened folder."""

    def __init__(self, folder: int, picture: str, clock: Callable[[], datetime] = _utc_now) -> None:
        """`picture` is the name of the file that is kept."""
        self._folder = folder
        self._picture = picture
        self._name, _, self._suffix = picture.rpartition(".")
        self._clock = clock
        self._record_name = f"{_HIDDEN}{self._name}.sha256"
        suffixes = "|".join(SUFFIXES.values())
        self._dated = re.compile(rf"{re.escape(self._name)}-\d{{8}}T\d{{6}}Z(-\d+)?\.({suffixes})")

    def put(self, data: bytes, keep: int, *, renews: bool = False) -> None:
        """Have the picture there, and at most `keep` dated copies. Raises OSError, DisplayError.

        Copies that are too many go first: a full disk has room for the new picture then. What
        `renews` the picture takes the place of its copy.
        """
        now = _Written(self._picture, hashlib.sha256(data).hexdigest())
        before, copies = self._before(now.digest), self._copies()
        is_new = keep > 0 and not (copies and copies[-1].digest == now.digest)
        old = [one for one in copies[-1:] if renews and is_new and self._is_as_written(one)]
        copies = self._thinned(copies, keep - is_new + len(old))
        kept = [one for one in copies if one not in old]
        new = [_Written(old[0].name if old else self._free_name(), now.digest)] if is_new else []
        # What is about to be written is on record before it is there.
        self._keep_record([*copies, *new, *before, now])
        for one in (now, *new):
            if self._digest(one.name) != one.digest:
                self._write(one.name, data)
        self._keep_record([*kept, *new, now])
        with suppress(OSError):  # not every file system knows how
            os.fsync(self._folder)

    def check(self) -> None:
        """Raises DisplayError where somebody else's file has the name of the picture."""
        self._before(None)

    def _before(self, digest: str | None) -> list[_Written]:
        """The picture that is there, of whatever age, where it is ours or has this digest."""
        found = self._digest(self._picture)
        if found is None or found == digest:
            return []
        before = _Written(self._picture, found)
        if before not in self._record():
            raise DisplayError(
                say("there is another file {picture} in its folder", picture=self._picture),
                say("Move that file away, or give the display another name."),
            )
        return [before]

    def _copies(self) -> list[_Written]:
        """The dated copies that are still there, the oldest first."""
        return [o for o in self._record() if o.name != self._picture and self._exists(o.name)]

    def _thinned(self, copies: list[_Written], keep: int) -> list[_Written]:
        """The newest copies; the others are deleted, unless somebody changed them."""
        extra = max(len(copies) - keep, 0)
        for old in copies[:extra]:
            if self._is_as_written(old):
                os.unlink(old.name, dir_fd=self._folder)
        return copies[extra:]

    def _is_as_written(self, one: _Written) -> bool:
        """Whether a file is there and still ours."""
        return self._digest(one.name) == one.digest

    def _free_name(self) -> str:
        """A dated name that no file has."""
        at, number = f"{self._name}-{self._clock():%Y%m%dT%H%M%SZ}", 1
        name = f"{at}.{self._suffix}"
        while self._exists(name):
            number += 1
            name = f"{at}-{number}.{self._suffix}"
        return name

    # -- what was written -------------------------------------------------------------------

    def _record(self) -> list[_Written]:
        """What was written here, the oldest first. Lines that cannot be ours do not count."""
        text = (self._read(self._record_name) or b"").decode("ascii", "replace")
        lines = re.findall(r"^([0-9a-f]{64})  ([^/\n]+)$", text, re.M)
        found = [_Written(name, digest) for digest, name in lines]
        return [o for o in found if o.name == self._picture or self._dated.fullmatch(o.name)]

    def _keep_record(self, ours: list[_Written]) -> None:
        text = "".join(f"{one.digest}  {one.name}\n" for one in dict.fromkeys(ours)).encode()
        if self._read(self._record_name) != text:
            self._write(self._record_name, text)

    # -- files --------------------------------------------------------------------------------

    def _exists(self, name: str) -> bool:
        try:
            os.stat(name, dir_fd=self._folder, follow_symlinks=False)
        except FileNotFoundError:
            return False
        return True

    def _digest(self, name: str) -> str | None:
        """The SHA-256 of a file; None where nothing would be lost; empty for what is no file."""
        data = self._read(name)
        if data:
            return hashlib.sha256(data).hexdigest()
        return "" if data is None and self._exists(name) else None

    def _read(self, name: str) -> bytes | None:
        """A file's bytes, hardly more than ours can have; None where no file has this name."""
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        try:
            opened = os.open(name, flags, dir_fd=self._folder)
        except OSError as error:
            if error.errno in _NO_FILE:
                return None
            raise
        if not stat.S_ISREG(os.fstat(opened).st_mode):
            os.close(opened)
            return None
        with os.fdopen(opened, "rb") as file:
            return file.read(MOST_BYTES + 1)

    def _write(self, name: str, data: bytes) -> None:
        """Put a whole file in the place of the one before, on the disk when this returns."""
        part, here = f"{_HIDDEN}{self._name}.part", self._folder
        with suppress(FileNotFoundError):
            os.unlink(part, dir_fd=here)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            with os.fdopen(os.open(part, flags, 0o600, dir_fd=here), "wb") as file:
                with suppress(OSError):  # a file system without permissions
                    os.fchmod(file.fileno(), READABLE)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(part, name, src_dir_fd=here, dst_dir_fd=here)
        except OSError:
            with suppress(OSError):
                os.unlink(part, dir_fd=here)
            raise


@contextmanager
def _entered(path: Path) -> Iterator[int]:
    """The folder, opened: whatever happens to its path meanwhile, this one is meant."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield folder
    finally:
        os.close(folder)


DISPLAY = FolderDisplay
