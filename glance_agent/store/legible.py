"""Stored values that cannot be understood are damage of the library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.said import say
from glance_agent.store.sqlite_errors import ADVICE


@contextmanager
def legible() -> Iterator[None]:
    """Within it, a stored value that cannot be understood is damage: a StoreError says so."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as error:
        said = say("a value in it makes no sense: {advice}.", advice=ADVICE[Trouble.DAMAGED])
        raise StoreError(said, trouble=Trouble.DAMAGED) from error
