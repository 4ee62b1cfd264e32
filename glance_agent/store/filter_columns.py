"""What filters ask of works in arrays, a number for each row of the index: no sets of ids.

The library's file says what is so. What is here is read once, and then again of the works of which
a change is numbered there.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import reduce
from typing import Any, Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Filters
from glance_agent.domain.errors import StoreError
from glance_agent.domain.folding import findable, folded
from glance_agent.domain.naming import first_name_first
from glance_agent.domain.wall_rule import WallRule
from glance_agent.store.row_names import Mask, Names
from glance_agent.store.work_facts import ORIENTATIONS, WorkFact, WorkFacts

AT_ONCE = 5_000
"""So many works are read at a time."""
_EVER, _NEVER = np.iinfo(np.int32).max, np.iinfo(np.int32).min
_NOTHING: Final[dict[str, tuple[type[np.generic], int]]] = {
    "artist": (np.int32, -1),
    "source": (np.int32, -1),
    "earliest": (np.int32, _EVER),
    "latest": (np.int32, _NEVER),
    "orientation": (np.int8, 0),
    "taken": (np.int32, 0),
    "shown": (np.bool_, 1),
    "place": (np.int32, 0),
    "kept back": (np.bool_, 1),
    "short": (np.int32, _EVER),
    "aspect": (np.float32, 0),
    "screenshot": (np.bool_, 0),
}
"""What stands where nothing is known, so that no filter lets it in."""
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class FilterColumns:
    """What filters ask of the works of rows; those of which nothing was put pass no filter."""

    def __init__(self) -> None:
        self._columns: dict[str, NDArray[Any]] = {
            name: np.full(0, nothing, kind) for name, (kind, nothing) in _NOTHING.items()
        }
        self._artists: dict[str, int] = {}
        self._sources: dict[str, int] = {}

    def arrays(self, size: int) -> dict[str, NDArray[Any]]:
        """What is known of the first `size` rows, of which `restore` makes the same."""
        kept = {name: column[:size].copy() for name, column in self._columns.items()}
        return kept | {"artists": _letters(self._artists), "sources": _letters(self._sources)}

    def restore(self, arrays: Mapping[str, NDArray[Any]]) -> None:
        """Know this and nothing else. Raises KeyError and ValueError where it is no such thing."""
        columns = {
            name: arrays[name].astype(kind, copy=False) for name, (kind, _) in _NOTHING.items()
        }
        if len({column.shape for column in columns.values()}) > 1:
            raise ValueError("the columns are not of the same rows")
        self._artists, self._sources = _names(arrays["artists"]), _names(arrays["sources"])
        self._columns = columns

    @property
    def room(self) -> int:
        """How many rows there may be."""
        return self._columns["shown"].size

    def reserve(self, size: int) -> None:
        """Make room for so many rows."""
        if size <= self.room:
            return
        for name, before in self._columns.items():
            kind, nothing = _NOTHING[name]
            wider = np.full(max(size, self.room * 5 // 4), nothing, kind)
            wider[: before.size] = before
            self._columns[name] = wider

    def put(self, rows: NDArray[np.int64], facts: Sequence[WorkFact]) -> None:
        """Know these facts of the works in these rows (m,); rows that are not there are left out.

        Within the room that is reserved.
        """
        there = (rows >= 0) & (rows < self.room)
        known = [fact for fact, is_there in zip(facts, there.tolist(), strict=True) if is_there]
        if not known:
            return
        _, artists, sources, earliest, latest, *others = zip(*known, strict=True)
        orientations, taken, shown, kept_back, widths, heights, screenshots, places = others
        sides = [_sides(*size) for size in zip(widths, heights, strict=True)]
        values: dict[str, Iterable[float]] = {
            "artist": self._codes(self._artists, artists, findable),
            "source": self._codes(self._sources, sources, str),
            "earliest": (_EVER if year is None else year for year in earliest),
            "latest": (_NEVER if year is None else year for year in latest),
            "orientation": orientations,
            "taken": taken,
            "shown": shown,
            "kept back": kept_back,
            "short": (short for short, _ in sides),
            "aspect": (aspect for _, aspect in sides),
            "screenshot": screenshots,
            "place": places,
        }
        for name, column in values.items():
            numbers = np.fromiter(column, np.float64, len(known))  # exact for years and places
            self._columns[name][rows[there]] = np.clip(numbers, _NEVER, _EVER)

    def passing(self, filters: Filters, size: int) -> Mask:
        """Which of the first `size` rows pass: all conditions but what is hidden or liked."""
        has = {name: column[:size] for name, column in self._columns.items()}
        masks = []
        if filters.artist is not None:
            masks.append(self._by(filters.artist)[has["artist"]])
        if filters.source is not None:
            masks.append(has["source"] == self._sources.get(filters.source, len(self._sources)))
        if filters.year_from is not None:
            masks.append(has["latest"] >= max(filters.year_from, _NEVER + 1))
        if filters.year_to is not None:
            masks.append(has["earliest"] <= min(filters.year_to, _EVER - 1))
        if filters.taken_from is not None:
            masks.append(has["taken"] >= max(_day(filters.taken_from), 1))
        if filters.taken_to is not None:
            masks.append((has["taken"] > 0) & (has["taken"] <= _day(filters.taken_to)))
        if filters.orientation is not None:
            masks.append(has["orientation"] == 1 + ORIENTATIONS.index(filters.orientation))
        if filters.unseen:
            masks.append(~has["shown"])
        return reduce(np.logical_and, masks) if masks else np.ones(size, np.bool_)

    def kept_back(self, rules: Mapping[str, WallRule] | None, size: int) -> Mask:
        """Which of the first `size` rows are of works that are never chosen, or are off the wall
        by the rules of their sources (size,).
        """
        has = {name: column[:size] for name, column in self._columns.items()}
        if rules is None:
            return has["kept back"].copy()
        found = np.zeros(size, np.bool_)
        for source, rule in rules.items():
            off = has["short"] < rule.min_px
            off |= has["aspect"] > np.float32(rule.max_aspect)
            if not rule.screenshots:
                off |= has["screenshot"]
            found |= off & (has["source"] == self._sources.get(source, len(self._sources)))
        return found

    def at(self, places: NDArray[np.int64], size: int) -> Mask:
        """Which of the first `size` rows are of works at these places of their table (size,)."""
        here: NDArray[np.int32] = self._columns["place"][:size]
        sought = np.zeros(max(here.max(initial=0), places.max(initial=0)) + 1, np.bool_)
        sought[places] = True
        sought[0] = False  # where nothing is known
        return sought[here]

    def _by(self, artist: str) -> Mask:
        """Which artists are meant by a name, by their codes; nobody, the last, is not."""
        meant = [name for name in (folded(artist), folded(first_name_first(artist))) if name]
        found = np.zeros(len(self._artists) + 1, np.bool_)
        for name, code in self._artists.items():
            found[code] = any(each in name for each in meant)
        return found

    @staticmethod
    def _codes(
        codes: dict[str, int], names: Sequence[str | None], spelled: Callable[[str], str]
    ) -> Iterable[int]:
        """A number for each name, -1 for none; names of one spelling have the same."""
        known: dict[str | None, int] = {None: -1}
        for name in dict.fromkeys(names):
            if name is not None:
                known[name] = codes.setdefault(spelled(name), len(codes))
        return map(known.__getitem__, names)


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


def _letters(codes: Mapping[str, int]) -> NDArray[np.uint8]:
    """Names in the order of their codes, which count from 0."""
    return np.frombuffer(json.dumps(list(codes)).encode(), np.uint8)


def _names(letters: NDArray[np.uint8]) -> dict[str, int]:
    return {name: code for code, name in enumerate(json.loads(letters.tobytes()))}


def _sides(width: int | None, height: int | None) -> tuple[int, float]:
    """The shorter side of a picture, and how many times as long the other is."""
    if width is None or height is None:
        return _EVER, 0.0
    short, long = sorted((width, height))
    return short, long / short if short else 0.0


def _day(text: str) -> int:
    return int(text.replace("-", ""))
