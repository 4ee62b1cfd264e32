"""What a work must be to be found, in SQL; and in which order what was hidden or liked comes."""

from __future__ import annotations

from typing import Any

from glance_agent.domain.artwork import Filters
from glance_agent.domain.folding import folded
from glance_agent.domain.naming import first_name_first
from glance_agent.domain.values import HOUSEHOLD
from glance_agent.domain.wording import PHOTOGRAPH


def passing(filters: Filters) -> tuple[str, dict[str, Any]]:
    """What holds of the artworks that pass the filters, in SQL, and its values by name."""
    wanted = {
        _ARTIST: filters.artist,
        "source = :source": filters.source,
        "coalesce(year_to, year_from) >= :year_from": filters.year_from,
        "coalesce(year_from, year_to) <= :year_to": filters.year_to,
        f"{TAKEN} AND date >= :taken_from": filters.taken_from,
        f"{TAKEN} AND date <= :taken_to": filters.taken_to,
        ORIENTATION.get(filters.orientation or "", ""): filters.orientation,
        _UNSHOWN: filters.unseen or None,
        _LIKED if filters.liked_by == HOUSEHOLD else _LIKED_BY: filters.liked_by,
        HIDDEN: filters.hidden or None,
    }
    conditions = [sql for sql, value in wanted.items() if value is not None] or ["1 = 1"]
    named = ("artist", "source", "year_from", "year_to", "taken_from", "taken_to")
    values = {name: getattr(filters, name) for name in named}
    artist = filters.artist
    values |= {"artist": folded(artist), "turned": folded(first_name_first(artist))}
    liked_by = None if filters.liked_by == HOUSEHOLD else filters.liked_by
    return " AND ".join(conditions), {**values, "liked_by": liked_by}


_ARTIST = (
    # Each name is folded once, however many works carry it; unless it is materialised, SQLite
    # puts the condition in front of DISTINCT.
    "artist IN (WITH names(name) AS MATERIALIZED (SELECT DISTINCT artist FROM artworks) "
    "SELECT name FROM names WHERE instr(glance_fold(name), nullif(:artist, '')) > 0 "
    "OR instr(glance_fold(name), nullif(:turned, '')) > 0)"
)
TAKEN = f"medium LIKE '{PHOTOGRAPH}%' AND date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'"
_UNSHOWN = (
    "id NOT IN (SELECT artwork_id FROM showings UNION ALL SELECT artwork_id FROM folded_showings)"
)
SHOWN = (
    "EXISTS (SELECT 1 FROM showings WHERE artwork_id = artworks.id) "
    "OR EXISTS (SELECT 1 FROM folded_showings WHERE artwork_id = artworks.id)"
)
"""Whether a work was ever shown: looked up for a work, where `_UNSHOWN` is for all."""
_LIKED = (
    "id IN (SELECT coalesce(liked.twin_of, liked.id) FROM reactions "
    "JOIN artworks liked ON liked.id = reactions.artwork_id "
    "WHERE kind = 'like')"
)
_LIKED_BY = _LIKED.replace("kind = 'like'", "kind = 'like' AND user = :liked_by")
"""By one of the household, which has an index."""
HIDDEN = (
    "hidden = 1 AND (twin_of IS NULL OR twin_of NOT IN (SELECT id FROM artworks WHERE hidden = 1))"
)
"""Of copies that are hidden together, the one that stands for them all."""
LAST_HIDDEN = "SELECT id FROM artworks WHERE {condition} ORDER BY coalesce(hidden_nth, 0) DESC, id"
"""The hidden works for which a condition holds, the one hidden last first."""
LAST_LIKED = (
    "SELECT id FROM artworks JOIN (SELECT coalesce(twin_of, id) AS work, max(at) AS at "
    "FROM reactions JOIN artworks ON id = artwork_id WHERE kind = 'like' {by}"
    "GROUP BY work) liked ON work = id "
    "WHERE {condition} ORDER BY at DESC, id"
)
"""The liked works for which a condition holds, the one liked last first; `by` as below."""
BY_ONE = "AND user = :liked_by "
"""Liked by one of the household."""
ORIENTATION = {
    "landscape": "width > height * 1.05",
    "portrait": "height > width * 1.05",
    "square": "width <= height * 1.05 AND height <= width * 1.05",
}
