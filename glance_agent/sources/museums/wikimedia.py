"""Wikimedia Commons: the files of a category, or those that a Wikidata query names.

Only certain thumbnail widths are served, and their addresses are taken as Commons gives them.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from typing import ClassVar, Literal
from urllib.parse import quote, unquote

from pydantic import Field, model_validator
from yarl import URL

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.domain.said import say
from glance_agent.sources.records.licence import PUBLIC_DOMAIN, licence_of, needs_attribution
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    address,
    at,
    key,
    many,
    pixels,
    rows,
    text,
)
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.records.years import span, year_of_date, years_in
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.museum import LONGEST_CURSOR, Museum, read

API = "https://commons.wikimedia.org/w/api.php"
QUERY_SERVICE = "https://query.wikidata.org/sparql"
HOSTS = frozenset(
    {
        "commons.wikimedia.org",
        "query.wikidata.org",
        "upload.wikimedia.org",
        "thumb.wikimedia.org",
    }
)
WIDTHS_PX = (960, 1920, 3840)
"""Widths that are served at all; others are refused."""
FILES_AT_ONCE = 50
_PICTURES = {"image/jpeg", "image/png", "image/webp", "image/tiff"}
_WANTED = "Artist|ObjectName|DateTimeOriginal|ImageDescription|License|LicenseShortName|Credit"
_INFO = {
    "action": "query",
    "format": "json",
    "formatversion": "2",
    "maxlag": "5",
    "prop": "imageinfo",
    "iiprop": "url|size|mime|extmetadata",
    "iiurlwidth": str(WIDTHS_PX[0]),
    "iiextmetadatafilter": _WANTED,
}


class WikimediaSettings(WebSource):
    """Wikimedia Commons: a category, or what a Wikidata query finds."""

    asks_for_contact = True

    kind: Literal["wikimedia"]
    category: str | None = Field(None, min_length=1, description="A category of Commons.")
    sparql: str | None = Field(
        None, min_length=1, description="A Wikidata query that selects ?item and ?image."
    )

    @model_validator(mode="after")
    def _one_of_both(self) -> WikimediaSettings:
        if (self.category is None) == (self.sparql is None):
            raise ValueError(say("a source of kind wikimedia needs either a category or sparql"))
        return self


class Wikimedia(Museum[WikimediaSettings]):
    """Openly licensed pictures of Commons, each judged by its own licence."""

    settings_class = WikimediaSettings
    api = API
    hosts = HOSTS
    manners: ClassVar = {
        "commons.wikimedia.org": Manners(interval_seconds=0.5),
        "query.wikidata.org": Manners(interval_seconds=2.0),
        "upload.wikimedia.org": Manners(at_once=2),
        "thumb.wikimedia.org": Manners(at_once=2),
    }

    query_service = QUERY_SERVICE

    def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The files from a cursor on. Raises SourceError."""
        if self.settings.sparql is not None:
            return self._found(self.settings.sparql, cursor)
        return self._in_category(self.settings.category or "", cursor)

    async def _in_category(self, category: str, cursor: str | None) -> AsyncIterator[Page]:
        """The cursor is what Commons calls `continue`."""
        title = category if category.startswith("Category:") else f"Category:{category}"
        listing = {"generator": "categorymembers", "gcmtitle": title, "gcmtype": "file"}
        place = _continued(cursor)
        while True:
            query = {**_INFO, **listing, "gcmlimit": str(FILES_AT_ONCE), **place}
            found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
            place = _words(at(found, "continue"))
            items = await read(
                _files(found)[:FILES_AT_ONCE], lambda file: taken(self.name, self._entry(file))
            )
            yield Page(tuple(items), json.dumps(place) if place else None)
            if not place:
                return

    async def _found(self, sparql: str, cursor: str | None) -> AsyncIterator[Page]:
        """The cursor is the last item's number; the whole answer is one list, kept for a day."""
        url = URL(self.query_service).with_query({"query": sparql, "format": "json"})
        answer = await self.visit.json(
            str(url), days=1, accept="application/sparql-results+json, application/json"
        )
        works = await asyncio.to_thread(works_of, rows(at(answer, "results", "bindings")))
        names = list(works)
        start = names.index(cursor) + 1 if cursor in works else 0
        for first in range(start, max(len(names), start + 1), FILES_AT_ONCE):
            some = names[first : first + FILES_AT_ONCE]
            items = await self._described([works[name] for name in some])
            is_last = first + FILES_AT_ONCE >= len(names)
            yield Page(items, None if is_last else some[-1], len(names))

    async def _described(self, works: Sequence[tuple[str, Record]]) -> tuple[Listed | Skipped, ...]:
        """The works with licence and picture of their files on Commons."""
        if not works:
            return ()
        titles = {f"File:{file}": work for file, work in works}
        query = {**_INFO, "titles": "|".join(titles)}
        found = await self.visit.json(str(URL(self._api).with_query(query)), days=7)
        return await asyncio.to_thread(self._answered, titles, found)

    def _answered(self, titles: dict[str, Record], found: object) -> tuple[Listed | Skipped, ...]:
        """The works by the titles that were asked for, with what was answered about each."""
        renamed = _renamings(found)
        files = {text(at(file, "title")): file for file in _files(found)[:FILES_AT_ONCE]}
        items: list[Listed | Skipped] = []
        for title, work in titles.items():
            file = files.get(renamed.get(title, title))
            items.append(taken(self.name, _joined(work, self._entry(file))))
        return tuple(items)

    def _entry(self, file: object) -> Record:
        return entry_of(file, str(URL(self._api).with_path("/wiki/Special:FilePath/")))


