"""Putting a fetched file where it belongs: hashed, on the disk, named, marked, pinned."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from glance_agent.domain.errors import ModelError
from glance_agent.domain.on_disk import sync
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system
from glance_agent.embedding.models.catalogue import CatalogueModel, ModelFile, find
from glance_agent.embedding.models.directory import LOCK_FILE, ModelDirectory, part_of, write_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from hashlib import _Hash

SPARE_BYTES: Final = 64 * 1024 * 1024
_CHUNK_BYTES: Final = 1024 * 1024
_LOCK_POLL_SECONDS: Final = 0.2


def hash_of(path: Path) -> _Hash:
    """A SHA-256 that has read the whole file and can read on."""
    digest = hashlib.sha256()
    with path.open("rb") as data:
        while chunk := data.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest


class Gathering:
    """A part that grows, and its SHA-256 with it. Blocks, so it belongs off the loop."""

    def __init__(self, path: Path) -> None:
        """Goes on behind what the part holds; raises ModelError where it cannot be written."""
        self.path = path
        with writing():
            path.touch()
            self.digest = hash_of(path)
            self._out = path.open("ab")

    def append(self, chunk: bytes) -> int:
        """Write a chunk behind the others; the bytes of the part then. Raises ModelError."""
        with writing():
            self._out.write(chunk)
            self._out.flush()  # what is told of as here outlives this process
        self.digest.update(chunk)
        return self._out.tell()

    def sync(self) -> None:
        """Put everything on the disk; raises ModelError."""
        with writing():
            self._out.flush()
            os.fsync(self._out.fileno())

    def close(self) -> None:
        """Let go of the part, whatever became of it."""
        with suppress(OSError):  # a full disk has been told of already
            self._out.close()


def place(
    model_directory: ModelDirectory, entry: CatalogueModel, file: ModelFile, digest: str
) -> None:
    """Turn the part, whose SHA-256 this is, into the file; raises ModelError for a wrong one."""
    path = model_directory.path(entry, file)
    part = part_of(path)
    size = part.stat().st_size
    if file.sha256 not in (None, digest) or file.bytes not in (None, size):
        part.unlink()
        raise ModelError(say("{wrong} It was thrown away.", wrong=wrong(entry, file, size, digest)))
    with writing():
        _pin(model_directory, entry, file, (size, digest))
        os.replace(part, path)
        sync(path.parent)
        model_directory.mark(path, digest)


def recognised(model_directory: ModelDirectory, entry: CatalogueModel, file: ModelFile) -> bool:
    """Whether a file that nobody has vouched for, as after a restored backup, is the right one.

    It is then marked as verified. Blocks, so it belongs off the loop.
    """
    path = model_directory.path(entry, file)
    if file.sha256 is None or not path.is_file() or path.stat().st_size != file.bytes:
        return False
    right = hash_of(path).hexdigest() == file.sha256
    if right:
        with writing():
            model_directory.mark(path, file.sha256)
    return right


@contextmanager
def writing() -> Iterator[None]:
    """Turns what keeps the models directory from being written into a ModelError."""
    try:
        yield
    except OSError as error:
        raise ModelError(
            say(
                "The models directory cannot be written: {why}. What came is kept. "
                "Make room or give access, or set model.directory to another directory.",
                why=said_by_system(error),
            )
        ) from error


def wrong(entry: CatalogueModel, file: ModelFile, size: int, digest: str) -> str:
    """The sentence for a file that is not what the catalogue says."""
    if file.bytes not in (None, size):
        fault = say("it has {size} bytes, {bytes} are expected", size=size, bytes=str(file.bytes))
    else:
        fault = say(
            "its SHA-256 is {digest}…, {expected}… is expected",
            digest=digest[:12],
            expected=str(file.sha256)[:12],
        )
    return say(
        "{path} of {model} is not the file it should be: {fault}.",
        path=file.path,
        model=entry.name,
        fault=fault,
    )


def require_room(directory: Path, wanted_bytes: int) -> None:
    """Raises ModelError unless the disk has room for so many bytes more, and some to spare."""
    with writing():
        directory.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(directory).free
    if wanted_bytes and free < wanted_bytes + SPARE_BYTES:
        raise ModelError(
            say(
                "The disk of the models directory has {free} MB free, "
                "{needed} MB are needed. Make room, or set model.directory to a "
                "directory on another disk.",
                free=free // 1000000,
                needed=(wanted_bytes + SPARE_BYTES) // 1000000,
            )
        )


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Alone among processes while inside; waits for the others. For moments only."""
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@asynccontextmanager
async def alone(path: Path, sleep: Callable[[float], Awaitable[None]]) -> AsyncIterator[None]:
    """Alone among processes while inside; waits for the others without holding up the loop."""
    with path.open("a") as lock:
        while not _taken(lock.fileno()):
            await sleep(_LOCK_POLL_SECONDS)
        yield


def _taken(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _pin(
    model_directory: ModelDirectory, entry: CatalogueModel, file: ModelFile, found: tuple[int, str]
) -> None:
    """Write into the lock file what the catalogue leaves open of this file."""
    known = find(entry.name, model_directory.directory)
    same = next(f for f in known.files if (f.path, f.role) == (file.path, file.role))
    if known.revision != "main" and None not in (same.bytes, same.sha256):
        return
    with locked(model_directory.directory / f"{LOCK_FILE}.lock"):
        pins = model_directory.locked()
        model = pins.setdefault(entry.name, {"files": {}})
        model["revision"] = entry.revision
        model["files"][file.path] = {"bytes": found[0], "sha256": found[1]}
        write_json(model_directory.directory / LOCK_FILE, pins)
