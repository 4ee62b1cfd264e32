"""What other programs write into the library -> the index in memory, while commands go on."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from weakref import finalize

from glance_agent.domain.errors import StoreError
from glance_agent.domain.vectors import Vector
from glance_agent.store.coded_view import CodedRows
from glance_agent.store.connection import open_database
from glance_agent.store.filter_columns import FollowedColumns
from glance_agent.store.index import VectorIndex
from glance_agent.store.reading import Readings
from glance_agent.store.recent_vectors import ReadVectors
from glance_agent.store.row_names import Columns, Names
from glance_agent.store.turbo_codes import codes_of
from glance_agent.store.vectors import Vectors
from glance_agent.store.work_facts import WorkFacts

_log = logging.getLogger(__name__)


class Follower:
    """Keeps an index as its file is; one call at a time, in any thread."""

    def __init__(self, path: Path, index: VectorIndex, number: int) -> None:
        """`number` is that of the last change that the index knows."""
        self.index = index
        self.behind = False
        """Whether there was something that could not be read yet."""
        self._path = path
        self._number = number

    def catch_up(self) -> None:
        """Read what has changed since the last time, and nothing else.

        What cannot be read now stays for the next time.
        """
        self.behind = True
        try:
            with closing(open_database(self._path, synchronous="NORMAL")) as database:
                if self.index.crowded():
                    self._read_again(Vectors(database))
                self._read(Vectors(database))
        except StoreError as error:
            _log.warning("what another program wrote cannot be read now: %s", error)
        else:
            self.behind = False

    def _read(self, vectors: Vectors) -> None:
        more = True
        while more:
            index = self.index
            changes = vectors.changes_since(self._number, index.space, index.dimension)
            index.take_up(changes.ids, changes.vectors, changes.gone)
            self._number, more = changes.number, changes.more

    def _read_again(self, vectors: Vectors) -> None:
        """Fill the index anew; what has changed since is read after that."""
        self._number = vectors.latest()
        blocks = vectors.blocks(self.index.space, self.index.dimension)
        self.index.fill(vectors.at_most(), blocks)


def following(path: Path, vectors: Vectors, space: str, dimension: int) -> Follower:
    """An index with all vectors of a space, and what keeps it as the file at `path` is."""

    def large(first: int, dimension: int) -> CodedRows:
        return CodedRows(first, dimension, codes_of(dimension), read_from(path, space, dimension))

    number, index = vectors.latest(), VectorIndex(space, dimension, large, columns_of(path))
    index.fill(vectors.at_most(), vectors.blocks(space, dimension))
    return Follower(path, index, number)


def read_from(path: Path, space: str, dimension: int) -> ReadVectors:
    """Reads vectors of a space from the library's file, in any thread."""
    readings = Readings(path, Vectors)

    def read(artwork_ids: Sequence[str]) -> Mapping[str, Vector]:
        with readings.now() as vectors:
            return vectors.of(space, dimension, artwork_ids)

    finalize(read, readings.close)
    return read


def columns_of(path: Path) -> Callable[[Names], Columns]:
    """Makes what filters ask of the works of rows, read from the library's file, in any thread."""
    readings = Readings(path, WorkFacts)

    def columns(names: Names) -> Columns:
        return FollowedColumns(names, readings.now)

    finalize(columns, readings.close)
    return columns
