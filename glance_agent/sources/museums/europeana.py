"""Europeana: openly licensed works of many museums; needs a key.

Large pictures lie on hundreds of hosts. Those named in the settings are asked; for all others
Europeana's own previews serve, 400 pixels wide.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.domain.spelling import PublicHost
from glance_agent.sources.records.licence import licence_of, needs_attribution
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    address,
    at,
    key,
    number,
    rows,
    text,
    texts,
)
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import years_in
from glance_agent.sources.settings import KeyedSource
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.museum import LONGEST_CURSOR, PAGE_ITEMS, Museum, read

API = "https://api.europeana.eu/record/v2/search.json"
HOSTS = frozenset({"api.europeana.eu"})


class EuropeanaSettings(KeyedSource):
    """Europeana: openly licensed works of many museums; needs a key."""

    kind: Literal["europeana"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    hosts: tuple[PublicHost, ...] = Field(
        (), description="Hosts that large pictures may come from; previews serve for the others."
    )


class Europeana(Museum[EuropeanaSettings]):
    """Pictures that may be reused, each judged by its own rights statement."""

    settings_class = EuropeanaSettings
    api = API
    hosts = HOSTS
    key_parameter = "wskey"
    manners: ClassVar = {"api.europeana.eu": Manners(interval_seconds=2.0)}

    @classmethod
    def hosts_of(cls, settings: EuropeanaSettings) -> frozenset[str]:
        """The interface, and the hosts that large pictures may come from."""
        return cls.hosts | frozenset(settings.hosts)

    def begin(self, settings: EuropeanaSettings) -> None:
        """What is asked for."""
        self._query = {
            "query": settings.query,
            "reusability": "open",
            "media": "true",
            "thumbnail": "true",
            "qf": "TYPE:IMAGE",
            "theme": "art",
            "profile": "rich",
            "rows": str(PAGE_ITEMS),
        }

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works from Europeana's own cursor on. Raises SourceError."""
        place: str | None = cursor or "*"
        while place:
            query = {**self._query, "cursor": place}
            found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
            onward = at(found, "nextCursor")
            fits = isinstance(onward, str) and len(onward) <= LONGEST_CURSOR
            place = str(onward) if fits and onward != place else None
            items = await read(rows(at(found, "items"))[:PAGE_ITEMS], self._item)
            place = place if items else None
            yield Page(tuple(items), place, number(at(found, "totalResults")))

    def _item(self, record: object) -> Listed | Skipped:
        return taken(self.name, entry_of(record, self.visit.hosts))


def entry_of(record: object, hosts: frozenset[str]) -> Record:
    """What one item says; nearly everything is a list, often of one."""
    artist = text(at(record, "dcCreator"))
    licence = licence_of(at(record, "rights"))
    owner = text(at(record, "dataProvider")) or "Europeana"
    date = text(at(record, "year"))
    return Record(
        key=_key(at(record, "id")),
        title=text(at(record, "title")),
        artist=artist if artist and not artist.startswith("http") else None,
        date=date,
        years=years_in(date),
        credit=f"{artist}, {licence}, {owner}" if needs_attribution(licence) and artist else owner,
        licence=licence,
        page_url=_first_address(at(record, "edmIsShownAt")),
        images=_images(record, hosts),
        tags=texts(at(record, "edmConceptPrefLabelLangAware", "en")),
        description=text(at(record, "dcDescription"), LONG_TEXT_LIMIT),
    )


def _key(value: object) -> str | None:
    return key(value.strip("/")) if isinstance(value, str) else None


def _first_address(value: object) -> str | None:
    values = value if isinstance(value, list) else [value]
    return next((url for url in map(address, values) if url), None)


def _images(record: object, hosts: frozenset[str]) -> tuple[ImageCandidate, ...]:
    preview = _first_address(at(record, "edmPreview"))
    large = _first_address(at(record, "edmIsShownBy"))
    found = []
    if preview and urlsplit(preview).hostname in hosts:
        found.append(ImageCandidate(str(URL(preview, encoded=True).update_query(size="w400"))))
    if large and urlsplit(large).hostname in hosts:
        found.append(ImageCandidate(large))
    return tuple(found)


MUSEUM = Europeana
