"""Opening a library wherever it is: what a place is decides which engine keeps it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from importlib import import_module
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import LibraryPlace, PostgresPlace, Watch, spelled
from glance_agent.domain.vectors import Matrix, Vector
from glance_agent.store import claim, connection, looking
from glance_agent.store.database import Database
from glance_agent.store.reading import AT_ONCE, MOST_SECONDS, Readings

WAITED_SECONDS = 3_600.0
"""So long a program that has begun something waits for its server before it ends."""
UNFINISHED_COPY = "copied from"
"""The fact that a library is a copy that is not complete: of which installation."""
_T = TypeVar("_T")
_T_co = TypeVar("_T_co", covariant=True)


class OpenReadings(Protocol[_T_co]):
    """A library that is only looked at; safe to use from several threads."""

    def now(self) -> AbstractContextManager[_T_co]:
        """What reads it as it is at this moment. Raises StoreError."""

    def close(self) -> None:
        """Close every connection."""


class LibraryNews(Protocol):
    """Whether anybody has written into a library; one thread at a time."""

    def wait(self, seconds: float) -> bool:
        """Whether something is written within so many seconds. Raises StoreError."""

    def close(self) -> None:
        """Listen no more."""


class LibraryClaim(Protocol):
    """That no other agent runs with a library."""

    @property
    def instance(self) -> str | None:
        """The id of the installation that was open last; None where nobody knows."""

    def settle(self, place: Any, instance: str) -> str | None:
        """Remember what is open now; a sentence where it is not what was open last."""


class Patience(Protocol):
    """Waits for the server of a library where one keeps it; safe to use from several threads."""

    def outlast(self, work: Callable[[], _T]) -> _T:
        """What the work gives, done anew after each time that the server went away. Raises
        StoreError for all that does not pass by itself, and where it has lasted too long."""

    def give_up(self) -> None:
        """Wait no more: whoever does is let go."""


class _NoPatience:
    """With a file, which no waiting brings back."""

    def outlast(self, work: Callable[[], _T]) -> _T:
        return work()

    def give_up(self) -> None:
        pass


def open_library(place: LibraryPlace, *, durable: bool = True) -> Database:
    """The library, with all migrations applied.

    Where it need not be `durable`, since work can be done again, what was kept last in a file may
    be lost when the machine stops; a server keeps it all the same, since agents go on that have
    read it when it stops alone. The connection may be handed to another thread, but only one thread
    may use it at a time. Raises StoreError, also where it is a copy that has not come to its end.
    """
    database = open_to_copy(place, durable=durable or isinstance(place, PostgresPlace))
    unfinished = False
    with suppress(StoreError):  # what is damaged is met by whoever reads it, and mended
        unfinished = copied_from(database) is not None
    if unfinished:
        database.close()
        raise StoreError(
            f"The library {spelled(place)} is a copy that was interrupted. Go on with: "
            "glance-agent library copy FROM TO",
            trouble=Trouble.UNUSABLE,
        )
    return database


def copied_from(database: Database) -> str | None:
    """The installation of which a library is a copy that is not complete. Raises StoreError."""
    sql = "SELECT value FROM facts WHERE name = ?"
    row = database.execute(sql, [UNFINISHED_COPY]).fetchone()
    return None if row is None else str(row[0])


def open_to_copy(place: LibraryPlace, *, durable: bool) -> Database:
    """The same for whoever goes on with a copy. Raises StoreError."""
    if isinstance(place, PostgresPlace):
        with _driver_needed():
            from glance_agent.store.postgres.opening import open_postgres
        return open_postgres(place, durable=durable)
    return connection.open_database(place, synchronous="FULL" if durable else "NORMAL")


@contextmanager
def to_work_in(place: LibraryPlace) -> Iterator[Database]:
    """The library, every commit durable; closed at the end. Raises StoreError."""
    with closing(open_library(place)) as database:
        yield database


def look_into(place: LibraryPlace) -> AbstractContextManager[Database]:
    """The library for whoever only looks: nothing is kept. Raises StoreError."""
    if isinstance(place, PostgresPlace):
        with _driver_needed():
            from glance_agent.store.postgres.opening import look_into_postgres
        return look_into_postgres(place)
    return looking.look_into(place)


def readings_of(
    place: LibraryPlace,
    reader: Callable[[Database], _T],
    damaged: Callable[[str], None] = lambda fault: None,
) -> OpenReadings[_T]:
    """The library to be read beside its writer; `reader` is made anew for each connection,
    `damaged` is told of damage that was met."""
    if isinstance(place, PostgresPlace):
        with _driver_needed():
            from glance_agent.store.postgres.reading import PostgresReadings
        return PostgresReadings(
            place, reader, at_once=AT_ONCE, seconds=MOST_SECONDS, damaged=damaged
        )
    return Readings(place, reader, damaged=damaged)


class VectorReader(Protocol):
    """Looks through the vectors of a library that a server keeps, as
    `glance_agent.store.served_view.VectorServer` says; one thread at a time."""

    def nearest(self, direction: Vector, count: int, among: NDArray[np.int32]) -> Sequence[int]: ...
    def near_each(
        self, directions: Matrix, count: int, among: NDArray[np.int32]
    ) -> Sequence[Sequence[int]]: ...
    def scored(
        self, directions: Matrix, numbers: Sequence[int]
    ) -> tuple[Sequence[int], NDArray[np.float32]]: ...
    def mean(self, numbers: Sequence[int]) -> Vector: ...
    def deviation(self, direction: Vector, numbers: Sequence[int]) -> float: ...


def vectors_served(place: PostgresPlace) -> OpenReadings[VectorReader]:
    """What has the server look through the vectors of a library."""
    with _driver_needed():
        from glance_agent.store.postgres.nearest import PgvectorReader
    return readings_of(place, PgvectorReader)


def served_by(database: Database) -> str:
    """What looks through vectors on the server of a library: its name and version. Raises
    StoreError where nothing does."""
    with _driver_needed():
        from glance_agent.store.postgres.pgvector import extension_of, hindrance
    if (why := hindrance(database.execute)) is not None:
        raise why
    here = extension_of(database)
    return f"pgvector {here[1]}" if here else "pgvector"


def unserved(database: Database) -> str | None:
    """Why nothing looks through vectors on the server of a library; None where something does."""
    with _driver_needed():
        from glance_agent.store.postgres.nearest import not_there
        from glance_agent.store.postgres.pgvector import is_lost
    try:
        served_by(database)
        return not_there().said if is_lost(database.conn) else None
    except StoreError as error:
        return error.said


def lacks_served(database: Database, space: str) -> bool:
    """Whether there are vectors of a space that the server does not look through yet."""
    with _driver_needed():
        from glance_agent.store.postgres.pgvector import lacks_any
    return lacks_any(database, space)


def fill_served(database: Database, space: str, go_on: Callable[[], None]) -> int:
    """Have the server look through all vectors of a space, some at a time; how many it did not
    know. Raises StoreError."""
    with _driver_needed():
        from glance_agent.store.postgres.pgvector import fill
    return fill(database, space, go_on)


def claimed(place: LibraryPlace, *, shared: bool = False) -> AbstractContextManager[LibraryClaim]:
    """The library for this agent alone, or `shared` with others where a server keeps it. Raises
    StoreError where another one runs with it, or whoever needs it alone."""
    if isinstance(place, PostgresPlace):
        with _driver_needed():
            from glance_agent.store.postgres.claim import claimed_postgres
        return claimed_postgres(place, shared=shared)
    return claim.claimed(place)


def watch_of(place: PostgresPlace) -> Watch:
    """Who watches over the server of a library that this agent has claimed."""
    assert place.reach.watch is not None
    return place.reach.watch


def news_of(place: PostgresPlace) -> LibraryNews:
    """What hears of writes into a library that a server keeps. Raises StoreError."""
    with _driver_needed():
        from glance_agent.store.postgres.news import PostgresNews
    return PostgresNews(place)


def patience_with(
    places: Sequence[LibraryPlace], tell: Callable[[str], None], seconds: float = WAITED_SECONDS
) -> AbstractContextManager[Patience]:
    """Patience with libraries that this program has not claimed, so many seconds each time; `tell`
    hears when it waits, and when that is over."""
    servers = [place for place in places if isinstance(place, PostgresPlace)]
    if not servers:
        return nullcontext(_NoPatience())
    with _driver_needed():
        from glance_agent.store.postgres.patience import postgres_patience
    return postgres_patience(servers, tell, seconds)


def check_driver(place: LibraryPlace) -> None:
    """Raises StoreError where what opens libraries of this kind is not installed."""
    if isinstance(place, PostgresPlace):
        with _driver_needed():
            import_module("psycopg_pool")


def is_there(place: LibraryPlace) -> bool:
    """Whether there may be a library; a file can be seen not to be there."""
    return isinstance(place, PostgresPlace) or place.exists()


@contextmanager
def _driver_needed() -> Iterator[None]:
    """Within it what opens libraries in PostgreSQL is imported. Raises StoreError where its driver
    is not installed."""
    try:
        yield
    except ImportError as error:
        if not (error.name or "").startswith("psycopg"):
            raise
        raise StoreError(
            "library.url needs the driver of PostgreSQL, which is not installed. Install it with: "
            "pip install 'glance-agent[postgres]'"
        ) from error
