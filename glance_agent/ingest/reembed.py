"""A new model -> new vectors: every work is embedded again while the old vectors answer.

Liked works come first, then those shown recently. What is done is kept at once, so that a run
which is stopped goes on later where it was.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Collection, Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Protocol

from glance_agent.domain.errors import BadPicture, ModelError, SourceError
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
BATCH = 32
AHEAD = 3
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
    """Where vectors are kept; used by one thread at a time."""

    def lacking(self, space: str) -> int: ...
    def next_lacking(self, space: str, limit: int, but: Collection[str]) -> Sequence[Work]: ...
    def keep(self, artwork_id: str, space: str, vector: Vector) -> None: ...


class Reembed:
    """Fills the space of one encoder."""

    def __init__(
        self,
        library: VectorStore,
        encoder: ImageEncoder,
        pictures: Mapping[str, PictureReader],
        *,
        executor: Executor,
        decoder: SmallPictureDecoder,
        decoders: Executor | None = None,
        clock: Callable[[], float],
    ) -> None:
        """`executor` has one thread, the only one that uses `library`; `clock` is in seconds.

        The threads that wait for `decoder` are those of `decoders`, or of the loop's own executor.
        """
        self._library = library
        self._encoder = encoder
        self._pictures = pictures
        self._executor = executor
        self._decoder = decoder
        self._decoders = decoders
        self._clock = clock

    async def run(self) -> AsyncGenerator[Progress, None]:
        """Embed what lacks a vector, and tell how far it is after every work.

        A picture that cannot be read is left out, and tried again by the next run. A model that
        fails ends the run with `stopped_by`.
        """
        space, started = self._encoder.space, self._clock()
        progress = Progress(REEMBEDDING)
        progress.total = await in_worker(self._executor, self._library.lacking, space)
        left_out: set[str] = set()
        try:
            while batch := await self._next(left_out):
                async for work, reason in self._embedded(batch):
                    progress.count(reason)
                    if reason is not None:
                        left_out.add(work.artwork_id)
                    progress.elapsed_seconds = self._clock() - started
                    yield progress
        except ModelError as error:
            progress.stopped_by = error.said
        progress.finished = True
        progress.elapsed_seconds = self._clock() - started
        yield progress

    async def _next(self, but: Collection[str]) -> Sequence[Work]:
        return await in_worker(
            self._executor, self._library.next_lacking, self._encoder.space, BATCH, but
        )

    async def _embedded(
        self, batch: Sequence[Work]
    ) -> AsyncGenerator[tuple[Work, str | None], None]:
        """Every work with the reason why it is left out, or None; some are read ahead."""
        ahead: list[tuple[Work, asyncio.Task[Image | str]]] = []
        rest = iter(batch)
        try:
            while True:
                while len(ahead) < AHEAD and (work := next(rest, None)) is not None:
                    ahead.append((work, asyncio.create_task(self._read(work))))
                if not ahead:
                    return
                work, task = ahead.pop(0)
                image = await task
                if not isinstance(image, str):
                    await in_worker(self._executor, self._keep, work, image)
                yield work, image if isinstance(image, str) else None
        finally:
            for _, task in ahead:
                task.cancel()
            await asyncio.gather(*(task for _, task in ahead), return_exceptions=True)

    async def _read(self, work: Work) -> Image | str:
        """The picture as the encoder is to see it, or the reason why there is none."""
        pictures = self._pictures.get(work.source)
        if pictures is None:
            return "no such source"
        try:
            data = await pictures.read(work.location)
            return await in_worker(self._decoders, self._decoder.small, data, EMBEDDED_PX)
        except BadPicture as bad:
            return bad.reason
        except SourceError as error:
            _log.warning("%s is not embedded now: %s", work.artwork_id, error)
            return "source away"

    def _keep(self, work: Work, image: Image) -> None:
        vector = self._encoder.embed_images([image])[0]
        self._library.keep(work.artwork_id, self._encoder.space, vector)
