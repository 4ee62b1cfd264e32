"""What filters ask of works in arrays, a number for each row of the index: no sets of ids.

The library's file says what is so; `followed_columns` keeps them as it is there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.artwork import Filters
from glance_agent.domain.folding import findable, folded
from glance_agent.domain.naming import first_name_first
from glance_agent.domain.wall_rule import WallRule
from glance_agent.store.row_names import Mask
from glance_agent.store.work_facts import ORIENTATIONS, WorkFact

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


class FilterColumns:
    """What filters ask of the works of rows; those of which nothing was put pass no filter."""

    def __init__(self) -> None:
        self._columns: dict[str, NDArray[Any]] = {
            name: np.full(0, nothing, kind) for name, (kind, nothing) in _NOTHING.items()
        }
        self._artists: dict[str, int] = {}
        self._sources: dict[str, int] = {}

    def arrays(self, size: int) -> dict[str, NDArray[Any]]:
        """What is known of the first `size` rows, (size,) each; `restore` makes the same of it."""
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
        """Which of the first `size` rows pass (size,): all filters but what is hidden or liked."""
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
