"""What people say while the library cannot be reached: answered, kept, and taken in once."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pytest

from glance_agent.commands.away import showing
from glance_agent.commands.away.stock import Stock, Walls
from glance_agent.commands.away.while_away import WhileAway
from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Dislike, Forget, Hide, Like, Mood
from glance_agent.domain.display import Glance, Reaction, Showing, ShownArtwork
from glance_agent.domain.errors import StoreError, Trouble
from glance_agent.domain.event import Event
from glance_agent.domain.languages import in_language
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.taking_back import Undo
from glance_agent.domain.timing import Timing
from glance_agent.domain.unsent import Unsent
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.store.outbox import LibraryOutbox


class Clock:
    now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def hung(work: str, position: int = 1, pair: str | None = None) -> Glance:
    """What is told that hangs on the wall."""
    one, other = (work and ShownArtwork(id=i, source="a", title=i) for i in (work, pair or work))
    return Glance(
        display="wall",
        artwork=one,
        shown_at=Clock.now,
        why="",
        position=position,
        pair=other if pair else None,
    )


@pytest.fixture
def past(tmp_path: Path) -> Iterator[History]:
    with closing(open_database(tmp_path / "glance.db")) as db:
        yield History(db)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[LibraryOutbox]:
    with closing(LibraryOutbox(tmp_path / "outbox")) as one:
        yield one


@pytest.fixture
def away(outbox: LibraryOutbox) -> WhileAway:
    one = WhileAway(outbox, Stock(Walls(), chance=Random(1)), clock=Clock())
    asyncio.run(one.announce(hung("a:1")))
    return one


def asked(away: WhileAway, command: Any, delivery: Delivery | None = None) -> Outcome | None:
    return away.answer([Asked(command, delivery)], ("wall",))


AT_ONE: dict[str, Any] = {"at": Clock.now, "position": 1}


def liked(past: History, work: str, user: str = "ann") -> bool | None:
    return past.liked(user, work)


def test_what_is_said_of_what_hangs_is_kept_and_taken_in(away: WhileAway, past: History) -> None:
    outcome = asked(away, Like(user="ann"))
    assert outcome is not None
    assert outcome.reply.ok
    assert outcome.reply.message.startswith("Glad you like “a:1”. It is kept,")
    assert outcome.reply.artwork is not None
    assert outcome.reply.artwork.liked is True
    assert outcome.events[0].payload["user"] == "ann"
    assert liked(past, "a:1") is None
    away.take_in(past)
    assert (liked(past, "a:1"), away.waiting, away.reacted(), away.reacted()) == (
        True, 0, {"ann"}, set(),
    )  # fmt: skip
    kept = past.reaction("ann", "a:1")
    assert kept is not None
    assert kept.at < Clock.now + timedelta(days=1)
    change = past.take_change("wall", Clock.now - timedelta(days=1))
    assert change is not None
    assert [(one.artwork, one.kind) for one in change.opinions] == [("a:1", None)]


def test_all_is_taken_in_in_the_order_in_which_it_was_said(away: WhileAway, past: History) -> None:
    for command in (Like(user="ann"), Dislike(user="ann"), Forget(user="ben"), Like(user="cem")):
        assert asked(away, command) is not None
    assert asked(away, Forget(user="cem")) is not None
    away.take_in(past)
    assert [liked(past, "a:1", user) for user in ("ann", "ben", "cem")] == [False, None, None]


def test_of_two_works_that_is_meant_which_is_named(away: WhileAway, past: History) -> None:
    asyncio.run(away.announce(hung("a:1", pair="a:2")))
    assert asked(away, Like(user="ann", side="right")) is not None
    assert asked(away, Like(user="ben")) is not None
    assert asked(away, Like(user="cem", artwork="a:2")) is not None
    away.take_in(past)
    assert (liked(past, "a:1"), liked(past, "a:2")) == (None, True)
    assert (liked(past, "a:1", "ben"), liked(past, "a:2", "ben")) == (True, True)
    assert (liked(past, "a:1", "cem"), liked(past, "a:2", "cem")) == (None, True)


@pytest.mark.parametrize(
    "command",
    [Mood(mood="calm"), Like(artwork="a:9"), Like(side="left"), Undo(), Next()],
    ids=lambda command: str(command.verb),
)
def test_what_needs_the_library_is_not_answered(away: WhileAway, command: Any) -> None:
    assert asked(away, command) is None
    assert away.answer([Asked(Like())], ("wall", "hall")) is None
    assert away.waiting == 0


def test_the_last_thing_that_was_said_is_taken_back(away: WhileAway, past: History) -> None:
    asked(away, Like(user="ann"))
    asked(away, Dislike(user="ben"))
    taken = asked(away, Undo())
    assert taken is not None
    assert taken.reply.message == "Took back “dislike”."
    asyncio.run(away.announce(hung("a:2", position=2)))
    assert asked(away, Undo()) is None, "another picture hangs since: that would be taken back"
    away.take_in(past)
    assert (liked(past, "a:1"), liked(past, "a:1", "ben")) == (True, None)


def test_a_delivery_that_comes_again_is_answered_again(away: WhileAway, past: History) -> None:
    first = asked(away, Like(user="ann"), Delivery("7", redelivered=False))
    again = asked(away, Like(user="ann"), Delivery("7", redelivered=True))
    assert first is not None
    assert again is not None
    assert again.reply.message == first.reply.message
    assert away.waiting == 1
    away.take_in(past)
    kept = past.receipt("delivery:7", Clock.now - timedelta(days=1))
    assert kept is not None
    assert "Glad you like" in kept


def test_what_is_in_the_library_is_not_taken_in_twice(
    away: WhileAway, past: History, outbox: LibraryOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agent dies when the library has it, before it is removed here."""
    asked(away, Like(user="ann"))

    def dies(number: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "sent", dies)
        with pytest.raises(KeyboardInterrupt):
            away.take_in(past)
    assert outbox.waiting == 1
    past.forget("ann", "a:1")
    away.take_in(past)
    assert outbox.waiting == 0
    assert liked(past, "a:1") is None, "what was said since then holds"
    asked(away, Like(user="ann"))
    away.take_in(past)
    assert liked(past, "a:1") is True


