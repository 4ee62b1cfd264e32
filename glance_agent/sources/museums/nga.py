"""The National Gallery of Art, Washington: open data files, and a IIIF image service.

There is no search: two large files are fetched once a month and read line by line, so that
memory stays small however many works there are.
"""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Iterator
from functools import partial
from pathlib import Path
from tempfile import gettempdir
from typing import Literal

from pydantic import Field

from glance_agent.domain.errors import SourceError
from glance_agent.domain.items import Page
from glance_agent.domain.said import say
from glance_agent.sources.records.iiif_image import Service, renditions
from glance_agent.sources.records.licence import CC0, RESTRICTED
from glance_agent.sources.records.plain import address, flag, key, number, pixels, text
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import span, years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.manners import DAY_SECONDS
from glance_agent.sources.web.museum import PAGE_ITEMS, Museum, read

FILES = "https://raw.githubusercontent.com/NationalGalleryOfArt/opendata/main/data"
HOSTS = frozenset({"raw.githubusercontent.com", "api.nga.gov"})
OWNER = "National Gallery of Art, Washington"
FRESH_DAYS = 30
MAX_FILE_BYTES = 400_000_000
Row = dict[str, str]


class NgaSettings(WebSource):
    """The National Gallery of Art, Washington: CC0 works from its open data files."""

    kind: Literal["nga"]
    daily_megabytes: int = Field(
        500, ge=1, le=100_000, description="At most this much data in one day."
    )
    classification: str = Field("Painting", description="Painting, Print …; all when empty.")


class Nga(Museum[NgaSettings]):
    """Works with an open-access picture, in the order of their numbers."""

    settings_class = NgaSettings
    api = FILES
    hosts = HOSTS

    def begin(self, settings: NgaSettings) -> None:
        """What is asked for; the open data files are kept beside the answers of all museums."""
        self._classification = settings.classification.casefold()
        self._directory = (self.visit.web.around.directory or Path(gettempdir())) / "nga"

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works after the cursor, which is a work's number. Raises SourceError."""
        objects = await self._fresh("objects.csv")
        pictures = await self._fresh("published_images.csv")
        entries = await asyncio.to_thread(self._entries, objects, pictures)
        after = number(cursor) or 0
        numbers = sorted(n for n in entries if n > after)
        for start in range(0, max(len(numbers), 1), PAGE_ITEMS):
            some = numbers[start : start + PAGE_ITEMS]
            is_last = start + PAGE_ITEMS >= len(numbers)
            items = await read([entries[n] for n in some], partial(taken, self.name))
            yield Page(tuple(items), None if is_last else str(some[-1]), len(entries))

    async def _fresh(self, name: str) -> Path:
        """The file on disk, fetched again once a month where it has changed."""
        path = self._directory / name
        notes, clock = self.visit.web.request_log, self.visit.web.around.clock
        known = notes.get("files", name)
        if path.is_file() and clock() - float(known.get("at", 0)) < FRESH_DAYS * DAY_SECONDS:
            return path
        etag = str(known.get("etag", "")) if path.is_file() else ""
        found = await self.visit.download(
            f"{self._api}/{name}", path, etag=etag, max_bytes=MAX_FILE_BYTES
        )
        notes.put("files", name, {"at": clock(), "etag": etag if found is None else found})
        return path

    def _entries(self, objects: Path, pictures: Path) -> dict[int, Record]:
        """The wanted works that have a primary picture, by number."""
        works = dict(self._wanted(objects))
        found: dict[int, Record] = {}
        for picture in _rows(pictures):
            of = number(picture.get("depictstmsobjectid"))
            if of in works and of not in found and picture.get("viewtype") == "primary":
                found[of] = entry_of(works[of], picture)
        return found

    def _wanted(self, objects: Path) -> Iterator[tuple[int, Row]]:
        for row in _rows(objects):
            of, kind = number(row.get("objectid")), (row.get("classification") or "").casefold()
            if of is not None and self._classification in ("", kind):
                yield of, row


def entry_of(work: Row, picture: Row) -> Record:
    """What the two files say about a work and its picture."""
    date = text(work.get("displaydate"))
    years = span(work.get("beginyear"), work.get("endyear"))
    credit = text(work.get("creditline"))
    number_of_work = key(work.get("objectid"))
    kinds = (text(work.get("classification")), text(work.get("subclassification")))
    base = address(picture.get("iiifurl"))
    size = (pixels(picture.get("width")), pixels(picture.get("height")))
    service = Service(base.rstrip("/"), level=1, size_px=size) if base else None
    return Record(
        key=number_of_work,
        title=text(work.get("title")),
        artist=text(work.get("attribution")),
        date=date,
        years=years if any(years) else years_in(date),
        medium=text(work.get("medium")),
        credit=f"{credit}, {OWNER}" if credit else OWNER,
        licence=_licence(picture.get("openaccess")),
        page_url=f"https://www.nga.gov/collection/art-object-page.{number_of_work}.html",
        images=renditions(service) if service else (),
        size_px=size,
        tags=tuple(kind for kind in kinds if kind),
        description=text(picture.get("assistivetext"), 4000),
    )


def _licence(open_access: str | None) -> str | None:
    if not open_access:
        return None
    return CC0 if flag(open_access) else RESTRICTED


def _rows(path: Path) -> Iterator[Row]:
    """The rows of a file by column name; raises SourceError where it is no such file."""
    try:
        with path.open(encoding="utf-8", errors="replace", newline="") as file:
            for row in csv.DictReader(file):
                yield {k: v for k, v in row.items() if isinstance(k, str) and isinstance(v, str)}
    except (OSError, csv.Error) as error:
        raise SourceError(
            say("The museum's file {file} cannot be read: {why}.", file=path.name, why=error)
        ) from error


MUSEUM = Nga
