"""The filter columns of an index, kept as the library's file is.

They are read once, and then again of the works of which a change is numbered there.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Filters
from glance_agent.domain.errors import StoreError
from glance_agent.domain.wall_rule import WallRule
from glance_agent.store.filter_columns import FilterColumns
from glance_agent.store.row_names import Mask, Names
from glance_agent.store.work_facts import WorkFact, WorkFacts

AT_ONCE = 5_000
"""So many works are read at a time."""
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class FollowedColumns:
    """The filter columns of an index, as the file is; safe to use from several threads."""

    def __init__(
        self,
        names: Names,
        reading: Callable[[], AbstractContextManager[WorkFacts]],
        read_on: Callable[[], None] = lambda: None,
    ) -> None:
        """`reading` is a look at the file as it is now, within a block; `read_on` raises StoreError
        where nobody needs any more what takes long to read.
        """
        self._names = names
        self._reading = reading
        self._read_on = read_on
        self._lock = threading.Lock()
        self._columns = FilterColumns()
        self._number = -1
        self._size = 0

    def passing(self, filters: Filters, size: int) -> Mask | None:
        """Which of the first `size` rows pass a filter, but for what is hidden or liked: (size,).

        None where that cannot be read, or somebody is just reading it for the first time.
        """
        return self._asked(lambda columns: columns.passing(filters, size))

    def at(self, places: NDArray[np.int64], size: int) -> Mask | None:
        """Which of the first `size` rows are of works at these places of their table (size,); None
        as above.
        """
        return self._asked(lambda columns: columns.at(places, size))

    def kept_back(self, rules: Mapping[str, WallRule] | None, size: int) -> tuple[Mask, int] | None:
        """Which of the first `size` rows are of works that are never chosen, or are off the wall by
        the rules of their sources (size,), and up to which change that is known; None as above.
        """
        return self._asked(lambda columns: (columns.kept_back(rules, size), self._number))

    def _asked(self, question: Callable[[FilterColumns], _T]) -> _T | None:
        if not self._lock.acquire(blocking=self._number >= 0):
            return None
        try:
            self._catch_up()
            return question(self._columns)
        except StoreError as error:
            _log.info("what filters ask cannot be read at once: %s", error)
            return None
        finally:
            self._lock.release()

    def arrays(self) -> tuple[int, dict[str, NDArray[Any]]]:
        """What is known now, and the number of the last change that is known; -1 for nothing."""
        with self._lock:
            return self._number, self._columns.arrays(self._size)

    def restore(self, number: int, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Know what was known then. Raises KeyError and ValueError where that makes no sense."""
        columns = FilterColumns()
        columns.restore(arrays)
        if columns.room > len(self._names):
            raise ValueError("there are columns of rows that are not there")
        with self._lock:
            self._columns, self._number, self._size = columns, number, columns.room

    def _catch_up(self) -> None:
        size = len(self._names)
        self._columns.reserve(size)
        with self._reading() as facts:
            latest = facts.latest()
            if 0 <= self._number <= latest:
                self._read_changed(facts, size)
                self._number, self._size = latest, size
                return
        if size:  # before the vectors are read nobody's row is asked about
            self._read_all()
        self._number, self._size = latest, size

    def _read_changed(self, facts: WorkFacts, size: int) -> None:
        """What is of works that changed, and of rows that are new."""
        changed = facts.changed_since(self._number)
        ids = list(dict.fromkeys([*changed, *self._names.ids_of(range(self._size, size))]))
        for start in range(0, len(ids), AT_ONCE):
            self._put(facts.of(ids[start : start + AT_ONCE]))

    def _read_all(self) -> None:
        """Read each work, some at a time, so that no reading takes long."""
        place, more = 0, True
        while more:
            self._read_on()
            with self._reading() as facts:
                place, block = facts.block(place, AT_ONCE)
            self._put(block)
            more = bool(block)

    def _put(self, facts: Sequence[WorkFact]) -> None:
        rows = self._names.rows_of(fact.artwork_id for fact in facts)
        self._columns.put(rows, facts)
