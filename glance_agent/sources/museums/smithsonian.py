"""Smithsonian Open Access: needs a key of api.data.gov; only pictures marked CC0 are taken."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, Literal

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
from glance_agent.sources.records.years import years_in
from glance_agent.sources.settings import KeyedSource
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.museum import Museum, by_offset

API = "https://api.si.edu/openaccess/api/v1.0/search"
HOSTS = frozenset(
    {"api.si.edu", "ids.si.edu", "smithsonian-open-access.s3-us-west-2.amazonaws.com"}
)
BOXES_PX = (512, 1024, 2048)
_MAKERS = {"artist", "maker", "designer", "painter", "printmaker", "photographer", "creator"}


class SmithsonianSettings(KeyedSource):
    """Smithsonian Open Access: CC0 pictures; needs a key."""

    kind: Literal["smithsonian"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    unit: str = Field("SAAM", description="One museum's code: SAAM, NPG, CHNDM …; all when empty.")


class Smithsonian(Museum[SmithsonianSettings]):
    """Works of one or all of the Smithsonian's museums."""

    settings_class = SmithsonianSettings
    api = API
    hosts = HOSTS
    key_parameter = "api_key"
    manners: ClassVar = {"api.si.edu": Manners(interval_seconds=2.0)}

    def begin(self, settings: SmithsonianSettings) -> None:
        """What is asked for."""
        parts = [settings.query, "online_media_type:Images"]
        if settings.unit:
            parts.append(f"unit_code:{settings.unit}")
        self._words = " AND ".join(parts)

    def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works from a cursor on. Raises SourceError."""
        return by_offset(cursor, self._records, self._item)

    async def _records(self, first: int, count: int) -> tuple[Sequence[object], int | None]:
        query = {"q": self._words, "start": str(first), "rows": str(count), "sort": "id"}
        found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
        return rows(at(found, "response", "rows")), number(at(found, "response", "rowCount"))

    def _item(self, record: object) -> Listed | Skipped:
        return taken(self.name, entry_of(record))


def entry_of(record: object) -> Record:
    """What one row says; the licence is that of its first free picture, not of its words."""
    content = at(record, "content")
    free, about = at(content, "freetext"), at(content, "descriptiveNonRepeating")
    pictures = [m for m in many(at(about, "online_media", "media")) if _is_picture(m)]
    picture = next((m for m in pictures if _access(m) == "cc0"), None)
    date = text(at(free, "date", 0, "content"))
    large = _largest(picture)
    return Record(
        key=key(at(about, "record_ID")) or key(at(record, "id")),
        title=text(at(record, "title")) or text(at(about, "title", "content")),
        artist=_artist(many(at(free, "name"))),
        date=date,
        years=years_in(date),
        medium=_labelled(many(at(free, "physicalDescription")), "medium"),
        credit=text(at(free, "creditLine", 0, "content")) or text(at(about, "data_source")),
        licence=CC0 if picture else _refused(pictures),
        page_url=address(at(about, "record_link")) or address(at(about, "guid")),
        images=_images(picture),
        size_px=large,
        tags=texts(at(content, "indexedStructured", "topic")),
        description=_labelled(many(at(free, "notes")), "description"),
    )


def _is_picture(media: object) -> bool:
    return text(at(media, "type")) == "Images" and address(at(media, "content")) is not None


def _access(media: object) -> str | None:
    found = text(at(media, "usage", "access"))
    return found.casefold() if found else None


def _refused(pictures: list[object]) -> str | None:
    return RESTRICTED if any(_access(m) for m in pictures) else None


def _images(picture: object) -> tuple[ImageCandidate, ...]:
    """The delivery service scales to `max` pixels on the longest side."""
    content = address(at(picture, "content"))
    if content is None:
        return ()
    url = URL(content, encoded=True)
    return tuple(ImageCandidate(str(url.update_query(max=str(b))), b, b) for b in BOXES_PX)


def _largest(picture: object) -> tuple[int | None, int | None]:
    for resource in many(at(picture, "resources")):
        size = (pixels(at(resource, "width")), pixels(at(resource, "height")))
        if all(size):
            return size
    return None, None


def _artist(names: list[object]) -> str | None:
    """The maker's name without the years; sitters and dealers are among the names too."""
    for name in names:
        if (text(at(name, "label")) or "").casefold() in _MAKERS:
            found = text(at(name, "content"))
            if found:
                return found.partition(", born")[0]
    return None


def _labelled(entries: list[object], wanted: str) -> str | None:
    found = [e for e in entries if wanted in (text(at(e, "label")) or "").casefold()]
    return text(at(found[0], "content"), LONG_TEXT_LIMIT) if found else None


MUSEUM = Smithsonian
