"""Facts in XMP (ISO 16684-1), inside a picture or in a file beside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from glance_agent.sources.records.facts import NOTHING_TOLD, Facts, tidy
from glance_agent.sources.records.plain import address

MAX_XMP_BYTES: Final = 1_000_000
"""XMP longer than this is passed over: it is an editor's history, not words about a work."""
FAVOURITE_STARS: Final = 5

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_XAP: Final = "{http://ns.adobe.com/xap/1.0/}"
_PHOTOSHOP: Final = "{http://ns.adobe.com/photoshop/1.0/}"
_RIGHTS: Final = "{http://ns.adobe.com/xap/1.0/rights/}"
_CC: Final = "{http://creativecommons.org/ns#}"
_IPTC_EXT: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_IPTC_CORE: Final = "{http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/}"
_EXIF: Final = "{http://ns.adobe.com/exif/1.0/}"
_DIGIKAM: Final = "{http://www.digikam.org/ns/1.0/}"
_LIGHTROOM: Final = "{http://ns.adobe.com/lightroom/1.0/}"
_WINDOWS: Final = "{http://ns.microsoft.com/photo/1.0}"
_WINDOWS_1_2: Final = "{http://ns.microsoft.com/photo/1.2/}"
_PEOPLE: Final = re.compile(r"(people|personen|personnes|personas|persone)[/|]", re.IGNORECASE)
"""The branch of a tree of keywords in which digiKam and Lightroom name who is seen."""


def xmp_facts(packet: bytes) -> Facts:
    """What an XMP packet says; nothing where it is broken, too long, or declares entities."""
    root = _parsed(packet)
    if root is None:
        return NOTHING_TOLD
    found = _properties(root)

    def first(*names: str, limit: int = 300) -> str | None:
        values = (tidy(value, limit=limit) for name in names for value in found.get(name, []))
        return next((value for value in values if value), None)

    artists = [a for v in found.get(f"{_IPTC_EXT}AOCreator", []) if (a := tidy(v))]
    artists = artists or [a for v in found.get(f"{_DC}creator", []) if (a := tidy(v))]
    places = (first(f"{_IPTC_CORE}Location"), first(f"{_PHOTOSHOP}City"),
              first(f"{_PHOTOSHOP}Country"))  # fmt: skip
    return Facts(
        title=first(f"{_IPTC_EXT}AOTitle", f"{_DC}title", f"{_PHOTOSHOP}Headline"),
        artist=", ".join(artists) or None,
        date=shown_date(first(f"{_IPTC_EXT}AODateCreated", f"{_PHOTOSHOP}DateCreated")),
        credit=first(f"{_IPTC_EXT}AOSource", f"{_PHOTOSHOP}Credit", f"{_PHOTOSHOP}Source"),
        licence=first(f"{_CC}license", f"{_RIGHTS}UsageTerms", f"{_DC}rights"),
        page_url=address(first(f"{_RIGHTS}WebStatement", limit=2_000)),
        tags=_keywords(found),
        description=first(f"{_DC}description", f"{_EXIF}UserComment", limit=4_000),
        place=", ".join(place for place in places if place) or None,
        favourite=_is_favourite(first(f"{_XAP}Rating"), first(f"{_WINDOWS}Rating")),
    ).with_years()


def _is_favourite(stars: str | None, percent: str | None) -> bool:
    """Whether all five stars were given; Windows counts them as 99 in a hundred."""
    number = re.match(r"\d+", stars or "")
    if number is not None:
        return int(number[0]) >= FAVOURITE_STARS
    return bool(percent and percent.isdecimal() and int(percent) >= 99)


def _keywords(found: dict[str, list[str]]) -> tuple[str, ...]:
    """Words that stand alone, and those of trees (“Places/Italy/Rome”); nobody's names."""
    trees = (f"{_DIGIKAM}TagsList", f"{_LIGHTROOM}hierarchicalSubject",
             f"{_WINDOWS_1_2}LastKeywordXMP", f"{_WINDOWS}LastKeywordXMP")  # fmt: skip
    branches = [value for name in trees for value in found.get(name, [])]
    named = {re.split(r"[/|]", v)[-1].strip() for v in branches if _PEOPLE.match(v)}
    words = list(found.get(f"{_DC}subject", []))
    for value in branches:
        if not _PEOPLE.match(value):
            words += re.split(r"[/|]", value)[-2:]
    tidied = (tidy(word, limit=60) for word in words)
    return tuple(dict.fromkeys(word for word in tidied if word and word not in named))


def _parsed(packet: bytes) -> ElementTree.Element | None:
    """The tree of an XMP packet; None where it is broken or declares entities.

    XMP has no use for a document type, and without one there are no entities to expand. The
    text is decoded here so that the parser sees exactly the letters that were searched.
    """
    if not packet or len(packet) > MAX_XMP_BYTES:
        return None
    text = packet.decode("utf-8", "replace").strip("\x00\ufeff \r\n\t")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return None
    try:
        return ElementTree.fromstring(text)  # noqa: S314  entities are refused above
    except (ElementTree.ParseError, ValueError):
        return None


def _properties(root: ElementTree.Element) -> dict[str, list[str]]:
    """Every property by its full name, as element or as attribute of a description; a
    language alternative gives its default first."""
    found: dict[str, list[str]] = {}
    for element in root.iter():
        for name, value in element.attrib.items():
            if element.tag == f"{_RDF}Description" or name.startswith(_IPTC_EXT):
                found.setdefault(name, []).append(value)
        if not element.tag.startswith(_RDF):
            found.setdefault(element.tag, []).extend(_values(element))
    return found


def _values(element: ElementTree.Element) -> Iterator[str]:
    resource = element.get(f"{_RDF}resource")
    if resource:
        yield resource
    items = [li for box in element for li in box if li.tag == f"{_RDF}li"]
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    for item in sorted(items, key=lambda li: li.get(language) != "x-default"):
        if item.text and len(item) == 0:
            yield item.text
    if not len(element) and element.text:
        yield element.text


def shown_date(date: str | None) -> str | None:
    """`1906` for 1906-01-01T00:00:00, which is how programs write a date of which they know
    the year alone; else without the time."""
    if date is None:
        return None
    day = re.sub(r"T\d\d:?\d\d.*$", "", date)
    return re.sub(r"^(\d{4})-(?:01-01|00-00|00|01)$", r"\1", day)
