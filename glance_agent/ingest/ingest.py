"""Source -> fetch -> decode -> embed -> store: new works join the library, whatever interrupts.

Every item is dealt with by itself and kept together with its fingerprint, so that a run that is
killed at any moment is continued by the next one, which neither repeats nor skips anything.
What is ready at the same time is kept in one transaction.
"""

from __future__ import annotations

import asyncio
import os
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import Executor
from contextlib import aclosing
from dataclasses import replace
from itertools import islice
from typing import Protocol

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import UNREADABLE_FOLDER, Fetched, Listed, Page, Skipped
from glance_agent.domain.said import many
from glance_agent.domain.vectors import NO_SPACE
from glance_agent.ingest import admit
from glance_agent.ingest.admit import MOST_TOGETHER, Admission, GrowingIndex, ImageEncoder
from glance_agent.ingest.asking import Source, fetched_from, pages_of
from glance_agent.ingest.progress import Progress
from glance_agent.ingest.worker import in_worker
from glance_agent.pictures.fitting import SquareFit, fitting_of
from glance_agent.pictures.prepare import FetchedPrepared, Preparation, Prepared, bytes_of, prepared

MOMENT_SECONDS = 0.5
"""How long those that are ready wait for others, to be embedded together with them."""
WAITING = 1
"""One more picture than are decoded waits, so that no decoder does."""


class PreparingDecoder(Protocol):
    """Decodes strangers' pictures; blocks, and may be used by several threads."""

    @property
    def limit(self) -> str:
        """What says that a picture is too large; where it changes, those are tried again."""
        ...

    def prepare(
        self, data: bytes, *, colours: bool, fitting: SquareFit | None = None
    ) -> Preparation:
        """The picture ready to be embedded. Raises BadPicture."""
        ...


class SourceStore(admit.WorkStore, Protocol):
    """Where works are kept, and how far sources were listed; used by one thread at a time."""

    def fingerprints(
        self, source: str, keys: Iterable[str], space: str | None
    ) -> dict[str, str]: ...
    def left_out(self, source: str, keys: Iterable[str]) -> list[Skipped]: ...
    def cursor(self, source: str) -> str | None: ...
    def count_of(self, source: str) -> int: ...
    def drop_vanished(
        self, source: str, seen: frozenset[str], unread: tuple[str, ...]
    ) -> list[str]: ...
    def moved(self, source: str) -> frozenset[str]: ...


