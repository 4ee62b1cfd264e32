"""Immich: the household's own photographs, on its own server; needs a key of the server.

By its published interface, `immich-app/immich`, open-api/immich-openapi-specs.json, as of version
2, held against that of 3.2 (`@immich/sdk` 3.2.2), which lists shared albums with one's own and
passes over the parameter that asks version 2 for them: searches number their pages from 1 and say
`nextPage` until the last one; a thumbnail of the size `fullsize` is the original where browsers can
show that; pictures that were cropped or turned in Immich (`isEdited`, there in 2.7.5 and not yet in
2.2.3) are sent so where `edited` asks for it. The key needs the permissions asset.read, asset.view
and asset.download, with albums album.read, with people person.read.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from hashlib import blake2s
from typing import Any, ClassVar, Final, Literal, NamedTuple
from urllib.parse import quote

from pydantic import Field, ValidationError
from yarl import URL

from glance_agent.domain.errors import SourceError
from glance_agent.domain.folding import folded
from glance_agent.domain.items import Fetched, ImageCandidate, Listed, Page, Skipped
from glance_agent.domain.said import say
from glance_agent.domain.spelling import HttpUrl
from glance_agent.sources.folders.file_names import facts_from_name
from glance_agent.sources.folders.labelling import artwork_of, joined
from glance_agent.sources.records.facts import Facts
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    at,
    flag,
    pixels,
    rows,
    text,
    texts,
)
from glance_agent.sources.settings import HomeServer, KeyedSource, OwnPictures
from glance_agent.sources.web.manners import Manners
from glance_agent.sources.web.museum import Museum, read

PAGE: Final = 200
PREVIEW_PX: Final = 1440
"""The short side of Immich's previews, unless its administrator wants others."""
FOUND: Final = 500
"""So many of what a search finds are taken where no limit is set."""
MOST_PAGES: Final = 10_000
MOST_NAMED: Final = 20
"""So many albums or people are named where another one is asked for."""
_ID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_TURNED: Final = ("5", "6", "7", "8")
"""Values of EXIF's orientation that turn a picture onto its side."""

Narrowed = dict[str, Any]


class ImmichSettings(OwnPictures, HomeServer, KeyedSource):
    """Photographs of an Immich server at home; needs a key of it."""

    kind: Literal["immich"]
    url: HttpUrl = Field(description="Where the server is: http://immich.lan:2283.")
    albums: tuple[str, ...] = Field(
        (), description="Only pictures in one of these albums, by name or id; all when empty."
    )
    people: tuple[str, ...] = Field(
        (), description="Only pictures of one of these people, by name or id; all when empty."
    )
    favourites: bool = Field(False, description="Only the favourites of whom the key belongs to.")
    query: str = Field(
        "",
        max_length=300,
        description="Only what Immich's own search finds for these words, the best 500 or `limit`.",
    )
    every_hours: int = Field(1, ge=1, le=24 * 365, description="Hours between two looks.")
    daily_requests: int = Field(
        200_000, ge=1, le=10_000_000, description="At most this many requests in one day."
    )
    daily_megabytes: int = Field(
        50_000, ge=1, le=10_000_000, description="At most this much data in one day."
    )


class _Place(NamedTuple):
    """How far was read: in which of the searches, and up to which of its pages."""

    search: int = 0
    page: int = 1

    @classmethod
    def of(cls, cursor: str | None) -> _Place:
        numbers = (cursor or "").split(".")
        if len(numbers) == 2 and all(n.isdecimal() and len(n) < 6 for n in numbers):
            return cls(int(numbers[0]), max(1, int(numbers[1])))
        return cls()

    @property
    def cursor(self) -> str:
        return f"{self.search}.{self.page}"


