"""What is made of a library and kept beside it, so that it is opened and need not be made again.

Nobody misses these files: whatever is not there, not whole, or not of this very library is made
anew. They lie in a folder of their own, the data under names that are given once, and a manifest
says which these are, how long, and by which checksum they are known. It gets its name when all of
them are on the disk, so that whoever is killed before leaves what was there.

A library knows the seal of its manifest, and of one that is being written. A manifest whose seal it
does not know was made of another library, or of this one in days that a restored backup has never
seen.

The files are read and not mapped into memory: a disk that fails would end the process then, and a
file that has been replaced would keep its room on the disk for as long as the agent runs.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import secrets
import shutil
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

from glance_agent.domain.on_disk import sync
from glance_agent.domain.private import write_private
from glance_agent.store.database import Database
from glance_agent.store.reserve import PLENTY_BYTES
from glance_agent.store.transaction import transaction

FORMAT = 1
MANIFEST = "manifest"
_PRIVATE_FOLDER = 0o700
AT_ONCE = 1 << 20
"""So many bytes are read, or waited for, at a time."""
_WHOLLY = 0b111
"""What is told `sync_file_range`: begin to write now, and wait until that is done."""
_FACT = "seals"

Write = Callable[[Path], None]
"""Writes one file. Raises OSError."""
GoOn = Callable[[], None]
"""Raises what ends the writing of all that could be made anew, where nobody waits for it."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """What the files are of: which vectors, coded by what, up to which changes of the library."""

    space: str
    dimension: int
    kind: str
    vectors: int
    """The number of the last change of vectors that they know."""
    works: int
    """The same of what filters ask of works."""


@dataclass(frozen=True, slots=True)
class Opened:
    """Files that are whole, by what they have, and what they are of."""

    kept: Provenance
    seal: str
    files: Mapping[str, Path]


class SideFiles:
    """The files beside one library; one call at a time, but for readers elsewhere."""

    def __init__(self, library: Path) -> None:
        self.folder = library.with_name(f"{library.name}.index")

    def write(
        self,
        kept: Provenance,
        seal: str,
        content: Mapping[str, Write],
        size: int,
        go_on: GoOn = lambda: None,
    ) -> None:
        """Put these in the place of what is there; about so many bytes. Raises OSError.

        The library has to know the seal before. It may be ended by `go_on`, which is asked again
        and again: what was there is left then.
        """
        self.folder.mkdir(mode=_PRIVATE_FOLDER, exist_ok=True)
        if shutil.disk_usage(self.folder).free < size + PLENTY_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        try:
            told = {what: self._written(f"{seal}.{what}", content[what], go_on) for what in content}
            facts = {"format": FORMAT, "seal": seal, "kept": asdict(kept), "files": told}
            draft = self.folder / f"{seal}.{MANIFEST}"
            write_private(draft, _sealed(json.dumps(facts)))
            sync(draft)
            go_on()
            os.replace(draft, self.folder / MANIFEST)
            sync(self.folder)
        finally:
            self._tidy()

    def seal(self) -> str | None:
        """That of the manifest which is there; None for none."""
        try:
            return str(self._facts()["seal"])
        except (OSError, ValueError, KeyError):
            return None

    def read(self) -> Opened:
        """What is there, each byte of which was looked at.

        Raises OSError where there is nothing, and ValueError and KeyError where it is not whole.
        """
        facts = self._facts()
        files = {what: self.folder / name for what, (name, _, _) in facts["files"].items()}
        for what, (_, size, checksum) in facts["files"].items():
            if _summed(files[what]) != (size, checksum):
                raise ValueError(f"{files[what].name} is not as it was written")
        return Opened(Provenance(**facts["kept"]), str(facts["seal"]), files)

    def remove(self) -> None:
        """Leave none of them. Raises OSError."""
        with suppress(FileNotFoundError):
            (self.folder / MANIFEST).unlink()
            self._tidy()
            self.folder.rmdir()

    def _written(self, name: str, write: Write, go_on: GoOn) -> tuple[str, int, int]:
        """Write one file, to the disk; its name, size and checksum."""
        path = self.folder / name
        go_on()
        write(path)
        summed = _summed(path, go_on, sync=True)
        sync(path)
        return name, *summed

    def _tidy(self) -> None:
        """Leave what the manifest names, and nothing else."""
        try:
            named = {name for name, _, _ in self._facts()["files"].values()}
        except (OSError, ValueError, KeyError):
            named = set()
        with suppress(OSError):
            for path in self.folder.iterdir():
                if path.name not in {*named, MANIFEST}:
                    path.unlink()

    def _facts(self) -> dict[str, Any]:
        text, _, checksum = (self.folder / MANIFEST).read_bytes().partition(b"\n")
        if checksum.strip() != _checksum(text):
            raise ValueError("the manifest is not as it was written")
        facts: dict[str, Any] = json.loads(text)
        if facts["format"] != FORMAT:
            raise ValueError("the files are of another version")
        return facts


class AskedFile:
    """A file that is open to be written, as `numpy.savez` wants one, which asks `go_on` before
    each part."""

    def __init__(self, file: IO[bytes], go_on: GoOn) -> None:
        self._file = file
        self._go_on = go_on

    def write(self, data: bytes) -> int:
        """Write a part. Raises OSError, and what `go_on` does."""
        self._go_on()
        return self._file.write(data)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class Seals:
    """The seals of manifests that a library knows; one thread at a time."""

    def __init__(self, db: Database) -> None:
        self.db = db

    def known(self) -> list[str]:
        """That of the manifest, and one that was about to be. Raises StoreError."""
        row = self.db.execute("SELECT value FROM facts WHERE name = ?", [_FACT]).fetchone()
        return str(row[0]).split() if row else []

    def new(self, before: str | None) -> str:
        """One more, which is known from now on beside the one `before`. Raises StoreError."""
        seal = secrets.token_hex(8)
        with transaction(self.db):
            known = [one for one in self.known() if one == before]
            self.db.execute(
                "INSERT OR REPLACE INTO facts (name, value) VALUES (?, ?)",
                [_FACT, " ".join([*known, seal])],
            )
        return seal

    def forget(self) -> None:
        """Know none, so that no file is of this library any more. Within a transaction."""
        self.db.execute("DELETE FROM facts WHERE name = ?", [_FACT])


def _sealed(text: str) -> bytes:
    return text.encode() + b"\n" + _checksum(text.encode()) + b"\n"


def _checksum(data: bytes) -> bytes:
    return f"{zlib.crc32(data):08x}".encode()


def _summed(path: Path, go_on: GoOn = lambda: None, *, sync: bool = False) -> tuple[int, int]:
    """How many bytes a file has, and the checksum of all of them (CRC-32); if that is wanted they
    are on the disk then, a part after the other: nobody can be called away from a long wait.
    """
    size = checksum = 0
    with path.open("rb") as file:
        while part := file.read(AT_ONCE):
            go_on()
            if sync:
                sync_part(file.fileno(), size, len(part))
            size, checksum = size + len(part), zlib.crc32(part, checksum)
    return size, checksum


def sync_part(descriptor: int, start: int, length: int) -> None:
    """Wait until a part of a file is on disk, where the system knows how; its length may not be."""
    if (syncing := _syncing_parts()) is not None:
        syncing(descriptor, start, length, _WHOLLY)


@cache
def _syncing_parts() -> Callable[[int, int, int, int], int] | None:
    """The system's own `sync_file_range`; None where there is none."""
    call: Any = getattr(ctypes.CDLL(None), "sync_file_range", None)
    if call is not None:
        call.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return call  # type: ignore[no-any-return]
