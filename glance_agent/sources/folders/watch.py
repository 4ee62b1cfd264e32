"""Folders watched for changes: whoever lists them again is told when there is something new.

The kernel tells (inotify on Linux, through watchfiles). It tells nothing of what other machines do
on a network share, and only of so many folders: those are to be listed again from time to time.
A picture that is still being copied keeps its folder stirring; one that is taken half all the
same cannot be decoded, and is tried again at its next change.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
from collections.abc import AsyncGenerator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glance_agent.sources.folders.kinds import is_picture
from glance_agent.sources.folders.walking import lies_inside
from glance_agent.sources.folders.wanted import is_left_alone, says_what_is_wanted

if TYPE_CHECKING:
    from watchfiles import Change

QUIET_SECONDS: Final = 1.0
"""How long nothing may have changed before a change is told of: files take time to be copied."""
LOOK_SECONDS: Final = 600.0
"""How often a folder is to be listed of whose changes nothing is told."""
ABSENT_SECONDS: Final = 30.0
"""How often to look whether a folder that is not there has come back, as disks do."""
MOST_PAUSES: Final = 30
"""Changes that go on are told of after so many pauses that none of them kept."""
_STEP_MS: Final = 100
_SIDECARS: Final = (".json", ".xmp")
_NETWORK: Final = frozenset(
    ("nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "ceph", "9p", "drvfs", "vboxsf", "virtiofs",
     "fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "glusterfs", "davfs", "fuse.davfs2", "ncpfs")
)  # fmt: skip
_MOUNTS: Final = Path("/proc/self/mountinfo")
_MOST_WATCHES: Final = Path("/proc/sys/fs/inotify/max_user_watches")
_OCTAL: Final = re.compile(r"\\([0-7]{3})")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class WatchedFolder:
    """A folder whose changes are wanted, with the folders below it or without."""

    path: Path
    recursive: bool = True
    linked: tuple[Path, ...] = ()
    """Folders that links in it may lead to; watched like itself."""

    def folders(self) -> int:
        """How many folders the kernel has to watch for it."""
        if not self.recursive:
            return 1
        return sum(1 for path in (self.path, *self.linked) for _ in os.walk(path))

    async def changes(self) -> AsyncGenerator[None, None]:
        """One item whenever its pictures may have changed, once it is quiet again; for ever."""
        while True:
            stirred = asyncio.Event()
            watching = asyncio.create_task(self._stir(stirred), name=f"watch {self.path.name}")
            try:
                while not watching.done():
                    await stirred.wait()
                    await quiet(stirred, QUIET_SECONDS)
                    yield
            finally:
                watching.cancel()
                await asyncio.gather(watching, return_exceptions=True)

    async def _stir(self, stirred: asyncio.Event) -> None:
        """Set the event at every change; ends where the folder is another one than it was."""
        began = asyncio.get_running_loop().time()
        try:
            if await self._came_back():
                stirred.set()
            if await asyncio.to_thread(network_of, self.path):
                await asyncio.sleep(LOOK_SECONDS)
            else:
                await self._told(stirred)
        except (OSError, RuntimeError) as error:
            _log.warning(
                "%s is not watched, but looked through every %.0f minutes (%s). If the kernel "
                "watches too few folders, raise fs.inotify.max_user_watches.",
                self.path, LOOK_SECONDS / 60, error,
            )  # fmt: skip
            await asyncio.sleep(LOOK_SECONDS)
        except ExceptionGroup:  # of a name that is not UTF-8; what else was to be told is lost
            await self._untold(asyncio.get_running_loop().time() - began)
        finally:
            stirred.set()

    async def _untold(self, watched_seconds: float) -> None:
        """Return when to look again. To begin watching opens folders, of which the kernel tells:
        where one has such a name, the end comes at once, and would each time."""
        if watched_seconds > ABSENT_SECONDS:
            await asyncio.sleep(ABSENT_SECONDS)
            return
        _log.warning(
            "%s is not watched, but looked through every %.0f minutes: something in it has a name "
            "that is not UTF-8, and watching ends there. Rename it.",
            self.path, LOOK_SECONDS / 60,
        )  # fmt: skip
        await asyncio.sleep(LOOK_SECONDS)

    async def _came_back(self) -> bool:
        """Return once the folder is there; whether it was not."""
        away = False
        while not await asyncio.to_thread(self.path.is_dir):
            away = True
            await asyncio.sleep(ABSENT_SECONDS)
        return away

    async def _told(self, stirred: asyncio.Event) -> None:
        from watchfiles import (
            awatch,  # costs tens of milliseconds, and only a running agent needs it
        )

        here = await asyncio.to_thread(_identity, self.path)
        linked = [path for path in self.linked if path.is_dir()]
        async for found in awatch(
            self.path,
            *linked,
            watch_filter=self.concerns,
            step=_STEP_MS,
            debounce=10 * _STEP_MS,
            rust_timeout=int(ABSENT_SECONDS * 1000),
            yield_on_timeout=True,
            recursive=self.recursive,
            ignore_permission_denied=True,
        ):
            if found:
                stirred.set()
            if await asyncio.to_thread(_identity, self.path) != here:
                return

    def concerns(self, change: Change, path: str) -> bool:
        """Whether a listing may be another one now; hidden files are not listed."""
        folder = next((p for p in self.linked if path.startswith(f"{p}{os.sep}")), self.path)
        below = os.path.relpath(path, folder).split(os.sep)
        if says_what_is_wanted(below[-1]) and not any(map(is_left_alone, below[:-1])):
            return True
        if below != ["."] and any(map(is_left_alone, below)):
            return False
        sidecar = path.lower().endswith(_SIDECARS)
        if not (is_picture(path) or sidecar or os.path.isdir(path)) and os.path.exists(path):
            return False
        return below == ["."] or self._holds(Path(path).parent)

    def _holds(self, folder: Path) -> bool:
        """Whether a folder is not behind a link that is not followed: the kernel follows all."""
        try:
            return lies_inside((self.path, *self.linked), folder)
        except (OSError, RuntimeError):
            return False


async def quiet(stirred: asyncio.Event, seconds: float) -> None:
    """Return when nothing has stirred for so long, or when it goes on and on."""
    for _ in range(MOST_PAUSES):
        stirred.clear()
        try:
            async with asyncio.timeout(seconds):
                await stirred.wait()
        except TimeoutError:
            return


def _identity(path: Path) -> tuple[int, int] | None:
    """Which folder stands at this path now; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


# -- what the platform can -------------------------------------------------------------------------


def network_of(path: Path) -> str | None:
    """The kind of network share that a folder is on; None for a disk of this machine."""
    kind = filesystem(path.resolve(), _mounts())
    return kind if kind in _NETWORK else None


def most_watches() -> int | None:
    """How many folders the kernel watches for one user; None where it does not say (inotify(7))."""
    try:
        return int(_MOST_WATCHES.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def filesystem(path: Path, mounts: Iterator[tuple[str, str]]) -> str:
    """The file system that a path is on: that of the deepest mount point above it, the last."""
    best, found = -1, ""
    for point, kind in mounts:
        if path.is_relative_to(point) and len(point) >= best:
            best, found = len(point), kind
    return found


def _mounts() -> Iterator[tuple[str, str]]:
    """Mount points and their file systems; none where the platform does not tell (proc(5))."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        before, _, after = line.partition(" - ")
        point = _OCTAL.sub(lambda found: chr(int(found[1], 8)), before.split(" ")[4])
        yield point, after.split(" ")[0]
