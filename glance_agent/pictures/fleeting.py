"""The bytes of a large file that are let go of as they are read, so that while its picture grows
its file gets less."""

from __future__ import annotations

import io
import mmap
import sys
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

LET_GO_BYTES: Final = 1 << 20
"""So many are let go of at a time, and so many behind the place that is read are still there."""


class FleetingBytes(mmap.mmap):
    """Memory of its own, outside of all heaps; readable like bytes until it was let go of.

    What is sliced is a copy.
    """

    gone: int = 0
    """How many bytes at the beginning are no more."""

    @classmethod
    def of_length(cls, length: int) -> FleetingBytes:
        """So many bytes, more than none, to be written; on Linux only. Raises OSError."""
        return cls(-1, length, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)

    def startswith(self, prefix: bytes | tuple[bytes, ...]) -> bool:
        return self[
            : len(max(prefix, key=len) if isinstance(prefix, tuple) else prefix)
        ].startswith(prefix)

    def let_go(self, until: int) -> None:
        """Have no more what is before this place, but for what is less than a page."""
        until -= until % mmap.PAGESIZE
        if until - self.gone >= LET_GO_BYTES and sys.platform == "linux":
            self.madvise(mmap.MADV_DONTNEED, self.gone, until - self.gone)
            self.gone = until

    def opened(self, *, letting_go: bool) -> BinaryIO:
        """A file; one that is `letting_go` has to be read from its beginning to its end, and raises
        OSError where what is gone is read once more."""
        return io.BufferedReader(_Reading(self, letting_go), 1 << 16)

    def whole(self) -> bytes:
        """All of it as bytes; this memory is the system's from then on."""
        data = self[:]
        self.close()
        return data


PictureFile = bytes | FleetingBytes
"""A file in memory."""


def opened(data: PictureFile, *, letting_go: bool) -> BinaryIO:
    """A file that is read where it lies."""
    if isinstance(data, FleetingBytes):
        return data.opened(letting_go=letting_go)
    return io.BytesIO(data)


class _Reading(io.RawIOBase):
    """What is read of the bytes; where it is `letting_go`, of what lies well behind."""

    def __init__(self, data: FleetingBytes, letting_go: bool) -> None:
        self._data, self._at, self._letting_go = data, 0, letting_go

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: len(self._data)}[whence]
        self._at = max(0, start + offset)
        return self._at

    def readinto(self, room: WriteableBuffer) -> int:
        if self._at < self._data.gone:
            raise OSError("this has been let go of")
        view = memoryview(room).cast("B")
        found = self._data[self._at : self._at + len(view)]
        view[: len(found)] = found
        self._at += len(found)
        if self._letting_go:
            self._data.let_go(self._at - LET_GO_BYTES)
        return len(found)
