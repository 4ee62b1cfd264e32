"""Which pictures can be had: looked at before a showing is answered, and again until they can.

A source that is away is remembered, so that nothing more is chosen from it, and is asked for one
of its pictures from time to time: whoever waits for it is told when it gives one.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from itertools import chain, repeat
from typing import Protocol

from glance_agent.agent.beside import beside
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.fitting import no_source
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import PictureReader
from glance_agent.domain.said import say
from glance_agent.ingest.worker import in_worker

FIND_SECONDS = 2.0
"""How long a disk may take to say whether a picture is there; a share that is away never does."""
AGAIN_SECONDS = (5.0, 10.0, 20.0, 30.0)
"""When a source that is away is asked again; the last one counts from then on."""
ASIDE_SECONDS = 600.0
"""How long a picture is not chosen that could not be decoded for reasons that pass."""
_DECODING = frozenset(("not decoded", "takes too long"))
_log = logging.getLogger(__name__)


class PictureFinder(PictureReader, Protocol):
    """Also knows pictures without reading them."""

    def find(self, location: str) -> bool:
        """Whether it is there; False where only reading it tells. Blocks; raises as `read`."""
        ...


class Marks(Protocol):
    """Keeps that a picture cannot be used, or for a while that those of a source cannot."""

    def mark_unusable(self, artwork_id: str, reason: str) -> None: ...
    def leave_alone(self, source: str) -> None: ...
    def come_back(self, source: str) -> None: ...
    def set_aside(self, artwork_id: str) -> None: ...
    def take_up(self, artwork_id: str) -> None: ...


class Places(Protocol):
    """Knows where pictures are; in the worker's thread alone."""

    def location(self, artwork_id: str) -> str | None: ...
    def any_location(self, source: str) -> str | None: ...


class PictureReach:
    """The sources that are away, and what follows for works."""

    def __init__(
        self,
        sources: Mapping[str, PictureFinder],
        places: Places,
        marks: Marks,
        *,
        worker: Executor,
        again_seconds: tuple[float, ...] = AGAIN_SECONDS,
    ) -> None:
        self._sources = sources
        self._places = places
        self._marks = marks
        self._worker = worker
        self._again_seconds = again_seconds
        self._away: dict[str, SourceError] = {}
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._silent: set[str] = set()
        self._looking = ThreadPoolExecutor(4, "look")
        self._closed = False
        self._changed: Callable[[], Awaitable[None]] = _nothing
        self._back: Callable[[str], Awaitable[None]] = _nothing

    def follow(
        self, *, changed: Callable[[], Awaitable[None]], back: Callable[[str], Awaitable[None]]
    ) -> None:
        """Tell from now on when fewer works can be shown, and when a source is there again."""
        self._changed = changed
        self._back = back

    def away(self) -> dict[str, str]:
        """Why sources are away, by their names."""
        return {source: error.said for source, error in self._away.items()}

    async def lacking(self, work: Artwork) -> BadPicture | SourceError | None:
        """Why the picture of a work cannot be had, as far as that shows without reading it."""
        location = await in_worker(self._worker, self._places.location, work.id)
        reader = self._sources.get(work.source)
        if reader is None or location is None:
            return no_source(work.source)
        try:
            is_here = await self._found(work.source, reader, location)
        except (BadPicture, SourceError) as lacking:
            return lacking
        return None if is_here else self._away.get(work.source)

    async def note(self, work: Artwork, error: BadPicture | SourceError) -> None:
        """Choose a work no more whose picture could not be had, or for now all of its source."""
        if isinstance(error, SourceError):
            if work.source not in self._away:
                self._leave_alone(work.source, error)
                await despite_the_library(self._changed(), "telling what is away")
            return
        _log.warning("the picture of %s cannot be shown: %s", work.id, error)
        if error.passing and error.reason in _DECODING:
            self._marks.set_aside(work.id)
            loop = asyncio.get_running_loop()
            loop.call_later(ASIDE_SECONDS, self._marks.take_up, work.id)
        else:
            marking = in_worker(self._worker, self._marks.mark_unusable, work.id, error.reason)
            await despite_the_library(marking, "keeping an unreadable picture out")
            await despite_the_library(self._changed(), "telling what cannot be read")

    async def doubt(self, source: str) -> None:
        """Choose from a source no more that could not be listed, where its pictures cannot be had
        either: those of a museum are kept here."""
        location = await in_worker(self._worker, self._places.any_location, source)
        reader = self._sources.get(source)
        if reader is None or location is None or source in self._away:
            return
        try:
            await self._found(source, reader, location)
        except BadPicture:
            return
        except SourceError as error:
            self._leave_alone(source, error)
            await despite_the_library(self._changed(), "telling what is away")

    async def came_back(self, source: str) -> None:
        """Choose from this source again, where it was away."""
        if self._away.pop(source, None) is not None:
            self._marks.come_back(source)
            _log.info("the pictures of the source “%s” can be had again", source)
            await despite_the_library(self._back(source), f"going on with {source}")

    def under_way(self) -> list[asyncio.Task[None]]:
        """What may be cancelled at any time."""
        return list(self._watching.values())

    def close(self) -> None:
        """Ask no disk any more, wait for none that is silent: pictures are taken to be there."""
        self._closed = True
        self._looking.shutdown(wait=False, cancel_futures=True)

    # -- sources that are away -----------------------------------------------------------------

    def _leave_alone(self, source: str, error: SourceError) -> None:
        _log.warning("no picture of the source “%s” can be had for now: %s", source, error)
        self._away[source] = error
        self._marks.leave_alone(source)
        before = self._watching.get(source)
        if before is not None and before is not asyncio.current_task():
            before.cancel()
        self._watching[source] = beside(self._watch(source), f"waiting for {source}")

    async def _watch(self, source: str) -> None:
        """Ask a source for pictures until it gives one, or somebody else knows it is there."""
        last = self._again_seconds[-1]
        for seconds in chain(self._again_seconds, repeat(last)):
            await asyncio.sleep(seconds)
            if source not in self._away:
                return
            if await despite_the_library(self._gives(source), f"looking for {source}"):
                await self.came_back(source)
                return

    async def _gives(self, source: str) -> bool:
        """Whether a source can be read: any of its works will do, since a single one may be ill."""
        location = await in_worker(self._worker, self._places.any_location, source)
        reader = self._sources.get(source)
        if reader is None:
            return False
        if location is None:
            return True
        try:
            if not await self._found(source, reader, location):
                await reader.read(location)
        except SourceError:
            return False
        except BadPicture:
            return True
        return True

    async def _found(self, source: str, reader: PictureFinder, location: str) -> bool:
        """Whether a picture is there; raises SourceError where its disk does not even answer."""
        if source in self._silent:
            raise _no_answer(source)
        if self._closed:
            return True
        loop = asyncio.get_running_loop()
        looking = loop.run_in_executor(self._looking, reader.find, location)
        done, _ = await asyncio.wait({looking}, timeout=FIND_SECONDS)
        if not done:
            # Nobody is sent after the one who waits there, until that one comes back.
            self._silent.add(source)
            looking.add_done_callback(lambda asked: self._answered(source, asked))
            raise _no_answer(source)
        return looking.cancelled() or looking.result()

    def _answered(self, source: str, asked: asyncio.Future[bool]) -> None:
        self._silent.discard(source)
        if not asked.cancelled():
            asked.exception()


async def _nothing(*_: str) -> None:
    """Nobody follows yet."""


def _no_answer(source: str) -> SourceError:
    return SourceError(
        say(
            "The disk of the source “{source}” does not answer: look whether it is on",
            source=source,
        )
    )
