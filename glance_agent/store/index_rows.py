"""What all engines for vectors share: rows that are only added at the end, and whose they are."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from functools import reduce
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Filters
from glance_agent.domain.of_sources import KeptBack, OfSources, SeveralSets
from glance_agent.domain.view import AnyOf, Both, But, Gate, Numbers
from glance_agent.store.row_names import MANY, Mask, Names, Places, RowsOfMany


class PassingRows:
    """The works that pass a filter, by the rows of a view; of those without a row others know."""

    def __init__(self, view: RowsView, rows: Mask, others: Callable[[str], bool]) -> None:
        """`rows` (size,) are those of all the view's rows that pass."""
        self.view = view
        self.rows = rows
        self._others = others

    def __contains__(self, artwork_id: object) -> bool:
        row = self.view.row_of(str(artwork_id))
        return self._others(str(artwork_id)) if row is None else bool(self.rows[row])


class RowsView:
    """The works of one moment by their rows; what is of their vectors, engines add."""

    def __init__(self, names: Names, crossed_out: Mask | None, count: int) -> None:
        """`crossed_out` (size,) are the rows that no longer count; None where all do."""
        self._names = names
        self._count = count
        self._size = len(names)
        self._crossed_out = crossed_out
        self._everything: Numbers | None = None
        self._of_many = RowsOfMany()
        self._of_kept_back = WeakKeyDictionary[KeptBack, Mask]()

    @property
    def last(self) -> int:
        return self._names.first + self._size - 1

    def __len__(self) -> int:
        return self._count

    def sample(self, count: int, shift: int = 0) -> Numbers:
        everything = self._all()
        step = max(1, -(-everything.size // max(1, count)))
        return everything if step == 1 else everything[shift % step :: step]

    def changes_since(self, number: int) -> Numbers:
        everything = self._all()
        return everything[np.searchsorted(everything, number, side="right") :]

    def let_in(self, numbers: Numbers, gate: Gate) -> Mask:
        let_in = self._let_in(gate)
        if self._is_whole(numbers):
            return np.ones(self._size, np.bool_) if let_in is None else let_in
        rows = self._places(numbers)
        there = (rows >= 0) & (rows < self._size)
        if let_in is not None:
            there[there] = let_in[rows[there]]
        return there

    def all_in(self, gate: Gate) -> Numbers:
        let_in = self._let_in(gate)
        return self._all() if let_in is None else self._numbers(np.flatnonzero(let_in))

    def passing(self, filters: Filters, others: Callable[[str], bool]) -> PassingRows | None:
        """The works that pass a filter, but for what is hidden or liked; `others` says whether one
        does that has no vector. None where that is not known here.
        """
        columns = self._names.columns
        rows = columns.passing(filters, self._size) if columns else None
        return None if rows is None else PassingRows(self, rows, others)

    def placed(
        self, places: NDArray[np.int64], others: Callable[[str], bool]
    ) -> PassingRows | None:
        """The works at these places (m,) of their table; `others` and None as above."""
        columns = self._names.columns
        rows = columns.at(places, self._size) if columns else None
        return None if rows is None else PassingRows(self, rows, others)

    def numbers_of(self, artwork_ids: Iterable[str]) -> Numbers:
        return self._rows_of(artwork_ids) + self._names.first

    def number_of(self, artwork_id: str) -> int | None:
        row = self.row_of(artwork_id)
        return None if row is None else row + self._names.first

    def row_of(self, artwork_id: str) -> int | None:
        """The row that a work has at this moment."""
        row = self._then(self._names.row_of(artwork_id))
        gone = row is None or (self._crossed_out is not None and self._crossed_out[row])
        return None if gone else row

    def ids_of(self, numbers: Numbers) -> list[str]:
        return self._names.ids_of(self._places(numbers).tolist())

    def _places(self, numbers: Numbers) -> Places:
        return np.asarray(numbers - self._names.first, dtype=np.int64)

    def _numbers(self, rows: NDArray[np.integer]) -> Numbers:
        return np.asarray(rows + self._names.first, dtype=np.int64)

    def _all(self) -> Numbers:
        """The numbers of all works, in their order."""
        if self._everything is None:
            gone = self._crossed_out
            rows = np.arange(self._size) if gone is None else np.flatnonzero(~gone)
            self._everything = self._numbers(rows)
            self._everything.flags.writeable = False
        return self._everything

    def _is_whole(self, numbers: Numbers) -> bool:
        """Whether these are the numbers of all rows, none of them crossed out."""
        return numbers is self._everything and numbers.size == self._size

    def _let_in(self, gate: Gate) -> Mask | None:
        """Which rows pass a gate (size,); None where all do."""
        there = None if self._crossed_out is None else ~self._crossed_out
        if gate.open:
            return there
        mask = np.ones(self._size, np.bool_) if there is None else there
        if gate.only is not None:
            mask &= self._only(gate.only)
        for never in gate.never.sets if isinstance(gate.never, SeveralSets) else (gate.never,):
            if isinstance(never, OfSources):
                mask &= ~self._only(never)
            elif isinstance(never, KeptBack):
                mask &= ~self._kept_back(never)
            else:
                mask[self._rows_of(never)] = False
        return mask

    def _only(self, works: Container[str]) -> Mask:
        """Which rows are of these works (size,)."""
        if isinstance(works, PassingRows) and works.view is self:
            return works.rows
        if isinstance(works, Both):
            return self._only(works.one) & self._only(works.other)
        if isinstance(works, AnyOf):
            return reduce(np.logical_or, map(self._only, works.sets))
        if isinstance(works, But):
            return ~self._only(works.works)
        if isinstance(works, OfSources) and (rows := self._of_sources(works.sources)) is not None:
            rows[self._rows_of(works.less)] = False
            rows[self._rows_of(works.more)] = True
            return rows
        known: Iterable[str]
        if isinstance(works, Iterable):
            known = works
        else:
            known = filter(works.__contains__, self._names.ids_of(range(self._size)))
        mask = np.zeros(self._size, np.bool_)
        mask[self._rows_of(known)] = True
        return mask

    def _of_sources(self, sources: Iterable[str]) -> Mask | None:
        """Which rows are of works of these sources (size,); None where that is not known here."""
        found, columns = np.zeros(self._size, np.bool_), self._names.columns
        for source in sources:
            rows = columns.passing(Filters(source=source), self._size) if columns else None
            if rows is None:
                return None
            found |= rows
        return found

    def _kept_back(self, works: KeptBack) -> Mask:
        """Which rows are of these works (size,); known as long as somebody has these."""
        if (known := self._of_kept_back.get(works)) is None:
            known = self._of_kept_back[works] = self._kept_back_now(works)
        return known

    def _kept_back_now(self, works: KeptBack) -> Mask:
        """The same as the arrays know them, but for what has changed since, such as by a
        transaction that goes on.
        """
        columns = self._names.columns
        known = columns.kept_back(works.rules, self._size) if columns else None
        if known is None:
            mask = np.zeros(self._size, np.bool_)
            mask[self._rows_of(works.told.ids)] = True
        else:
            mask, number = known
            for artwork, is_one in works.told.changed_since(number).items():
                if (row := self.row_of(artwork)) is not None:
                    mask[row] = is_one
        mask[self._rows_of(works.more)] = True
        return mask

    def _rows_of(self, artwork_ids: Iterable[str]) -> Places:
        """The rows that these works had at this moment, of those that had one.

        Those of many are remembered as long as somebody has these ids: it asks several times.
        """
        if not isinstance(artwork_ids, frozenset) or len(artwork_ids) < MANY:
            return self._rows_found(artwork_ids)
        return self._of_many.rows(artwork_ids, self._size, self._rows_found)

    def _rows_found(self, artwork_ids: Iterable[str]) -> Places:
        rows = self._names.rows_of(artwork_ids)
        if rows.max(initial=0) >= self._size:
            then = [self._then(row) for row in rows.tolist()]
            rows = np.array([-1 if row is None else row for row in then], np.int64)
        there = rows >= 0
        if self._crossed_out is not None:
            there &= ~self._crossed_out[rows]
        return rows if there.all() else rows[there]

    def _then(self, row: int | None) -> int | None:
        """The row that the work with this one had at this moment."""
        while row is not None and row >= self._size:
            row = self._names.before.get(row)
        return row
