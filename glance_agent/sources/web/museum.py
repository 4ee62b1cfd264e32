"""What all museums on the web share: a picture small to embed, large to show, and again later."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.items import Fetched, ImageCandidate, Listed, Page, Skipped
from glance_agent.domain.said import say
from glance_agent.sources.eyes import Eyes
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.visit import Visit

PAGE_ITEMS = 100
LONGEST_CURSOR = 2000
"""Letters of what a museum calls the place where its list goes on."""
OVERLAP = 5
"""Items asked for again at the start of a page, so that a list that moves loses none."""
SMALL_PX = 800
"""Of pictures whose size is not known the smallest serves up to here."""
LOOKED_UP_LATER = "1"
"""The fingerprint of items whose list tells nothing but an id."""

_Settings = TypeVar("_Settings", bound=WebSource)
_Record = TypeVar("_Record")
Records = Callable[[int, int], Awaitable[tuple[Sequence[object], int | None]]]
"""(first, count) -> that many records of a list from there on, and the list's length."""


class Museum(ABC, Generic[_Settings]):
    """A source whose items have an artwork and image candidates, now or when looked up."""

    settings_class: type[_Settings]
    """What can be set about it; `kind` is the name of the museum's file."""
    api: ClassVar[str] = ""
    """Where its interface is; a key goes there and nowhere else."""
    key_parameter: ClassVar[str] = ""
    """How the interface calls the key, where it asks for one."""
    key_header: ClassVar[str] = ""
    """The same, where the key goes into the head of each request."""
    at_home: ClassVar[bool] = False
    """Whether it is a server of the household, at an address that the settings give."""
    hosts: ClassVar[frozenset[str]] = frozenset()
    """The only hosts that are asked."""
    manners: ClassVar[Mapping[str, Manners]] = {}
    """How those of them like to be asked that differ from the others."""
    eyes: Eyes | None = None
    """What looks at pictures that tell of themselves, where a source needs that."""
    lists_everything = False
    at_once = 10
    """More than any host is asked for at once: some are decoded meanwhile, or being kept."""

    def __init__(
        self, settings: _Settings, visit: Visit, *, display_px: int = 1920, api: str | None = None
    ) -> None:
        """`display_px` is the long side of the largest display; `api` is for tests."""
        self.settings = settings
        self.name = settings.name
        self.visit = visit
        self._display_px = display_px
        self._api = api or self.api
        self.begin(settings)

    @classmethod
    def hosts_of(cls, settings: _Settings) -> frozenset[str]:
        """The only hosts that are asked with these settings."""
        return cls.hosts

    @classmethod
    def login(cls, settings: _Settings, secret: Callable[[Path], str]) -> Mapping[str, str]:
        """What goes into the head of each request so that the host lets the agent in.

        `secret` is what a file holds. Raises ConfigError.
        """
        return {}

    def begin(self, settings: _Settings) -> None:
        """Prepare what does not change from one request to the next."""

    @abstractmethod
    def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works from a cursor on. Raises SourceError."""

    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched:
        """The work with the smallest picture whose long side is at least `wanted_px`.

        Raises BadPicture, and SourceError where the museum cannot be asked now.
        """
        found = item if item.artwork and item.images else await self.looked_up(item.key)
        if isinstance(found, Skipped):
            raise BadPicture(found.reason, found.detail)
        images = await self.renditions_of(found) if found.images else ()
        if found.artwork is None or not images:
            raise BadPicture("no picture")
        small = rendition(images, wanted_px).location
        large = rendition(images, self._display_px).location
        data = await self.visit.picture(small)
        location = large if large == small else f"{large} {small}"
        return Fetched(found.artwork, data, location)

    async def read(self, location: str) -> bytes:
        """The picture at display size, or the small one where that is not to be had.

        Raises BadPicture, and SourceError where the museum cannot be asked now.
        """
        failures: list[BadPicture] = []
        for url in location.split(" "):
            try:
                return await self.visit.picture(url)
            except BadPicture as bad:
                failures.append(bad)
        passing = next((bad for bad in failures if bad.passing), None)
        if passing is not None:
            raise SourceError(
                say("The picture cannot be fetched now: {passing}.", passing=passing)
            ) from passing
        raise failures[0]

    async def looked_up(self, key: str) -> Listed | Skipped:
        """The item of this key, where the list told only the key."""
        return Skipped(key, "no picture")

    async def renditions_of(self, item: Listed) -> tuple[ImageCandidate, ...]:
        """The ways to get the picture of an item, smallest first."""
        return item.images


def rendition(images: Sequence[ImageCandidate], wanted_px: int) -> ImageCandidate:
    """The smallest whose long side is at least `wanted_px`, else the largest."""
    sized = sorted(
        (max(c.width_px, c.height_px), i)
        for i, c in enumerate(images)
        if c.width_px and c.height_px
    )
    if not sized:
        return images[0] if wanted_px <= SMALL_PX else images[-1]
    return images[next((i for side, i in sized if side >= wanted_px), sized[-1][1])]


@dataclass(frozen=True, slots=True)
class ListPosition:
    """How far a list was read: so many items, of which this was the last."""

    offset: int = 0
    last: str = ""

    @classmethod
    def of(cls, cursor: str | None) -> ListPosition:
        """The place that a cursor names; the beginning for a cursor that names none."""
        offset, _, last = (cursor or "").partition(" ")
        return cls(int(offset), last) if offset.isdecimal() and len(offset) < 10 else cls()

    @property
    def cursor(self) -> str:
        return f"{self.offset} {self.last}"


async def by_offset(
    cursor: str | None,
    records: Records,
    item: Callable[[object], Listed | Skipped],
    *,
    most: int | None = None,
) -> AsyncIterator[Page]:
    """The pages of a list that is asked for by offset, from a cursor on, `most` items at most.

    Each page begins a little before the end of the last one: works that came or went in
    between move the list, and what was not seen yet is found by the last key.
    """
    place = ListPosition.of(cursor)
    while True:
        first = max(0, place.offset - OVERLAP)
        found, total = await records(first, PAGE_ITEMS)
        total = min(total, most) if total is not None and most is not None else total
        items = await read(found[:PAGE_ITEMS], item)
        end = first + len(items)
        fresh = _after(items, place.last)
        place = ListPosition(end, items[-1].key if items else "")
        is_last = not fresh or end >= (most or end + 1) or (total is not None and end >= total)
        yield Page(tuple(fresh), None if is_last else place.cursor, total)
        if is_last:
            return


async def by_page(
    cursor: str | None,
    numbered: Callable[[int, int], Awaitable[tuple[list[object], int | None, int | None]]],
    item: Callable[[object], Listed | Skipped],
) -> AsyncIterator[Page]:
    """The pages of a list that numbers them from 1; the cursor is the number of the next.

    `numbered` is (page, items a page) -> records, how many pages there are, how many records.
    """
    number = int(cursor) if cursor and cursor.isdecimal() and len(cursor) < 8 else 1
    while True:
        found, pages, total = await numbered(number, PAGE_ITEMS)
        number += 1
        is_last = not found or number > (pages or 0)
        items = await read(found[:PAGE_ITEMS], item)
        yield Page(tuple(items), None if is_last else str(number), total)
        if is_last:
            return


async def read(
    records: Sequence[_Record], item: Callable[[_Record], Listed | Skipped]
) -> list[Listed | Skipped]:
    """The items that records stand for, read beside the loop: strangers' text can take its time."""
    return await asyncio.to_thread(lambda: [item(record) for record in records])


def _after(items: list[Listed | Skipped], last: str) -> list[Listed | Skipped]:
    """The items after the one with this key; all where it is not among them."""
    at = next((i for i, item in enumerate(items) if item.key == last), -1) if last else -1
    return items[at + 1 :]
