"""Thumbnails of works: made when one is asked for first, then kept while there is room."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import NamedTuple, Protocol

from glance_agent.commands.messages import unknown_artwork
from glance_agent.commands.out_of_reach import source_is_away
from glance_agent.domain.errors import BadPicture, CommandError, ErrorCode, SourceError
from glance_agent.domain.listing import ListedWork
from glance_agent.domain.said import say
from glance_agent.gallery.thumbs import Thumb, ThumbKind, revision_of

AT_ONCE = 2
"""How many originals are in memory at a time."""
MOST_WAITING = 64
MOST_SECONDS = 20.0
"""How long somebody waits for one; it is made all the same, for whoever asks next."""
_log = logging.getLogger(__name__)


class Originals(Protocol):
    """Reads the picture of a work, where it is enough the small one of several."""

    async def read(self, work: ListedWork, wanted_px: int) -> bytes:
        """Raises BadPicture and SourceError."""
        ...


class ThumbnailStore(Protocol):
    """Keeps thumbnails on disk by name; blocks, and may be used by several threads."""

    def get(self, name: str, /) -> bytes | None: ...
    def put(self, name: str, data: bytes, /) -> None: ...


class ThumbnailMaker(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    def thumbnail(self, data: bytes, size_px: int, kind: ThumbKind) -> bytes:
        """Raises BadPicture."""
        ...


class Thumbnail(NamedTuple):
    """A thumbnail; one that is not `lasting` is of another picture than the one that was named."""

    data: bytes
    lasting: bool


class Thumbnails:
    """Gives thumbnails. Originals are never given, and are read two at a time at most."""

    def __init__(
        self,
        find: Callable[[str], Awaitable[ListedWork | None]],
        originals: Originals,
        *,
        store: ThumbnailStore,
        maker: ThumbnailMaker,
        seconds: float = MOST_SECONDS,
    ) -> None:
        """`find` tells of the work of an id; raises CommandError where the library stands in the
        way."""
        self._find = find
        self._originals = originals
        self._store = store
        self._maker = maker
        self._seconds = seconds
        self._places = asyncio.Semaphore(AT_ONCE)
        self._making: dict[str, asyncio.Task[bytes]] = {}

    async def get(self, thumb: Thumb) -> Thumbnail:
        """The thumbnail of that name. Raises CommandError."""
        if (kept := await asyncio.to_thread(self._store.get, _key(thumb))) is not None:
            return Thumbnail(kept, lasting=True)
        work = await self._find(thumb.artwork_id)
        if work is None:
            raise unknown_artwork(thumb.artwork_id)
        if not work.usable:
            raise _unreadable(work)
        now = replace(thumb, revision=revision_of(work))
        return Thumbnail(await self._made(now, work), lasting=now == thumb)

    def close(self) -> None:
        """Make nothing any more."""
        for task in self._making.values():
            task.cancel()

    async def _made(self, thumb: Thumb, work: ListedWork) -> bytes:
        """The thumbnail, made once however many ask for it."""
        key = _key(thumb)
        task = self._making.get(key)
        if task is None:
            if len(self._making) >= MOST_WAITING:
                raise _busy(say("Too many thumbnails are being made."))
            task = self._making[key] = asyncio.create_task(self._make(thumb, work))
            task.add_done_callback(lambda _: self._making.pop(key, None))
        try:
            async with asyncio.timeout(self._seconds):
                return await asyncio.shield(task)
        except TimeoutError:
            raise _busy(say("The picture does not come in time.")) from None
        except BadPicture as bad:
            if bad.passing:
                raise _busy(say("The picture cannot be decoded now.")) from bad
            raise _unreadable(work) from bad
        except SourceError as error:
            raise _busy(source_is_away(work.artwork)) from error

    async def _make(self, thumb: Thumb, work: ListedWork) -> bytes:
        async with self._places:
            data = await self._originals.read(work, thumb.size_px)
            made = await asyncio.to_thread(self._maker.thumbnail, data, thumb.size_px, thumb.kind)
        try:
            await asyncio.to_thread(self._store.put, _key(thumb), made)
        except OSError as error:
            # It is here to be looked at; the next time it is made again.
            _log.warning("a thumbnail cannot be kept: %s", error)
        return made


def _key(thumb: Thumb) -> str:
    return f"{thumb.artwork_id} {thumb.revision} {thumb.size_px}.{thumb.kind}"


def _busy(message: str) -> CommandError:
    return CommandError(ErrorCode.BUSY, message, say("Ask again in a moment."))


def _unreadable(work: ListedWork) -> CommandError:
    return CommandError(
        ErrorCode.PICTURE_UNREADABLE,
        say("The picture of {label} cannot be read.", label=work.artwork.label),
        say("The page on its source says why, if it was left out."),
    )
