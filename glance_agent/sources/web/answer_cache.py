"""Museums' answers kept on disk, so that nothing is asked twice while it is still fresh."""

from __future__ import annotations

import json
import logging
import os
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from glance_agent.domain.foreign import json_value
from glance_agent.domain.private import write_private
from glance_agent.sources.web.request_log import Clock

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer: its status (200 or 404), its body, its ETag, and when it came."""

    status: int
    body: bytes
    etag: str
    at: float


class AnswerCache:
    """A directory of answers, one file each; the oldest leave when there is no room."""

    def __init__(self, directory: Path | None, clock: Clock, *, max_bytes: int) -> None:
        self._directory = directory
        self._clock = clock
        self._max_bytes = max_bytes
        self._bytes: int | None = None

    def get(self, url: str) -> Kept | None:
        """The answer for an address, however old."""
        path = self._path(url)
        if path is None:
            return None
        try:
            head, _, body = path.read_bytes().partition(b"\n")
            fact = json_value(head)
            return Kept(int(fact["status"]), body, str(fact["etag"]), float(fact["at"]))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def put(self, url: str, status: int, body: bytes, etag: str = "") -> None:
        """Keep an answer under its address; one that cannot be kept is asked for again."""
        path = self._path(url)
        if path is None:
            return
        try:
            self._put(path, status, body, etag)
        except OSError as error:
            _log.warning("a museum's answer cannot be kept: %s", error.strerror)

    def _put(self, path: Path, status: int, body: bytes, etag: str) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        head = json.dumps({"status": status, "etag": etag, "at": self._clock()})
        draft = path.with_suffix(".new")
        write_private(draft, head.encode() + b"\n" + body)
        self._bytes = self._size() + draft.stat().st_size
        os.replace(draft, path)
        if self._bytes > self._max_bytes:
            self._make_room()

    def age_seconds(self, kept: Kept) -> float:
        """How old an answer is; a clock that went back makes it old."""
        age = self._clock() - kept.at
        return age if age >= 0 else float("inf")

    def _path(self, url: str) -> Path | None:
        if self._directory is None:
            return None
        name = sha256(url.encode("utf-8", "replace")).hexdigest()
        return self._directory / name[:2] / name[2:34]

    def _size(self) -> int:
        if self._bytes is None:
            self._bytes = sum(p.stat().st_size for p in self._files())
        return self._bytes

    def _files(self) -> list[Path]:
        return [p for p in self._directory.glob("??/*") if p.is_file()] if self._directory else []

    def _make_room(self) -> None:
        """Remove the oldest until a tenth of the room is free."""
        oldest = sorted((p.stat().st_mtime, p.stat().st_size, p) for p in self._files())
        left = sum(size for _, size, _ in oldest)
        for _, size, path in oldest:
            if left <= self._max_bytes * 0.9:
                break
            path.unlink(missing_ok=True)
            left -= size
        self._bytes = left
