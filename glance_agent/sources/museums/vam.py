"""Victoria and Albert Museum, London: for private, non-commercial showing only.

The museum claims copyright in its pictures, also those of old works. They are taken only where
the household says that it shows them privately and earns nothing with them.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import Listed, Page, Skipped
from glance_agent.sources.records.iiif_image import Service, renditions
from glance_agent.sources.records.licence import RESTRICTED
from glance_agent.sources.records.plain import address, at, key, number, rows, text
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.museum import Museum, by_page

API = "https://api.vam.ac.uk/v2/objects/search"
HOSTS = frozenset({"api.vam.ac.uk", "framemark.vam.ac.uk"})
OWNER = "© Victoria and Albert Museum, London"


class VamSettings(WebSource):
    """Victoria and Albert Museum, London: for private, non-commercial showing only."""

    kind: Literal["vam"]
    query: str = Field("painting", min_length=1, description="Words to look for.")
    accept_non_commercial: bool = Field(
        False, description="You show the pictures privately and earn nothing with them."
    )


class Vam(Museum[VamSettings]):
    """Works that have a picture."""

    settings_class = VamSettings
    api = API
    hosts = HOSTS

    def begin(self, settings: VamSettings) -> None:
        """What is asked for."""
        self._query = {"q": settings.query, "images_exist": "1"}
        self._accepted = settings.accept_non_commercial

    def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The works from a cursor on. Raises SourceError."""
        return by_page(cursor, self._page, self._item)

    async def _page(self, page: int, count: int) -> tuple[list[object], int | None, int | None]:
        query = {**self._query, "page": str(page), "page_size": str(count)}
        found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
        info = at(found, "info")
        return (
            rows(at(found, "records")),
            number(at(info, "pages")),
            number(at(info, "record_count")),
        )

    def _item(self, record: object) -> Listed | Skipped:
        return taken(self.name, entry_of(record, terms_accepted=self._accepted))


def entry_of(record: object, *, terms_accepted: bool = False) -> Record:
    """What one record of the museum's search says."""
    number_of_work = key(at(record, "systemNumber"))
    kind = text(at(record, "objectType"))
    date = text(at(record, "_primaryDate"))
    base = address(at(record, "_images", "_iiif_image_base_url"))
    return Record(
        key=number_of_work,
        title=text(at(record, "_primaryTitle")) or kind,
        artist=text(at(record, "_primaryMaker", "name")),
        date=date,
        years=years_in(date),
        credit=OWNER,
        licence=RESTRICTED,
        page_url=f"https://collections.vam.ac.uk/item/{number_of_work}/"
        if number_of_work
        else None,
        images=renditions(Service(base.rstrip("/"))) if base else (),
        tags=(kind,) if kind else (),
        terms_accepted=terms_accepted,
    )


MUSEUM = Vam
