"""Rows of the table of works in, Artworks out."""

from __future__ import annotations

import json
from typing import Any

from glance_agent.domain.artwork import Artwork
from glance_agent.store.legible import legible

ARTWORK_COLUMNS = (
    "id, source, title, artist, date, year_from, year_to, medium, credit, licence, page_url, "
    "width, height, colours, tags, description, cut"
)
_NAMES = ARTWORK_COLUMNS.split(", ")


def artwork_of(row: tuple[Any, ...]) -> Artwork:
    """The artwork of a row that begins with `ARTWORK_COLUMNS`."""
    values = dict(zip(_NAMES, row, strict=False))
    with legible():
        values |= {name: json.loads(values[name]) for name in ("colours", "tags")}
        return Artwork(**values)
