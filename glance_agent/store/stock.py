"""What displays can go on with while the server of a library is away: works known beforehand."""

from __future__ import annotations

import json

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.of_sources import together
from glance_agent.store.works import Works

STOCKED = 300
"""So many works are known beforehand."""
_LATELY = f"SELECT artwork_id FROM showings ORDER BY id DESC LIMIT {2 * STOCKED}"
_LIKED = f"SELECT artwork_id FROM reactions WHERE kind = 'like' ORDER BY rowid DESC LIMIT {STOCKED}"
_NEWEST = f"SELECT id FROM artworks ORDER BY rowid DESC LIMIT {STOCKED}"


def stock_of(works: Works) -> list[tuple[Artwork, str]]:
    """Works that may come up, with where their pictures are: those that hung lately, whose pictures
    are on this machine, then liked ones, then the newest. Raises StoreError."""
    rows = (row for sql in (_LATELY, _LIKED, _NEWEST) for row in works.db.execute(sql).fetchall())
    ids = dict.fromkeys(str(row[0]) for row in rows)
    kept_out, off_wall = together(works.withheld(), works.out_of_reach()), works.off_wall()
    allowed = frozenset(ids) - kept_out
    fitting = allowed - off_wall or allowed
    showable = [i for i in ids if i in fitting][:STOCKED]
    sql = "SELECT id, location FROM artworks WHERE id IN (SELECT value FROM json_each(?))"
    places = dict(works.db.execute(sql, [json.dumps(showable)]).fetchall())
    return [(work, places[work.id]) for work in works.get_many(showable) if work.id in places]
