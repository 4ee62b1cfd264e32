"""Whose a display is: one agent's at a time, by the clock of the database alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from glance_agent.domain.display import Showing
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.store import display_leases
from glance_agent.store.database import Database
from glance_agent.store.display_leases import (
    FORGOTTEN_SECONDS,
    DisplayLeases,
    DisplayOwner,
    Holder,
    holders,
)
from glance_agent.store.history import History
from glance_agent.store.opening import open_library
from glance_agent.store.transaction import transaction
from tests.databases.make import AT

TOPICS, WALL, HALL = "topics/glance", "display/wall", "display/hall"
LONG, OVER = 60.0, -1.0
ONE, OTHER = Holder("one", "pi", "the agent on pi"), Holder("other", "attic", "the agent on attic")


@pytest.fixture
def db(place: LibraryPlace) -> Iterator[Database]:
    with closing(open_library(place)) as found:
        yield found


def leases(
    db: Database,
    me: Holder,
    *displays: str,
    topics: str = TOPICS,
    seconds: float = LONG,
) -> DisplayLeases:
    return DisplayLeases(db, me, topics, displays or ("wall", "hall"), seconds)


def test_an_agent_by_itself_holds_all_and_nobody_contests_it(db: Database) -> None:
    held = leases(db, ONE).hold()
    assert held.mine == (TOPICS, WALL, HALL)
    assert not held.others
    assert not held.contested
    assert holders(db) == {"wall": ONE.title, "hall": ONE.title}


def test_a_second_one_on_the_same_topics_stands_by(db: Database) -> None:
    first, second = leases(db, ONE), leases(db, OTHER)
    first.hold()
    held = second.hold()
    assert held.mine == ()
    assert held.others == dict.fromkeys((TOPICS, WALL, HALL), ONE.title)
    assert first.hold().contested


def test_on_the_same_topics_nothing_is_shared_out(db: Database) -> None:
    leases(db, ONE, "wall").hold()
    assert leases(db, OTHER, "hall").hold().mine == ()
    assert holders(db) == {"wall": ONE.title}


def test_agents_with_topics_of_their_own_have_each_their_displays(db: Database) -> None:
    first, second = leases(db, ONE), leases(db, OTHER, "hall", "bar", topics="topics/bar")
    assert first.hold().mine == (TOPICS, WALL, HALL)
    held = second.hold()
    assert held.mine == ("topics/bar", "display/bar")
    assert held.others == {HALL: ONE.title}
    first.release()
    assert second.hold().mine == ("topics/bar", HALL, "display/bar")


def test_what_is_over_is_taken_and_not_given_back(db: Database) -> None:
    dead, heir = leases(db, ONE, seconds=OVER), leases(db, OTHER)
    assert dead.hold().mine == (TOPICS, WALL, HALL)
    held = heir.hold()
    assert (held.mine, held.missed) == ((TOPICS, WALL, HALL), (ONE.title,))
    assert heir.hold().missed == ()
    assert dead.hold().mine == ()
    assert holders(db) == {"wall": OTHER.title, "hall": OTHER.title}


def test_who_is_patient_takes_nothing_that_is_only_over(db: Database) -> None:
    late, heir = leases(db, ONE, seconds=OVER), leases(db, OTHER)
    late.hold()
    held = heir.hold(patient=True)
    assert (held.mine, set(held.others)) == ((), {TOPICS, WALL, HALL})
    again = replace(ONE, run="again", title="again")
    assert leases(db, again).hold(patient=True).mine == (TOPICS, WALL, HALL)
    leases(db, again).release()
    assert heir.hold(patient=True).mine == (TOPICS, WALL, HALL)


def test_who_has_been_gone_for_long_is_forgotten_when_another_one_comes(db: Database) -> None:
    for run, seconds in (("long gone", -2 * FORGOTTEN_SECONDS), ("late", OVER)):
        leases(db, replace(ONE, run=run), seconds=seconds).hold()
    first = leases(db, OTHER)
    for _ in range(2):
        first.hold()
    runs = {run for (run,) in db.execute("SELECT run FROM agents")}
    assert runs == {"late", OTHER.run}


def test_who_stopped_or_was_killed_lately_may_come_back_unseen(db: Database) -> None:
    """It may be started again while the owner cannot ask, which would know nothing of it."""
    first, second = leases(db, ONE), leases(db, OTHER)
    first.hold()
    second.hold()
    second.release()
    assert first.hold().contested
    with transaction(db):
        db.execute("UPDATE agents SET until = until - 0.999 WHERE run = ?", [OTHER.run])
    assert first.hold().contested
    with transaction(db):
        db.execute("UPDATE agents SET until = until - 0.001 WHERE run = ?", [OTHER.run])
    assert not first.hold().contested


def test_who_asks_for_something_else_does_not_come_back_for_it(db: Database) -> None:
    first = leases(db, ONE, "wall")
    leases(db, OTHER, "hall", topics="topics/hall").hold()
    assert not first.hold().contested


def test_an_earlier_run_of_an_agent_does_not_come_back(db: Database) -> None:
    leases(db, ONE, seconds=OVER).hold()
    assert not leases(db, replace(ONE, run="again")).hold().contested
    assert [run for (run,) in db.execute("SELECT run FROM agents")] == ["again"]


def test_who_is_patient_takes_nobody_for_gone(db: Database) -> None:
    first = leases(db, ONE)
    clone = replace(ONE, place="attic", run="clone")
    first.hold()
    leases(db, clone, seconds=OVER).hold()
    assert not first.hold().contested
    assert first.hold(patient=True).contested
    assert not first.hold().contested


def test_who_was_late_keeps_what_nobody_took(db: Database) -> None:
    late = leases(db, ONE, seconds=OVER)
    late.hold()
    assert late.hold().mine == (TOPICS, WALL, HALL)


def test_an_agent_takes_at_once_what_its_last_run_held(db: Database) -> None:
    leases(db, ONE).hold()
    again = replace(ONE, run="again", title="again")
    held = leases(db, again).hold()
    assert (held.mine, held.missed) == ((TOPICS, WALL, HALL), ())
    assert holders(db) == {"wall": "again", "hall": "again"}


def test_a_copy_of_an_agent_elsewhere_waits_like_any_other(db: Database) -> None:
    leases(db, ONE).hold()
    clone = replace(ONE, place="attic", run="clone")
    assert leases(db, clone).hold().mine == ()


def test_what_is_released_is_free_at_once(db: Database) -> None:
    first = leases(db, ONE)
    first.hold()
    first.release()
    assert holders(db) == {}
    assert leases(db, OTHER).hold().mine == (TOPICS, WALL, HALL)


def test_a_showing_is_kept_only_by_whose_display_it_is(db: Database) -> None:
    dead = leases(db, ONE, seconds=OVER)
    dead.hold()
    with transaction(db):
        DisplayOwner(ONE.run).check(db, "wall")
    leases(db, OTHER).hold()
    with pytest.raises(StoreError, match="another agent's now") as refused, transaction(db):
        DisplayOwner(ONE.run).check(db, "wall")
    assert refused.value.trouble is Trouble.BUSY
    history = History(db)
    history.owner = DisplayOwner(ONE.run, lambda: False)
    showing = Showing("wall", "a:1", AT, "next", "mia", "", None, {})
    with pytest.raises(StoreError, match="another agent's now"), history.transaction():
        history.show(showing)
    with pytest.raises(StoreError, match="another agent's now"), history.unkept():
        history.show(showing)
    history.owner = DisplayOwner(OTHER.run)
    with history.transaction():
        assert history.show(showing) == 1


def test_what_could_not_be_kept_is_not_kept_beside_another_agents(db: Database) -> None:
    dead = leases(db, ONE, seconds=OVER)
    dead.hold()
    history = History(db)
    history.owner = DisplayOwner(ONE.run)
    showing = Showing("wall", "a:1", AT, "next", "mia", "", None, {})
    with history.unkept():
        history.show(showing)
    leases(db, OTHER).hold()
    with history.transaction():
        pass
    assert History(db).showings("wall", 9) == []


def test_of_many_who_ask_at_once_one_gets_all(place: LibraryPlace) -> None:
    open_library(place).close()
    got: list[tuple[str, ...]] = []
    ready = threading.Barrier(4)

    def ask(number: int) -> None:
        with closing(open_library(place)) as own:
            mine = leases(own, Holder(f"agent {number}", "pi", f"agent {number}"))
            ready.wait()
            mine.hold()
            got.append(mine.hold().mine)

    threads = [threading.Thread(target=ask, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [(), (), (), (TOPICS, WALL, HALL)]


def test_who_hangs_in_the_middle_of_writing_keeps_nobody_from_taking_over(
    postgres_place: LibraryPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(display_leases, "SILENT_SECONDS", 0.0)
    with closing(open_library(postgres_place)) as one, closing(open_library(postgres_place)) as two:
        leases(one, ONE, seconds=OVER).hold()
        one.begin()
        assert leases(two, OTHER).hold().mine == (TOPICS, WALL, HALL)
        with pytest.raises(StoreError):
            one.execute("INSERT INTO facts VALUES ('late', '1')")
