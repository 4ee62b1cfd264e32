"""Lists of works as the file holds them: in order, without copies, and as far as it can be read."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.display import Reaction, Showing
from glance_agent.domain.items import Listed, Skipped, StoredWork
from glance_agent.domain.library_place import LibraryPlace
from glance_agent.domain.listing import ListName, WantedList
from glance_agent.store import folded
from glance_agent.store.database import Database
from glance_agent.store.history import History
from glance_agent.store.library import Library
from glance_agent.store.listing import Listing
from glance_agent.store.opening import open_library
from tests.databases.make import AT


@pytest.fixture
def db(place: LibraryPlace) -> Iterator[Database]:
    with closing(open_library(place)) as database:
        yield database


def keep(db: Database, key: str, *, twin_of: str | None = None, year: int = 1900) -> str:
    work = Artwork(id=f"s:{key}", source="s", title=key, year_from=year, year_to=year)
    stored = StoredWork(work, f"/{key}", "1", f"hash of {key}", "space", None, None, twin_of)
    Library(db).add("s", key, stored)
    return work.id


def listed(db: Database, name: ListName = "all", **wanted: object) -> list[str]:
    lists = Listing(db)
    asked = WantedList(name, **wanted)  # type: ignore[arg-type]
    numbers = lists.numbers(asked)
    titles = [work.artwork.title for work in lists.by_number(numbers, "ann")]
    assert lists.ids(asked) == {f"s:{title}" for title in titles}
    return titles


def show(db: Database, work: str, display: str, hours: int) -> None:
    history = History(db)
    with history.transaction():
        history.show(Showing(display, work, AT + timedelta(hours=hours), "next", "ann", "Why not"))


def test_copies_and_what_cannot_be_shown_are_in_no_list(db: Database) -> None:
    one = keep(db, "one")
    keep(db, "copy", twin_of=one)
    broken = keep(db, "broken")
    Library(db).mark_unusable(broken, "broken")
    outside = keep(db, "outside")
    Library(db).keep_on_request(outside)
    keep(db, "two", year=1800)
    assert listed(db) == ["two", "one"]
    assert listed(db, filters=Filters(year_from=1850)) == ["one"]
    assert not Listing(db).by_id([broken], "ann")[0].usable


def test_a_work_that_is_listed_again_keeps_its_place(db: Database) -> None:
    keep(db, "one")
    keep(db, "two")
    before = Listing(db).numbers(WantedList())
    keep(db, "one", year=1700)
    assert Listing(db).numbers(WantedList()) == before


def test_likes_are_listed_by_when_they_were_said(db: Database) -> None:
    for hours, key in enumerate(("one", "two", "three")):
        History(db).react(Reaction("ann", keep(db, key), "like", AT - timedelta(hours=hours)))
    History(db).react(Reaction("ann", "s:gone", "like", AT))
    History(db).react(Reaction("ann", "s:two", "dislike", AT))
    assert listed(db, "liked", user="ann") == ["one", "three"]
    assert listed(db, "disliked", user="ann") == ["two"]
    assert listed(db, "liked", user="bob") == []


def test_showings_that_were_folded_are_listed_too(
    db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folded, "WHOLE_SHOWINGS", 2)
    for hours, key in enumerate(("one", "two", "three", "four")):
        show(db, keep(db, key), "wall", hours)
    show(db, "s:one", "hall", 9)
    while History(db).fold(lambda showing, after: None):
        pass
    assert listed(db, "shown", display="wall") == ["four", "three", "two", "one"]
    assert listed(db, "shown") == ["one", "four", "three", "two"]
    assert listed(db, "shown", display="attic") == []


def test_what_was_left_out_is_told_some_at_a_time_copies_last(db: Database) -> None:
    library = Library(db)
    one = keep(db, "one")
    library.same("s", _item("copy"), one, "/copy")
    for number in range(3):
        library.skip("s", Skipped(f"bad{number}", "broken", "why"))
    library.skip("s", Skipped("late", "too large"))
    lists = Listing(db)
    assert lists.reasons("s") == {"broken": 3, "duplicate": 1, "too large": 1}
    assert [i.key for i in lists.left_out("s", 0, 3)] == ["bad0", "bad1", "bad2"]
    assert [(i.key, i.detail) for i in lists.left_out("s", 3, 9)] == [("late", ""), ("copy", one)]
    assert lists.reasons("other") == {}


def _item(key: str) -> Listed:
    return Listed(key, "1")


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_works_in_a_damaged_page_are_left_out_of_a_list(db: Database, tmp_path: Path) -> None:
    with Library(db).together():
        for number in range(300):
            keep(db, f"{number:03}", year=number)
    numbers = Listing(db).numbers(WantedList())
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    size = db.execute("PRAGMA page_size").fetchone()[0]
    with (tmp_path / "glance.db").open("r+b") as file:
        file.seek(file.read().index(b"hash of 150") // size * size)
        file.write(random.Random(1).randbytes(size))
    with closing(open_library(tmp_path / "glance.db")) as damaged:
        found = Listing(damaged).by_number(numbers, "ann")
    assert 0 < len(found) < 300
