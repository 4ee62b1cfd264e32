"""Harvard Art Museums: needs a key (2,500 requests a day).

Its pictures are not openly licensed: they are taken only where the household has agreed to the
museum's terms, for showing them privately.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar, Literal

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.sources.records.iiif_image import Service, renditions
from glance_agent.sources.records.licence import RESTRICTED
from glance_agent.sources.records.plain import (
    address,
    at,
    colours,
    key,
    many,
    number,
    pixels,
    rows,
    text,
)
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import span, years_in
from glance_agent.sources.settings import KeyedSource
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.museum import Museum, by_page

API = "https://api.harvardartmuseums.org/object"
HOSTS = frozenset(
    {"api.harvardartmuseums.org", "nrs.harvard.edu", "ids.lib.harvard.edu", "mps.lib.harvard.edu"}
)
OWNER = "Harvard Art Museums"
_FIELDS = (
    "objectid,title,dated,datebegin,dateend,people,classification,medium,technique,culture,"
    "period,creditline,url,colors,images,imagepermissionlevel"
)


class HarvardSettings(KeyedSource):
    """Harvard Art Museums: needs a key; its pictures are not openly licensed."""

    kind: Literal["harvard"]
    query: str = Field("", description="Words to look for; all works when empty.")
    classification: str = Field("Paintings", description="Kind of work, such as Prints.")
    accept_terms: bool = Field(
        False, description="You have read the museum's terms and show its pictures privately."
    )


class Harvard(Museum[HarvardSettings]):
    """Works whose pictures the museum shows in full size."""

    settings_class = HarvardSettings
    api = API
    hosts = HOSTS
    key_parameter = "apikey"
    manners: ClassVar = {"api.harvardartmuseums.org": Manners(interval_seconds=2.0)}

    def begin(self, settings: HarvardSettings) -> None:
        """What is asked for."""
        self._accepted = settings.accept_terms
        words = f"{settings.query} AND " if settings.query else ""
        self._query = {
            "q": f"{words}imagepermissionlevel:0",
            "classification": settings.classification,
            "hasimage": "1",
            "sort": "id",
            "fields": _FIELDS,
        }

    def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works from a cursor on. Raises SourceError."""
        return by_page(cursor, self._page, self._item)

    async def _page(self, page: int, count: int) -> tuple[list[object], int | None, int | None]:
        query = {**self._query, "page": str(page), "size": str(count)}
        found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
        info = at(found, "info")
        return (
            rows(at(found, "records")),
            number(at(info, "pages")),
            number(at(info, "totalrecords")),
        )

    def _item(self, record: object) -> Listed | Skipped:
        return taken(self.name, entry_of(record, terms_accepted=self._accepted))


def entry_of(record: object, *, terms_accepted: bool = False) -> Record:
    """What one object of the museum says; it leaves out what it does not know."""
    image = at(record, "images", 0)
    size = (pixels(at(image, "width")), pixels(at(image, "height")))
    date = text(at(record, "dated"))
    years = span(at(record, "datebegin"), at(record, "dateend"))
    credit = text(at(record, "creditline"))
    kinds = (text(at(record, name)) for name in ("classification", "culture", "period"))
    return Record(
        key=key(at(record, "objectid")),
        title=text(at(record, "title")),
        artist=_artist(many(at(record, "people"))),
        date=date,
        years=years if any(years) else years_in(date),
        medium=text(at(record, "medium")) or text(at(record, "technique")),
        credit=credit or OWNER,
        licence=RESTRICTED,
        page_url=address(at(record, "url")),
        images=_images(image, size) if number(at(record, "imagepermissionlevel")) == 0 else (),
        size_px=size,
        colours=colours(at(c, "color") for c in many(at(record, "colors"))),
        tags=tuple(kind for kind in kinds if kind),
        terms_accepted=terms_accepted,
    )


def _artist(people: list[object]) -> str | None:
    artists = [p for p in people if (text(at(p, "role")) or "").casefold() == "artist"]
    return next((n for n in (text(at(p, "displayname")) for p in artists or people) if n), None)


def _images(image: object, size: tuple[int | None, int | None]) -> tuple[ImageCandidate, ...]:
    base = address(at(image, "iiifbaseuri")) or address(at(image, "baseimageurl"))
    if base is None:
        return ()
    return renditions(Service(base.replace("http://", "https://", 1).rstrip("/"), size_px=size))


MUSEUM = Harvard
