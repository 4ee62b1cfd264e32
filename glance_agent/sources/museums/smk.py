"""Statens Museum for Kunst, Copenhagen: works with colours, sizes and a IIIF image service."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, Literal
from urllib.parse import quote

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.sources.records.danish import in_english
from glance_agent.sources.records.iiif_image import Service, renditions
from glance_agent.sources.records.licence import PUBLIC_DOMAIN, RESTRICTED, licence_of
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    address,
    at,
    colours,
    key,
    many,
    number,
    pixels,
    rows,
    text,
    texts,
)
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import Span, span, year_of_date, years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.manners import TWO_A_SECOND
from glance_agent.sources.web.museum import Museum, by_offset

API = "https://api.smk.dk/api/v1/art/search"
HOSTS = frozenset({"api.smk.dk", "iip.smk.dk", "iip-thumb.smk.dk"})
PAGES = "https://open.smk.dk/en/artwork/image/"
OWNER = "SMK, Statens Museum for Kunst"


class SmkSettings(WebSource):
    """Statens Museum for Kunst, Copenhagen: public-domain works, no key."""

    kind: Literal["smk"]
    query: str = Field("*", min_length=1, description="Words to look for; * is all works.")
    object_name: str = Field(
        "maleri", description="What it is, in Danish (maleri is painting); all when empty."
    )


class Smk(Museum[SmkSettings]):
    """Public-domain works of the Danish national gallery."""

    settings_class = SmkSettings
    api = API
    hosts = HOSTS
    manners: ClassVar = {"iip.smk.dk": TWO_A_SECOND, "iip-thumb.smk.dk": TWO_A_SECOND}

    def begin(self, settings: SmkSettings) -> None:
        """What is asked for."""
        filters = ["[has_image:true]", "[public_domain:true]"]
        if settings.object_name:
            filters.append(f"[object_names:{settings.object_name}]")
        # Without the comma the museum takes the filters for one and returns nearly everything.
        self._query = {"keys": settings.query, "filters": ",".join(filters), "lang": "en"}

    def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works from a cursor on. Raises SourceError."""
        return by_offset(cursor, self._records, self._item)

    async def _records(self, first: int, count: int) -> tuple[Sequence[object], int | None]:
        query = {**self._query, "offset": str(first), "rows": str(count)}
        found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
        return rows(at(found, "items")), number(at(found, "found"))

    def _item(self, record: object) -> Listed | Skipped:
        return taken(self.name, entry_of(record))


def entry_of(record: object) -> Record:
    """What one record of the museum says; Danish words for kinds and materials in English."""
    dated = at(record, "production_date", 0)
    size = (pixels(at(record, "image_width")), pixels(at(record, "image_height")))
    number_of_object = text(at(record, "object_number"))
    kinds = tuple(map(in_english, texts(at(record, "object_names"), "name")))
    return Record(
        key=key(at(record, "object_number")),
        title=_title(many(at(record, "titles"))),
        artist=text(at(record, "artist")) or text(at(record, "production", 0, "creator")),
        date=text(at(dated, "period")),
        years=_years(dated),
        medium=_medium(record) or (kinds[0] if kinds else None),
        credit=OWNER,
        licence=_licence(record),
        page_url=address(at(record, "frontend_url"))
        or (address(PAGES + quote(number_of_object)) if number_of_object else None),
        images=_images(record, size),
        size_px=size,
        colours=colours(many(at(record, "colors"))),
        tags=tuple(dict.fromkeys((*kinds, *texts(at(record, "content_subject"), "name")))),
        description=text(at(record, "content_description"), LONG_TEXT_LIMIT),
    )


def _title(titles: list[object]) -> str | None:
    """The English title where there is one, else the first."""
    english = [t for t in titles if (text(at(t, "language")) or "").casefold().startswith("en")]
    for title in (*english, *titles):
        found = text(at(title, "title")) or text(at(title, "translation"))
        found = found or (text(title) if isinstance(title, str) else None)
        if found:
            return found
    return None


def _years(dated: object) -> Span:
    """Only the years of the dates: days and months are placeholders."""
    found = span(year_of_date(at(dated, "start")), year_of_date(at(dated, "end")))
    return found if any(found) else years_in(text(at(dated, "period")))


def _medium(record: object) -> str | None:
    made = texts(at(record, "techniques"), "technique", "name")
    of = texts(at(record, "materials"), "material", "name")
    words = [in_english(word) for word in dict.fromkeys((*made, *of))]
    return "; ".join(words) or None


def _licence(record: object) -> str | None:
    """The rights as named, where the museum does not say that the work is protected."""
    rights, free = at(record, "rights"), at(record, "public_domain")
    if free is False:
        return RESTRICTED
    if text(rights) is None:
        return PUBLIC_DOMAIN if free is True else None
    return licence_of(rights)


def _images(record: object, size: tuple[int | None, int | None]) -> tuple[ImageCandidate, ...]:
    base = address(at(record, "image_iiif_id"))
    if base:
        return renditions(Service(base.rstrip("/"), size_px=size))
    thumbnail = address(at(record, "image_thumbnail"))
    native = address(at(record, "image_native"))
    return tuple(ImageCandidate(url) for url in (thumbnail, native) if url)


MUSEUM = Smk
