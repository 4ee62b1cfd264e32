"""A source in, a few of its works out: what it would bring, without keeping anything."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Listed, Skipped
from glance_agent.ingest.asking import Source, fetched_from, pages_of
from glance_agent.pictures.prepare import bytes_of

Look = Callable[[bytes], tuple[tuple[int, int], object]]
"""The size of a picture, and what else its header says; blocks. Raises BadPicture."""

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

MOST_TRIED = 30
"""How many items are looked at before a source is said to give too little."""


@dataclass(frozen=True, slots=True)
class SourcePreview:
    """One work that was fetched: its label, and its picture's size."""

    artwork: Artwork
    size_px: tuple[int, int]
    bytes: int


@dataclass(slots=True)
class SourcePreviews:
    """What a source gave, and why the rest was left out."""

    works: list[SourcePreview] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    stopped_by: str | None = None

    def facts(self) -> dict[str, Any]:
        """The same for a program."""
        works = [
            {**t.artwork.model_dump(mode="json"), "picture_px": t.size_px, "bytes": t.bytes}
            for t in self.works
        ]
        return {"works": works, "left_out": self.left_out, "error": self.stopped_by}


async def preview(source: Source, wanted: int, look: Look) -> SourcePreviews:
    """So many works of a source, from the beginning of its list."""
    previews = SourcePreviews()
    try:
        async with aclosing(_items(source)) as items:
            async for item in items:
                await _try(source, item, previews, look)
                tried = len(previews.works) + previews.left_out.total()
                if len(previews.works) >= wanted or tried >= MOST_TRIED:
                    break
    except SourceError as error:
        previews.stopped_by = error.said
    return previews


async def _items(source: Source) -> AsyncGenerator[Listed | Skipped, None]:
    async for page in pages_of(source, None):
        for item in page.items:
            yield item


async def _try(
    source: Source, item: Listed | Skipped, previews: SourcePreviews, look: Look
) -> None:
    if isinstance(item, Skipped):
        previews.left_out[item.reason] += 1
        return
    try:
        fetched = await fetched_from(source, item)
        data = await asyncio.to_thread(bytes_of, fetched)
        size, _ = await asyncio.to_thread(look, data)
    except BadPicture as bad:
        previews.left_out[bad.reason] += 1
    else:
        previews.works.append(SourcePreview(fetched.artwork, size, len(data)))
