"""Any IIIF manifest or collection (Presentation 2 or 3) and any image service (Image API)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from hashlib import blake2s
from typing import Literal
from urllib.parse import urlsplit

from pydantic import Field

from glance_agent.domain.items import ImageCandidate, Listed, Page, Skipped
from glance_agent.domain.spelling import HttpUrl, PublicHost
from glance_agent.sources.records.iiif_image import renditions, service_of
from glance_agent.sources.records.iiif_manifest import (
    Canvas,
    canvases,
    document_kind,
    manifest_entry,
    members,
)
from glance_agent.sources.records.licence import licence_of
from glance_agent.sources.records.plain import address, at, label
from glance_agent.sources.records.record import Record, taken
from glance_agent.sources.settings import WebSource
from glance_agent.sources.web.museum import Museum
from glance_agent.sources.web.taking import Unreadable

MAX_DEPTH = 3
MAX_DOCUMENTS = 5000
_ACCEPT = (
    'application/ld+json;profile="http://iiif.io/api/presentation/3/context.json", '
    "application/ld+json, application/json"
)


class IiifSettings(WebSource):
    """Any IIIF manifests, collections of manifests or single image services."""

    kind: Literal["iiif"]
    urls: tuple[HttpUrl, ...] = Field(
        min_length=1, description="Manifests, collections, or image services (info.json)."
    )
    hosts: tuple[PublicHost, ...] = Field(
        (), description="Further hosts that the manifests' pictures may come from."
    )
    every_canvas: bool = Field(
        False, description="Take all pictures of a manifest, not only its first."
    )
    licence: str | None = Field(
        None, description="The rights URI that holds where a manifest names none."
    )


class Iiif(Museum[IiifSettings]):
    """The works of manifests: the first picture of each, or all of them."""

    settings_class = IiifSettings

    @classmethod
    def hosts_of(cls, settings: IiifSettings) -> frozenset[str]:
        """The hosts of the addresses in the settings, and those named beside them."""
        named = (urlsplit(url).hostname for url in settings.urls if address(url))
        return frozenset({*(host.lower() for host in named if host), *settings.hosts})

    def begin(self, settings: IiifSettings) -> None:
        """What is asked for."""
        self._urls = settings.urls
        self._licence = licence_of(settings.licence)
        self._every_canvas = settings.every_canvas

    async def pages(self, cursor: str | None) -> AsyncIterator[Page]:
        """One page per manifest, those after the cursor, which is a manifest's address.

        Raises SourceError. A cursor that no collection leads to any more begins anew.
        """
        waiting: Page | None = None
        skipping = cursor is not None
        async for url in self._documents():
            if skipping:
                skipping = url != cursor
                continue
            if waiting is not None:
                yield waiting
            waiting = Page(await self._items(url), url)
        if waiting is not None:
            yield Page(waiting.items)
        elif skipping:
            async for page in self.pages(None):
                yield page
        else:
            yield Page(())

    async def _documents(self) -> AsyncIterator[str]:
        """The addresses of all manifests and image services, collections walked in order."""
        waiting = [(url, "", 0) for url in reversed(self._urls)]
        seen: set[str] = set()
        while waiting and len(seen) < MAX_DOCUMENTS:
            url, kind, depth = waiting.pop()
            if url in seen:
                continue
            seen.add(url)
            if kind == "manifest" or not self._is_allowed(url):
                yield url
                continue
            document = await self._document(url)
            if document_kind(document) != "collection":
                yield url
            elif depth < MAX_DEPTH:
                found = await asyncio.to_thread(members, document)
                waiting += [(u, k, depth + 1) for u, k in reversed(found[:MAX_DOCUMENTS])]
                del waiting[:-MAX_DOCUMENTS]  # those that would not be reached any more

    async def _items(self, url: str) -> tuple[Listed | Skipped, ...]:
        if not self._is_allowed(url):
            return (self._not_allowed(_digest(url), url),)
        document = await self._document(url)
        return await asyncio.to_thread(self._read, url, document)

    def _read(self, url: str, document: object) -> tuple[Listed | Skipped, ...]:
        kind = document_kind(document)
        if kind == "image":
            return (self._of_service(document),)
        if kind != "manifest":
            return (Skipped(_digest(url), "manifest unreadable", url),)
        found = canvases(document)
        chosen = found if self._every_canvas else found[:1]
        if not chosen:
            return (Skipped(_digest(url), "no picture", url),)
        whole = manifest_entry(document, url)
        return tuple(self._of_canvas(whole, c, several=len(chosen) > 1) for c in chosen)

    def _of_canvas(self, whole: Record, canvas: Canvas, *, several: bool) -> Listed | Skipped:
        where = canvas.images[-1].location if canvas.images else ""
        name = _digest(where.partition("/full/")[0])
        if canvas.needs_login:
            return Skipped(name, "needs a login", where)
        if where and not self._is_allowed(where):
            return self._not_allowed(name, where)
        title = f"{whole.title} – {canvas.label}" if several and canvas.label else whole.title
        return taken(
            self.name,
            Record(
                key=name,
                title=title,
                artist=whole.artist,
                date=whole.date,
                years=whole.years,
                medium=whole.medium,
                credit=whole.credit,
                licence=canvas.licence or whole.licence or self._licence,
                page_url=whole.page_url,
                images=canvas.images,
                size_px=canvas.size_px,
                description=whole.description,
            ),
        )

    def _of_service(self, document: object) -> Listed | Skipped:
        """The one picture of an image service, which tells little more than its size."""
        service = service_of(document, described=True)
        if service is None:
            return Skipped("?", "no picture")
        rights = licence_of(at(document, "rights")) or licence_of(at(document, "license"))
        return taken(
            self.name,
            Record(
                key=_digest(service.base),
                title=label(at(document, "label")),
                credit=label(at(document, "attribution")),
                licence=rights or self._licence,
                page_url=service.base,
                images=renditions(service),
                size_px=service.size_px,
            ),
        )

    async def renditions_of(self, item: Listed) -> tuple[ImageCandidate, ...]:
        """The sizes that the picture's own service offers; a manifest often tells less."""
        base, found, _ = item.images[-1].location.partition("/full/")
        if not found:
            return item.images
        try:
            document = await self.visit.json(f"{base}/info.json", days=90)
        except Unreadable:
            return item.images
        service = service_of(document, described=True)
        return renditions(service) if service and service.base else item.images

    async def _document(self, url: str) -> object:
        """The manifest, collection or service at an address; None where there is none."""
        try:
            return await self.visit.json(url, days=30, accept=_ACCEPT)
        except Unreadable:
            return None

    def _is_allowed(self, url: str) -> bool:
        return (urlsplit(url).hostname or "").lower() in self.visit.hosts

    def _not_allowed(self, name: str, url: str) -> Skipped:
        host = urlsplit(url).hostname or url
        return Skipped(name, "host not allowed", f"add {host} to hosts of {self.name}")


def _digest(words: str) -> str:
    return blake2s(words.encode("utf-8", "replace"), digest_size=8).hexdigest()


MUSEUM = Iiif
