"""Who watches over the servers of libraries: whoever connects to one asks them whether it is there.

A program opens one library in many rooms, each by its place. What one of them finds out of the
server holds for all of them, from when somebody begins to watch over it until that one ends.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from glance_agent.domain.errors import StoreError
from glance_agent.domain.library_place import PostgresPlace, Watch


@contextmanager
def watched(places: Sequence[PostgresPlace], watch: Watch) -> Iterator[None]:
    """Within it this one watches over the servers of these libraries."""
    for place in places:
        place.reach.watch = watch
    try:
        yield
    finally:
        for place in places:
            if place.reach.watch is watch:
                place.reach.watch = None


def check_reach(place: PostgresPlace) -> None:
    """Raises StoreError at once where a server is known to be away."""
    watch = place.reach.watch
    if watch is not None and (away := watch.away) is not None:
        raise StoreError(away.said, trouble=away.trouble, told=True)
