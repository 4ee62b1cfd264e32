"""What a IIIF manifest says (Presentation 2.x and 3.0): labels, makers, rights, pictures."""

from __future__ import annotations

import re
from dataclasses import dataclass

from glance_agent.domain.items import ImageCandidate
from glance_agent.sources.records.iiif_image import Size, renditions, service_of
from glance_agent.sources.records.licence import RESTRICTED, licence_of
from glance_agent.sources.records.plain import (
    LONG_TEXT_LIMIT,
    address,
    at,
    label,
    labels,
    many,
    pixels,
    text,
)
from glance_agent.sources.records.record import Record
from glance_agent.sources.records.years import years_in

_ARTIST = re.compile(
    r"artist|maker|creator|author|painter|kunstner|auteur|künstler|kunstenaar", re.I
)
_DATE = re.compile(r"^(date|dat\w*|dating|created|creation date|année|periode|period)\b", re.I)
_MEDIUM = re.compile(r"medium|material|technique|teknik|technik", re.I)
_CREDIT = re.compile(r"credit", re.I)
_RIGHTS = re.compile(r"rights|copyright|licen[cs]e", re.I)
_PROTECTED = re.compile(r"in copyright|all rights reserved|under copyright|©|permission", re.I)


@dataclass(frozen=True, slots=True)
class Canvas:
    """One picture of a manifest, with what is said about it alone."""

    label: str | None
    images: tuple[ImageCandidate, ...]
    size_px: Size
    licence: str | None = None
    needs_login: bool = False


def document_kind(document: object) -> str:
    """`manifest`, `collection`, `image` (an info.json) or nothing of these."""
    kind = text(at(document, "type")) or text(at(document, "@type")) or ""
    if kind.endswith("Manifest"):
        return "manifest"
    if kind.endswith(("Collection", "Layer")):
        return "collection"
    return "image" if at(document, "width") and service_of(document) else ""


def members(document: object) -> list[tuple[str, str]]:
    """The addresses in a collection with their kinds, in order."""
    found = []
    for name in ("items", "manifests", "collections", "members"):
        for item in many(at(document, name)):
            url = address(at(item, "id")) or address(at(item, "@id"))
            kind = (text(at(item, "type")) or text(at(item, "@type")) or "").casefold()
            if url:
                found.append((url, "manifest" if kind.endswith("manifest") else ""))
    return found


def manifest_entry(document: object, url: str) -> Record:
    """What the manifest says about the whole work."""
    date = _about(document, _DATE)
    statement = at(document, "requiredStatement", "value") or at(document, "attribution")
    return Record(
        key=None,
        title=label(at(document, "label")),
        artist=_about(document, _ARTIST),
        date=date,
        years=years_in(date),
        medium=_about(document, _MEDIUM),
        credit=_about(document, _CREDIT) or label(statement) or _provider(document),
        licence=_licence(document),
        page_url=_page(document) or url,
        description=label(at(document, "summary"), LONG_TEXT_LIMIT)
        or label(at(document, "description"), LONG_TEXT_LIMIT),
    )


def canvases(document: object) -> list[Canvas]:
    """The canvases that have a picture, in order."""
    listed = at(document, "items") or at(document, "sequences", 0, "canvases")
    found = [_canvas(canvas) for canvas in many(listed)[:2000]]
    return [canvas for canvas in found if canvas.images or canvas.needs_login]


def _canvas(canvas: object) -> Canvas:
    resource = _painted(canvas)
    service = service_of(at(resource, "service"))
    picture = address(at(resource, "id")) or address(at(resource, "@id"))
    size = (pixels(at(resource, "width")), pixels(at(resource, "height")))
    images: tuple[ImageCandidate, ...] = ()
    if service is not None:
        images = renditions(service)
        size = service.size_px if all(service.size_px) else size
    elif picture and not picture.casefold().endswith((".tif", ".tiff", ".jp2")):
        images = (ImageCandidate(picture, *size),)
    return Canvas(
        label=label(at(canvas, "label")),
        images=images,
        size_px=size,
        licence=_licence(canvas),
        needs_login=_needs_login(at(resource, "service")),
    )


def _painted(canvas: object) -> object:
    """The resource that is painted on a canvas; of a choice the first."""
    body = at(canvas, "images", 0, "resource")
    if body is None:
        for annotation in many(at(canvas, "items", 0, "items")):
            if at(annotation, "motivation") in ("painting", ["painting"], None):
                body = at(annotation, "body")
                break
    body = body[0] if isinstance(body, list) and body else body
    for choice in ("items", "default", "item"):
        inner = at(body, choice)
        if inner is not None and at(body, "service") is None:
            return inner[0] if isinstance(inner, list) and inner else inner
    return body


def _needs_login(service: object) -> bool:
    found = [s for outer in many(service)[:10] for s in (outer, *many(at(outer, "service"))[:10])]
    return any("/auth/" in str(at(s, key)) for s in found for key in ("@context", "profile"))


def _about(document: object, wanted: re.Pattern[str]) -> str | None:
    """The value of the first pair of the metadata whose label is one of those wanted."""
    for pair in many(at(document, "metadata"))[:100]:
        names = labels(at(pair, "label")) or ((label(at(pair, "label")) or ""),)
        if any(wanted.search(name) for name in names):
            found = label(at(pair, "value"))
            if found:
                return found
    return None


def _licence(part: object) -> str | None:
    """The rights that a manifest or canvas names, else what its metadata says about them."""
    named = licence_of(at(part, "rights")) or licence_of(at(part, "license"))
    said = _about(part, _RIGHTS)
    if said and _PROTECTED.search(said):
        return RESTRICTED
    return named or licence_of(said)


def _provider(document: object) -> str | None:
    return label(at(document, "provider", 0, "label"))


def _page(document: object) -> str | None:
    related = at(document, "related")
    for value in (at(document, "homepage", 0, "id"), at(related, "@id"), at(related, 0, "@id")):
        found = address(value)
        if found:
            return found
    return address(related)
