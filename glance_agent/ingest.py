"""Source -> fetch -> decode -> embed -> store: new works join the library, whatever interrupts.

Every item is dealt with by itself and kept together with its fingerprint, so that a run that is
killed at any moment is continued by the next one, which neither repeats nor skips anything.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections import Counter
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, TypeVarTuple

from glance_agent.errors import BadPicture, ModelError, SourceError
from glance_agent.glance import Event
from glance_agent.listing import Fetched, Listed, Look, Page, Skipped, StoredWork
from glance_agent.picture import decode, dominant_colours
from glance_agent.twins import candidates, look_of, twin
from glance_agent.vectors import NO_SPACE, Matrix, Vector

if TYPE_CHECKING:
    from PIL.Image import Image

EMBEDDED_PX = 448
"""Least long side of the picture that is decoded for embedding: twice what a tower sees."""
SMALL_PX = 144
"""Short side of the copy in which colours and looks are found."""
NEAREST = 50
"""With how many of the works that mean nearly the same a new one is compared."""
AHEAD = 3
"""Pictures fetched and decoded while the one before them is embedded."""
_log = logging.getLogger(__name__)
_T = TypeVarTuple("_T")
_R = TypeVar("_R")


class Source(Protocol):
    """A place where pictures come from."""

    @property
    def name(self) -> str: ...
    @property
    def lists_everything(self) -> bool:
        """Whether an item that a complete listing does not have is gone."""
        ...

    def pages(self, cursor: str | None) -> AsyncIterator[Page]: ...
    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched: ...


class Shelf(Protocol):
    """Where works are kept; used by one thread at a time."""

    def fingerprints(
        self, source: str, keys: Iterable[str], space: str | None
    ) -> dict[str, str]: ...
    def together(self) -> AbstractContextManager[object]: ...
    def owner_of(self, content_hash: str) -> str | None: ...
    def has_elsewhere(self, artwork_id: str, source: str, key: str) -> bool: ...
    def looks(self, artwork_ids: Iterable[str]) -> dict[str, Look]: ...
    def groups(self, artwork_ids: Iterable[str]) -> dict[str, str]: ...
    def add(self, source: str, key: str, stored: StoredWork) -> None: ...
    def same(self, source: str, item: Listed, owner: str, location: str) -> None: ...
    def skip(self, source: str, skipped: Skipped) -> None: ...
    def cursor(self, source: str) -> str | None: ...
    def set_cursor(self, source: str, cursor: str | None) -> None: ...
    def drop_vanished(self, source: str, seen: frozenset[str]) -> list[str]: ...


class Encoder(Protocol):
    """Turns pictures into unit vectors of its space; raises ModelError."""

    @property
    def space(self) -> str: ...

    def embed_images(self, images: Sequence[Image]) -> Matrix: ...


class Rows(Protocol):
    """The vectors of one moment."""

    @property
    def ids(self) -> tuple[str, ...]: ...
    @property
    def matrix(self) -> Matrix: ...


class Index(Protocol):
    """The vectors in memory that searches look at."""

    def snapshot(self) -> Rows: ...
    def put(self, artwork_id: str, vector: Vector) -> None: ...
    def remove(self, artwork_ids: Iterable[str]) -> None: ...


@dataclass(slots=True)
class Progress:
    """How far one source is: counted in items; `rate` is items dealt with per second."""

    source: str
    total: int | None = None
    done: int = 0
    added: int = 0
    unchanged: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    elapsed_seconds: float = 0.0
    finished: bool = False
    stopped_by: str | None = None

    @property
    def failed(self) -> int:
        return self.left_out.total()

    @property
    def rate(self) -> float:
        worked = self.done - self.unchanged
        return worked / self.elapsed_seconds if self.elapsed_seconds > 0 else 0.0

    @property
    def eta_seconds(self) -> int | None:
        if self.finished or self.total is None or self.rate <= 0:
            return 0 if self.finished else None
        return round(max(0, self.total - self.done) / self.rate)

    def event(self) -> Event:
        """The progress as the world is told of it."""
        payload: dict[str, Any] = {
            "event_type": "finished" if self.finished else "progress",
            "source": self.source,
            "done": self.done,
            "total": self.total,
            "failed": self.failed,
            "rate": round(self.rate, 2),
            "eta_seconds": self.eta_seconds,
            "added": self.added,
            "unchanged": self.unchanged,
            "left_out": dict(self.left_out),
            "error": self.stopped_by,
        }
        return Event("ingest", payload)


@dataclass(frozen=True, slots=True)
class _Decoded:
    """An item on its way: the work with its picture, ready to be embedded."""

    item: Listed
    fetched: Fetched
    image: Image
    content_hash: str
    look: Look | None


class Ingest:
    """Brings the works of a source into the library."""

    def __init__(
        self,
        shelf: Shelf,
        encoder: Encoder,
        index: Index,
        *,
        executor: Executor,
        clock: Callable[[], float],
        max_pixels: int = 120_000_000,
    ) -> None:
        """`executor` has one thread, the only one that uses `shelf`; `clock` is in seconds."""
        self._shelf = shelf
        self._encoder = encoder
        self._index = index
        self._executor = executor
        self._clock = clock
        self._max_pixels = max_pixels

    async def run(
        self, source: Source, *, limit: int | None = None
    ) -> AsyncGenerator[Progress, None]:
        """Bring in what is new, and tell how far it is after every item.

        At most `limit` works are added. A source that fails ends the run with `stopped_by`.
        """
        progress = Progress(source.name)
        started = self._clock()
        seen: set[str] = set()
        try:
            cursor = await self._off_loop(self._shelf.cursor, source.name)
            async with aclosing(self._pages(source, cursor)) as pages:
                async for page in pages:
                    progress.total = page.total if page.total is not None else progress.total
                    seen.update(item.key for item in page.items)
                    async for _ in self._page(source, page, progress, limit):
                        progress.elapsed_seconds = self._clock() - started
                        yield progress
                    if _full(progress, limit):
                        break
                    await self._off_loop(self._shelf.set_cursor, source.name, page.next_cursor)
                else:
                    await self._complete(source, cursor, seen)
        except SourceError as error:
            progress.stopped_by = str(error)
        progress.finished = True
        progress.elapsed_seconds = self._clock() - started
        yield progress

    async def _pages(self, source: Source, cursor: str | None) -> AsyncGenerator[Page, None]:
        async for page in source.pages(cursor):
            yield page

    async def _complete(self, source: Source, cursor: str | None, seen: set[str]) -> None:
        """After a whole listing: what it no longer has is no longer shown."""
        if not source.lists_everything or cursor is not None or not seen:
            return
        gone = await self._off_loop(self._shelf.drop_vanished, source.name, frozenset(seen))
        self._index.remove(gone)

    async def _page(
        self, source: Source, page: Page, progress: Progress, limit: int | None
    ) -> AsyncIterator[None]:
        """Deal with the items of a page, fetching some ahead of the one being embedded."""
        keys = [item.key for item in page.items]
        space = None if self._encoder.space == NO_SPACE else self._encoder.space
        known = await self._off_loop(self._shelf.fingerprints, source.name, keys, space)
        waiting: list[asyncio.Task[_Decoded | Skipped]] = []
        try:
            for item in page.items:
                if known.get(item.key) == item.fingerprint:
                    progress.done += 1
                    progress.unchanged += 1
                    yield
                    continue
                waiting.append(asyncio.create_task(self._prepare(source, item)))
                if len(waiting) > AHEAD:
                    await self._settle(source, await waiting.pop(0), progress)
                    yield
                if _full(progress, limit):
                    break
            while waiting and not _full(progress, limit):
                prepared = await waiting.pop(0)
                await self._settle(source, prepared, progress, last_of=None if waiting else page)
                yield
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _prepare(self, source: Source, item: Listed | Skipped) -> _Decoded | Skipped:
        """Fetch and decode one item; a picture that cannot be used becomes a Skipped."""
        if isinstance(item, Skipped):
            return item
        try:
            fetched = await source.fetch(item, wanted_px=EMBEDDED_PX)
            return await asyncio.to_thread(self._decode, item, fetched)
        except BadPicture as bad:
            fingerprint = "" if bad.passing else item.fingerprint
            return Skipped(item.key, bad.reason, bad.detail, fingerprint)

    def _decode(self, item: Listed, fetched: Fetched) -> _Decoded:
        image = decode(fetched.data, max_pixels=self._max_pixels, wanted_px=EMBEDDED_PX)
        image.thumbnail((2 * EMBEDDED_PX, 2 * EMBEDDED_PX), reducing_gap=2.0)
        small = image.reduce(max(1, min(image.size) // SMALL_PX))
        if not fetched.artwork.colours:
            colours = dominant_colours(small)
            artwork = fetched.artwork.model_copy(update={"colours": colours})
            fetched = Fetched(artwork, fetched.data, fetched.location)
        content_hash = hashlib.sha256(fetched.data).hexdigest()
        return _Decoded(item, fetched, image, content_hash, look_of(small))

    async def _settle(
        self,
        source: Source,
        prepared: _Decoded | Skipped,
        progress: Progress,
        *,
        last_of: Page | None = None,
    ) -> None:
        """Keep a prepared item: as a work, as one more copy of a work, or as left out.

        With the last item of a page the cursor moves on, in the same transaction.
        """
        outcome = await self._off_loop(self._store, source.name, prepared, last_of)
        progress.done += 1
        if outcome is None:
            progress.added += 1
        elif outcome == "unchanged":
            progress.unchanged += 1
        else:
            progress.left_out[outcome] += 1

    def _store(self, source: str, prepared: _Decoded | Skipped, last_of: Page | None) -> str | None:
        """Why the item was left out, or None where it is in the library now."""
        keep, outcome, stored = self._decided(source, prepared)
        with self._shelf.together():
            keep()
            if last_of is not None:
                self._shelf.set_cursor(source, last_of.next_cursor)
        if stored is not None and stored.vector is not None:
            self._index.put(stored.artwork.id, stored.vector)
        return outcome

    def _decided(
        self, source: str, prepared: _Decoded | Skipped
    ) -> tuple[Callable[[], None], str | None, StoredWork | None]:
        """How to keep an item, why it is left out if it is, and the work if it becomes one."""
        if isinstance(prepared, Skipped):
            return partial(self._shelf.skip, source, prepared), prepared.reason, None
        item, fetched = prepared.item, prepared.fetched
        owner = self._shelf.owner_of(prepared.content_hash)
        if owner is not None and (
            owner != fetched.artwork.id or self._shelf.has_elsewhere(owner, source, item.key)
        ):
            same = partial(self._shelf.same, source, item, owner, fetched.location)
            return same, "duplicate", None
        stored = self._stored(prepared)
        add = partial(self._shelf.add, source, item.key, stored)
        return add, None if owner is None else "unchanged", stored

    def _stored(self, prepared: _Decoded) -> StoredWork:
        """The work with its vector, and with its representative where it is one more copy."""
        work = prepared.fetched.artwork
        vector = self._vector(prepared.image)
        return StoredWork(
            artwork=work,
            location=prepared.fetched.location,
            fingerprint=prepared.item.fingerprint,
            content_hash=prepared.content_hash,
            space=self._encoder.space,
            vector=vector,
            look=prepared.look,
            twin_of=self._twin_of(work.id, vector, prepared.look),
        )

    def _twin_of(self, work_id: str, vector: Vector | None, look: Look | None) -> str | None:
        """The work that this one is a copy of; none where others are copies of this one."""
        if vector is None or look is None or work_id in self._shelf.groups([work_id]).values():
            return None
        rows = self._index.snapshot()
        near = candidates(vector, rows.ids, rows.matrix, but=work_id)[:NEAREST]
        return twin(look, self._shelf.looks(near)) if near else None

    def _vector(self, image: Image) -> Vector | None:
        try:
            vector: Vector = self._encoder.embed_images([image])[0]
        except ModelError as error:
            # The work is kept all the same: its label can be searched, its vector comes later.
            _log.warning("a picture was kept without a vector: %s", error)
            return None
        return vector

    async def _off_loop(self, work: Callable[[*_T], _R], *arguments: *_T) -> _R:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._executor, work, *arguments)


def _full(progress: Progress, limit: int | None) -> bool:
    return limit is not None and progress.added >= limit