class SourceIngest:
    """Brings the works of a source into the library."""

    def __init__(
        self,
        library: SourceStore,
        encoder: ImageEncoder,
        index: GrowingIndex,
        *,
        executor: Executor,
        decoder: PreparingDecoder,
        decoders: Executor | None = None,
        clock: Callable[[], float],
    ) -> None:
        """`executor` has one thread, the only one that uses `library`; `clock` is in seconds.

        The threads that wait for `decoder` are those of `decoders`, or of the loop's own executor.
        """
        self._library = library
        self._space = None if encoder.space == NO_SPACE else encoder.space
        self._fitting = fitting_of(encoder)
        self._index = index
        self._admission = Admission(library, encoder, index, clock)
        self._executor = executor
        self._decoder = decoder
        self._decoders = decoders
        self._clock = clock
        self._decoding = asyncio.Semaphore((os.cpu_count() or 1) + WAITING)

    async def run(
        self, source: Source, *, limit: int | None = None
    ) -> AsyncGenerator[Progress, None]:
        """Bring in what is new, and tell how far it is after every item.

        At most `limit` works are added. A source that fails ends the run with `stopped_by`.
        """
        progress = Progress(source.name)
        started = self._clock()
        seen: dict[str, str | None] = {}
        try:
            cursor = await in_worker(self._executor, self._library.cursor, source.name)
            async with aclosing(self._pages(source, cursor)) as pages:
                async for page in pages:
                    if page.total is not None:
                        progress.expect(page.total)
                    seen.update(
                        (i.key, i.reason if isinstance(i, Skipped) else None) for i in page.items
                    )
                    async for _ in self._page(source, page, progress, limit):
                        progress.elapsed_seconds = self._clock() - started
                        yield progress
                    if _full(progress, limit):
                        break
                    await in_worker(
                        self._executor, self._library.set_cursor, source.name, page.next_cursor
                    )
                else:
                    await self._complete(source, cursor, seen, progress)
                    async for _ in self._moved(source, progress):
                        yield progress
        except SourceError as error:
            progress.stopped_by = error.said
        progress.finished = True
        progress.elapsed_seconds = self._clock() - started
        yield progress

    async def _pages(self, source: Source, cursor: str | None) -> AsyncGenerator[Page, None]:
        """The pages of a source, each listed while the one before it is dealt with."""
        pages = pages_of(source, cursor)
        following = asyncio.ensure_future(anext(pages, None))
        try:
            while (page := await following) is not None:
                following = asyncio.ensure_future(anext(pages, None))
                yield page
        finally:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)

    async def _complete(
        self, source: Source, cursor: str | None, seen: Mapping[str, str | None], progress: Progress
    ) -> None:
        """After a whole listing: what it no longer has is no longer shown.

        A listing of nothing takes nothing out: it is a mount point, and its disk is away. Raises
        SourceError where works of the source are known.
        """
        if not source.lists_everything or cursor is not None:
            return
        if not seen:
            if count := await in_worker(self._executor, self._library.count_of, source.name):
                raise SourceError(without_pictures(source.name, count))
            return
        unread = tuple(key for key, reason in seen.items() if reason == UNREADABLE_FOLDER)
        gone = await in_worker(
            self._executor, self._library.drop_vanished, source.name, frozenset(seen), unread
        )
        self._index.remove(gone)
        progress.gone = len(gone)

    async def _moved(self, source: Source, progress: Progress) -> AsyncIterator[None]:
        """Read copies whose originals are gone: what is told of the works was read from these."""
        moved = await in_worker(self._executor, self._library.moved, source.name)
        if not moved:
            return
        progress.take_back("duplicate", len(moved))
        async with aclosing(pages_of(source, None)) as pages:
            async for page in pages:
                some = Page(tuple(item for item in page.items if item.key in moved))
                async for _ in self._page(source, some, progress, None):
                    yield

    async def _page(
        self, source: Source, page: Page, progress: Progress, limit: int | None
    ) -> AsyncIterator[None]:
        """Deal with the items of a page, preparing some ahead of those being embedded.

        Those prepared wait small, so that they can be embedded together; the files of few are held.
        """
        fresh = await self._fresh(source, page, progress)
        if progress.passed_over:
            yield
        ready: list[Prepared | Skipped] = []
        waiting: deque[asyncio.Task[Prepared | Skipped]] = deque()
        turns, ahead = asyncio.Semaphore(source.at_once), source.at_once + MOST_TOGETHER
        try:
            while (fresh or waiting or ready) and not _full(progress, limit):
                while fresh and len(waiting) + len(ready) < ahead:
                    work = self._prepared(turns, source, fresh.popleft())
                    waiting.append(asyncio.create_task(work))
                if not ready:
                    ready.append(await waiting.popleft())
                if soon := list(islice(waiting, max(0, self._admission.at_once - len(ready)))):
                    await asyncio.wait(soon, timeout=MOMENT_SECONDS)
                while waiting and _succeeded(waiting[0]):
                    ready.append(waiting.popleft().result())
                some = ready if limit is None else ready[: limit - progress.added]
                last_of = None if fresh or waiting or len(some) < len(ready) else page
                outcomes = await in_worker(
                    self._executor, self._admission.admit, source.name, some, last_of
                )
                for outcome in outcomes:
                    progress.count(outcome)
                    yield
                ready = ready[len(outcomes) :]
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    async def _fresh(
        self, source: Source, page: Page, progress: Progress
    ) -> deque[Listed | Skipped]:
        """The items of a page that have not been dealt with as they are now."""
        keys = [item.key for item in page.items]
        known = await in_worker(
            self._executor, self._library.fingerprints, source.name, keys, self._space
        )
        fresh = deque(
            item
            for item in page.items
            if known.get(item.key) not in (item.fingerprint, self._within_limit(item))
        )
        as_they_were = set(keys) - {item.key for item in fresh}
        left_out = await in_worker(
            self._executor, self._library.left_out, source.name, as_they_were
        )
        progress.pass_over(len(page.items) - len(fresh), [item.reason for item in left_out])
        return fresh

    async def _prepared(
        self, turns: asyncio.Semaphore, source: Source, item: Listed | Skipped
    ) -> Prepared | Skipped:
        """One item in its turn; a picture that cannot be used becomes a Skipped."""
        if isinstance(item, Skipped):
            return item
        async with turns:
            return await self._fetched(source, item)

    async def _fetched(self, source: Source, item: Listed) -> Prepared | Skipped:
        try:
            fetched = await fetched_from(source, item)
            item = replace(item, fingerprint="") if fetched.half_told else item
            if isinstance(fetched, FetchedPrepared) and self._fits(fetched.preparation):
                return prepared(item, fetched, fetched.preparation)
            async with self._decoding:
                return await in_worker(self._decoders, self._decoded, item, fetched)
        except BadPicture as bad:
            return Skipped(item.key, bad.reason, bad.detail, self._fingerprint(item, bad))

    def _fingerprint(self, item: Listed, bad: BadPicture) -> str:
        """Under which a picture is left out until it, or what it was judged by, has changed."""
        if bad.passing:
            return ""
        return self._within_limit(item) if bad.reason == "too large" else item.fingerprint

    def _within_limit(self, item: Listed | Skipped) -> str:
        return f"{item.fingerprint} within {self._decoder.limit}"

    def _decoded(self, item: Listed, fetched: Fetched) -> Prepared:
        found = self._decoder.prepare(
            bytes_of(fetched), colours=not fetched.artwork.colours, fitting=self._fitting
        )
        return prepared(item, fetched, found)

    def _fits(self, found: Preparation) -> bool:
        """Whether a picture was not made ready for another model, which may have answered then."""
        return found.fitting is None or found.fitting == self._fitting


def without_pictures(source: str, known: int) -> str:
    """What there is to say of a source that lists nothing, though works of it are known."""
    return many(
        "The source “{source}” has no picture, though 1 work of it is known: mount its disk, or "
        "correct its path. It is kept until it has one",
        "The source “{source}” has no picture, though {n} works of it are known: mount its disk, "
        "or correct its path. They are kept until it has one",
        n=known,
        source=source,
    )


def _full(progress: Progress, limit: int | None) -> bool:
    return limit is not None and progress.added >= limit


def _succeeded(task: asyncio.Task[Prepared | Skipped]) -> bool:
    return task.done() and not task.cancelled() and task.exception() is None
