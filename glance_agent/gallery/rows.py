"""A work as the library has it in, as a page shows it out."""

from __future__ import annotations

from typing import Any

from glance_agent.domain.listing import ListedWork
from glance_agent.domain.wording import said_date, said_title
from glance_agent.gallery.answers import WorkInList
from glance_agent.gallery.thumbs import address_of
from glance_agent.search.hits import Hit


def row(work: ListedWork, hit: Hit | None = None) -> WorkInList:
    """The work in a list; with what a search says of it, where it was found by one."""
    return WorkInList(**facts(work, hit))


def facts(work: ListedWork, hit: Hit | None = None) -> dict[str, Any]:
    """The same as values by name."""
    artwork = work.artwork
    return {
        "id": artwork.id,
        "title": said_title(artwork.title),
        "artist": artwork.artist,
        "date": artwork.date,
        "dated": said_date(artwork.date),
        "source": artwork.source,
        "width": artwork.width,
        "height": artwork.height,
        "colour": artwork.colours[0] if artwork.colours else None,
        "liked": work.liked,
        "hidden": work.hidden,
        "thumb": address_of(work),
        "match": round(hit.match, 3) if hit else None,
        "why": hit.why if hit else None,
    }
