"""Facts that a picture file carries inside: XMP, IPTC, PNG text and EXIF.

XMP's and IPTC's "date created" is the work's date. EXIF's DateTimeOriginal is when a camera was
pointed at something: it dates the work only where nothing but the camera tells anything, that
is, for a photograph of one's own (see `folder.py`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from xml.etree import ElementTree

from glance_agent.pictures.metadata import RawMetadata
from glance_agent.sources.records.facts import Facts, tidy
from glance_agent.sources.records.plain import address

MAX_XMP_BYTES: Final = 1_000_000
"""XMP longer than this is passed over: it is an editor's history, not words about a work."""

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_PHOTOSHOP: Final = "{http://ns.adobe.com/photoshop/1.0/}"
_RIGHTS: Final = "{http://ns.adobe.com/xap/1.0/rights/}"
_CC: Final = "{http://creativecommons.org/ns#}"
_IPTC_EXT: Final = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
_CAMERA_WORDS: Final = re.compile(
    r"^(olympus digital camera|samsung|kodak|minolta|sony dsc|dcim|dji|default|untitled|"
    r"digital camera|.*\.(jpe?g|png|tiff?))$",
    re.IGNORECASE,
)


def embedded_facts(raw: RawMetadata) -> Facts:
    """What XMP, IPTC and PNG text say, in this order."""
    return _from_xmp(raw.xmp).or_else(_from_iptc(raw)).or_else(_from_text(raw.text)).with_years()


def camera_facts(raw: RawMetadata) -> Facts:
    """What EXIF says: description, artist and copyright, and as date when the camera clicked."""
    words = tidy(_latin(raw.exif.get(0x010E)), limit=4_000)
    if words and _CAMERA_WORDS.match(words):
        words = None
    is_title = words is not None and len(words) <= 120
    clicked = re.match(r"(\d{4}):(\d\d):(\d\d)", str(raw.exif.get(0x9003) or ""))
    dated = clicked and "1800" < clicked.group(1) < "2200"
    return Facts(
        title=words if is_title else None,
        description=None if is_title else words,
        artist=tidy(_latin(raw.exif.get(0x013B))),
        licence=tidy(_latin(raw.exif.get(0x8298))),
        date="-".join(clicked.groups()) if clicked and dated else None,
    ).with_years()


def _from_iptc(raw: RawMetadata) -> Facts:
    """IPTC-IIM 4.2, record 2: 5 object name, 25 keywords, 55 date created, 80 by-line,
    110 credit, 116 copyright notice, 120 caption."""

    def words(dataset: int) -> str | None:
        values = [tidy(_text(value)) for value in raw.iptc.get((2, dataset), [])]
        return ", ".join(value for value in values if value) or None

    created = re.fullmatch(r"(\d{4})(\d\d)(\d\d)", words(55) or "")
    return Facts(
        title=words(5),
        artist=words(80),
        date=_shown_date("-".join(created.groups())) if created else None,
        credit=words(110),
        licence=words(116),
        tags=tuple(tag for v in raw.iptc.get((2, 25), []) if (tag := tidy(_text(v), limit=60))),
        description=words(120),
    )


def _from_text(text: dict[str, str]) -> Facts:
    """The keywords of the PNG specification."""
    return Facts(
        title=tidy(text.get("Title")),
        artist=tidy(text.get("Author")),
        licence=tidy(text.get("Copyright")),
        credit=tidy(text.get("Source")),
        description=tidy(text.get("Description"), limit=4_000),
    )


def _from_xmp(packet: bytes) -> Facts:
    root = _parsed(packet)
    if root is None:
        return Facts()
    found = _properties(root)

    def first(*names: str, limit: int = 300) -> str | None:
        values = (tidy(value, limit=limit) for name in names for value in found.get(name, []))
        return next((value for value in values if value), None)

    artists = [a for v in found.get(f"{_IPTC_EXT}AOCreator", []) if (a := tidy(v))]
    artists = artists or [a for v in found.get(f"{_DC}creator", []) if (a := tidy(v))]
    return Facts(
        title=first(f"{_IPTC_EXT}AOTitle", f"{_DC}title", f"{_PHOTOSHOP}Headline"),
        artist=", ".join(artists) or None,
        date=_shown_date(first(f"{_IPTC_EXT}AODateCreated", f"{_PHOTOSHOP}DateCreated")),
        credit=first(f"{_IPTC_EXT}AOSource", f"{_PHOTOSHOP}Credit", f"{_PHOTOSHOP}Source"),
        licence=first(f"{_CC}license", f"{_RIGHTS}UsageTerms", f"{_DC}rights"),
        page_url=address(first(f"{_RIGHTS}WebStatement", limit=2_000)),
        tags=tuple(tag for v in found.get(f"{_DC}subject", []) if (tag := tidy(v, limit=60))),
        description=first(f"{_DC}description", limit=4_000),
    )


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


def _shown_date(date: str | None) -> str | None:
    """`1906` for 1906-01-01T00:00:00, which is how programs write a date of which they know
    the year alone; else without the time."""
    if date is None:
        return None
    day = re.sub(r"T\d\d:?\d\d.*$", "", date)
    return re.sub(r"^(\d{4})-(?:01-01|00-00|00|01)$", r"\1", day)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _latin(value: object) -> str | None:
    """EXIF text: Pillow hands UTF-8 over as Latin-1."""
    if not isinstance(value, str):
        return None
    try:
        return value.encode("latin-1").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return value
