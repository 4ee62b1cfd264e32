"""Pictures of all sources, those of the web from what was kept of them."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from typing import Any

from glance_agent.agent.picture_cache import CachedPictures
from glance_agent.agent.reach import PictureFinder
from glance_agent.sources.web.museum import Museum
from glance_agent.store.picture_cache import PictureCache
from glance_agent.wiring.gathering import web_directory
from glance_agent.wiring.rooms import Rooms


class ReadingFrom(Mapping[str, PictureFinder]):
    """What reads the pictures of each source, also of one that is learned later."""

    def __init__(
        self, sources: Mapping[str, Any], keeping: Callable[[Museum[Any]], PictureFinder]
    ) -> None:
        """`keeping` reads from a museum what is not kept yet, and keeps it."""
        self._sources = sources
        self._keeping = keeping

    def __getitem__(self, name: str) -> PictureFinder:
        source: PictureFinder = self._sources[name]
        return self._keeping(source) if isinstance(source, Museum) else source

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)


def pictures_of(
    rooms: Rooms, liked: Callable[[], Awaitable[Collection[str]]]
) -> Mapping[str, PictureFinder]:
    """What reads each source's pictures; those of the web are kept for the next time."""
    cache = PictureCache(
        web_directory(rooms.config) / "pictures",
        max_bytes=rooms.config.fetching.max_pictures_megabytes * 1_000_000,
    )
    rooms.library.kept_pictures = cache.kept
    return ReadingFrom(
        ChainMap[str, Any]({rooms.outside.name: rooms.outside}, rooms.sources),
        lambda source: CachedPictures(source, cache, liked),
    )
