"""The files of a folder, read within limits; what keeps them from being read is said in words."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.said import say
from glance_agent.sources.folders.walking import Walk, is_utf8, lies_inside, printable, why_not

_LET_IN: Final = say(
    "Where the agent is a systemd service, `glance-agent doctor` names the lines of its unit that "
    "let a folder in"
)


class FolderFiles:
    """The files under one folder; none that a link leads out of it to."""

    def __init__(self, source: str, path: Path, walk: Walk, *, max_bytes: int, may_move: bool):
        """`source` is what the folder is told of by. In a flat folder that `may_move` files are
        known by their names, wherever it lay once."""
        self._source = source
        self._path = path
        self._walk = walk
        self._max_bytes = max_bytes
        self._may_move = may_move

    def is_empty(self) -> bool:
        """Whether it has no picture, or cannot be looked into; blocks on the disk."""
        return not any(isinstance(found, str) for found in self._walk.found())

    def content(self, path: Path) -> bytes:
        """All bytes of a file. Raises BadPicture, and SourceError where no picture is left."""
        with self.opened(path) as file:
            size = os.fstat(file.fileno()).st_size  # no buffer for the largest that may be
            data = file.read(min(size, self._max_bytes) + 1)
            if size < len(data) <= self._max_bytes:  # it has grown
                data += file.read(self._max_bytes + 1 - len(data))
        if len(data) > self._max_bytes:
            raise BadPicture("file too long", f"{self._max_bytes} bytes allowed")
        return data

    @contextmanager
    def opened(self, path: Path) -> Iterator[BinaryIO]:
        """A file, within the block; what keeps it from being read is raised as by `content`."""
        with self._reading(), self._file(path) as file:
            yield file

    def open(self, path: Path) -> BinaryIO:
        """A file, for the caller to close. Raises as `content` does."""
        with self._reading():
            return self._file(path)

    def _file(self, path: Path) -> BinaryIO:
        path = self._path / path.name if self._may_move else path
        self._check_inside(path)
        if not stat.S_ISREG(path.stat().st_mode):
            raise BadPicture("unreadable", "not a regular file")
        return path.open("rb")

    def _check_inside(self, path: Path) -> None:
        """Raises BadPicture where the path leads out of the folder."""
        if not lies_inside(self._walk.roots, path):
            raise BadPicture("unreadable", "outside the folder")

    @contextmanager
    def _reading(self) -> Iterator[None]:
        try:
            yield
        except BadPicture:
            # What led into the folder leads out of it while its disk is away, or since it moved.
            self.require_pictures()
            raise
        except FileNotFoundError as error:
            self.require_pictures()
            raise BadPicture("vanished", passing=True) from error
        except (OSError, ValueError, RuntimeError) as error:
            self.require_pictures()
            # Permission can be given without a change of the file's time: worth another try.
            raise BadPicture("unreadable", why_not(error), passing=True) from error

    def require_pictures(self) -> None:
        """Raises SourceError where no picture is left: a mount point, and its disk is away."""
        self.check_root()
        if self.is_empty():
            raise SourceError(
                say("{where} has no picture any more: mount its disk", where=self._called())
            )

    def check_root(self) -> None:
        """Raises SourceError, which says what to do, where the folder itself cannot be read."""
        where = self._called()
        if not is_utf8(str(self._path.absolute())):
            raise SourceError(
                say("{where} has a path that is not UTF-8: rename what it consists of", where=where)
            )
        try:
            with os.scandir(self._path):
                return
        except FileNotFoundError as error:
            raise SourceError(
                say(
                    "{where} does not exist: create it, mount its disk, or correct its "
                    "path in the configuration. {let_in}",
                    where=where,
                    let_in=_LET_IN,
                )
            ) from error
        except NotADirectoryError as error:
            raise SourceError(
                say("{where} is a file: name the folder that holds it", where=where)
            ) from error
        except OSError as error:
            raise SourceError(
                say(
                    "{where} cannot be read: allow it to the user that the agent runs as. {let_in}",
                    where=where,
                    let_in=_LET_IN,
                )
            ) from error

    def _called(self) -> str:
        return say(
            "The folder “{folder}” of the source “{source}”",
            folder=printable(self._path.name),
            source=self._source,
        )
