"""Works that lack a vector, shared out: to one worker at a time, and never kept twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import numpy as np
import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Reaction
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.vectors import Vector
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from glance_agent.store.spaces import Spaces
from glance_agent.store.vectors import Vectors
from glance_agent.store.work_leases import WorkLeases
from tests.databases.make import AT

SPACE = "new"
OVER = -1.0
"""Leases of so many seconds are over as soon as they are taken."""


def vector(number: int) -> Vector:
    found = np.zeros(4, dtype=np.float32)
    found[number % 4] = 1
    return found


def add(library: Library, number: int, source: str = "folder") -> str:
    """A work that nobody has embedded yet."""
    name = f"{source}:{number}"
    stored = StoredWork(
        artwork=Artwork(id=name, title=f"Work {number}", source=source),
        location=f"/{number}.jpg",
        fingerprint="1",
        content_hash=name,
        space="none",
        vector=None,
        look=None,
    )
    library.add(source, f"{number}.jpg", stored)
    return name


@pytest.fixture
def db(place: LibraryPlace) -> Iterator[Database]:
    with closing(open_library(place)) as one:
        yield one


def ids(leases: WorkLeases, most: int = 100, **but: list[str]) -> list[str]:
    return [work.artwork_id for work in leases.lease(SPACE, most, **but)]


def test_a_work_is_leased_to_one(db: Database) -> None:
    works = [add(Library(db), number) for number in range(5)]
    one, other = WorkLeases(db, "one"), WorkLeases(db, "other")
    assert ids(one, 3) == works[:3]
    assert ids(other) == works[3:]
    assert ids(one) == []
    assert (one.others(SPACE), other.others(SPACE)) == (2, 3)
    assert one.lacking(SPACE) == 5


def test_whether_any_work_lacks_a_vector_is_known_by_counting(db: Database) -> None:
    library, spaces, vectors = Library(db), Spaces(db), Vectors(db)

    def told() -> bool:
        assert spaces.lacks_any(SPACE) == bool(spaces.lacking(SPACE))
        return spaces.lacks_any(SPACE)

    assert not told()
    one, other, third = (add(library, number) for number in range(3))
    for work in (one, other):
        assert told()
        vectors.put(work, SPACE, vector(0))
        vectors.put(work, "old", vector(1))
    assert told()
    library.mark_unusable(third, "broken")
    assert not told()
    library.mark_unusable(one, "broken")  # and has a vector
    assert not told()
    add(library, 2)  # it was fetched again
    assert told()


def test_only_who_has_the_lease_keeps_a_vector(db: Database) -> None:
    [work] = [add(Library(db), 1)]
    slow, quick = WorkLeases(db, "slow", OVER), WorkLeases(db, "quick")
    assert ids(slow) == [work]
    assert ids(quick) == [work]
    assert not slow.keep(work, SPACE, vector(0))
    assert quick.keep(work, SPACE, vector(1))
    assert not quick.keep(work, SPACE, vector(2))
    assert Spaces(db).count(SPACE) == 1
    [kept] = db.execute("SELECT vector FROM embeddings WHERE space = ?", [SPACE]).fetchone()
    assert bytes(kept) == vector(1).astype("<f2").tobytes()
    assert ids(quick) == ids(slow) == []
    assert quick.others(SPACE) == 0


def test_a_lease_that_is_over_counts_until_another_one_takes_it(db: Database) -> None:
    work = add(Library(db), 1)
    late = WorkLeases(db, "late", OVER)
    assert ids(late) == [work]
    assert late.keep(work, SPACE, vector(0))


def test_who_renews_keeps_what_it_has(db: Database) -> None:
    work = add(Library(db), 1)
    one, other = WorkLeases(db, "one", OVER), WorkLeases(db, "other")
    assert ids(one) == [work]
    WorkLeases(db, "one").renew()
    assert ids(other) == []
    one.renew()
    assert ids(other) == [work]


def test_what_is_given_back_is_free_at_once(db: Database) -> None:
    works = [add(Library(db), number) for number in range(3)]
    one, other = WorkLeases(db, "one"), WorkLeases(db, "other")
    assert ids(one) == works
    one.give_back(works[1])
    assert ids(other) == [works[1]]
    one.give_back()
    assert sorted([*ids(other), *ids(other)]) == [works[0], works[2]]


def test_some_works_and_some_sources_are_left_to_others(db: Database) -> None:
    library = Library(db)
    here, there, broken = add(library, 1), add(library, 2, "attic"), add(library, 3)
    one, other = WorkLeases(db, "one"), WorkLeases(db, "other")
    assert ids(one, but=[broken], but_of=["attic"]) == [here]
    assert one.lacking_of(SPACE, ["attic", "cellar"]) == {"attic": 1}
    assert ids(other) == [there, broken]


def test_liked_and_recently_shown_works_come_first(db: Database) -> None:
    library, history = Library(db), History(db)
    works = [add(library, number) for number in range(9)]
    history.react(Reaction("mia", works[7], "like", AT))
    history.react(Reaction("mia", works[1], "dislike", AT))
    for position, number in enumerate((4, 6, 2)):
        db.execute(
            "INSERT INTO showings (display, position, artwork_id, shown_at, verb, user, why, parts)"
            " VALUES ('wall', ?, ?, ?, 'next', 'mia', '', '{}')",
            [position, works[number], (AT + timedelta(position)).isoformat()],
        )
    leases = WorkLeases(db, "one")
    order = [work for _ in range(9) for work in ids(leases, 1)]
    assert order == [works[number] for number in (7, 2, 6, 4, 0, 1, 3, 5, 8)]


def test_works_that_come_later_are_found(db: Database) -> None:
    library, leases = Library(db), WorkLeases(db, "one")
    first = add(library, 1)
    assert ids(leases) == [first]
    assert ids(leases) == []
    leases.give_back()
    second = add(library, 2)
    assert ids(leases) == [first, second]


def test_many_who_take_at_once_never_take_the_same(place: LibraryPlace) -> None:
    with closing(open_library(place)) as db:
        library = Library(db)
        with library.together():
            works = [add(library, number) for number in range(120)]
    taken: list[list[str]] = []

    def work(name: str) -> None:
        with closing(open_library(place, durable=False)) as own:
            leases, mine = WorkLeases(own, name), []
            while some := leases.lease(SPACE, 4):
                mine += [
                    one.artwork_id for one in some if leases.keep(one.artwork_id, SPACE, vector(1))
                ]
            taken.append(mine)

    threads = [threading.Thread(target=work, args=[f"worker {number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(one for mine in taken for one in mine) == Counter(works)


@pytest.fixture
def slow_lease(postgres_place: LibraryPlace) -> Iterator[Database]:
    """Whoever leases as "slow" waits in the middle of it for the lock 7 of this connection."""
    with closing(open_library(postgres_place)) as db:
        db.execute(
            "CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN PERFORM pg_advisory_xact_lock(7); RETURN NEW; END$$"
        )
        db.execute(
            "CREATE TRIGGER slow BEFORE INSERT ON work_leases FOR EACH ROW "
            "WHEN (NEW.holder = 'slow') EXECUTE FUNCTION wait_at_gate()"
        )
        db.execute("SELECT pg_advisory_lock(7)")
        yield db
        db.execute("SELECT pg_advisory_unlock_all()")
        db.execute("DROP FUNCTION wait_at_gate CASCADE")


def test_a_work_that_was_done_meanwhile_is_not_leased_again(
    postgres_place: LibraryPlace, slow_lease: Database
) -> None:
    """A statement sees the works as they were when it began, however long it takes."""
    with closing(open_library(postgres_place)) as one, closing(open_library(postgres_place)) as two:
        first, *others = [add(Library(one), number) for number in range(4)]
        leased: list[str] = []
        slow = threading.Thread(target=lambda: leased.extend(ids(WorkLeases(two, "slow"))))
        slow.start()
        waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        while not slow_lease.execute(waits).fetchall():
            assert slow.is_alive()
        quick = WorkLeases(one, "quick")
        assert ids(quick) == others  # the first is just being taken
        assert all(quick.keep(work, SPACE, vector(0)) for work in others)
        slow_lease.execute("SELECT pg_advisory_unlock(7)")
        slow.join()
        assert leased == [first]
        assert quick.others(SPACE) == 1


def test_a_lease_does_not_wait_for_who_writes(postgres_place: LibraryPlace) -> None:
    with closing(open_library(postgres_place)) as one, closing(open_library(postgres_place)) as two:
        work = add(Library(one), 1)
        one.begin()
        try:
            assert ids(WorkLeases(two, "two")) == [work]
        finally:
            one.rollback()
