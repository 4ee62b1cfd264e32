"""Rows of the table of showings in, Showings out."""

from __future__ import annotations

import json
from datetime import datetime
from functools import lru_cache
from typing import Any

from glance_agent.domain.display import Showing
from glance_agent.domain.said import Said, kept_of, said_of
from glance_agent.domain.strict_json import as_json

READ_SHOWINGS = 4_096
"""How many showings that were read stay in memory: about 1 kB each."""
COLUMNS = "display, artwork_id, shown_at, verb, user, why, match, parts, pair, told"


@lru_cache(READ_SHOWINGS)
def showing_of(row: tuple[Any, ...]) -> Showing:
    """The showing of a row of COLUMNS: every lesson reads the same thousand again, but for a few.

    Raises ValueError where a value makes no sense.
    """
    display, artwork_id, shown_at, verb, user, why, match, parts, pair, told = row
    at = datetime.fromisoformat(shown_at)
    why = why if told is None else said_of(json.loads(told))
    return Showing(display, artwork_id, at, verb, user, why, match, json.loads(parts), pair)


def told_of(why: str) -> str | None:
    """What is kept of a reason beside its English text, so that it can be said in any language."""
    return as_json(kept_of(why)) if isinstance(why, Said) else None
