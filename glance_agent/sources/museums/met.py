"""The Metropolitan Museum of Art: a search returns all ids, each work is asked for by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.sources.records.licence import cc0_where
from glance_agent.sources.records.plain import address, at, key, many, number, text, texts
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import Span, span, years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.museum import LOOKED_UP_LATER, Museum, read

API = "https://collectionapi.metmuseum.org/public/collection/v1"
HOSTS = frozenset({"collectionapi.metmuseum.org", "images.metmuseum.org"})
OWNER = "The Metropolitan Museum of Art"
PAGE_IDS = 50


class MetSettings(WebSource):
    """The Metropolitan Museum of Art, New York: CC0 works, no key."""

    kind: Literal["met"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    medium: str = Field("Paintings", description="Paintings, Prints …; all when empty.")
    department_id: int | None = Field(None, ge=1, description="11 is European Paintings.")
    highlights: bool = Field(False, description="Only the museum's highlights.")


class Met(Museum[MetSettings]):
    """Public-domain works; the museum blocks whoever asks faster than about once a second."""

    settings_class = MetSettings
    api = API
    hosts = HOSTS

    def begin(self, settings: MetSettings) -> None:
        """What is asked for."""
        query = {"hasImages": "true", "q": settings.query, "medium": settings.medium}
        if settings.department_id is not None:
            query["departmentId"] = str(settings.department_id)
        if settings.highlights:
            query["isHighlight"] = "true"
        self._query = {name: value for name, value in query.items() if value}

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The ids in ascending order, those after the cursor: works that come do not move it.

        Raises SourceError.
        """
        found = await self.visit.json(
            str(URL(f"{self._api}/search").with_query(self._query)), days=7
        )
        ids = sorted({i for i in map(number, many(at(found, "objectIDs"))) if i and i > 0})
        after = number(cursor) or 0
        rest = [i for i in ids if i > after]
        for start in range(0, max(len(rest), 1), PAGE_IDS):
            some = rest[start : start + PAGE_IDS]
            is_last = start + PAGE_IDS >= len(rest)
            items = tuple(Listed(str(i), LOOKED_UP_LATER) for i in some)
            yield Page(items, None if is_last else str(some[-1]), len(ids))

    async def looked_up(self, key: str) -> Listed | Skipped:
        """The work of this id; the museum's answer is kept for a month, also a 404."""
        record = await self.visit.json(f"{self._api}/objects/{key}", days=30)
        if at(record, "objectID") is None:
            return Skipped(key, "not found")
        (item,) = await read([record], lambda found: taken(self.name, entry_of(found)))
        return item


def entry_of(record: object) -> Record:
    """What one object of the museum says; it writes "" for what it does not know."""
    date = text(at(record, "objectDate"))
    credit = text(at(record, "creditLine"))
    small = address(at(record, "primaryImageSmall"))
    large = address(at(record, "primaryImage"))
    return Record(
        key=key(at(record, "objectID")),
        title=text(at(record, "title")),
        artist=_artist(record),
        date=date,
        years=_years(record, date),
        medium=text(at(record, "medium")),
        credit=f"{credit}, {OWNER}" if credit else OWNER,
        licence=cc0_where(at(record, "isPublicDomain")),
        page_url=address(at(record, "objectURL")),
        images=tuple(ImageCandidate(url) for url in (small, large) if url),
        tags=_tags(record),
    )


def _artist(record: object) -> str | None:
    name = text(at(record, "artistDisplayName")) or text(at(record, "constituents", 0, "name"))
    prefix = text(at(record, "artistPrefix"))
    return f"{prefix} {name}" if prefix and name else name


def _years(record: object, date: str | None) -> Span:
    found = span(at(record, "objectBeginDate"), at(record, "objectEndDate"))
    return found if any(found) else years_in(date)


def _tags(record: object) -> tuple[str, ...]:
    names = ("classification", "objectName", "department", "culture", "period")
    plain = [t for t in (text(at(record, name)) for name in names) if t]
    return tuple(dict.fromkeys((*texts(at(record, "tags"), "term"), *plain)))


MUSEUM = Met
