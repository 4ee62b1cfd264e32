"""What the agent tells of itself and its library, on its topic, at the terminal and to `doctor`."""

from __future__ import annotations

from typing import Any

from glance_agent.domain.version import __version__
from glance_agent.embedding.pairing import AbsentEncoder
from glance_agent.store.spaces import Spaces
from glance_agent.store.works import Works
from glance_agent.wiring.disk import free_bytes
from glance_agent.wiring.rooms import Rooms


def facts_of(rooms: Rooms, works: Works | None = None) -> dict[str, Any]:
    """What the agent topic says, without what only a running agent knows.

    It is read from these `works`, which may be another connection's, in its thread.
    """
    works = works or rooms.library
    embedded = _embedded(rooms, works)
    return {
        "version": __version__,
        "model": _model(rooms, Spaces(works.db)),
        "dimension": rooms.encoder.dimension if embedded or len(rooms.index) else None,
        "artworks": works.count(),
        "embedded": embedded,
        "displays": [
            {"name": d.name, "title": d.title, "width": d.width_px, "height": d.height_px}
            for d in rooms.config.displays
        ],
        "sources": list(rooms.sources),
        "free_disk_bytes": free_bytes(rooms.config.library.path),
        **({"search": "pgvector"} if rooms.config.library.search == "pgvector" else {}),
        **_wanted(rooms),
        **({"away": away} if (away := rooms.away()) else {}),
        **({"spent": cost} if (cost := getattr(rooms.encoder, "cost", None)) else {}),
    }


def _embedded(rooms: Rooms, works: Works) -> int:
    """How many of the works that can be shown have a vector."""
    if rooms.follower.unread:
        return Spaces(works.db).count(rooms.encoder.space)
    view = rooms.index.now()
    return len(view) - len(view.numbers_of(works.uncounted()))


def _model(rooms: Rooms, spaces: Spaces) -> str | None:
    """What the vectors come from: a model here or on another machine; None for nothing."""
    if isinstance(rooms.encoder, AbsentEncoder):
        return None
    last = spaces.answering()
    return (last and last.model) or rooms.encoder.space


def _wanted(rooms: Rooms) -> dict[str, str]:
    """Which model ought to answer where it does not, and why it cannot be used."""
    wanted = rooms.successor or rooms.encoder
    absent = isinstance(wanted, AbsentEncoder)
    why = {"model_error": wanted.reason} if isinstance(wanted, AbsentEncoder) else {}
    waited_for = {"model_wanted": rooms.config.model.name} if absent or rooms.successor else {}
    return waited_for | why
