"""Fetching a model's files over a network that may fail at any byte.

Bytes go to `<file>.part` while their SHA-256 is computed; an interrupted download goes on from
there, in this run or the next. Only when size and hash are right the file gets its name. One
process at a time writes a file; another that wants it waits, and then finds it there.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

import aiohttp
from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type

from glance_agent.domain.errors import ModelAway, ModelError
from glance_agent.domain.foreign import whole
from glance_agent.domain.said import say
from glance_agent.embedding.models.catalogue import CatalogueModel, ModelFile
from glance_agent.embedding.models.directory import ModelDirectory, part_of
from glance_agent.embedding.models.hub import (
    LARGEST_FILE_BYTES,
    Announced,
    Hub,
    HubBusy,
    opened,
    reason_of,
    resolve_revision,
)
from glance_agent.embedding.models.placing import (
    Gathering,
    alone,
    place,
    recognised,
    require_room,
    writing,
)

MOST_FAILURES: Final = 5
LONGEST_WAIT_SECONDS: Final = 120.0
_CHUNK_BYTES: Final = 256 * 1024
_PASSING: Final = (HubBusy, aiohttp.ClientError, TimeoutError, ConnectionError)
_RANGE: Final = re.compile(r"bytes (\d{1,19})-\d{1,19}/(\d{1,19})", re.ASCII)
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """How far one file is; `total_bytes` is None while unknown."""

    path: str
    done_bytes: int
    total_bytes: int | None


@dataclass(slots=True)
class Puller:
    """Fetches models into a directory. `sleep` waits between attempts, in seconds; no file whose
    length nobody tells may become larger than `largest_bytes`."""

    model_directory: ModelDirectory
    hub: Hub
    session: aiohttp.ClientSession
    report: Callable[[DownloadProgress], None] = lambda _progress: None
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    largest_bytes: int = LARGEST_FILE_BYTES
    _failures: int = field(default=0, init=False)
    _furthest: int = field(default=0, init=False)

    async def pull(self, name: str) -> CatalogueModel:
        """The model with every file in its place, and pinned what the catalogue left open.

        Raises ModelAway where the hub cannot be reached, and ModelError where the model cannot
        be had: refused, wrong, or no room on the disk.
        """
        entry = self.model_directory.find(name)
        missing = self.model_directory.missing(entry)
        if entry.embedded or not missing:
            self.model_directory.require(entry)
            return entry
        require_room(
            self.model_directory.directory, sum(self._left(entry, file) for file in missing)
        )
        entry = await self._at_one_commit(entry)
        for file in missing:
            await self._fetch(entry, file)
        return self.model_directory.find(name)

    async def _at_one_commit(self, entry: CatalogueModel) -> CatalogueModel:
        """The entry with a commit for its revision: `main` becomes what main is now."""
        repository = entry.repository
        if entry.revision != "main" or repository is None:
            return entry
        ask = partial(resolve_revision, self.session, self.hub, repository)
        commit = await self._patiently(ask, repository)
        return entry.model_copy(update={"revision": commit})

    def _left(self, entry: CatalogueModel, file: ModelFile) -> int:
        part = part_of(self.model_directory.path(entry, file))
        return max(0, (file.bytes or 0) - _size(part))

    async def _fetch(self, entry: CatalogueModel, file: ModelFile) -> None:
        path = self.model_directory.path(entry, file)
        with writing():
            path.parent.mkdir(parents=True, exist_ok=True)
        async with alone(path.with_name(path.name + ".lock"), self.sleep):
            if self.model_directory.holds(entry, file):  # another process was faster
                return
            if await asyncio.to_thread(recognised, self.model_directory, entry, file):
                return
            await self._patiently(partial(self._download, entry, file), file.path)

    async def _patiently(self, act: Callable[[], Awaitable[_T]], what: str) -> _T:
        """The result of an act, tried again until it fails several times without progress."""
        self._failures = self._furthest = 0
        attempts = AsyncRetrying(
            retry=retry_if_exception_type(_PASSING),
            stop=lambda _state: self._failures >= MOST_FAILURES,
            wait=self._wait_seconds,
            before=self._count_failure,
            sleep=self.sleep,
            reraise=True,
        )
        try:
            return await attempts(act)
        except _PASSING as error:
            raise ModelAway(
                say(
                    "{what} could not be fetched: {n} attempts failed, the "
                    "last one because {why}. What came is kept, and the next attempt goes "
                    "on there.",
                    what=what,
                    n=MOST_FAILURES,
                    why=reason_of(error),
                )
            ) from error

    def _count_failure(self, _state: RetryCallState) -> None:
        self._failures += 1  # until this attempt gets further than all before

    def _note(self, progress: DownloadProgress) -> None:
        if progress.done_bytes > self._furthest:
            self._furthest, self._failures = progress.done_bytes, 0
        self.report(progress)

    def _wait_seconds(self, state: RetryCallState) -> float:
        """What the hub asked for, else 1, 2, 4, … seconds while nothing more comes."""
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds if isinstance(error, HubBusy) else None
        wait = 2.0 ** (self._failures - 1) if asked is None else asked
        return min(LONGEST_WAIT_SECONDS, wait)

    async def _download(self, entry: CatalogueModel, file: ModelFile) -> None:
        """One attempt; what it brought stays in the part, and the whole becomes the file."""
        part = part_of(self.model_directory.path(entry, file))
        if file.bytes is not None and _size(part) > file.bytes:
            part.unlink()
        repository = file.repository or entry.repository or ""
        url, kept = self.hub.file_url(repository, _revision(entry, file), file.path), _size(part)
        async with opened(self.session, self.hub, url, first_byte=kept) as (answer, said):
            expected, resumed = _completed(file, said, answer), answer.status != 200
            if file.bytes is None:
                wanted = max(0, (expected.bytes or 0) - kept)
                await asyncio.to_thread(require_room, self.model_directory.directory, wanted)
            digest = await self._receive(answer, part, expected)
        if _size(part) < (expected.bytes or 1):
            raise HubBusy(f"the hub sent only {_size(part)} of {expected.bytes or 'its'} bytes")
        if resumed and expected.sha256 not in (None, digest):
            part.unlink()
            raise HubBusy("what was kept of an earlier download was damaged")
        await asyncio.to_thread(place, self.model_directory, entry, expected, digest)

    async def _receive(
        self, answer: aiohttp.ClientResponse, part: Path, expected: ModelFile
    ) -> str:
        """Write the body behind what the part holds; the SHA-256 of all of it.

        The disk is left to other threads: a slow one would hold up everything on this loop.
        """
        await asyncio.to_thread(_make_fit, part, answer, expected)
        gathering = await asyncio.to_thread(Gathering, part)
        try:
            if answer.status != 416:
                await self._gather(answer, gathering, expected)
        finally:
            gathering.close()
        return gathering.digest.hexdigest()

    async def _gather(
        self, answer: aiohttp.ClientResponse, gathering: Gathering, expected: ModelFile
    ) -> None:
        async for chunk in answer.content.iter_chunked(_CHUNK_BYTES):
            size = await asyncio.to_thread(gathering.append, chunk)
            self._note(DownloadProgress(expected.path, size, expected.bytes))
            if expected.bytes is not None and size > expected.bytes:
                break
            if expected.bytes is None:
                await asyncio.to_thread(_require_an_end, gathering.path, size, self.largest_bytes)
        await asyncio.to_thread(gathering.sync)


def _make_fit(part: Path, answer: aiohttp.ClientResponse, expected: ModelFile) -> None:
    """Let the body continue the part, or start it anew; raises HubBusy where it fits nowhere.

    That a part is the whole (416) is believed only where its hash can be compared: a hub that
    is wrong about it would otherwise pin a piece.
    """
    if answer.status == 200:
        part.unlink(missing_ok=True)
        return
    size = _size(part)
    if answer.status == 416:
        fits = expected.sha256 is not None and size > 0 and expected.bytes in (None, size)
    else:
        first, _ = _range_of(answer)
        fits = 0 < size == first and expected.bytes is not None
    if not fits:
        part.unlink(missing_ok=True)
        raise HubBusy(f"the hub did not go on after {size} of {expected.bytes} bytes")


def _revision(entry: CatalogueModel, file: ModelFile) -> str:
    return file.revision or entry.revision


def _completed(file: ModelFile, said: Announced, answer: aiohttp.ClientResponse) -> ModelFile:
    """The file with what the hub announced where the catalogue knows nothing.

    The length of an answer counts last: it is that of the host which sends the body.
    """
    size = file.bytes or said.bytes
    if size is None and answer.status == 206:
        _, size = _range_of(answer)
    elif size is None and answer.status == 200 and "Content-Encoding" not in answer.headers:
        size = whole(answer.headers.get("Content-Length"), LARGEST_FILE_BYTES)
    known = {"bytes": size or None, "sha256": file.sha256 or said.sha256}
    return file.model_copy(update=known)


def _range_of(answer: aiohttp.ClientResponse) -> tuple[int | None, int | None]:
    """The first byte of an answer, and how many the whole file has (RFC 9110, 14.4)."""
    found = _RANGE.fullmatch(answer.headers.get("Content-Range", ""))
    return (whole(found[1]), whole(found[2], LARGEST_FILE_BYTES)) if found else (None, None)


def _require_an_end(part: Path, came_bytes: int, most_bytes: int) -> None:
    """Raises ModelError where a body of unknown length goes on for ever, or fills the disk.

    What came of it is thrown away: nobody knows what it is a part of.
    """
    try:
        if came_bytes > most_bytes:
            raise ModelError(say("The hub sends a file without end. It was thrown away."))
        require_room(part.parent, 1)
    except ModelError:
        part.unlink(missing_ok=True)
        raise


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
