"""Reading a damaged library: what cannot be read is nothing, said once, and the rest is shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.store.database import Database

_log = logging.getLogger(__name__)
_P = ParamSpec("_P")
_R = TypeVar("_R")
BROKEN = (Trouble.DAMAGED, Trouble.FAILING)


class _Reader(Protocol):
    db: Database


_Self = TypeVar("_Self", bound=_Reader)


class _Or:
    def __init__(self, nothing: Callable[[], Any], what: str) -> None:
        self._nothing = nothing
        self._what = what

    def __call__(
        self, read: Callable[Concatenate[_Self, _P], _R]
    ) -> Callable[Concatenate[_Self, _P], _R]:
        @wraps(read)
        def degraded(reader: _Self, /, *arguments: _P.args, **named: _P.kwargs) -> _R:
            try:
                return read(reader, *arguments, **named)
            except StoreError as error:
                if error.trouble not in BROKEN:
                    raise
                _say_once(reader.db, self._what, error)
                instead: _R = self._nothing()
                return instead

        return degraded


def or_nothing(nothing: Callable[[], Any], what: str) -> _Or:
    """The same reading, which gives `nothing()` where that part of the file cannot be read.

    `what` names the part to people. Only for what may be missing without harm: a display goes on
    without a past, but no command without the receipt that keeps it from being carried out twice.
    """
    return _Or(nothing, what)


def from_both_ends(db: Database, ordered: str, parameters: Sequence[Any]) -> Iterator[Any]:
    """The rows of a query whose order is `{}`, in ascending order of their first column.

    Where damage lies between them, those that can be read from either end.
    """
    last = None
    try:
        for row in db.stream(ordered.format("ASC"), parameters):
            # Noise may be read as one row more, of the same key.
            if row[0] != last:
                last = row[0]
                yield row
    except StoreError as error:
        if error.trouble not in BROKEN:
            raise
        _say_once(db, "vectors", error)
        yield from reversed(list(_from_the_end(db, ordered.format("DESC"), parameters, last)))


def _from_the_end(
    db: Database, descending: str, parameters: Sequence[Any], last: Any
) -> Iterator[Any]:
    """The rows behind the damage, the last one first, down to the key that was read before it."""
    before = None
    try:
        for row in db.stream(descending, parameters):
            if last is not None and row[0] <= last:
                return
            if row[0] != before:
                before = row[0]
                yield row
    except StoreError as error:
        if error.trouble not in BROKEN:
            raise


def _say_once(db: Database, what: str, error: StoreError) -> None:
    unreadable: set[str] = getattr(db.conn, "unreadable", set())
    if what not in unreadable:
        unreadable.add(what)
        _log.error("%s cannot be read, going on without: %s", what, error)