def entry_of(file: object, thumbnails: str) -> Record:
    """What Commons says about one file."""
    info = at(file, "imageinfo", 0)
    about = {name: at(info, "extmetadata", name, "value") for name in _WANTED.split("|")}
    artist = text(about["Artist"])
    date = text(about["DateTimeOriginal"])
    licence = _licence(about["License"], about["LicenseShortName"])
    title = text(at(file, "title"))
    size = (pixels(at(info, "width")), pixels(at(info, "height")))
    return Record(
        key=key(at(file, "pageid")),
        title=text(about["ObjectName"]) or _without_extension(title),
        artist=artist,
        date=date,
        years=years_in(date),
        credit=_credit(text(about["Credit"]), artist, licence),
        licence=licence,
        page_url=address(at(info, "descriptionurl")),
        images=_images(info, title, size, thumbnails),
        size_px=size,
        description=text(about["ImageDescription"], LONG_TEXT_LIMIT),
    )


def works_of(bindings: Sequence[object]) -> dict[str, tuple[str, Record]]:
    """A Wikidata answer's files and works by their numbers; the first row of each counts."""
    works: dict[str, tuple[str, Record]] = {}
    for row in bindings:
        value = {name: at(row, name, "value") for name in ("item", "image", "inception")}
        match = re.search(r"/(Q\d{1,15})$", str(value["item"]))
        file = str(value["image"] or "").rpartition("Special:FilePath/")[2]
        if not match or not file or match[1] in works:
            continue
        year = year_of_date(value["inception"])
        entry = Record(
            key=match[1],
            title=_label(at(row, "itemLabel", "value")),
            artist=_label(at(row, "creatorLabel", "value")),
            date=str(year) if year and year > 0 else f"{-year} BC" if year else None,
            years=span(year, year),
            medium=_label(at(row, "materials", "value")),
            credit=_label(at(row, "collectionLabel", "value")),
            page_url=f"https://www.wikidata.org/wiki/{match[1]}",
        )
        works[match[1]] = (unquote(file).replace("_", " "), entry)
    return works


def _joined(work: Record, file: Record) -> Record:
    """Wikidata knows the work better, Commons the picture."""
    credit = file.credit if needs_attribution(file.licence) else work.credit or file.credit
    return replace(
        work,
        title=work.title or file.title,
        artist=work.artist or file.artist,
        credit=credit,
        licence=file.licence,
        images=file.images,
        size_px=file.size_px,
        description=file.description,
    )


def _label(value: object) -> str | None:
    """A label; none where there is only a number or an unknown value's address."""
    words = text(value)
    return None if words is None or re.fullmatch(r"Q\d+|https?://.*", words) else words


def _licence(short: object, name: object) -> str | None:
    """The licence in Commons' own short form; `pd` and what begins so is public domain."""
    words = (text(short) or "").casefold()
    if words == "pd" or words.startswith("pd-"):
        return PUBLIC_DOMAIN
    return licence_of(words) or licence_of((text(name) or "").casefold().replace(" ", "-"))


def _credit(credit: str | None, artist: str | None, licence: str | None) -> str:
    if needs_attribution(licence):
        return f"{artist or 'Unknown author'}, {licence}, via Wikimedia Commons"
    return f"{credit}, via Wikimedia Commons" if credit else "Wikimedia Commons"


def _images(
    info: object, title: str | None, size: tuple[int | None, int | None], thumbnails: str
) -> tuple[ImageCandidate, ...]:
    """The thumbnail that Commons names, and larger ones through its redirect by name."""
    original, mime = address(at(info, "url")), text(at(info, "mime"))
    small = address(at(info, "thumburl"))
    width, height = size
    if original is None or mime not in _PICTURES or not width or not height or not title:
        return ()
    ratio = height / width
    found = []
    for step in (w for w in WIDTHS_PX if w < width):
        name = quote(title.removeprefix("File:").replace(" ", "_"), safe="")
        larger = f"{thumbnails}{name}?width={step}"
        url = small if step == WIDTHS_PX[0] and small else larger
        found.append(ImageCandidate(url, step, round(step * ratio)))
    if width <= WIDTHS_PX[-1] and mime != "image/tiff":
        found.append(ImageCandidate(original, width, height))
    return tuple(found)


def _without_extension(title: str | None) -> str | None:
    if title is None:
        return None
    name = title.removeprefix("File:")
    return name.rpartition(".")[0] or name


def _files(found: object) -> list[object]:
    """The files of an answer, of format version 2 (a list) or 1 (an object)."""
    pages = at(found, "query", "pages")
    files = list(pages.values()) if isinstance(pages, dict) else rows(pages)
    return [file for file in files if isinstance(file, dict)]


def _renamings(found: object) -> dict[str, str]:
    """What Commons calls the titles that were asked for: normalised, then redirected."""
    steps: dict[str, str] = {}
    for kind in ("normalized", "redirects"):
        for step in many(at(found, "query", kind)):
            old, new = text(at(step, "from")), text(at(step, "to"))
            if old and new:
                steps[old] = new
    return {old: steps.get(new, new) for old, new in steps.items()}


def _words(value: object) -> dict[str, str]:
    pairs = value.items() if isinstance(value, dict) else ()
    some = {k: v for k, v in pairs if isinstance(v, str) and len(k) + len(v) <= LONGEST_CURSOR}
    return some if len(some) <= 10 else {}


def _continued(cursor: str | None) -> dict[str, str]:
    try:
        return _words(json.loads(cursor)) if cursor else {}
    except ValueError:
        return {}


MUSEUM = Wikimedia
