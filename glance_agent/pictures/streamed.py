"""The bytes of a picture, handed on a piece at a time, so that nobody has to hold all of them."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from typing import BinaryIO, Final, Protocol

from glance_agent.domain.errors import BadPicture

PIECE_BYTES: Final = 1 << 18
"""Few enough to stay in a processor's cache from reading to hashing to handing on."""


class Streamed(Protocol):
    """So many bytes, told from their beginning as often as they are asked for."""

    def __len__(self) -> int: ...
    def pieces(self) -> Iterator[memoryview]:
        """All of them; each piece is there until the next one. Raises BadPicture."""
        ...


PictureBytes = bytes | Streamed


def pieces_of(data: PictureBytes) -> Iterator[memoryview]:
    """What there is to hand on; bytes that are held already are one piece."""
    return iter((memoryview(data),)) if isinstance(data, bytes) else data.pieces()


def file_of(data: PictureBytes) -> int | None:
    """The open file whose pieces these are, where the system can hand them on by itself."""
    if not isinstance(data, HashedFile) or sys.platform != "linux":
        return None
    try:
        return data.fileno()
    except OSError:  # it is none of the system's
        return None


def whole(data: PictureBytes) -> bytes:
    """All of it at once."""
    return data if isinstance(data, bytes) else b"".join(map(bytes, data.pieces()))


class HashedFile:
    """An open file as long as it was when it was opened, which is hashed as it is handed on."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        """Its first piece is read at once: a disk that does not answer keeps whoever opened the
        file waiting, and no decoder. Raises BadPicture."""
        self._file, self._length = file, length
        self._room = memoryview(bytearray(min(PIECE_BYTES, length)))
        self._first = self._read_into(self._room)
        self.content_hash = ""
        """SHA-256 in hexadecimal of what was read, once that is all."""

    def __len__(self) -> int:
        return self._length

    def fileno(self) -> int:
        return self._file.fileno()

    def pieces(self) -> Iterator[memoryview]:
        """The file; where it has become shorter, or cannot be read, BadPicture is raised."""
        digest, left, read = hashlib.sha256(), self._length, self._first
        if not read:
            self._file.seek(0)
        self._first = 0
        while left:
            read = read or self._read_into(self._room[:left])
            if not read:
                raise BadPicture("truncated", "it became shorter while it was read", passing=True)
            piece, left, read = self._room[:read], left - read, 0
            digest.update(piece)
            yield piece
        self.content_hash = digest.hexdigest()

    def _read_into(self, room: memoryview) -> int:
        try:
            return self._file.readinto(room)  # type: ignore[attr-defined, no-any-return]
        except OSError as error:
            raise BadPicture("unreadable", error.strerror or "", passing=True) from error
