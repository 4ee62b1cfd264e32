"""Who watches over the servers of libraries: whoever connects to one asks them whether it is there.

A program opens one library in many rooms, each by its place. What one of them finds out of the
server holds for all of them, from when somebody begins to watch over it until that one ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from glance_agent.domain.errors import StoreError
from glance_agent.domain.library_place import PostgresPlace


class Watch(Protocol):
    """Knows whether a server can be reached; its agent's connections are called by its name."""

    name: str
    silent_at: float
    """When it was found last that nothing comes any more (`time.monotonic`)."""

    @property
    def away(self) -> StoreError | None:
        """Why it cannot, as far as is known; None where it can."""

    def confirm(self) -> None:
        """Make sure that it can. Raises StoreError where it cannot."""


_watches: dict[PostgresPlace, Watch] = {}


@contextmanager
def watched(places: Sequence[PostgresPlace], watch: Watch) -> Iterator[None]:
    """Within it this one watches over the servers of these libraries."""
    _watches.update(dict.fromkeys(places, watch))
    try:
        yield
    finally:
        for place in places:
            if _watches.get(place) is watch:
                del _watches[place]


def watch_of(place: PostgresPlace) -> Watch | None:
    """Who watches over the server of a library; in most programs nobody does."""
    return _watches.get(place)


def check_reach(place: PostgresPlace) -> None:
    """Raises StoreError at once where a server is known to be away."""
    watch = watch_of(place)
    if watch is not None and (away := watch.away) is not None:
        raise StoreError(away.said, trouble=away.trouble, told=True)
