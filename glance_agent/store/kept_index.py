"""The index of a large library as it is kept beside it: written, and opened again.

What came while it was being written is not in it, nor what came since: the library's changes are
numbered, and whoever opens it reads those.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.private import opened_private
from glance_agent.store.database import Database
from glance_agent.store.followed_columns import FollowedColumns
from glance_agent.store.index import VectorIndex
from glance_agent.store.row_names import Names
from glance_agent.store.side_files import AskedFile, GoOn, Opened, Provenance, Seals, SideFiles
from glance_agent.store.vectors import Vectors
from glance_agent.store.work_facts import WorkFacts

if TYPE_CHECKING:  # small libraries do without codes
    from glance_agent.store.coded_view import CodedRows

_ROWS, _CODES = "rows", "codes"
_COLUMN = "column "
_CROSSED_OUT = "crossed out"
_NO_SUCH = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reached:
    """Up to which changes of vectors, and of works, something is known, by their numbers."""

    vectors: int
    works: int


class KeptIndex:
    """The files of one index; one call at a time."""

    def __init__(
        self,
        library: Path,
        index: VectorIndex,
        rows: Callable[[], CodedRows],
        columns: Callable[[Names], FollowedColumns],
    ) -> None:
        """`rows` and `columns` make what is filled with what was kept."""
        self._index = index
        self._rows = rows
        self._columns = columns
        self._files = SideFiles(library)

    def open(self, db: Database) -> Reached | None:
        """Fill the index with what was kept of it, and tell how far that reaches.

        None where there is nothing of use: the index is as it was then. Raises StoreError.
        """
        try:
            opened, rows = self._files.read(), self._rows()
            if (why := self._useless(db, opened, rows.codes.kind)) is None:
                return Reached(opened.kept.vectors, self._fill(rows, opened))
            _log.info("what was kept of the index is not used: %s", why)
        except FileNotFoundError:
            pass
        except _NO_SUCH as error:
            _log.info("what was kept of the index cannot be used: %s", error)
        return None

    def write(self, db: Database, vectors: int, go_on: GoOn = lambda: None) -> Reached | None:
        """Keep the index, which knows at least the changes of vectors up to this number.

        How far what is kept reaches; None where it is as it was, since the index changed
        meanwhile or there is no room. Raises StoreError, also where `go_on` does, which is asked
        again and again.
        """
        from glance_agent.store.coded_view import CodedRows

        held = self._index.held()
        rows, columns = held.rows, held.rows.names.columns
        if not isinstance(rows, CodedRows) or not isinstance(columns, FollowedColumns):
            return None
        works, of_works = columns.arrays()
        crossed_out = np.array(sorted(held.crossed_out), np.int64)
        arrays = {f"{_COLUMN}{name}": array for name, array in of_works.items()}
        arrays |= {**rows.arrays(), _CROSSED_OUT: crossed_out}
        go_on()
        # All of this is in the library by now: whoever knows the seal is a later state of it.
        seal = Seals(db).new(self._files.seal())

        def write_codes(path: Path) -> None:
            rows.codes.write(path, go_on)
            if self._index.held() != held:
                raise _ChangedMeanwhile

        try:
            self._files.write(
                Provenance(
                    self._index.space, self._index.dimension, rows.codes.kind, vectors, works
                ),
                seal,
                {_CODES: write_codes, _ROWS: partial(_write_arrays, arrays, go_on)},
                len(rows.codes) * self._index.dimension // 4 + _bytes_of(arrays),
                go_on,
            )
        except _ChangedMeanwhile:
            return None
        except OSError as error:
            _log.info("the index cannot be kept beside the library now: %s", error)
            return None
        return Reached(vectors, works)

    def remove(self) -> None:
        """Keep nothing."""
        try:
            self._files.remove()
        except OSError as error:
            _log.info("what was kept of the index cannot be removed: %s", error)

    def _useless(self, db: Database, opened: Opened, kind: str) -> str | None:
        """Why these files are not of this index of this library; None where they are."""
        kept, index = opened.kept, self._index
        if opened.seal not in Seals(db).known():
            return "it is of another library, or of another time of this one"
        if (kept.space, kept.dimension) != (index.space, index.dimension):
            return f"it is of the space {kept.space}"
        if kept.kind != kind:
            return f"it has codes by {kept.kind}, not by {kind}"
        if kept.vectors > Vectors(db).latest() or kept.works > WorkFacts(db).latest():
            return "it is newer than the library"
        return None

    def _fill(self, rows: CodedRows, opened: Opened) -> int:
        """Put what was kept into these rows, and them into the index.

        Up to which change what filters ask of works is known; -1 for nothing.
        """
        rows.codes.read(opened.files[_CODES])
        with np.load(opened.files[_ROWS], allow_pickle=False) as kept:
            arrays = {name: kept[name] for name in kept.files}
        rows.restore(arrays)
        crossed_out = arrays[_CROSSED_OUT].tolist()
        if any(not 0 <= row < len(rows.names) for row in crossed_out):
            raise ValueError("rows are crossed out that are not there")
        columns, works = self._columns(rows.names), opened.kept.works
        if works >= 0:
            known = {n.removeprefix(_COLUMN): a for n, a in arrays.items() if n.startswith(_COLUMN)}
            try:
                columns.restore(works, known)
            except KeyError as error:
                _log.info("what filters ask is read again: a former version kept no %s", error)
                works = -1
        self._index.adopt(rows, crossed_out, columns)
        return works


class _ChangedMeanwhile(Exception):
    """Vectors came while they were being written."""


def _write_arrays(arrays: Mapping[str, NDArray[Any]], go_on: GoOn, path: Path) -> None:
    with opened_private(path) as file:
        np.savez(AskedFile(file, go_on), **arrays)  # type: ignore[arg-type]


def _bytes_of(arrays: Mapping[str, NDArray[Any]]) -> int:
    return sum(array.nbytes for array in arrays.values())