class Immich(Museum[ImmichSettings]):
    """The photographs of a server. What is deleted there goes, once a listing has shown it."""

    settings_class = ImmichSettings
    key_header = "x-api-key"
    at_home = True
    at_once = 4
    manners: ClassVar = {}

    @classmethod
    def hosts_of(cls, settings: ImmichSettings) -> frozenset[str]:
        """The server alone."""
        return frozenset({(URL(settings.url).raw_host or "").lower()})

    def begin(self, settings: ImmichSettings) -> None:
        """Where the server is, and how it is asked: it is one's own."""
        self._server = (self._api or settings.url).rstrip("/").removesuffix("/api")
        self.visit.checks_certificate = settings.check_certificate
        for host in self.hosts_of(settings):
            self.visit.web.manners[host] = Manners(interval_seconds=0.02, at_once=self.at_once)
        self._favourites: set[str] = set()
        self._saw_all = False

    @property
    def lists_everything(self) -> bool:  # type: ignore[override]
        """Whether the last listing was whole: nothing moved in it while it was read."""
        return self._saw_all

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """The photographs from a cursor on. Raises SourceError."""
        self._saw_all = False
        searches, place = await self._searches(), _Place.of(cursor)
        seen: set[str] = set()
        turned = 0
        for number in range(place.search, len(searches)):
            here = _Place(number, place.page if number == place.search else 1)
            async for found, page in self._found(searches[number], here.page, whole=True):
                items = [i for i in await read(found, self._item) if i.key not in seen]
                seen.update(item.key for item in items)
                turned += 1
                yield Page(tuple(items), _Place(number, page + 1).cursor)
        if cursor is None:
            # What was deleted meanwhile has moved others onto pages that had been read.
            self._saw_all = turned <= 1 or await self._keys(searches) == seen
        yield Page((), None)

    async def fetch(self, item: Listed, *, wanted_px: int) -> Fetched:
        """The photograph; as Museum.fetch, and liked where it is a favourite."""
        fetched = await super().fetch(item, wanted_px=wanted_px)
        liked = self.settings.favourites_as if item.key in self._favourites else None
        return replace(fetched, liked_by=liked)

    # -- what is asked ---------------------------------------------------------------------------

    async def _searches(self) -> list[Narrowed]:
        """What to look for: once for each album and each of the people that are named."""
        albums = await self._named("album", self.settings.albums) or [None]
        people = await self._named("person", self.settings.people) or [None]
        always: Narrowed = {"type": "IMAGE", "visibility": "timeline"}
        if self.settings.favourites:
            always["isFavorite"] = True
        if self.settings.query:
            always["query"] = self.settings.query
        else:
            always["order"] = "asc"  # what is new comes last, and moves nothing
        return [
            always
            | ({"albumIds": [album]} if album else {})
            | ({"personIds": [person]} if person else {})
            for album in albums
            for person in people
        ]

    async def _found(
        self, wanted: Narrowed, page: int, *, whole: bool
    ) -> AsyncIterator[tuple[list[object], int]]:
        """The records of each page from one on, and its number; `whole` with all that is known."""
        smart = "query" in wanted
        url = f"{self._server}/api/search/{'smart' if smart else 'metadata'}"
        left = (self.settings.limit or FOUND) - (page - 1) * PAGE if smart else None
        before: list[object] = []
        while page < MOST_PAGES and (left is None or left > 0):
            asked = {**wanted, "page": page, "size": PAGE, "withExif": whole}
            answer = at(await self.visit.posted(url, asked), "assets")
            if not isinstance(at(answer, "items"), list):
                raise SourceError(
                    say(
                        "{server} does not answer as Immich does: check its url.",
                        server=self._server,
                    )
                )
            found = rows(at(answer, "items"))[:left]
            if found and found == before:
                raise SourceError(
                    say("{server} sends one page of its list over and over.", server=self._server)
                )
            before = found
            yield found, page
            if left is not None:
                left -= len(found)
            if not found or at(answer, "nextPage") is None:
                return
            page += 1

    async def _keys(self, searches: Iterable[Narrowed]) -> set[str]:
        """The keys of all that is found, without what is known of it."""
        keys: set[str] = set()
        for wanted in searches:
            async for found, _ in self._found(wanted, 1, whole=False):
                keys.update(_key(record) for record in found)
        return keys

    async def _named(self, what: str, names: Sequence[str]) -> list[str | None]:
        """The ids of albums or people. Raises SourceError where one has no such name."""
        known = await self._names(what) if any(not _ID.fullmatch(n) for n in names) else {}
        ids: list[str | None] = []
        for name in names:
            found = name if _ID.fullmatch(name) else known.get(folded(name), ("", None))[1]
            if found is None:
                raise SourceError(
                    _none_called(what, name, [called for called, _ in known.values()])
                )
            ids.append(found)
        return ids

    async def _names(self, what: str) -> dict[str, tuple[str, str]]:
        """Albums or people, called so and with this id, by their names as they are compared; of
        two alike the first."""
        names: dict[str, tuple[str, str]] = {}
        async for record in self._albums() if what == "album" else self._people():
            name, key = text(at(record, "albumName" if what == "album" else "name")), _key(record)
            if name and key != "?":
                names.setdefault(folded(name), (name, key))
        return names

    async def _albums(self) -> AsyncIterator[object]:
        for whose in ("", "?shared=true"):
            for record in rows(await self.visit.json(f"{self._server}/api/albums{whose}")):
                yield record

    async def _people(self) -> AsyncIterator[object]:
        for page in range(1, MOST_PAGES):
            answer = await self.visit.json(f"{self._server}/api/people?page={page}&size=1000")
            for record in rows(at(answer, "people")):
                yield record
            if not flag(at(answer, "hasNextPage")):
                return

    # -- what is answered ------------------------------------------------------------------------

    def _item(self, record: object) -> Listed | Skipped:
        """A photograph; people are not told of, and a file's name is no title."""
        key = _key(record)
        if key == "?":
            return Skipped(key, "record without id")
        if flag(at(record, "isTrashed")) or text(at(record, "type")) != "IMAGE":
            return Skipped(key, "not a picture", text(at(record, "type")) or "")
        favourite = flag(at(record, "isFavorite"))
        if favourite:
            self._favourites.add(key)
        else:
            self._favourites.discard(key)
        name = text(at(record, "originalFileName")) or ""
        known, camera = _told(record), _camera(record)
        facts = joined(known, facts_from_name(name), camera, name)
        facts = replace(facts, page_url=f"{self._server}/photos/{key}")
        size = _size_px(record)
        try:
            work = artwork_of(facts, self.name, f"{self.name}:{key}", size or (1, 1))
        except ValidationError as invalid:
            return Skipped(key, "record unusable", str(invalid.errors()[0]["msg"]))
        work = work if size else work.model_copy(update={"width": None, "height": None})
        liked = favourite and self.settings.favourites_as is not None
        version = text(at(record, "thumbhash"))
        told = repr((work, text(at(record, "checksum")), version, liked))
        if edited := flag(at(record, "isEdited")):
            told += text(at(record, "updatedAt")) or ""
        mark = blake2s(told.encode("utf-8", "replace"), digest_size=8).hexdigest()
        return Listed(key, mark, work, self._images(key, size, version, edited=edited))

    def _images(
        self, key: str, size: tuple[int, int] | None, version: str | None, *, edited: bool
    ) -> tuple[ImageCandidate, ...]:
        """The preview, and the picture itself; a version in the address tells edits apart."""
        address = f"{self._server}/api/assets/{key}/thumbnail?c={quote(version or '', safe='')}"
        address += "&edited=true" if edited else ""
        width, height = size or (PREVIEW_PX, PREVIEW_PX)
        share = min(1.0, PREVIEW_PX / min(width, height))
        preview = round(width * share), round(height * share)
        return (
            ImageCandidate(f"{address}&size=preview", *preview),
            ImageCandidate(f"{address}&size=fullsize", width, height),
        )


