"""What a display keeps over restarts: one small file of JSON, for its owner alone.

It may hold what lets the agent in at a device, so that nobody else reads it and no log repeats it.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ValidationError

from glance_agent.domain.private import PRIVATE

MOST_BYTES: Final = 1_000_000
_log = logging.getLogger(__name__)
_T = TypeVar("_T", bound=BaseModel)


class DisplayMemory:
    """The record of one display; without a file it lasts as long as the program."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._kept: bytes | None = None

    def recall(self, form: type[_T]) -> _T:
        """What was kept last; as new where there is nothing, or nothing that can be read."""
        try:
            data = self._kept if self._path is None else _read(self._path)
            return form.model_validate_json(data) if data is not None else form()
        except (OSError, ValidationError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is damaged, or newer"
            _log.warning("what was kept of a display in %s cannot be read: %s", self._path, why)
            return form()

    def keep(self, record: BaseModel) -> None:
        """Keep this in the place of what was kept before, all of it or nothing. Raises OSError."""
        data = record.model_dump_json().encode()
        if self._path is not None:
            _replace(self._path, data)
        self._kept = data

    def remember(self, record: BaseModel, host: str) -> None:
        """The same of what was sent there, where that can be kept; else it is sent once more."""
        try:
            self.keep(record)
        except OSError as error:
            _log.warning("what was sent to %s is not kept: %s", host, error.strerror)


def _read(path: Path) -> bytes | None:
    try:
        opened = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    with os.fdopen(opened, "rb") as file:
        return file.read(MOST_BYTES)


def _replace(path: Path, data: bytes) -> None:
    """On the disk when this returns; whoever reads meanwhile gets the old or the new, whole."""
    draft = path.with_name(f"{path.name}.part")
    with suppress(FileNotFoundError):
        draft.unlink()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(draft, flags, PRIVATE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError:
        with suppress(OSError):
            draft.unlink()
        raise