def opened(path: Path) -> WhileAway:
    one = WhileAway(LibraryOutbox(path), Stock(Walls(), chance=Random(1)), clock=Clock())
    asyncio.run(one.announce(hung("a:1")))
    return one


def test_what_is_said_to_two_agents_with_a_copied_outbox_is_all_taken_in(
    tmp_path: Path, past: History, caplog: pytest.LogCaptureFixture
) -> None:
    """A folder is copied, and an agent runs with each: what waited there is not taken in twice."""
    with closing(LibraryOutbox(tmp_path / "one")) as outbox:
        outbox.keep(Unsent(verb="like", display="wall", user="old", works=("a:1",), **AT_ONE))
    shutil.copy(tmp_path / "one", tmp_path / "other")
    one, other = opened(tmp_path / "one"), opened(tmp_path / "other")
    for user in ("ann", "ben"):
        asked(one, Like(user=user))
    for user in ("cem", "dan", "eve"):
        asked(other, Like(user=user))
    one.take_in(past)
    past.forget("old", "a:1")
    other.take_in(past)
    assert past.users() == ["ann", "ben", "cem", "dan", "eve"]
    assert [record.args for record in caplog.records] == [(3,), (3,)]
    other.take_in(past)
    assert len(caplog.records) == 2


def test_what_cannot_be_taken_in_stays(
    away: WhileAway, past: History, outbox: LibraryOutbox
) -> None:
    for user in map(str, range(60)):
        asked(away, Like(user=user))
    react, left = past.react, iter(range(55))

    class Breaks(History):
        def react(self, reaction: Reaction) -> None:
            if next(left, None) is None:
                raise StoreError("away", trouble=Trouble.UNREACHABLE)
            react(reaction)

    with pytest.raises(StoreError):
        away.take_in(Breaks(past.db))
    assert (outbox.waiting, len(past.users())) == (10, 50)
    away.take_in(past)
    assert (outbox.waiting, len(past.users())) == (0, 60)


def test_what_was_said_later_in_another_place_holds(away: WhileAway, past: History) -> None:
    asked(away, Like(user="ann"))
    past.react(Reaction("ann", "a:1", "dislike", Clock.now + timedelta(days=1)))
    away.take_in(past)
    assert liked(past, "a:1") is False


