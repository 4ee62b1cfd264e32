"""A server that goes away, or says nothing any more: who waits is told, and whose library it is."""

from __future__ import annotations

import threading
import time
from contextlib import ExitStack, closing, suppress
from datetime import UTC, datetime

import pytest

from glance_agent.domain.display import Reaction
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.library_place import PostgresPlace
from glance_agent.store.history import History
from glance_agent.store.opening import claimed, news_of, open_library, readings_of, watch_of
from glance_agent.store.transaction import transaction
from glance_agent.store.works import Works
from tests.postgres import Server
from tests.proxy import Proxy
from tests.spawned import PATIENCE_SECONDS

pytest.importorskip("psycopg")
from glance_agent.store.postgres import claim, line

AT = datetime(2026, 5, 1, 12, tzinfo=UTC)
ALL = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
    "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


@pytest.fixture
def there(way: Proxy, postgres_place: PostgresPlace) -> PostgresPlace:
    return way.place(postgres_place)


def like(user: str) -> Reaction:
    return Reaction(user, "a:one", "like", AT)


# -- whose library it is ---------------------------------------------------------------------------


def found_out(place: PostgresPlace) -> None:
    """The library is claimed by a new connection; a busy server may be late with its answer, and is
    asked again, as the agent does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            return watch_of(place).confirm()
        except StoreError:
            if time.monotonic() > until:
                raise


def test_a_library_stays_an_agents_over_a_restart(
    server: Server, postgres_place: PostgresPlace
) -> None:
    with claimed(postgres_place), closing(open_library(postgres_place)) as db:
        server.run(ALL)
        History(db).react(like("ann"))
        with pytest.raises(StoreError, match="Another agent is running"), claimed(postgres_place):
            pass
    with claimed(postgres_place):
        pass


def test_nobody_writes_into_a_library_that_another_agent_has_taken(
    way: Proxy, there: PostgresPlace, postgres_place: PostgresPlace
) -> None:
    with claimed(there), closing(open_library(there)) as db:
        History(db).react(like("ann"))
        way.refuse()
        with claimed(postgres_place):
            way.forward()
            for _ in range(2):
                with pytest.raises(StoreError, match="Another agent has taken") as stopped:
                    History(db).react(like("ben"))
                with pytest.raises(StoreError):
                    watch_of(there).confirm()
            assert stopped.value.trouble is Trouble.REPLACED
            with closing(open_library(postgres_place)) as other:
                assert History(other).users() == ["ann"]
        with pytest.raises(StoreError, match="Another agent has taken"):
            watch_of(there).confirm()


def test_a_claim_of_ones_own_that_the_server_still_believes_in_is_no_other_agents(
    way: Proxy, there: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "HEARTBEAT_SECONDS", 0.2)
    with claimed(there):
        way.swallow(new=False)
        found_out(there)
        assert watch_of(there).away is None
        with pytest.raises(StoreError, match="Another agent is running"), claimed(there):
            pass


# -- who waits -------------------------------------------------------------------------------------


def test_who_waits_for_a_server_that_says_nothing_is_told(
    way: Proxy, there: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "HEARTBEAT_SECONDS", 0.2)
    monkeypatch.setattr(line, "CONNECT_SECONDS", 2)
    with (
        claimed(there),
        closing(open_library(there)) as db,
        closing(readings_of(there, Works)) as readings,
        closing(news_of(there)) as news,
    ):
        with readings.now() as works:
            assert works.count() == 0
        assert news.wait(0.01), "perhaps, before it listened"
        assert not news.wait(0.01)
        way.swallow()
        told = list[str]()

        def ask(what: object) -> None:
            with pytest.raises(StoreError) as caught:
                what()  # type: ignore[operator]
            assert caught.value.trouble is Trouble.UNREACHABLE
            told.append(str(caught.value))

        def count() -> None:
            with readings.now() as works:
                works.count()

        def listen() -> None:
            while True:
                news.wait(60)

        waiting = [
            threading.Thread(target=ask, args=[what])
            for what in (lambda: History(db).react(like("ann")), count, listen)
        ]
        for each in waiting:
            each.start()
        ask(watch_of(there).confirm)
        for each in waiting:
            each.join(PATIENCE_SECONDS)
        assert len(told) == 4
        for what in (lambda: History(db).react(like("ann")), count):
            ask(what)
        way.forward()
        found_out(there)
        History(db).react(like("ben"))
        with readings.now() as works:
            assert History(works.db).users() == ["ben"]


def test_a_program_that_nobody_watches_for_is_told_too(
    way: Proxy, there: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line, "SILENT_SECONDS", 0.2)
    monkeypatch.setattr(line.Driver, "silent_seconds", 0.2)
    with closing(open_library(there)) as db:

        def fall_silent() -> None:
            with transaction(db):
                way.swallow(new=False)
                History(db).react(like("ann"))

        with pytest.raises(StoreError, match="does not answer") as caught:
            fall_silent()
        assert caught.value.trouble is Trouble.UNREACHABLE
        assert History(db).users() == []


def test_what_was_being_written_when_the_way_was_cut_holds_nobody_up(
    way: Proxy, there: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "HEARTBEAT_SECONDS", 0.2)
    with claimed(there), closing(open_library(there)) as db:
        begun = threading.Event()

        def write() -> None:
            with transaction(db):
                History(db).react(like("ann"))
                way.swallow(new=False)
                begun.set()
                History(db).react(like("ben"))

        def write_in_vain() -> None:
            with pytest.raises(StoreError, match="does not answer"):
                write()

        writing = threading.Thread(target=write_in_vain)
        writing.start()
        assert begun.wait(PATIENCE_SECONDS)
        found_out(there)
        writing.join(PATIENCE_SECONDS)
        History(db).react(like("cem"))
        assert History(db).users() == ["cem"]


def test_who_waited_to_write_when_nothing_came_any_more_gets_no_turn_that_nobody_ends(
    way: Proxy, there: PostgresPlace, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given the turn of whoever was writing then, once that one is ended."""
    monkeypatch.setattr(claim, "HEARTBEAT_SECONDS", 0.2)
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' "
        "AND datname = current_database()"
    )
    with ExitStack() as opened, closing(open_library(there)) as elsewhere:
        opened.enter_context(claimed(there))
        one, other, third = (opened.enter_context(closing(open_library(there))) for _ in range(3))
        one.begin()

        def write() -> None:
            with suppress(StoreError):  # whoever waited is told, or writes by a new connection
                History(other).react(like("ben"))

        writing = threading.Thread(target=write)
        writing.start()
        while not elsewhere.execute(waiting).fetchone()[0]:
            pass
        way.swallow(new=False)
        found_out(there)
        writing.join(PATIENCE_SECONDS)
        History(third).react(like("ann"))
        assert "ann" in History(third).users()


def test_a_connection_by_which_nothing_comes_any_more_is_not_used_again(
    way: Proxy, there: PostgresPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claim, "HEARTBEAT_SECONDS", 0.2)
    with (
        claimed(there),
        closing(open_library(there)) as db,
        closing(readings_of(there, Works)) as readings,
    ):
        with readings.now() as works:
            assert works.count() == 0
        way.swallow(new=False)
        found_out(there)
        done = list[object]()

        def ask() -> None:
            History(db).react(like("ann"))
            with readings.now() as works:
                done.append(works.count())

        asking = threading.Thread(target=ask)
        asking.start()
        asking.join(PATIENCE_SECONDS)
        assert done == [0]
