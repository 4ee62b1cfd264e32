"""Words are put to the model ahead of the commands; a silent one holds nothing up."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from glance_agent.agent import words
from glance_agent.domain.errors import ModelError
from glance_agent.domain.vectors import Vector
from glance_agent.wiring import rooms as wired
from tests.broker import Broker
from tests.colour_encoder import ColourEncoder
from tests.commands.test_dispatch import command, rooms_in
from tests.home import Home, agent
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS


class Silent(ColourEncoder):
    """Reads nothing about the sea, until the test lets it."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.asked = threading.Event()

    def embed_text(self, text: str) -> Vector:
        if "sea" in text.split():
            self.asked.set()
            assert self.released.wait(PATIENCE_SECONDS)
        return super().embed_text(text)


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[Silent]:
    encoder = Silent()
    monkeypatch.setattr(wired, "encoder_of", lambda config: encoder)
    monkeypatch.setattr(words, "READ_SECONDS", 0.05)
    yield encoder
    encoder.released.set()


async def test_a_silent_model_holds_no_command_up_and_labels_answer(
    home: Home, broker: Broker, silent: Silent
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        late = await phone.ask("command/search", {"query": "red sea", "transaction": 1})
        assert await asyncio.to_thread(silent.asked.wait, PATIENCE_SECONDS)
        assert late["ok"]
        assert late["artwork"]["title"] == "Red Field"
        assert late["message"].startswith("The model did not answer in time; going by labels")
        none = await phone.ask("command/search", {"query": "sea", "transaction": 2})
        assert none["error"]["code"] == "no_match"
        assert none["message"].startswith("The model did not answer in time")
        # Nobody waits for the same silence twice, and what needs no words goes on.
        for number, (verb, payload) in enumerate(
            [("next", {"mood": "sea"}), ("like", {}), ("search", {"query": "green"})], start=3
        ):
            assert (await phone.ask(f"command/{verb}", {**payload, "transaction": number}))["ok"]
        mood = await phone.ask("command/next", {"mood": "blue sea", "transaction": 6})
        assert mood["message"].endswith("in time, so the mood did not count.")


async def test_what_came_too_late_is_there_for_the_next_command(
    home: Home, broker: Broker, silent: Silent
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        late = await phone.ask("command/search", {"query": "red sea", "transaction": 1})
        assert "in time" in late["message"]
        silent.released.set()
        for number in range(2, 200):
            said = {"query": "red sea", "transaction": number, "show": False}
            if "in time" not in (await phone.ask("command/search", said))["message"]:
                break
        else:
            pytest.fail("the words were never understood")


async def test_the_agent_stops_while_a_model_is_silent(
    home: Home, broker: Broker, silent: Silent, caplog: pytest.LogCaptureFixture
) -> None:
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        await phone.ask("command/search", {"query": "red sea", "transaction": 1})
    assert not silent.released.is_set()
    assert [r for r in caplog.records if r.levelname == "ERROR"] == []


# -- the write lock -------------------------------------------------------------------------------


class Watching(ColourEncoder):
    """Notes whether the library was locked when it was asked."""

    def __init__(self) -> None:
        self.db: Any = None
        self.locked: list[bool] = []

    def embed_text(self, text: str) -> Vector:
        self.locked.append(self.db.conn.in_transaction)
        if text == "unspeakable":
            raise ModelError("it is silent")
        return super().embed_text(text)


ASKING: list[tuple[str, dict[str, Any]]] = [
    ("search", {"query": "stormy red, -blue"}),
    ("search", {"query": "a quiet green", "show": False}),
    ("search", {"query": "unspeakable"}),
    ("similar", {"query": "but by night"}),
    ("next", {"mood": "gloomy"}),
    ("mood", {"mood": "a long evening"}),
    ("next", {}),
    ("hide", {}),
]


def test_the_model_is_never_asked_while_the_library_is_locked(home: Home) -> None:
    encoder = Watching()
    with rooms_in(home, encoder) as rooms:
        encoder.db = rooms.library.db
        assert rooms.answers.answer(command("show", artwork=home.work("red"))).reply.ok
        for verb, keys in ASKING:
            rooms.answers.answer(command(verb, **keys, transaction=1))
    assert len(encoder.locked) > len(ASKING)
    assert not any(encoder.locked)


def test_the_status_says_which_sources_are_left_alone(home: Home) -> None:
    """And not which are no longer configured, or pictures that somebody sent: none comes back."""
    with rooms_in(home, ColourEncoder()) as rooms:
        source = next(iter(rooms.sources))
        rooms.library.db.execute(
            "UPDATE artworks SET source = 'sold' WHERE id IN (SELECT min(id) FROM artworks)"
        )
        assert rooms.answers.answer(command("status")).reply.message.startswith("All is well: ")
        rooms.library.leave_alone(source)
        said = rooms.answers.answer(command("status")).reply.message
        assert f"The source “{source}” is away; it is tried again by itself." in said
        assert "All is well" not in said
        rooms.library.come_back(source)
        assert "away" not in rooms.answers.answer(command("status")).reply.message


def test_what_only_looks_needs_no_lock_and_writes_no_more_than_its_receipt(home: Home) -> None:
    with rooms_in(home, ColourEncoder()) as rooms:
        answers, db = rooms.answers, rooms.library.db
        looking = command("search", query="red", show=False)
        assert answers.answer(looking).reply.ok
        before = db.conn.total_changes
        db.execute("PRAGMA busy_timeout = 1")
        with home.write_lock():
            read = answers.understanding.read(answers.unread(looking))
            assert answers.answer(looking, read=read).reply.ok
            assert answers.answer(command("describe", artwork=home.work("red"))).reply.ok
            assert answers.answer(command("status", transaction=1)).reply.ok
        assert db.conn.total_changes == before
        named = command("search", query="red", show=False, transaction=7)
        assert answers.answer(named, read=read).reply.ok
        assert db.conn.total_changes == before + 2  # the answer, and the key it is found by
        assert home.rows("SELECT count(*) FROM receipts") == [(1,)]
