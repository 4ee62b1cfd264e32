"""A source that is away burns nothing: what cannot be had is not shown, told, or counted."""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, closing
from functools import partial
from pathlib import Path
from signal import SIGTERM
from threading import Event
from typing import Any

import pytest

from glance_agent.agent import reach
from glance_agent.decoding.decoder import Decoder
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.errors import BadPicture, ErrorCode, SourceError
from glance_agent.sources.folders.folder import FolderSource
from glance_agent.store.connection import open_database
from glance_agent.store.library import Library
from glance_agent.wiring import agents
from tests.broker import Broker
from tests.colour_encoder import COLOURS
from tests.commands.test_delivery import SIGKILLED
from tests.doomed_agent import DOOMED
from tests.home import SOURCE, Home, agent, paint, spawned_agent
from tests.phone import Message, Phone

ALL = len(COLOURS)


@pytest.fixture
def own(home: Home, tmp_path: Path) -> Home:
    """A household with pictures of its own, and no library yet."""
    home.database.unlink()
    paint(tmp_path / "pictures")
    return Home(home.folder, tmp_path / "pictures")


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sources that are away are asked again at once."""
    quick = partial(reach.PictureReach, again_seconds=(0.05,))
    monkeypatch.setattr(agents, "PictureReach", quick)


def finished(message: Message) -> bool:
    return bool(message.json()["event_type"] == "finished")


@asynccontextmanager
async def household(home: Home, broker: Broker, **changes: Any) -> AsyncIterator[Phone]:
    """The agent and a phone, once every picture is known and one hangs on every display."""
    # The phone is there first: what is finished is told once.
    async with Phone(broker.port) as phone, agent(home.config(broker.port, **changes)):
        await phone.expect("event/ingest", finished)
        for display in ("wall", "hall"):
            await phone.expect(f"display/{display}/image")
        yield phone


def past(home: Home) -> list[tuple[Any, ...]]:
    """All that is kept of what was shown, with what people are thought to like by it."""
    return [
        *home.rows("SELECT display, position, artwork_id FROM showings ORDER BY id"),
        *home.rows("SELECT * FROM folded_showings"),
    ]


def unmount(home: Home) -> Callable[[], None]:
    """The folder becomes an empty mount point; what puts its pictures back."""
    kept = home.folder / "unmounted"
    home.pictures.rename(kept)
    home.pictures.mkdir()

    def mount() -> None:
        home.pictures.rmdir()
        kept.rename(home.pictures)

    return mount


COMMANDS: dict[str, Any] = {
    "next": b"",
    "previous": b"",
    "search": "red",
    "similar": b"",
    "show": lambda home: home.work("red"),
}


@pytest.mark.parametrize("verb", COMMANDS)
async def test_nothing_is_burned_by_a_source_that_is_away(
    own: Home, broker: Broker, verb: str
) -> None:
    async with household(own, broker, choice={"no_repeat_showings": 0}) as phone:
        for words in ("blue", "green"):
            mark = len(phone.messages)
            assert (await phone.ask("command/search", words))["ok"]
            await phone.expect("display/wall/image", after=mark)
        before, mark = past(own), len(phone.messages)
        mount = unmount(own)
        payload = COMMANDS[verb]
        payload = payload(own) if callable(payload) else payload
        for _ in range(3):
            reply = await phone.ask(f"command/{verb}", payload)
            assert (reply["ok"], reply["error"]["code"]) == (False, ErrorCode.PICTURE_UNREADABLE)
            assert f"the source “{SOURCE}” is away" in reply["message"]
            assert past(own) == before
        assert phone.heard("display/wall/artwork", after=mark) == []
        described = await phone.ask("command/describe")
        assert described["artwork"]["id"] == own.work("green")
        about = await phone.expect("agent", lambda m: "away" in m.json(), after=mark)
        assert "mount its disk" in about.json()["away"][0]
        mark = len(phone.messages)
        mount()
        await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
        assert (await phone.ask(f"command/{verb}", payload))["ok"]
        assert len(past(own)) == len(before) + 1
    assert own.rows("SELECT count(*) FROM artworks WHERE unusable NOT NULL") == [(0,)]


async def test_a_source_that_cannot_be_listed_is_said_to_be_away(own: Home, broker: Broker) -> None:
    async with household(own, broker) as phone:
        mark, mount = len(phone.messages), unmount(own)
        await phone.ask("command/ingest", SOURCE)
        await phone.expect("event/ingest", finished, after=mark)
        message = (await phone.ask("command/status"))["message"]
        assert f"The source “{SOURCE}” is away" in message
        assert "All is well" not in message
        mark = len(phone.messages)
        mount()
        await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
        assert "All is well" in (await phone.ask("command/status"))["message"]


def changes(home: Home) -> list[tuple[Any, ...]]:
    """What can be taken back, and what anybody thinks of works."""
    return [
        *home.rows("SELECT id, display, change FROM changes ORDER BY id"),
        *home.rows("SELECT user, artwork_id, kind FROM reactions"),
    ]


async def test_undo_takes_nothing_back_whose_picture_is_away(own: Home, broker: Broker) -> None:
    async with household(own, broker) as phone:
        for verb, payload in (("search", "blue"), ("like", ""), ("search", "green")):
            mark = len(phone.messages)
            assert (await phone.ask(f"command/{verb}", payload))["ok"]
            if verb == "search":
                await phone.expect("display/wall/image", after=mark)
        before, kept, mark = past(own), changes(own), len(phone.messages)
        mount = unmount(own)
        for display in ("", "/all"):
            reply = await phone.ask(f"command/undo{display}")
            assert f"the source “{SOURCE}” is away" in reply["message"]
            assert (past(own), changes(own)) == (before, kept)
        mount()
        await phone.expect("agent", lambda m: "away" in m.json(), after=mark)
        await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
        said = [(await phone.ask("command/undo"))["message"] for _ in range(2)]
    assert said[0] == "Took back “search”. Back to “Blue Field”."
    assert said[1].startswith("Took back “like”.")


@pytest.mark.parametrize("verb", ["next", "search", "show", "hide"])
async def test_what_was_not_put_up_cannot_be_taken_back(
    own: Home, broker: Broker, verb: str
) -> None:
    async with household(own, broker) as phone:
        assert (await phone.ask("command/like"))["ok"]
        kept, mark = changes(own), len(phone.messages)
        mount = unmount(own)
        if verb == "hide":
            hanging = (await phone.ask("command/hide"))["artwork"]["id"]
            await phone.expect(
                "display/wall/artwork", lambda m: m.json()["id"] == hanging, after=mark
            )
            said = (await phone.ask("command/undo"))["message"]
            assert said.startswith("Took back “hide”.")
        else:
            words = {"search": "red", "show": own.work("red")}.get(verb, b"")
            assert not (await phone.ask(f"command/{verb}", words))["ok"]
        assert changes(own) == kept
        assert (await phone.ask("command/undo"))["message"].startswith("Took back “like”.")
        mount()


async def test_what_was_refused_is_carried_out_when_it_is_sent_again(
    own: Home, broker: Broker
) -> None:
    async with household(own, broker) as phone:
        mount = unmount(own)
        said = {"transaction": "once"}
        assert not (await phone.ask("command/next", said))["ok"]
        mark = len(phone.messages)
        mount()
        await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
        count = len(past(own))
        assert (await phone.ask("command/next", said))["ok"]
        assert (await phone.ask("command/next", said))["ok"]
        assert len(past(own)) == count + 1


async def test_a_slideshow_waits_and_goes_on_by_itself(
    own: Home, broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    async with household(own, broker) as phone:
        mount = unmount(own)
        assert not (await phone.ask("command/next"))["ok"]
        before, mark = past(own), len(phone.messages)
        # The picture has hung for longer than the slideshow leaves one.
        with closing(sqlite3.connect(own.database)) as db, db:
            db.execute("UPDATE showings SET shown_at = '2026-01-01T00:00:00+00:00'")
        assert (await phone.ask("command/status"))["ok"]
        assert (await phone.ask("command/slideshow", "10"))["ok"]
        await phone.expect("error", after=mark)
        assert past(own) == before
        mark = len(phone.messages)
        mount()
        await phone.expect("display/wall/image", after=mark)
        assert len(past(own)) == len(before) + 1
    warned = [r.getMessage() for r in caplog.records if "can be had for now" in r.getMessage()]
    assert len(warned) == 1


async def test_a_start_with_everything_away_burns_nothing_and_the_picture_comes_later(
    own: Home, broker: Broker
) -> None:
    config = own.config(broker.port)
    async with household(own, broker):
        pass
    before, mount = past(own), unmount(own)
    async with agent(config), Phone(broker.port) as phone:
        await phone.expect("agent", lambda m: "away" in m.json())
        assert not (await phone.ask("command/next"))["ok"]
        artwork = await phone.expect("display/wall/artwork")
        assert artwork.json()["id"] == [w for d, _, w in before if d == "wall"][-1]
        mark = len(phone.messages)
        mount()
        await phone.expect("display/wall/image", lambda m: not m.retained, after=mark)
        assert past(own) == before


async def test_a_first_picture_comes_when_its_source_does(own: Home, broker: Broker) -> None:
    async with household(own, broker):
        pass
    with closing(sqlite3.connect(own.database)) as db, db:
        db.execute("DELETE FROM showings")
    mount = unmount(own)
    async with agent(own.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("agent", lambda m: "away" in m.json())
        assert past(own) == []
        mark = len(phone.messages)
        mount()
        for display in ("wall", "hall"):
            await phone.expect(f"display/{display}/image", lambda m: not m.retained, after=mark)
        assert len(past(own)) == 2


async def test_a_picture_that_is_gone_is_refused_and_others_come(own: Home, broker: Broker) -> None:
    async with household(own, broker) as phone:
        (own.pictures / "red-field.png").unlink()
        before, mark = past(own), len(phone.messages)
        reply = await phone.ask("command/show", own.work("red"))
        assert (reply["ok"], reply["error"]["code"]) == (False, ErrorCode.PICTURE_UNREADABLE)
        error = await phone.expect("error", after=mark)
        assert str(own.pictures) not in error.payload.decode()
        assert past(own) == before
        shown = [(await phone.ask("command/next"))["artwork"]["id"] for _ in range(2 * ALL)]
        assert own.work("red") not in shown
        assert own.rows("SELECT unusable FROM artworks WHERE id = ?", own.work("red")) == [
            ("vanished",)
        ]


async def test_a_command_for_every_display_burns_nothing_either(own: Home, broker: Broker) -> None:
    async with household(own, broker) as phone:
        before, mount = past(own), unmount(own)
        for verb, payload in (("next", ""), ("search", "red")):
            reply = await phone.ask(f"command/{verb}/all", payload)
            assert f"“{SOURCE}” is away" in reply["message"]
            assert not reply["ok"]
            assert past(own) == before
        mark = len(phone.messages)
        mount()
        await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
        assert (await phone.ask("command/next/all"))["ok"]
        assert len(past(own)) == len(before) + 2


async def test_of_pictures_that_are_gone_the_next_one_that_is_there_is_chosen(
    own: Home, broker: Broker
) -> None:
    async with household(own, broker) as phone:
        before = past(own)
        now = before[-1][2]
        left = next(c for c in COLOURS if own.work(c) != now)
        for colour in [c for c in COLOURS if c not in (left,)][:4]:
            (own.pictures / f"{colour}-field.png").unlink()
        answers = [await phone.ask("command/next") for _ in range(ALL)]
        assert all(answer["ok"] for answer in answers)
        await phone.ask("command/describe")
        shown = [w for _, _, w in past(own)[len(before) :]]
        assert shown == [answer["artwork"]["id"] for answer in answers]


def undecodable(monkeypatch: pytest.MonkeyPatch, *, passing: bool) -> None:
    """From now on no picture can be decoded for a display."""

    def frame(*_: object) -> None:
        raise BadPicture("not decoded" if passing else "broken", passing=passing)

    monkeypatch.setattr(Decoder, "frame", frame)


@pytest.mark.parametrize("passing", [True, False])
async def test_what_turns_out_to_be_unreadable_later_is_taken_back(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch, *, passing: bool
) -> None:
    async with household(own, broker) as phone:
        before = past(own)
        hanging = (await phone.ask("command/describe"))["artwork"]["id"]
        fresh = next(c for c in COLOURS if own.work(c) not in [w for _, _, w in before])
        undecodable(monkeypatch, passing=passing)
        mark = len(phone.messages)
        reply = await phone.ask("command/search", fresh)
        assert reply["ok"]
        back = await phone.expect(
            "display/wall/artwork", lambda m: m.json()["id"] == hanging, after=mark
        )
        assert back.json()["position"] == len([d for d, *_ in before if d == "wall"])
        assert past(own) == before
        assert phone.heard("display/wall/image", after=mark) == []
        assert (await phone.ask("command/describe"))["artwork"]["id"] == hanging
        unusable = own.rows("SELECT count(*) FROM artworks WHERE unusable = 'broken'")[0][0]
        assert (unusable == 0) == passing


@pytest.mark.parametrize("verb", ["next", "search"])
async def test_a_kill_before_the_picture_was_there_leaves_no_showing(
    own: Home, broker: Broker, verb: str
) -> None:
    async with household(own, broker):
        pass
    config = own.toml(broker.port)
    async with Phone(broker.port) as phone:
        async with spawned_agent(config, "committed") as doomed:
            await phone.expect("display/wall/image", lambda m: not m.retained)
            before = past(own)
            hanging = (await phone.ask("command/describe"))["artwork"]["id"]
            fresh = next(c for c in COLOURS if own.work(c) != hanging)
            said = {"user": DOOMED, "transaction": "x"}
            said |= {"query": fresh} if verb == "search" else {}
            await phone.publish(f"command/{verb}", said)
            assert await doomed.ended() == SIGKILLED
        assert len(past(own)) == len(before) + 1
        mount, mark = unmount(own), len(phone.messages)
        async with spawned_agent(config) as again:
            # It comes again, since nobody has answered it.
            reply = (await phone.expect("response", after=mark)).json()
            assert (reply["transaction"], reply["ok"]) == ("x", False)
            assert f"“{SOURCE}” is away" in reply["message"]
            assert (await phone.ask("command/describe"))["artwork"]["id"] == hanging
            assert past(own) == before
            mark = len(phone.messages)
            mount()
            await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
            assert (await phone.ask("command/next"))["ok"]
            assert await again.end(SIGTERM) == 0
    assert len(past(own)) == len(before) + 1


async def test_while_a_disk_is_away_the_works_of_others_are_shown(
    own: Home, broker: Broker, tmp_path: Path
) -> None:
    nas = tmp_path / "nas"
    paint(nas)
    for path in [*nas.glob("[a-m]*.png"), *own.pictures.glob("[n-z]*.png")]:
        path.unlink()
    with closing(open_database(own.database)) as database:
        Library(database).remember_folder("nas", str(nas))
    async with Phone(broker.port) as phone, agent(own.config(broker.port)):
        await phone.several(2, "event/ingest", finished)
        away = {row[0] for row in own.rows("SELECT id FROM artworks WHERE source = 'nas'")}
        shutil.rmtree(nas)
        nas.mkdir()
        for work in away:
            reply = await phone.ask("command/show", {"artwork": work, "transaction": work})
            assert "“nas” is away" in reply["message"]
        for verb in ("search", "show"):
            ((title,),) = own.rows("SELECT title FROM artworks WHERE source = 'nas' LIMIT 1")
            reply = await phone.ask(f"command/{verb}", {"query": title, "transaction": verb})
            assert reply["ok"]
            assert f"The picture of “{title}” cannot be had" in reply["message"]
            assert "“nas” is away" in reply["message"]
            assert reply["artwork"]["id"] not in away
        shown = [(await phone.ask("command/next"))["artwork"]["id"] for _ in range(2 * ALL)]
        assert not away & set(shown)
        assert own.rows("SELECT count(*) FROM artworks WHERE unusable NOT NULL") == [(0,)]


async def test_a_disk_that_does_not_answer_is_away_and_holds_nothing_up(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:

    answers = Event()
    try:
        async with household(own, broker) as phone:
            monkeypatch.setattr(reach, "FIND_SECONDS", 0.1)
            find = FolderSource.find

            def silent(folder: FolderSource, location: str) -> bool:
                answers.wait(40)
                return find(folder, location)

            monkeypatch.setattr(FolderSource, "find", silent)
            before = past(own)
            reply = await phone.ask("command/next")
            assert f"“{SOURCE}” is away" in reply["message"]
            assert past(own) == before
            assert (await phone.ask("command/like"))["ok"]
            mark = len(phone.messages)
            answers.set()
            await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
            assert (await phone.ask("command/next"))["ok"]
    finally:
        answers.set()
        await asyncio.sleep(0)


class Gone:
    """Where every picture is gone."""

    def find(self, location: str) -> bool:
        raise BadPicture("gone", location)

    def location(self, artwork_id: str) -> str:
        return artwork_id


async def test_who_stops_asks_no_disk_and_fails_no_command() -> None:
    gone: Any = Gone()
    work = Artwork(id="nas:1", source="nas")
    with ThreadPoolExecutor(1) as worker:
        own = reach.PictureReach({"nas": gone}, gone, gone, worker=worker)
        assert isinstance(await own.lacking(work), BadPicture)
        own.close()
        assert await own.lacking(work) is None


class Museum:
    """Makes the folder a museum: only fetching a picture tells whether it can be had."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.is_there = True
        self.slow: Event | None = None
        read = FolderSource.read

        async def fetched(folder: FolderSource, location: str) -> bytes:
            if self.slow is not None:
                await asyncio.to_thread(self.slow.wait, 40)
            if not self.is_there:
                raise SourceError(f"The museum “{SOURCE}” does not answer.")
            return await read(folder, location)

        monkeypatch.setattr(FolderSource, "find", lambda *_: False)
        monkeypatch.setattr(FolderSource, "read", fetched)


