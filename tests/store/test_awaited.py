"""Showings are awaited until their picture is up; until then, and no longer, they can go again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Showing
from glance_agent.domain.items import StoredWork
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.opening import open_library
from tests.databases.make import AT


@pytest.fixture
def history(place: LibraryPlace) -> Iterator[History]:
    """A past, and works of two sources: `nas:1`, `nas:2`, … and `here:1`, …"""
    db = open_library(place)
    library = Library(db)
    for source in ("nas", "here"):
        for number in range(1, 5):
            work = Artwork(id=f"{source}:{number}", title="", source=source, width=6, height=4)
            stored = StoredWork(work, f"/{source}/{number}", "f", f"{source}{number}", "s:1", None)
            library.add(source, str(number), stored)
    yield History(db)
    db.close()


def put_up(history: History, *works: str, display: str = "wall") -> list[int]:
    """Show these works one after the other; their positions."""
    found = []
    for number, work in enumerate(works):
        at = AT + timedelta(seconds=number)
        with history.transaction():
            found.append(history.show(Showing(display, work, at, "next", "ann", "")))
            reply = f'{{"display": "{display}", "artwork": {{"id": "{work}"}}}}'
            history.keep_receipts([f"transaction:{work}"], reply, at)
    return found


def shown(history: History, display: str = "wall") -> list[str]:
    return [s.artwork_id for s in reversed(history.showings(display, 100))]


def receipts(history: History) -> set[str]:
    rows = history.db.execute("SELECT key FROM receipts JOIN answers ON id = answer")
    return {row[0].removeprefix("transaction:") for row in rows}


def test_a_showing_whose_picture_is_not_up_goes_with_its_receipt(history: History) -> None:
    assert put_up(history, "nas:1", "here:1") == [1, 2]
    assert history.take_back("wall", 2)
    assert shown(history) == ["nas:1"]
    assert receipts(history) == {"nas:1"}
    assert history.db.execute("SELECT count(*) FROM answers").fetchone() == (1,)
    assert history.position("wall") == 1


def test_a_showing_whose_picture_is_up_stays(history: History) -> None:
    put_up(history, "nas:1", "nas:2")
    history.hung("wall", 2)
    assert not history.take_back("wall", 2, source="nas")
    assert shown(history) == ["nas:1", "nas:2"]


def test_with_its_source_those_go_that_it_came_after_too_soon(history: History) -> None:
    put_up(history, "nas:1")
    history.hung("wall", 1)
    put_up(history, "nas:2", "here:1", "nas:3")
    assert history.take_back("wall", 4, source="nas")
    assert shown(history) == ["nas:1", "here:1"]
    assert not history.take_back("wall", 1, source="nas")
    assert history.take_back("wall", 3)
    assert shown(history) == ["nas:1"]


def test_an_unreadable_picture_takes_no_other_with_it(history: History) -> None:
    put_up(history, "nas:2", "nas:3")
    assert history.take_back("wall", 2)
    assert shown(history) == ["nas:2"]


def test_what_was_put_up_meanwhile_stays_and_is_awaited(history: History) -> None:
    put_up(history, "nas:1", "nas:2")
    assert history.take_back("wall", 1, source="nas")
    assert shown(history) == ["nas:2"]
    history.hung("wall", 1)
    assert history.take_back("wall", 2)
    assert shown(history) == []
    assert put_up(history, "here:1") == [1]


def test_displays_wait_each_for_its_own(history: History) -> None:
    put_up(history, "nas:1")
    put_up(history, "nas:1", display="hall")
    history.hung("hall", 1)
    assert history.take_back("wall", 1, source="nas")
    assert (shown(history), shown(history, "hall")) == ([], ["nas:1"])


def test_who_opens_the_library_after_a_kill_knows_what_is_awaited(history: History) -> None:
    put_up(history, "nas:1")
    history.hung("wall", 1)
    put_up(history, "nas:2")
    again = History(history.db)
    assert not again.take_back("wall", 1)
    assert again.take_back("wall", 2)


def test_that_a_picture_is_up_is_kept_though_nothing_else_is(history: History) -> None:
    put_up(history, "nas:1")
    history.hung("wall", 1)
    history.settle()
    assert not History(history.db).take_back("wall", 1, source="nas")


def test_what_is_up_stays_though_what_comes_after_it_goes(history: History) -> None:
    put_up(history, "nas:1")
    history.hung("wall", 1)
    with history.transaction():
        history.show(Showing("wall", "nas:2", AT, "next", "ann", ""))
    assert history.take_back("wall", 2, source="nas")
    assert shown(history) == ["nas:1"]


def test_what_an_older_version_has_shown_is_up(history: History) -> None:
    put_up(history, "nas:1")
    history.db.execute("DELETE FROM facts WHERE name LIKE 'awaited%'")
    assert not history.take_back("wall", 1, source="nas")


def test_what_could_not_be_kept_is_taken_back_as_well(history: History) -> None:
    put_up(history, "here:1")
    history.hung("wall", 1)
    with history.unkept():
        for work in ("nas:1", "nas:2"):
            history.show(Showing("wall", work, AT, "next", "ann", ""))
    assert not history.take_back("wall", 2)
    assert history.take_back("wall", 3)
    assert history.position("wall") == 2
    with history.transaction():
        pass
    # Its picture was up before it could be kept.
    assert shown(history) == ["here:1", "nas:1"]
    assert not history.take_back("wall", 2)
