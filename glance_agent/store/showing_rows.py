"""Rows of the table of showings in, Showings out."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from glance_agent.domain.display import Showing

READ_SHOWINGS = 4_096
"""How many showings that were read stay in memory: about 1 kB each."""
COLUMNS = "display, artwork_id, shown_at, verb, user, why, match, parts, pair"


@lru_cache(READ_SHOWINGS)
def showing_of(row: tuple[Any, ...]) -> Showing:
    """The showing of a row of COLUMNS: every lesson reads the same thousand again, but for a few.

    Raises ValueError where a value makes no sense.
    """
    display, artwork_id, shown_at, verb, user, why, match, parts, pair = row
    at = datetime.fromisoformat(shown_at)
    return Showing(display, artwork_id, at, verb, user, why, match, json.loads(parts), pair)
