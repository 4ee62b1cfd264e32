"""The library of a running agent is looked after: its place, what is damaged, what may go."""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from glance_agent.domain.artwork import Filters
from glance_agent.domain.display import Showing
from glance_agent.domain.errors import ErrorCode, StoreError
from glance_agent.store import folded
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.mending import fault_of
from glance_agent.taste.feedback import came_of
from tests.broker import Broker
from tests.commands.test_unkept import damage
from tests.databases.make import AT, fill
from tests.home import Home, agent, spawned_agent
from tests.phone import Phone


async def test_a_damaged_library_is_mended_while_the_agent_runs(home: Home, broker: Broker) -> None:
    async with Phone(broker.port) as phone, agent(home.config(broker.port)):
        await phone.expect("display/wall/image")
        assert (await phone.ask("command/like", home.work("red")))["ok"]
        with closing(sqlite3.connect(home.database)) as db:
            db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        damage(home.database, "receipts")
        answer = await phone.ask("command/like", home.work("blue"))
        told = await phone.expect("error", lambda m: "was damaged" in m.json()["message"])
        assert told.json()["code"] == ErrorCode.LIBRARY_UNUSABLE
        assert (await phone.ask("command/like", home.work("green")))["ok"]
    assert {home.work("red"), home.work("green")} <= set(home.likes())
    assert answer["ok"] == (home.work("blue") in home.likes())
    with closing(open_database(home.database)) as db:
        assert fault_of(db) is None


async def test_a_library_that_cannot_be_opened_is_mended_first(home: Home, broker: Broker) -> None:
    damage(home.database, "idx__sqlite_migrations_migration_set_name")  # what is read first
    async with Phone(broker.port) as phone, agent(home.config(broker.port)):
        await phone.expect("display/wall/image")
        assert (await phone.ask("command/like", home.work("red")))["ok"]
    assert [*home.folder.glob("glance.db.damaged-*")]


def put_another_there(home: Home, stocked: Path) -> None:
    """As someone does who copies a backup back by hand, as the page says."""
    shutil.copy(stocked, home.folder / "restored")
    for suffix in ("-wal", "-shm"):
        Path(f"{home.database}{suffix}").unlink(missing_ok=True)
    os.replace(home.folder / "restored", home.database)


async def test_a_replaced_library_stops_the_agent_and_the_next_one_says_so(
    home: Home, broker: Broker, stocked: Path
) -> None:
    config = home.toml(broker.port)
    async with Phone(broker.port) as phone:
        async with spawned_agent(config) as process:
            await phone.expect("display/wall/image")
            put_another_there(home, stocked)
            reply = await phone.ask("command/like", home.work("red"))
            assert not reply["ok"]
            assert await process.ended() == 1
            assert "replaced by another file" in process.text
            assert "Traceback" not in process.text
        mark = len(phone.messages)
        async with spawned_agent(config) as process:
            await process.says("is another file than the one that was open last")
            await phone.expect("display/wall/image", after=mark)
            assert (await phone.ask("command/like", home.work("red")))["ok"]


async def test_a_second_agent_on_one_library_is_refused(home: Home, broker: Broker) -> None:
    config = home.toml(broker.port)
    async with Phone(broker.port) as phone, agent(home.config(broker.port)):
        await phone.expect("display/wall/image")
        async with spawned_agent(config) as second:
            assert await second.ended() == 1
            assert "Another agent" in second.text
            assert "Traceback" not in second.text
        assert (await phone.ask("command/next"))["ok"]


# -- what may go ---------------------------------------------------------------------------------


def shown(number: int, *, display: str = "wall", work: int = 0, user: str = "ann") -> Showing:
    at = AT + timedelta(seconds=5 * number)
    return Showing(display, f"kept:{work}", at, "next", user, "Why not", parts={"taste": 1.0})


@pytest.fixture
def history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> History:
    """A past in which only ten showings of a display are kept whole."""
    monkeypatch.setattr(folded, "WHOLE_SHOWINGS", 10)
    monkeypatch.setattr(folded, "FOLDED_AT_ONCE", 7)
    return History(open_database(tmp_path / "glance.db"))


def fold(history: History) -> int:
    folded = 0
    while some := history.fold(came_of):
        folded += some
    return folded


def test_the_last_showings_of_each_display_stay_whole(history: History) -> None:
    for number in range(45):
        history.show(shown(number, work=number % 20))
    for number in range(12):
        history.show(shown(number, display="hall", work=50))
    before = history.showings("wall", 10)
    assert fold(history) == 35 + 2
    assert fold(history) == 0
    assert history.showings("wall", 100) == before
    assert len(history.showings("hall", 100)) == 10
    assert history.position("wall") == 45
    assert history.reach().folded == 37
    assert history.reach().since == min(before[-1].shown_at, AT + timedelta(seconds=10))


def test_what_is_folded_still_counts_as_shown(history: History) -> None:
    for number in range(45):
        history.show(shown(number, work=number % 20))
    recent, seen = history.recent_ids("wall", 30), {f"kept:{n}" for n in range(20)}
    fold(history)
    after = history.recent_ids("wall", 30)
    assert after[:10] == recent[:10]
    assert set(after) == set(recent)
    assert set(history.recent_ids("wall", 12)) == set(recent[:12])
    assert all(history.ever_shown(work) for work in seen)
    assert not history.ever_shown("kept:20")


def test_what_is_folded_is_not_unseen(history: History) -> None:
    library = Library(history.db)
    fill(library, history)
    assert library.matching(Filters(unseen=True)) == {"kept:3"}
    for number in range(30):
        history.show(shown(number, work=3 if number < 2 else 1))
    fold(history)
    assert "kept:3" not in {s.artwork_id for s in history.showings("wall", 100)}
    assert library.matching(Filters(unseen=True)) == frozenset()


def test_a_folded_work_knows_how_often_when_last_and_what_came_of_it(history: History) -> None:
    for number in range(30):
        history.show(shown(number, work=number % 2, user="mia"))
    fold(history)
    rows = history.db.execute(
        "SELECT artwork_id, shown, last_position, last_at, user, outcome FROM folded_showings"
    ).fetchall()
    assert rows == [
        ("kept:0", 10, 19, (AT + timedelta(seconds=90)).isoformat(), "mia", "skipped"),
        ("kept:1", 10, 20, (AT + timedelta(seconds=95)).isoformat(), "mia", "skipped"),
    ]


def test_who_is_forgotten_leaves_no_outcome(history: History) -> None:
    for number in range(30):
        history.show(shown(number, work=number % 2, user="mia"))
    fold(history)
    history.forget_user("mia")
    rows = history.db.execute("SELECT DISTINCT user, outcome FROM folded_showings").fetchall()
    assert rows == [(None, None)]


def test_folding_is_all_or_nothing(history: History) -> None:
    for number in range(30):
        history.show(shown(number, work=number % 2))

    def fails(showing: Showing, after: Showing) -> str | None:
        if showing.shown_at > AT + timedelta(seconds=20):
            raise StoreError("the disk is full")
        return None

    with pytest.raises(StoreError):
        history.fold(fails)
    assert len(history.showings("wall", 100)) == 30
    assert history.reach().folded == 0