def test_a_library_that_does_not_answer_has_not_got_anything(
    away: WhileAway, past: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(away, Like(user="ann"))

    def refused() -> None:
        raise StoreError("away", trouble=Trouble.UNREACHABLE)

    with monkeypatch.context() as patched:
        patched.setattr(past.db, "begin", refused)
        with pytest.raises(StoreError):
            away.take_in(past)
    assert asked(away, Undo()) is not None
    away.take_in(past)
    assert past.users() == []


def works(*ids: str, width: int = 3) -> list[tuple[Artwork, str]]:
    return [(Artwork(id=i, source=i[0], title=i, width=width, height=2), f"/{i}") for i in ids]


def test_displays_go_on_with_works_that_are_known(away: WhileAway, past: History) -> None:
    before = away.wants_stock
    away.restock(works("a:1", "a:2", "a:3"))
    assert (before, away.wants_stock) == (True, False)
    outcomes = [asked(away, Next()) for _ in range(4)]
    glances = [outcome.glance for outcome in outcomes if outcome is not None]
    hung = [glance.artwork.id for glance in glances if glance is not None]
    assert sorted(hung[:3]) == ["a:1", "a:2", "a:3"]
    assert all(one != other for one, other in pairwise(["a:1", *hung]))
    assert [glance.position for glance in glances if glance is not None] == [2, 3, 4, 5]
    assert away.take_back("wall", 5)
    assert not away.take_back("wall", 5)
    assert not away.take_back("wall", 1)
    away.take_in(past)
    assert [one.artwork_id for one in past.showings("wall", 9)] == hung[2::-1]
    assert {in_language(one.why, "de") for one in past.showings("wall", 9)} == {
        "Gezeigt, als die Sammlung nicht zu erreichen war"
    }
    assert away.waiting == 0


def test_where_another_agent_may_show_nothing_comes(away: WhileAway, past: History) -> None:
    away.restock(works("a:2", "a:3"))
    away.owns = lambda: False
    assert asked(away, Next()) is None
    liked_it = asked(away, Like(user="ann", then="next"))
    assert liked_it is not None
    assert liked_it.reply.message.endswith("Another picture has to wait until then.")
    assert liked_it.glances == ()
    away.take_in(past)
    assert (past.liked("ann", "a:1"), past.showings("wall", 9)) == (True, [])


def test_a_picture_that_was_told_nobody_is_not_what_is_meant(
    away: WhileAway, past: History
) -> None:
    away.restock(works("a:2", "a:3"))
    told, untold = (asked(away, Next()) for _ in range(2))
    assert told is not None
    assert untold is not None
    assert told.glance is not None
    asyncio.run(away.announce(told.glance))
    away.owns = lambda: False
    assert asked(away, Like(user="ann")) is not None
    away.owns = lambda: True
    away.take_in(past)
    seen = told.glance.artwork.id
    assert past.liked("ann", seen)
    assert [one.artwork_id for one in past.showings("wall", 9)] == [seen]


def test_what_displays_showed_is_known_after_a_death(
    away: WhileAway, past: History, outbox: LibraryOutbox, tmp_path: Path
) -> None:
    """No goodbye: what hangs is in the library before anything is done in it again, once."""
    away.restock(works("a:1", "a:2"))
    delivery = Delivery("7", redelivered=False)
    told = asked(away, Next(), delivery)
    assert told is not None
    assert told.glance is not None
    shown = told.glance.artwork.id
    again = asked(away, Next(), Delivery("7", redelivered=True))
    assert again is not None
    assert (again.reply.artwork and again.reply.artwork.id, again.glance) == (shown, None)
    shutil.copy(tmp_path / "outbox", tmp_path / "other")
    shutil.copy(tmp_path / "outbox-wal", tmp_path / "other-wal")
    for file in ("outbox", "other"):
        with closing(LibraryOutbox(tmp_path / file)) as found:
            WhileAway(found, Stock(Walls(), chance=Random(1)), clock=Clock()).take_in(past)
            assert found.waiting == 0
    assert [one.artwork_id for one in past.showings("wall", 9)] == [shown]
    assert past.receipt("delivery:7", Clock.now - timedelta(days=1)) is not None


def test_what_another_agent_shows_since_then_hangs(away: WhileAway, past: History) -> None:
    away.restock(works("a:2"))
    assert asked(away, Next()) is not None
    since = Clock.now + timedelta(hours=1)
    past.keep_shown([Showing("wall", "a:3", since, "next", "ann", "")])
    away.take_in(past)
    assert [one.artwork_id for one in past.showings("wall", 9)] == ["a:3"]


def test_where_nothing_can_be_kept_displays_go_on(
    away: WhileAway, outbox: LibraryOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(entry: Unsent) -> None:
        raise StoreError("full", trouble=Trouble.FULL)

    monkeypatch.setattr(outbox, "keep", full)
    away.restock(works("a:2"))
    told = asked(away, Next())
    assert told is not None
    assert told.glance is not None
    assert (told.reply.ok, told.reply.error and told.reply.error.code) == (False, "disk_full")


def test_only_so_many_showings_are_kept(
    away: WhileAway, outbox: LibraryOutbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showing, "REMEMBERED_SHOWINGS", 3)
    away.restock(works("a:1", "a:2"))
    asked(away, Like(user="ann"))
    for _ in range(5):
        asked(away, Next())
    assert [entry.verb for _, entry in outbox.entries(9)] == ["like", "next", "next", "next"]
    assert [entry.position for _, entry in outbox.entries(9)] == [1, 4, 5, 6]


def test_after_an_opinion_another_picture_comes(away: WhileAway, past: History) -> None:
    asked_for = Dislike(user="ann", then="next")
    waits = asked(away, asked_for)
    assert waits is not None
    assert waits.reply.message.endswith("Another picture has to wait until then.")
    away.restock(works("a:1", "a:2"))
    outcome = asked(away, asked_for)
    assert outcome is not None
    assert outcome.glance is not None
    assert outcome.glance.artwork.id == "a:2"
    assert [event.name for event in outcome.events] == ["reaction", "shown"]
    assert asked(away, Undo()) is None, "the picture would be taken back first"


def test_what_is_hidden_meanwhile_does_not_come(away: WhileAway) -> None:
    away.restock(works("a:2"))
    told = {"event_type": "hide", "artwork": {"id": "a:2"}}
    asyncio.run(away.announce(Event("reaction", told)))
    assert asked(away, Next()) is None


def test_a_panel_that_may_not_change_yet_does_not(outbox: LibraryOutbox) -> None:
    away = WhileAway(
        outbox,
        Stock(Walls(), chance=Random(1)),
        timings={"wall": Timing(timedelta(hours=1))},
        clock=Clock(),
    )
    asyncio.run(away.announce(hung("a:1")))
    away.restock(works("a:2"))
    assert asked(away, Next()) is None


def test_what_suits_a_display_comes_before_what_does_not() -> None:
    walls = Walls({"tall": "portrait"}, {"tall": frozenset({"a", "b"})})
    stock = Stock(walls, chance=Random(1))
    stock.fill([*works("a:1", "c:1"), *works("b:1", "c:2", width=1)])
    assert [work and work.id for work in (stock.another("tall", ()) for _ in range(2))] == [
        "b:1",
        "a:1",
    ]
    assert stock.another("tall", {"a:1", "b:1"}) is None
    assert (stock.place("c:2"), stock.place("d:1")) == ("/c:2", None)


def test_what_is_hidden_goes_at_once_and_in_the_library_later(
    away: WhileAway, past: History
) -> None:
    away.restock(works("a:1", "a:2"))
    hidden = list[str]()

    def hide(work: str) -> list[str]:
        hidden.append(work)
        return [work, f"{work}-copy"]

    away.belong_to("one", hide)
    outcome = asked(away, Hide())
    assert outcome is not None
    assert outcome.reply.message.startswith("“a:1” will not be shown again. It is kept,")
    assert [glance.artwork.id for glance in outcome.glances] == ["a:2"]
    assert [event.payload["event_type"] for event in outcome.events] == ["hide", "shown"]
    assert asked(away, Next()) is None, "nothing is left that may be shown"
    away.take_in(past)
    assert hidden == ["a:1"]
    change = past.take_change("wall", Clock.now - timedelta(days=1))
    assert change is not None
    assert change.hidden == ("a:1", "a:1-copy")
