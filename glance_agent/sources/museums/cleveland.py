"""The Cleveland Museum of Art: one request lists works with licence, sizes and addresses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.sources.records.licence import CC0, RESTRICTED
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    address,
    at,
    key,
    many,
    number,
    pixels,
    rows,
    text,
    texts,
)
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import span, years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.museum import Museum, by_offset

API = "https://openaccess-api.clevelandart.org/api/artworks/"
HOSTS = frozenset({"openaccess-api.clevelandart.org", "openaccess-cdn.clevelandart.org"})
_FIELDS = (
    "id,accession_number,share_license_status,title,creators,creation_date,"
    "creation_date_earliest,creation_date_latest,culture,technique,type,department,collection,"
    "creditline,url,images,description,wall_description"
)
_LICENCES = {"cc0": CC0, "copyrighted": RESTRICTED, "other": RESTRICTED}


class ClevelandSettings(WebSource):
    """The Cleveland Museum of Art: CC0 works, no key."""

    kind: Literal["cleveland"]
    query: str = Field("", description="Words to look for; all works when empty.")
    type: str = Field("Painting", description="Painting, Print, Drawing …; all when empty.")
    department: str = Field("", description="One department only.")
    skip_titles: tuple[str, ...] = Field(
        ("Text, Folio", "Tuti-nama", "sutra", "palm-leaf"),
        description="Works whose title holds one of these are left out (pages of writing).",
    )


class Cleveland(Museum[ClevelandSettings]):
    """Works of the museum's open access collection."""

    settings_class = ClevelandSettings
    api = API
    hosts = HOSTS
    manners: ClassVar = {"openaccess-cdn.clevelandart.org": Manners(at_once=2)}

    def begin(self, settings: ClevelandSettings) -> None:
        """What is asked for."""
        self._unwanted = tuple(words.casefold() for words in settings.skip_titles if words)
        self._query = {"has_image": "1", "cc0": "1", "fields": _FIELDS}
        chosen = {"q": settings.query, "type": settings.type, "department": settings.department}
        self._query |= {name: value for name, value in chosen.items() if value}

    def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works from a cursor on. Raises SourceError."""
        return by_offset(cursor, self._records, self._item)

    async def _records(self, first: int, count: int) -> tuple[Sequence[object], int | None]:
        query = {**self._query, "skip": str(first), "limit": str(count)}
        found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
        return rows(at(found, "data")), number(at(found, "info", "total"))

    def _item(self, record: object) -> Listed | Skipped:
        entry = entry_of(record)
        title = (entry.title or "").casefold()
        if entry.key and any(words in title for words in self._unwanted):
            return Skipped(entry.key, "left out by title", entry.title or "", "1")
        return taken(self.name, entry)


def entry_of(record: object) -> Record:
    """What one record of the museum says."""
    images = _images(at(record, "images"))
    date = text(at(record, "creation_date"))
    earliest, latest = at(record, "creation_date_earliest"), at(record, "creation_date_latest")
    years = span(earliest, latest)
    owner = "The Cleveland Museum of Art"
    credit = text(at(record, "creditline"))
    status = text(at(record, "share_license_status"))
    return Record(
        key=key(at(record, "id")),
        title=text(at(record, "title")),
        artist=_artist(many(at(record, "creators"))),
        date=date,
        years=years if any(years) else years_in(date),
        medium=text(at(record, "technique")),
        credit=f"{credit}, {owner}" if credit else owner,
        licence=_LICENCES.get((status or "").casefold()),
        page_url=address(at(record, "url")),
        images=images,
        size_px=(images[-1].width_px, images[-1].height_px) if images else (None, None),
        tags=(
            *texts(at(record, "culture")),
            *(t for t in (text(at(record, n)) for n in ("type", "department", "collection")) if t),
        ),
        description=text(at(record, "description"), LONG_TEXT_LIMIT)
        or text(at(record, "wall_description"), LONG_TEXT_LIMIT),
    )


def _artist(creators: list[object]) -> str | None:
    """The first maker whose role is artist, else the first; without the years in brackets."""
    artists = [c for c in creators if "artist" in (text(at(c, "role")) or "").casefold()]
    for creator in artists or creators:
        name = text(at(creator, "description"))
        if name:
            return name.partition(" (")[0].strip() or name
    return None


def _images(images: object) -> tuple[ImageCandidate, ...]:
    """The web and the print rendition; `full` is a TIFF of tens of megabytes."""
    found = []
    for size in ("web", "print"):
        url = address(at(images, size, "url"))
        if url and not urlsplit(url).path.casefold().endswith((".tif", ".tiff")):
            width, height = (pixels(at(images, size, side)) for side in ("width", "height"))
            found.append(ImageCandidate(url, width, height))
    return tuple(found)


MUSEUM = Cleveland
