"""The Art Institute of Chicago: the best descriptions, and an image host that may say no.

The image host shows programs a challenge from time to time. It is then left alone for hours or
days; nothing is done to get around it.
"""

from __future__ import annotations

import colorsys
import json
from collections.abc import AsyncIterator, Sequence
from typing import ClassVar, Literal

from pydantic import Field
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.sources.records.licence import cc0_where
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    address,
    at,
    key,
    number,
    pixels,
    rows,
    text,
    texts,
)
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import Span, span, years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.manners import DAY_SECONDS, HOUR, Manners
from glance_agent.sources.web.museum import Museum, by_offset

API = "https://api.artic.edu/api/v1/artworks/search"
IMAGES = "https://www.artic.edu/iiif/2"
HOSTS = frozenset({"api.artic.edu", "www.artic.edu"})
OWNER = "The Art Institute of Chicago"
MOST_RESULTS = 1000
WIDTHS_PX = (843, 1686)
_FIELDS = (
    "id,title,artist_title,artist_display,date_start,date_end,date_display,date_qualifier_title,"
    "medium_display,artwork_type_title,classification_title,style_titles,subject_titles,"
    "credit_line,is_public_domain,color,thumbnail,image_id,description"
)
_WORKING_DATES = "artist's working dates"


class AicSettings(WebSource):
    """The Art Institute of Chicago: CC0 works, no key; its image host may refuse programs."""

    kind: Literal["aic"]
    query: str = Field("", description="Words to look for; all works when empty.")
    type: str = Field("Painting", description="Painting, Print …; all when empty.")


class Aic(Museum[AicSettings]):
    """Public-domain works in an order that chance chose, a new one whenever one is used up."""

    settings_class = AicSettings
    api = API
    hosts = HOSTS
    manners: ClassVar = {
        # Its challenge comes and goes by weeks: 6 hours, 1 day, 4 days, a week.
        "www.artic.edu": Manners(
            interval_seconds=1.5,
            away_first_seconds=6 * HOUR,
            away_longest_seconds=7 * DAY_SECONDS,
            away_factor=4.0,
        )
    }

    def begin(self, settings: AicSettings) -> None:
        """What is asked for."""
        self._images = IMAGES
        self.visit.headers = {"AIC-User-Agent": self.visit.web.user_agent}
        self._words = settings.query
        wanted: list[dict[str, object]] = [
            {"term": {"is_public_domain": True}},
            {"exists": {"field": "image_id"}},
        ]
        if settings.type:
            wanted.append({"term": {"artwork_type_title.keyword": settings.type}})
        self._filter = {"bool": {"filter": wanted}}

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """At most a thousand works, more the museum does not list. Raises SourceError."""
        seed, _, place = (cursor or "").partition(" ")
        if not (seed.isdecimal() and len(seed) < 10):
            seed, place = str(int(self.visit.web.around.clock() // 86_400)), ""

        async def records(first: int, count: int) -> tuple[Sequence[object], int | None]:
            return await self._records(int(seed), first, count)

        async for page in by_offset(place, records, self._item, most=MOST_RESULTS):
            onward = f"{seed} {page.next_cursor}" if page.next_cursor else None
            yield Page(page.items, onward, page.total)

    async def _records(
        self, seed: int, first: int, count: int
    ) -> tuple[Sequence[object], int | None]:
        asked: dict[str, object] = {
            "fields": _FIELDS,
            "boost": False,
            "from": first,
            "size": min(count, MOST_RESULTS - first),
            "query": {
                "function_score": {
                    "query": self._filter,
                    "boost_mode": "replace",
                    "random_score": {"field": "id", "seed": seed},
                }
            },
        }
        if self._words:
            asked["q"] = self._words
        url = str(URL(self._api).with_query(params=json.dumps(asked, separators=(",", ":"))))
        found = await self.visit.json(url, days=1)
        self._images = address(at(found, "config", "iiif_url")) or self._images
        return rows(at(found, "data")), number(at(found, "pagination", "total"))

    def _item(self, record: object) -> Listed | Skipped:
        return taken(self.name, entry_of(record, self._images))


def entry_of(record: object, images: str = IMAGES) -> Record:
    """What one record of the museum says."""
    size = (pixels(at(record, "thumbnail", "width")), pixels(at(record, "thumbnail", "height")))
    number_of_work = key(at(record, "id"))
    credit = text(at(record, "credit_line"))
    kind = text(at(record, "artwork_type_title")) or text(at(record, "classification_title"))
    subjects = (*texts(at(record, "style_titles")), *texts(at(record, "subject_titles")))
    return Record(
        key=number_of_work,
        title=text(at(record, "title")),
        artist=_artist(record),
        date=text(at(record, "date_display")),
        years=_years(record),
        medium=text(at(record, "medium_display")),
        credit=f"{credit}, {OWNER}" if credit else OWNER,
        licence=cc0_where(at(record, "is_public_domain")),
        page_url=f"https://www.artic.edu/artworks/{number_of_work}" if number_of_work else None,
        images=_candidates(key(at(record, "image_id")), images, size),
        size_px=size,
        colours=_colour(at(record, "color")),
        tags=tuple(dict.fromkeys((*((kind,) if kind else ()), *subjects))),
        description=text(at(record, "description"), LONG_TEXT_LIMIT),
    )


def _artist(record: object) -> str | None:
    """The artist's name; the display form adds nationality and years on further lines."""
    shown = at(record, "artist_display")
    first_line = shown.partition("\n")[0].partition(" (")[0] if isinstance(shown, str) else None
    return text(at(record, "artist_title")) or text(first_line)


def _years(record: object) -> Span:
    """The years of the work; where those given are the artist's working years, as printed."""
    qualifier = (text(at(record, "date_qualifier_title")) or "").casefold()
    found = span(at(record, "date_start"), at(record, "date_end"))
    if qualifier == _WORKING_DATES or not any(found):
        return years_in(text(at(record, "date_display")))
    return found


def _candidates(
    image: str | None, base: str, size: tuple[int | None, int | None]
) -> tuple[ImageCandidate, ...]:
    """The widths that the museum itself uses, and never more than the original has."""
    if image is None:
        return ()
    width, height = size
    widths = [w for w in WIDTHS_PX if not width or w <= width] or [width or WIDTHS_PX[0]]
    return tuple(
        ImageCandidate(
            f"{base}/{image}/full/{w},/0/default.jpg",
            w,
            round(w * height / width) if width and height else w,
        )
        for w in widths
    )


def _colour(value: object) -> tuple[str, ...]:
    """Hue 0-360, saturation and lightness 0-100 as `#rrggbb`."""
    parts = [number(at(value, name)) for name in ("h", "l", "s")]
    if any(p is None or not 0 <= p <= 360 for p in parts):
        return ()
    hue, light, rich = (p or 0 for p in parts)
    rgb = colorsys.hls_to_rgb(hue / 360, min(light, 100) / 100, min(rich, 100) / 100)
    return ("#" + bytes(round(channel * 255) for channel in rgb).hex(),)


MUSEUM = Aic
