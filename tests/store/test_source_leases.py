"""Who brings in a source: one program at a time, by the clock of the database alone."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest

from glance_agent.domain.library_place import LibraryPlace
from glance_agent.store.database import Database
from glance_agent.store.display_leases import holders
from glance_agent.store.opening import open_library
from glance_agent.store.source_leases import Lister, SourceLease, listers

LONG, OVER = 60.0, -1.0
PI, ATTIC = Lister("pi", "on pi"), Lister("attic", "in the attic")


@pytest.fixture
def db(place: LibraryPlace) -> Iterator[Database]:
    with closing(open_library(place)) as found:
        yield found


def lease(db: Database, me: Lister, source: str = "met", seconds: float = LONG) -> SourceLease:
    return SourceLease(db, source, me, seconds)


def test_a_source_is_one_programs_at_a_time(db: Database) -> None:
    ours, theirs = lease(db, PI), lease(db, ATTIC)
    assert ours.take() is None
    assert theirs.take() == "pi"
    assert ours.take() is None, "it is renewed"
    assert lease(db, ATTIC, "nga").take() is None
    assert listers(db) == {"met": "pi", "nga": "attic"}
    assert holders(db) == {}, "no display has that name"


def test_who_has_come_to_the_end_is_told_from_who_has_not(db: Database) -> None:
    ours, theirs = lease(db, PI), lease(db, ATTIC)
    ours.take()
    ours.give_back(done=False)
    assert theirs.is_known()
    assert listers(db) == {}
    assert theirs.take() is None
    theirs.give_back(done=True)
    assert not ours.is_known()


def test_what_is_over_is_taken_and_not_given_back(db: Database) -> None:
    dead, heir = lease(db, PI, seconds=OVER), lease(db, ATTIC)
    dead.take()
    assert heir.take() is None
    assert dead.take() == "attic"
    dead.give_back(done=True)
    assert listers(db) == {"met": "attic"}


def test_a_program_that_has_ended_on_this_machine_is_not_waited_for(db: Database) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    here = Lister("here")
    lease(db, Lister("here", process=os.getppid())).take()
    assert lease(db, here).take() is not None, "it runs"
    for gone in (Lister("here", process=ended.pid), Lister("here")):
        lease(db, gone, "nga").take()
        assert lease(db, here, "nga").take() is None
        lease(db, here, "nga").give_back(done=True)
    lease(db, Lister("here", process=ended.pid, place="elsewhere"), "nga").take()
    assert lease(db, here, "nga").take() is not None, "nobody can see from here"
