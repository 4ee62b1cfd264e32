"""Which work each row of an index is of, in little room."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, repeat
from typing import Any, Protocol
from weakref import ref

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Filters
from glance_agent.domain.wall_rule import WallRule
from glance_agent.store.id_hashes import hash_of, hashes_of

Mask = NDArray[np.bool_]
Places = NDArray[np.int64]
"""Shape (m,): rows, counted from the first that is there."""
MANY = 1_000
"""Of so many works and more it is remembered which rows they have."""
NEWEST = 16_384
"""So many ids at most are strings, with a dictionary; a larger library's take a fifth of that."""


class Columns(Protocol):
    """What filters ask of the works of rows."""

    def passing(self, filters: Filters, size: int) -> Mask | None:
        """Which of the first `size` rows pass a filter, but for what is hidden or liked: (size,);
        None where that cannot be read now.
        """
        ...

    def at(self, places: NDArray[np.int64], size: int) -> Mask | None:
        """Which of them are of works at these places (m,) of their table; None as above."""
        ...

    def kept_back(self, rules: Mapping[str, WallRule] | None, size: int) -> tuple[Mask, int] | None:
        """Which of them are of works that are never chosen, or are off the wall by the rules of
        their sources, and up to which change that is known; None as above.
        """
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Packed:
    """The ids of the first rows, one behind the other; they are found by their hashes."""

    letters: bytes = b""
    ends: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(1, np.uint32))
    """Shape (n + 1,): where each begins, and the last ends."""
    hashes: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    """Shape (n,): in their order."""
    rows: NDArray[np.int32] = field(default_factory=lambda: np.empty(0, np.int32))
    """Whose hashes these are; of equal ones the newest row comes last."""

    @property
    def size(self) -> int:
        """How many rows these are, n."""
        return self.rows.size

    def arrays(self) -> dict[str, NDArray[Any]]:
        """What `packed_from` makes the same of."""
        letters = np.frombuffer(self.letters, np.uint8)
        return {"letters": letters, "ends": self.ends, "hashes": self.hashes, "rows": self.rows}

    def ids_of(self, rows: Sequence[int]) -> list[str]:
        """The ids of some of these rows."""
        begin, end = self.ends[rows].tolist(), self.ends[1:][rows].tolist()
        return [self.letters[b:e].decode() for b, e in zip(begin, end, strict=True)]

    def row_of(self, artwork_id: str) -> int | None:
        """The newest row of a work."""
        sought = hash_of(artwork_id)
        place = int(self.hashes.searchsorted(sought, side="right")) - 1
        while place >= 0 and self.hashes[place] == sought:
            row = int(self.rows[place])
            if self.ids_of([row]) == [artwork_id]:
                return row
            place -= 1
        return None

    def rows_of(self, ids: Sequence[str]) -> Places:
        """The newest row of each of these works (m,); -1 for those whose hash none has."""
        found = np.full(len(ids), -1, np.int64)
        if not self.size:
            return found
        sought = hashes_of(ids)
        places = self.hashes.searchsorted(sought, side="right") - 1
        there = np.flatnonzero((places >= 0) & (self.hashes[places] == sought))
        places = places[there]
        found[there] = self.rows[places]
        # Who shares a hash had another row before, or is taken for another work.
        shared = (places > 0) & (self.hashes[places - 1] == self.hashes[places])
        for at in there[shared].tolist():
            row = self.row_of(ids[at])
            found[at] = -1 if row is None else row
        return found

    def followed_by(self, ids: Sequence[str]) -> Packed:
        """The same, and the ids of as many rows more."""
        letters = [artwork.encode() for artwork in ids]
        ends = accumulate(map(len, letters), initial=int(self.ends[-1]))
        hashes = hashes_of(ids)
        order = hashes.argsort(kind="stable")
        places = self.hashes.searchsorted(hashes[order], side="right")
        return Packed(
            b"".join([self.letters, *letters]),
            np.concatenate([self.ends[:-1], np.fromiter(ends, np.uint32, len(ids) + 1)]),
            np.insert(self.hashes, places, hashes[order]),
            np.insert(self.rows, places, (self.size + order).astype(np.int32)),
        )


def packed_from(arrays: Mapping[str, NDArray[Any]]) -> Packed:
    """The ids that were kept as these arrays. Raises ValueError where they do not fit together."""
    ends, hashes, rows = (arrays[name] for name in ("ends", "hashes", "rows"))
    if not ends.size - 1 == hashes.size == rows.size:
        raise ValueError("there is not one hash and one end for each id")
    return Packed(arrays["letters"].tobytes(), ends, hashes, rows)


