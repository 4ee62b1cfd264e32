"""A new model -> new vectors: every work is embedded again while the old vectors answer.

Liked works come first, then those shown recently. What is done is kept at once, so that a run
which is stopped goes on later where it was. Several programs may do so together, wherever they
run: each leases a few works at a time.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import aclosing
from typing import TYPE_CHECKING, Protocol

from glance_agent.domain.errors import BadPicture, ModelError, SourceError, StoreError
from glance_agent.domain.items import PictureReader
from glance_agent.domain.vectors import Vector
from glance_agent.ingest.admit import ImageEncoder
from glance_agent.ingest.progress import Progress
from glance_agent.ingest.worker import in_worker
from glance_agent.pictures.prepare import EMBEDDED_PX, SmallPictureDecoder

if TYPE_CHECKING:
    from PIL.Image import Image

REEMBEDDING = "reembedding"
"""What progress calls a run, where other runs have the name of their source."""
BATCH = 4
"""How many works are leased at a time: so many are left to wait for, at most, where one dies."""
AHEAD = 3
ASKED_EVERY_SECONDS = 1.0
"""How often it is looked whether others are done with what they have leased."""
RENEWED_TIMES = 3
"""How often a lease is renewed before it would be over."""
NO_SOURCE, AWAY = "no such source", "source away"
OUT_OF_REACH = frozenset({NO_SOURCE, AWAY})
"""Reasons that lie in where the works are embedded: another machine may have their pictures."""
AWAY_AFTER = 3
"""After so many pictures in a row that could not be had, a source is left to others."""
_log = logging.getLogger(__name__)


class Work(Protocol):
    """A work that has no vector yet."""

    @property
    def artwork_id(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def location(self) -> str: ...


class VectorStore(Protocol):
    """Where works are leased and vectors kept; used by one thread at a time."""

    @property
    def seconds(self) -> float: ...
    def lacking(self, space: str) -> int: ...
    def lease(
        self, space: str, most: int, *, but: Collection[str], but_of: Collection[str]
    ) -> Sequence[Work]: ...
    def renew(self) -> None: ...
    def keep(self, artwork_id: str, space: str, vector: Vector) -> bool: ...
    def give_back(self, artwork_id: str | None = None) -> None: ...
    def others(self, space: str) -> int: ...


class Reembed:
    """Fills the space of one encoder, with all others who do so."""

    def __init__(
        self,
        library: VectorStore,
        encoder: ImageEncoder,
        pictures: Mapping[str, PictureReader],
        *,
        executor: Executor,
        decoder: SmallPictureDecoder,
        decoders: Executor | None = None,
        embedder: Executor | None = None,
        clock: Callable[[], float],
    ) -> None:
        """`executor` has one thread, the only one that uses `library`; `clock` is in seconds.

        A thread of `embedder` embeds while the work before is kept. The threads that wait for
        `decoder` are those of `decoders`, or of the loop's own executor.
        """
        self._library = library
        self._encoder = encoder
        self._pictures = pictures
        self._executor = executor
        self._decoder = decoder
        self._decoders = decoders
        self._embedder = embedder or executor
        self._clock = clock
        self._left_out: set[str] = set()
        self._failures = Counter[str]()

    @property
    def out_of_reach(self) -> set[str]:
        """The sources whose pictures cannot be had from here now."""
        return {source for source, times in self._failures.items() if times >= AWAY_AFTER}

    async def run(self) -> AsyncGenerator[Progress, None]:
        """Embed what lacks a vector, and tell how far it is after every work.

        It ends when nothing is left to do and nobody else is at anything. A picture that cannot be
        read is left out, and tried again by the next run. A model that fails ends the run with
        `stopped_by`.
        """
        space, started = self._encoder.space, self._clock()
        progress = Progress(REEMBEDDING)
        progress.total = await in_worker(self._executor, self._library.lacking, space)
        renewing = asyncio.create_task(self._renew())
        try:
            while (batch := await self._next()) is not None:
                async with aclosing(self._embedded(batch)) as embedded:
                    async for reason in embedded:
                        progress.count(reason)
                        progress.elapsed_seconds = self._clock() - started
                        yield progress
        except ModelError as error:
            progress.stopped_by = error.said
        finally:
            renewing.cancel()
            # Nobody waits for it: whoever closes the library does so after it, in the same thread.
            self._executor.submit(self._library.give_back)
        await self._conclude(progress)
        progress.elapsed_seconds = self._clock() - started
        yield progress

    async def _conclude(self, progress: Progress) -> None:
        """What others have done meanwhile was not left out, nor is it waited for."""
        if progress.total != progress.done:
            space = self._encoder.space
            lacking = await in_worker(self._executor, self._library.lacking, space)
            if not lacking:
                progress.left_out.clear()
            progress.total = min(progress.total or 0, progress.done + lacking)
        progress.finished = True

    async def _next(self) -> Sequence[Work] | None:
        """What is to be done next: nothing while others may still leave something, None once they
        cannot."""
        if batch := await in_worker(self._executor, self._leased):
            return batch
        if not await in_worker(self._executor, self._library.others, self._encoder.space):
            return None
        await asyncio.sleep(ASKED_EVERY_SECONDS)
        return ()

    def _leased(self) -> Sequence[Work]:
        return self._library.lease(
            self._encoder.space, BATCH, but=self._left_out, but_of=self.out_of_reach
        )

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._library.seconds / RENEWED_TIMES)
            try:
                await in_worker(self._executor, self._library.renew)
            except StoreError as error:
                _log.warning("works stay leased for now: %s", error)

    async def _embedded(self, batch: Sequence[Work]) -> AsyncGenerator[str | None, None]:
        """Of every work the reason why it is left out, or None; some are read ahead."""
        ahead: list[tuple[Work, asyncio.Task[Image | str]]] = []
        keeping: list[asyncio.Task[bool]] = []
        rest = iter(batch)
        try:
            while True:
                while len(ahead) < AHEAD and (work := next(rest, None)) is not None:
                    ahead.append((work, asyncio.create_task(self._read(work))))
                if not ahead:
                    break
                work, task = ahead.pop(0)
                image = await task
                if isinstance(image, str):
                    await in_worker(self._executor, self._leave, work, image)
                    yield image
                    continue
                vector = await in_worker(self._embedder, self._vector_of, image)
                keep = asyncio.create_task(in_worker(self._executor, self._keep, work, vector))
                keeping.append(keep)
                if len(keeping) > 1 and await keeping.pop(0):
                    yield None
            if keeping and await keeping.pop(0):
                yield None
        finally:
            for _, task in ahead:
                task.cancel()
            reading = (task for _, task in ahead)
            await asyncio.gather(*reading, *keeping, return_exceptions=True)

    def _leave(self, work: Work, reason: str) -> None:
        """Leave a work out, which others may be able to do."""
        self._left_out.add(work.artwork_id)
        self._failures[work.source] += reason in OUT_OF_REACH
        self._library.give_back(work.artwork_id)

    async def _read(self, work: Work) -> Image | str:
        """The picture as the encoder is to see it, or the reason why there is none."""
        pictures = self._pictures.get(work.source)
        if pictures is None:
            return NO_SOURCE
        try:
            data = await pictures.read(work.location)
            return await in_worker(self._decoders, self._decoder.small, data, EMBEDDED_PX)
        except BadPicture as bad:
            return bad.reason
        except SourceError as error:
            _log.warning("%s is not embedded now: %s", work.artwork_id, error)
            return AWAY

    def _vector_of(self, image: Image) -> Vector:
        vector: Vector = self._encoder.embed_images([image])[0]
        return vector

    def _keep(self, work: Work, vector: Vector) -> bool:
        """Keep the vector of a work; False where another one was quicker."""
        self._failures.pop(work.source, None)
        return self._library.keep(work.artwork_id, self._encoder.space, vector)
