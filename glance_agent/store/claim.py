"""One running agent a library: a lock beside the file, and which file was open last."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.private import PRIVATE
from glance_agent.domain.said import say
from glance_agent.domain.system_words import said_by_system
from glance_agent.store.sqlite import DatabasePlace


@dataclass(frozen=True, slots=True)
class Seen:
    """The library that an agent had open: where its file was, and the id of the installation."""

    device: int
    inode: int
    instance: str


class Claim:
    """The lock of a library, held by this process."""

    def __init__(self, path: Path, file: IO[str]) -> None:
        self._path = path
        self._file = file
        self._last = _read(file)

    @property
    def instance(self) -> str | None:
        """The id of the installation that was open last."""
        return self._last.instance if self._last else None

    def settle(self, place: DatabasePlace | None, instance: str) -> str | None:
        """Remember what is open now; a sentence where it is not what was open last."""
        if place is None:
            return None
        now = Seen(place.device, place.inode, instance)
        before, self._last = self._last, now
        with suppress(OSError):
            # On a full disk it stays unknown which library was open; nothing else hangs on it.
            self._file.seek(0)
            json.dump({"process": os.getpid(), **asdict(now)}, self._file)
            self._file.truncate()
            self._file.flush()
        if before is None or before == now:
            return None
        whose = "of the same installation" if before.instance == instance else "of another one"
        return (
            f"The library {self._path} is another file than the one that was open last, "
            f"{whose}: what is kept from now on is kept in this one."
        )


@contextmanager
def claimed(path: Path) -> Iterator[Claim]:
    """The library for this agent alone. Raises StoreError where another one runs with it.

    Programs that only look, or write for a moment, need no claim.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(_lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE)
    except OSError as error:
        said = say(
            "The library {path} cannot be opened: {why}.", path=path, why=said_by_system(error)
        )
        raise StoreError(said, trouble=Trouble.UNREACHABLE) from error
    with os.fdopen(descriptor, "r+", encoding="utf-8", errors="replace") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise _in_use(path, file) from error
        yield Claim(path, file)


def _lock_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.lock")


def _in_use(path: Path, file: IO[str]) -> StoreError:
    try:
        process = int(json.load(file)["process"])
    except (ValueError, KeyError, TypeError):
        said = say(
            "Another agent is running with the library {path}. Stop that one first, or give this "
            "one a library of its own with library.path.",
            path=path,
        )
        return StoreError(said, trouble=Trouble.BUSY)
    said = say(
        "Another agent (process {process}) is running with the library {path}. Stop that one "
        "first, or give this one a library of its own with library.path.",
        process=str(process),
        path=path,
    )
    return StoreError(said, trouble=Trouble.BUSY)


def _read(file: IO[str]) -> Seen | None:
    try:
        told = json.load(file)
        return Seen(int(told["device"]), int(told["inode"]), str(told["instance"]))
    except (ValueError, KeyError, TypeError):
        return None