@dataclass(frozen=True, eq=False, slots=True)
class _Held:
    """The first rows, and those behind them, which are added to."""

    packed: Packed
    ids: list[str] = field(default_factory=list)
    row_of: dict[str, int] = field(default_factory=dict)


class RowsOfMany:
    """Which rows many works have, for as long as somebody has the very set of their ids: to compare
    it with another one that is equal takes as long as to look each up. Safe from several threads.
    """

    def __init__(self) -> None:
        self._known: dict[int, tuple[ref[frozenset[str]], int, Places]] = {}

    def rows(
        self, ids: frozenset[str], size: int, look_up: Callable[[frozenset[str]], Places]
    ) -> Places:
        """What was looked up for these ids (m,) when there were so many rows; nobody changes it."""
        key = id(ids)
        known = self._known.get(key)
        if known is None or known[0]() is not ids or known[1] != size:
            of = ref(ids, lambda gone: self._let_go(key, gone))
            known = self._known[key] = of, size, look_up(ids)
        return known[2]

    def _let_go(self, key: int, gone: ref[frozenset[str]]) -> None:
        known = self._known.get(key)
        if known is not None and known[0] is gone:
            self._known.pop(key, None)


class Names:
    """The ids of works by row, and their newest rows by id; several views read them while rows are
    added.
    """

    def __init__(self, first: int, packed: Packed | None = None) -> None:
        """`first` is the number of the first row, `packed` the ids that are there already."""
        self.first = first
        self.before: dict[int, int] = {}
        """The row that a work had before, by the one it has."""
        self.columns: Columns | None = None
        self._held = _Held(packed or Packed())
        self._of_many = RowsOfMany()

    def __len__(self) -> int:
        held = self._held
        return held.packed.size + len(held.ids)

    def extend(self, artwork_ids: Sequence[str]) -> None:
        """Name the next rows, whose vectors are there already, each work once."""
        start, held = len(self), self._held
        for place in np.flatnonzero(self.rows_of(artwork_ids) >= 0).tolist():
            if (known := self.row_of(artwork_ids[place])) is not None:
                self.before[start + place] = known
        # A row counts as there once the list of ids has it: whoever reads does so without a lock.
        held.ids.extend(artwork_ids)
        held.row_of.update(zip(artwork_ids, range(start, len(self)), strict=True))
        if len(held.ids) > NEWEST:
            self.settle()

    def settle(self) -> None:
        """No more rows come for now: of many, all take little room."""
        if len(self) > NEWEST:
            self._held = _Held(self._held.packed.followed_by(self._held.ids))

    def packed(self) -> Packed:
        """All that are there now, in little room."""
        held = self._held
        return held.packed.followed_by(held.ids[:]) if held.ids else held.packed

    def row_of(self, artwork_id: str) -> int | None:
        """The newest row of a work that was ever there."""
        held = self._held
        row = held.row_of.get(artwork_id)
        return held.packed.row_of(artwork_id) if row is None and held.packed.size else row

    def rows_of(self, artwork_ids: Iterable[str]) -> Places:
        """The newest row of each of these works (m,), -1 for those that were never there.

        Those of many are remembered as long as somebody has their ids, and no row comes.
        """
        if not isinstance(artwork_ids, frozenset) or len(artwork_ids) < MANY:
            return self._rows_of(artwork_ids)
        return self._of_many.rows(artwork_ids, len(self), self._rows_of)

    def _rows_of(self, artwork_ids: Iterable[str]) -> Places:
        held, ids = self._held, list(artwork_ids)
        if not held.ids:
            return held.packed.rows_of(ids)
        rows = np.fromiter(map(held.row_of.get, ids, repeat(-1)), np.int64, len(ids))
        if held.packed.size:
            others = np.flatnonzero(rows < 0)
            rows[others] = held.packed.rows_of([ids[at] for at in others.tolist()])
        return rows

    def ids_of(self, rows: Iterable[int]) -> list[str]:
        """The ids of these rows."""
        held, wanted = self._held, list(rows)
        packed = held.packed.size
        if not packed:
            return [held.ids[row] for row in wanted]
        first = iter(held.packed.ids_of([row for row in wanted if row < packed]))
        return [next(first) if row < packed else held.ids[row - packed] for row in wanted]

    @property
    def beyond(self) -> int:
        """The first number that no row has had."""
        return self.first + len(self)