def _none_called(what: str, name: str, there: Sequence[str]) -> str:
    """That there is no album, or nobody, of this name, and which names there are."""
    some = ", ".join(f"“{called}”" for called in there[:MOST_NAMED])
    if what == "album" and some:
        return say("Immich has no album called “{name}”; it has {there}.", name=name, there=some)
    if what == "album":
        return say("Immich has no album that this key may see.")
    if some:
        return say("Immich knows nobody called “{name}”; it knows {there}.", name=name, there=some)
    return say("Immich knows nobody by name whom this key may see.")


def _key(record: object) -> str:
    found = at(record, "id")
    return found.lower() if isinstance(found, str) and _ID.fullmatch(found) else "?"


def _told(record: object) -> Facts:
    """What people have said of a photograph, and where it was taken."""
    exif = at(record, "exifInfo")
    place = [text(at(exif, part)) for part in ("city", "state", "country")]
    words = text(at(exif, "description"), LONG_TEXT_LIMIT)
    is_title = words is not None and len(words) <= 120
    return Facts(
        title=words if is_title else None,
        description=None if is_title else words,
        tags=texts(at(record, "tags"), "name"),
        place=", ".join(dict.fromkeys(part for part in place if part)) or None,
    )


def _camera(record: object) -> Facts:
    """What the camera says: when it clicked, where it stood then, and which it is."""
    exif = at(record, "exifInfo")
    day = (text(at(record, "localDateTime")) or "")[:10]
    make, model = text(at(exif, "make")) or "", text(at(exif, "model")) or ""
    camera = model if folded(model).startswith(folded(make)) else f"{make} {model}"
    return Facts(taken=day if _DAY.fullmatch(day) else None, camera=camera.strip() or None)


def _size_px(record: object) -> tuple[int, int] | None:
    """Across and down, upright; None where it is not told."""
    upright = pixels(at(record, "width")), pixels(at(record, "height"))
    if upright[0] and upright[1]:
        return upright[0], upright[1]
    exif = at(record, "exifInfo")
    width, height = pixels(at(exif, "exifImageWidth")), pixels(at(exif, "exifImageHeight"))
    if not width or not height:
        return None
    turned = text(at(exif, "orientation")) in _TURNED
    return (height, width) if turned else (width, height)


MUSEUM = Immich
