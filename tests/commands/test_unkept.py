"""Nothing can be kept: displays go on, whoever asked is told why, and nothing is `ok`."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from glance_agent.commands.idempotency import Delivery
from glance_agent.commands.unkept import not_kept
from glance_agent.domain.errors import ErrorCode, StoreError, Trouble
from glance_agent.domain.outcome import Outcome
from glance_agent.store.history import History
from glance_agent.wiring.rooms import Rooms
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import command, done, rooms_in, said
from tests.home import Home


@pytest.fixture
def rooms(home: Home) -> Iterator[Rooms]:
    with rooms_in(home, ColourEncoder()) as opened:
        yield opened


def fill_the_disk(rooms: Rooms) -> Outcome:
    """The library's file can grow no more; the first showing that finds no room."""
    rooms.library.db.execute("PRAGMA max_page_count=1")
    for _ in range(200):
        outcome = rooms.answers.answer(command("next"), Delivery("one", redelivered=False))
        if not outcome.reply.ok:
            return outcome
    raise AssertionError("there is always room")


def make_room(rooms: Rooms) -> None:
    rooms.library.db.execute("PRAGMA max_page_count=1000000")


def test_a_full_disk_is_said_and_the_display_goes_on(rooms: Rooms, home: Home) -> None:
    outcome = fill_the_disk(rooms)
    kept = len(home.showings())
    assert outcome.reply.error is not None
    assert outcome.reply.error.code == ErrorCode.DISK_FULL
    assert outcome.reply.message.startswith("The disk is full")
    assert outcome.glance is not None
    assert outcome.glance.artwork.title in outcome.reply.message
    assert len(home.showings()) == kept
    assert rooms.showing.current("wall") == outcome.glance
    assert outcome.glance.position == kept + 1


def test_what_is_shown_unkept_is_the_past_of_the_next_command(rooms: Rooms) -> None:
    first = fill_the_disk(rooms).glance
    second = done(rooms, "next").glance
    assert first is not None
    assert second is not None
    assert second.artwork.id != first.artwork.id
    assert second.position == first.position + 1
    back = done(rooms, "previous").glance
    assert back is not None
    assert back.artwork.id == first.artwork.id


def test_what_could_not_be_kept_is_kept_once_there_is_room(rooms: Rooms, home: Home) -> None:
    glances = [fill_the_disk(rooms).glance, done(rooms, "search green").glance]
    make_room(rooms)
    outcome = done(rooms, "next")
    assert outcome.reply.ok
    shown = [g.artwork.id for g in (*glances, outcome.glance) if g is not None]
    assert home.showings()[-3:] == shown
    assert outcome.glance is not None
    assert outcome.glance.position == len(home.showings())
    assert done(rooms, "next").reply.ok
    assert len(home.showings()) == outcome.glance.position + 1


def test_a_like_that_is_not_kept_is_not_ok(rooms: Rooms, home: Home) -> None:
    fill_the_disk(rooms)
    for number in range(300):
        user = f"someone who is called {number}"
        reply = said(rooms, "like", artwork=home.work("red"), user=user)
        kept = home.rows("SELECT 1 FROM reactions WHERE user = ?", user)
        assert bool(kept) == reply.ok
        if not reply.ok:
            assert reply.error is not None
            assert reply.error.code == ErrorCode.DISK_FULL
            return
    raise AssertionError("there is always room for a like")


def test_a_search_that_shows_nothing_needs_no_room(rooms: Rooms) -> None:
    fill_the_disk(rooms)
    for _ in range(100):
        reply = said(rooms, "search", query="blue", show=False)
        assert reply.ok
        assert reply.results


@pytest.mark.parametrize(
    ("trouble", "code", "shows"),
    [
        (Trouble.BUSY, ErrorCode.BUSY, False),
        (Trouble.FULL, ErrorCode.DISK_FULL, True),
        (Trouble.UNWRITABLE, ErrorCode.LIBRARY_UNUSABLE, True),
        (Trouble.DAMAGED, ErrorCode.LIBRARY_UNUSABLE, True),
        (Trouble.FAILING, ErrorCode.LIBRARY_UNUSABLE, True),
        (Trouble.REPLACED, ErrorCode.LIBRARY_UNUSABLE, False),
    ],
)
def test_every_trouble_has_its_words(
    rooms: Rooms, monkeypatch: pytest.MonkeyPatch, trouble: Trouble, code: ErrorCode, shows: bool
) -> None:
    def in_the_way(history: History) -> Any:
        raise StoreError("/srv/glance.db: no", trouble=trouble)

    monkeypatch.setattr(History, "transaction", in_the_way)
    outcome = done(rooms, "next")
    assert outcome.reply.error is not None
    assert outcome.reply.error.code == code
    assert (outcome.glance is not None) == shows
    assert "/srv" not in outcome.reply.model_dump_json()


@pytest.mark.parametrize("table", ["showings", "reactions", "receipts", "answers"])
def test_a_damaged_table_leaves_the_displays_going(home: Home, table: str) -> None:
    damage(home.database, table)
    with rooms_in(home, ColourEncoder()) as rooms:
        shown = set()
        for number in range(5):
            delivery = Delivery(str(number), redelivered=True)
            outcome = rooms.answers.answer(command("next"), delivery)
            assert outcome.glance is not None, outcome.reply.message
            shown.add(outcome.glance.artwork.id)
        assert len(shown) == 5
        if table == "reactions":
            assert not said(rooms, "like").ok
        assert said(rooms, "search green").artwork is not None


def damage(library: Path, table: str) -> None:
    """Noise in the first page of a table."""
    with closing(sqlite3.connect(library)) as db:
        size = db.execute("PRAGMA page_size").fetchone()[0]
        root = db.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", [table]).fetchone()
    content = bytearray(library.read_bytes())
    content[(root[0] - 1) * size : root[0] * size] = b"\xa5" * size
    library.write_bytes(content)


def test_what_takes_too_long_is_no_library_that_cannot_be_used() -> None:
    told = not_kept(StoreError("late", trouble=Trouble.LATE))
    assert (told.code, told.message) == (ErrorCode.BUSY, "Looking that up takes too long.")
