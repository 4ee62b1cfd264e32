"""What the library's file says -> the index in memory, while commands go on.

A small library is read at once. The index of a large one is opened from what was kept of it, or
made anew, by whoever is ready to wait for it; until then it is empty and labels answer.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import LibraryPlace, PostgresPlace
from glance_agent.domain.vectors import Vector
from glance_agent.domain.view import View
from glance_agent.store.database import Database
from glance_agent.store.index import EXACT_UP_TO, VectorIndex
from glance_agent.store.kept_index import KeptIndex, Reached
from glance_agent.store.opening import fill_served, lacks_served, open_library
from glance_agent.store.vectors import Block, Vectors
from glance_agent.store.work_facts import WorkFacts
from glance_agent.wiring.leaving import Leaving
from glance_agent.wiring.vectors_read import VectorsRead, VectorsServed, columns_of

if TYPE_CHECKING:  # small libraries have their vectors in memory
    from glance_agent.store.coded_view import CodedRows

CHANGES_LEFT = 1_000
"""So many changes of vectors are read again at the next start rather than all be written."""
CHANGES_OF_WORKS_LEFT = 10_000
"""The same of what filters ask of works."""
_log = logging.getLogger(__name__)


class Follower:
    """Keeps an index as its file is; safe to use from several threads."""

    def __init__(
        self,
        place: LibraryPlace,
        index: VectorIndex,
        kept: KeptIndex,
        leaving: Leaving | None = None,
    ) -> None:
        self.index = index
        self.behind = False
        """Whether there was something that could not be read yet."""
        self._place = place
        self._kept = kept
        self._lock = threading.Lock()
        self._number: int | None = None
        """The number of the last change that the index knows; None before it was filled."""
        self._again = False
        """Whether the file is another one than the index was filled from."""
        self._written: Reached | None = None
        """How far what is kept of the index reaches."""
        self._leaving = leaving or Leaving()
        self._tried: Reached | None = None
        """How far it was known when it was to be kept last, whether it could be or not."""
        self._seen: int | None = None
        """The last change when it was asked whether there is anything to keep."""

    @property
    def unread(self) -> bool:
        """Whether the index is still empty, since nobody has waited for it yet."""
        return self._number is None

    def is_quick(self, vectors: Vectors) -> bool:
        """Whether the works are few enough to be read while somebody waits."""
        return not self.index.outgrown_by(vectors.at_most())

    def prepare(self) -> None:
        """Fill the index where that was not done, and read what filters ask of works.

        What cannot be read now stays for the next time.
        """
        if self.unread:
            self.catch_up()
        if not self.unread:
            self._prepare_index()

    def read(self, db: Database) -> None:
        """Fill the index by this connection: with what was kept of it and what changed since, or
        else with everything. Raises StoreError.
        """
        with self._lock:
            self._open(db)

    def catch_up(self) -> None:
        """Read what has changed since the last time, and nothing else.

        What cannot be read now stays for the next time.
        """
        self.behind = True
        try:
            with self._lock, closing(open_library(self._place, durable=False)) as database:
                if self.unread:
                    self._open(database)
                elif self._again or self.index.crowded():
                    self._fill(Vectors(database))
                self._read(Vectors(database))
        except StoreError as error:
            level = logging.INFO if self._leaving.begun else error.log_level
            _log.log(level, "what another program wrote cannot be read now: %s", error)
        else:
            self.behind = False

    def start_over(self) -> None:
        """The file is another one now: read everything again with the next change."""
        with self._lock:
            self._again = self.behind = True
            self._written = None

    def keep(self, *, stopping: bool = False) -> None:
        """Keep the index beside the library, where opening it would else take long the next time.

        Not while vectors come, unless the agent is stopping, which waits for it a moment at most.
        What cannot be kept is not.
        """
        if self._number is None or self._again:
            return
        if not self.index.coded:
            self._kept.remove()
            return
        try:
            with self._lock, closing(open_library(self._place, durable=False)) as database:
                self._keep(database, self._number, stopping=stopping)
        except StoreError as error:
            _log.info("the index is not kept beside the library now: %s", error)

    def _prepare_index(self) -> None:
        try:
            self.index.prepare()
        except StoreError as error:
            _log.log(error.log_level, "what searches need cannot be read at once: %s", error)

    def _open(self, db: Database) -> None:
        vectors = Vectors(db)
        large = self.index.outgrown_by(vectors.at_most())
        self._written = self._tried = self._kept.open(db) if large else None
        if self._written is None:
            self._fill(vectors)
        else:
            self._number = self._written.vectors
        self._read(vectors)

    def _read(self, vectors: Vectors) -> None:
        more = True
        while more:
            self._leaving.read_on()
            index, number = self.index, self._number or 0
            changes = vectors.changes_since(number, index.space, index.dimension)
            index.take_up(changes.ids, changes.vectors, changes.gone)
            self._number, more = changes.number, changes.more

    def _fill(self, vectors: Vectors) -> None:
        """Fill the index anew; what has changed since is read after that."""
        number = vectors.latest()
        self.index.fill(vectors.at_most(), self._until_leaving(self._blocks(vectors)))
        self._number, self._again = number, False

    def _blocks(self, vectors: Vectors) -> Iterator[Block]:
        """What the index is filled with."""
        return vectors.blocks(self.index.space, self.index.dimension)

    def _until_leaving(self, blocks: Iterator[Block]) -> Iterator[Block]:
        for block in blocks:
            self._leaving.read_on()
            yield block

    def _keep(self, db: Database, number: int, *, stopping: bool) -> None:
        now = Reached(Vectors(db).latest(), WorkFacts(db).latest())
        settled, self._seen = self._seen == now.vectors, now.vectors
        if _outdated(self._written, now) if stopping else settled and _outdated(self._tried, now):
            self._tried = now
            self._prepare_index()
            going_on = self._leaving.write_on
            self._written = self._kept.write(db, number, going_on) or self._written


class ServedFollower(Follower):
    """Keeps an index without vectors as its library is; what the server does not look through yet,
    it is given first."""

    def is_quick(self, vectors: Vectors) -> bool:
        few = vectors.at_most() <= EXACT_UP_TO
        return few and not lacks_served(vectors.db, self.index.space)

    def _open(self, db: Database) -> None:
        vectors = Vectors(db)
        self._fill(vectors)
        self._read(vectors)

    def _blocks(self, vectors: Vectors) -> Iterator[Block]:
        try:
            filled = fill_served(vectors.db, self.index.space, self._leaving.read_on)
        except StoreError as error:
            if error.trouble is not Trouble.READ_ONLY:  # who only looks goes by what is there
                raise
        else:
            if filled:
                _log.info("pgvector was given %d vectors that it did not have", filled)
        return vectors.named(self.index.space, self.index.dimension)


def _outdated(kept: Reached | None, now: Reached) -> bool:
    """Whether too much has changed since an index was kept."""
    if kept is None or now.vectors - kept.vectors > CHANGES_LEFT:
        return True
    return now.works - kept.works > CHANGES_OF_WORKS_LEFT


def following(
    place: LibraryPlace,
    vectors: Vectors,
    space: str,
    dimension: int,
    beside: Path = Path("glance.db"),
    leaving: Leaving | None = None,
    *,
    reads: bool = True,
) -> Follower:
    """An index of the vectors of a space, and what keeps it as the library is.

    Where it `reads` them it has all of few works already. That of many is kept beside the library's
    file, or where a server keeps the library, beside the file that would be it.
    """
    beside = place if isinstance(place, Path) else beside
    leaving = leaving or Leaving()
    columns, file = columns_of(place, leaving), VectorsRead(place, space, dimension)

    def large(first: int, dimension: int) -> CodedRows:
        from glance_agent.store.coded_view import CodedRows
        from glance_agent.store.turbo_codes import codes_of

        return CodedRows(first, dimension, codes_of(dimension), file)

    if isinstance(place, PostgresPlace) and place.looks_through:
        from glance_agent.store.served_view import ServedRows

        server = VectorsServed(place, space, dimension)
        served = partial(ServedRows, server=server)
        index = VectorIndex(space, dimension, served, columns, exact_up_to=-1)
        kind: type[Follower] = ServedFollower
    else:
        index, kind = VectorIndex(space, dimension, large, columns), Follower
    kept = KeptIndex(beside, index, partial(large, 0, dimension), columns)
    follower = kind(place, index, kept, leaving)
    if reads and follower.is_quick(vectors):
        follower.read(vectors.db)
    return follower


class ReadWhenNeeded:
    """An index that is read from the library when somebody first looks at it, in any thread."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower

    def now(self) -> View:
        """The vectors as they are; those that cannot be read now are missing."""
        if self._follower.unread:
            self._follower.catch_up()
        return self._follower.index.now()

    def put(self, artwork_id: str, vector: Vector) -> None:
        """Know a work that the library has by now; reading finds it, where that comes later."""
        if not self._follower.unread:
            self._follower.index.put(artwork_id, vector)

    def remove(self, artwork_ids: Iterable[str]) -> None:
        """Forget works that the library has no more."""
        if not self._follower.unread:
            self._follower.index.remove(artwork_ids)
