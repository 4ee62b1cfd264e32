"""Rijksmuseum, Amsterdam: its search lists ids, one request per work tells the rest (EDM)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.sources.records.iiif_image import Service, renditions
from glance_agent.sources.records.licence import licence_of
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    address,
    at,
    key,
    label,
    labels,
    number,
    rows,
)
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.manners import TWO_A_SECOND
from glance_agent.sources.web.museum import LOOKED_UP_LATER, Museum, read

API = "https://data.rijksmuseum.nl"
HOSTS = frozenset({"data.rijksmuseum.nl", "id.rijksmuseum.nl", "iiif.micr.io"})
OWNER = "Rijksmuseum, Amsterdam"
_MAX_AREA_PX = 17_550_000  # of its image service, which refuses larger sizes
_PROFILE = {"_profile": "edm-framed", "_media_type": "application/ld+json"}
_SERVICE = "http://rdfs.org/sioc/services#has_service"
MOST_ITEMS = 1000
"""Of one page; the museum sends a hundred."""


class RijksmuseumSettings(WebSource):
    """Rijksmuseum, Amsterdam: public-domain works, no key."""

    kind: Literal["rijksmuseum"]
    query: str = Field("", description="Words to look for in titles, makers and descriptions.")
    type: str = Field("painting", description="painting, print, drawing …; all when empty.")
    creator: str = Field("", description="One maker only.")


class Rijksmuseum(Museum[RijksmuseumSettings]):
    """Works of the data services; words are looked for in titles, makers and descriptions."""

    settings_class = RijksmuseumSettings
    api = API
    hosts = HOSTS
    manners: ClassVar = {"data.rijksmuseum.nl": TWO_A_SECOND, "iiif.micr.io": TWO_A_SECOND}

    def begin(self, settings: RijksmuseumSettings) -> None:
        """What is asked for."""
        chosen = {"type": settings.type, "creator": settings.creator}
        query = {name: value for name, value in chosen.items() if value}
        query["imageAvailable"] = "true"
        fields = (
            ["title", "description"] if settings.creator else ["title", "creator", "description"]
        )
        searches = [{**query, f: settings.query} for f in fields] if settings.query else [query]
        self._searches = [
            str(URL(f"{self._api}/search/collection").with_query(s)) for s in searches
        ]

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The ids, search after search; the cursor is the museum's own address of a page.

        Raises SourceError.
        """
        place, url = _place(cursor, self._searches)
        while True:
            found = await self.visit.json(url, days=1)
            onward = address(at(found, "next", "id"))
            if onward is None:
                place, onward = place + 1, _get(self._searches, place + 1)
            next_cursor = f"{place} {onward}" if onward else None
            total = number(at(found, "partOf", "totalItems"))
            yield Page(_items(found), next_cursor, total if len(self._searches) == 1 else None)
            if onward is None:
                return
            url = onward

    async def looked_up(self, key: str) -> Listed | Skipped:
        """The work of this id; the museum's answer is kept for a month."""
        url = str(URL(f"{self._api}/{key}").with_query(_PROFILE))
        record = await self.visit.json(url, days=30, accept="application/ld+json")
        if not record:
            return Skipped(key, "not found")
        (item,) = await read([record], lambda found: taken(self.name, entry_of(found, key)))
        return item


def entry_of(record: object, id_in_search: str | None = None) -> Record:
    """What one aggregation says; its values come as strings, language maps and lists of both."""
    work = at(record, "aggregatedCHO")
    date = label(at(work, "created"))
    kinds = labels(at(work, "dcType"))
    return Record(
        key=key(id_in_search) or _number_in(at(work, "id")) or _number_in(at(record, "id")),
        title=label(at(work, "title")),
        artist=label(at(work, "creator")),
        date=date,
        years=years_in(date),
        medium=", ".join(labels(at(work, "medium"))) or (kinds[0] if kinds else None),
        credit=OWNER,
        licence=licence_of(at(record, "edmRights")) or licence_of(at(record, "edmRights", "id")),
        page_url=address(at(record, "isShownAt", "id")),
        images=_images(record),
        tags=kinds,
        description=label(at(work, "description"), LONG_TEXT_LIMIT),
    )


def _images(record: object) -> tuple[ImageCandidate, ...]:
    shown = at(record, "isShownBy")
    base = address(at(shown, _SERVICE, "id"))
    picture = address(at(shown, "id"))
    if base is None and picture and "/full/" in picture:
        base = picture.partition("/full/")[0]
    if base:
        service = Service(base.rstrip("/"), version=3, largest_area_px=_MAX_AREA_PX)
        return renditions(service)
    return (ImageCandidate(picture),) if picture else ()


def _items(found: object) -> tuple[Listed | Skipped, ...]:
    numbers = (_number_in(at(item, "id")) for item in rows(at(found, "orderedItems"))[:MOST_ITEMS])
    return tuple(
        Listed(n, LOOKED_UP_LATER) if n else Skipped("?", "record without id") for n in numbers
    )


def _number_in(uri: object) -> str | None:
    match = re.search(r"/(\d{1,20})(?:[#?].*)?$", uri) if isinstance(uri, str) else None
    return match[1] if match else None


def _place(cursor: str | None, searches: Sequence[str]) -> tuple[int, str]:
    """Which search, and the address of its page; the beginning for a cursor of other settings."""
    place, _, url = (cursor or "").partition(" ")
    number_of_search = int(place) if place.isdecimal() and len(place) < 3 else -1
    if url and 0 <= number_of_search < len(searches):
        return number_of_search, url
    return 0, searches[0]


def _get(searches: Sequence[str], place: int) -> str | None:
    return searches[place] if place < len(searches) else None


MUSEUM = Rijksmuseum
