"""A picture's location in, its bytes out: from the cache, else from its source and then kept."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection
from typing import Protocol

from glance_agent.domain.errors import StoreError
from glance_agent.domain.items import PictureReader

_log = logging.getLogger(__name__)


class PictureStore(Protocol):
    """Keeps pictures on disk; blocks, and may be used by several threads."""

    def get(self, location: str) -> bytes | None: ...
    def has(self, location: str) -> bool: ...
    def put(self, location: str, data: bytes, *, liked: Collection[str]) -> None: ...


class CachedPictures:
    """A source whose pictures are fetched once and then kept, the liked ones for good."""

    def __init__(
        self,
        origin: PictureReader,
        cache: PictureStore,
        liked: Callable[[], Awaitable[Collection[str]]],
    ) -> None:
        """`liked` tells the locations of the works that somebody likes."""
        self._origin = origin
        self._cache = cache
        self._liked = liked

    def find(self, location: str) -> bool:
        """Whether the picture is kept; where it is not, only reading it tells. Blocks."""
        return self._cache.has(location)

    async def read(self, location: str) -> bytes:
        """The picture. Raises BadPicture, and SourceError where it cannot be fetched now."""
        kept = await asyncio.to_thread(self._cache.get, location)
        if kept is not None:
            return kept
        data = await self._origin.read(location)
        try:
            await asyncio.to_thread(self._cache.put, location, data, liked=await self._liked())
        except (OSError, StoreError) as error:
            # It is here to be shown; the next time it is fetched again.
            _log.warning("a picture cannot be kept: %s", error)
        return data