async def test_a_museum_that_does_not_send_a_picture_leaves_nothing_behind(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    museum = Museum(monkeypatch)
    async with household(own, broker, choice={"no_repeat_showings": 0}) as phone:
        hanging = (await phone.ask("command/describe"))["artwork"]["id"]
        fresh = next(c for c in COLOURS if own.work(c) != hanging)
        before, mark = past(own), len(phone.messages)
        museum.is_there = False
        assert (await phone.ask("command/show", own.work(fresh)))["ok"]
        told = await phone.expect("error", after=mark)
        assert f"the source “{SOURCE}” is away" in told.json()["message"]
        await phone.expect("display/wall/artwork", lambda m: m.json()["id"] == hanging, after=mark)
        assert past(own) == before
        for verb, payload in (("next", ""), ("show", own.work(fresh)), ("search", fresh)):
            assert not (await phone.ask(f"command/{verb}", payload))["ok"]
        assert past(own) == before
        assert (await phone.ask("command/describe"))["artwork"]["id"] == hanging
        mark = len(phone.messages)
        museum.is_there = True
        await phone.expect("agent", lambda m: "away" not in m.json(), after=mark)
        assert (await phone.ask("command/next"))["ok"]
        await phone.expect("display/wall/image", after=mark)
        assert len(past(own)) == len(before) + 1


async def test_choices_that_nobody_waited_for_are_taken_back_with_the_last(
    own: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    museum = Museum(monkeypatch)
    async with household(own, broker) as phone:
        hanging = (await phone.ask("command/describe"))["artwork"]["id"]
        before, mark = past(own), len(phone.messages)
        museum.is_there, museum.slow = False, Event()
        for _ in range(4):
            assert (await phone.ask("command/next"))["ok"]
        assert len(past(own)) == len(before) + 4
        museum.slow.set()
        await phone.expect("error", after=mark)
        await phone.expect("display/wall/artwork", lambda m: m.json()["id"] == hanging, after=mark)
        assert past(own) == before
