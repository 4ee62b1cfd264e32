"""What a record of a museum says, and whether it is taken."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2s

from pydantic import ValidationError

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.items import ImageCandidate, Listed, Skipped
from glance_agent.sources.records.licence import refusal
from glance_agent.sources.records.years import Span


@dataclass(frozen=True, slots=True)
class Record:
    """One record of a museum, made plain; every field may be missing.

    `images` are the ways to get its picture, smallest first; `terms_accepted` says that the
    household has agreed to the terms of a museum whose licence is not open.
    """

    key: str | None
    title: str | None = None
    artist: str | None = None
    date: str | None = None
    years: Span = (None, None)
    medium: str | None = None
    credit: str | None = None
    licence: str | None = None
    page_url: str | None = None
    images: tuple[ImageCandidate, ...] = ()
    size_px: tuple[int | None, int | None] = (None, None)
    colours: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    description: str | None = None
    terms_accepted: bool = False


def taken(source: str, entry: Record) -> Listed | Skipped:
    """The entry as an item of the source's list, or why it is left out."""
    if entry.key is None:
        return Skipped("?", "record without id")
    mark = blake2s(repr(entry).encode("utf-8", "replace"), digest_size=8).hexdigest()
    reason = None if entry.terms_accepted and entry.licence else refusal(entry.licence)
    if reason or not entry.images:
        detail = f"licence {entry.licence}" if reason and entry.licence else ""
        return Skipped(entry.key, reason or "no picture", detail, mark)
    try:
        artwork = _artwork(source, entry)
    except ValidationError as invalid:
        return Skipped(entry.key, "record unusable", str(invalid.errors()[0]["msg"]), mark)
    return Listed(entry.key, mark, artwork, entry.images)


def _artwork(source: str, entry: Record) -> Artwork:
    return Artwork(
        id=f"{source}:{entry.key}",
        title=entry.title or "Untitled",
        artist=entry.artist,
        date=entry.date,
        year_from=entry.years[0],
        year_to=entry.years[1],
        medium=entry.medium,
        source=source,
        credit=entry.credit,
        licence=entry.licence,
        page_url=entry.page_url,
        width=entry.size_px[0],
        height=entry.size_px[1],
        colours=entry.colours,
        tags=entry.tags,
        description=entry.description,
    )
