"""A running agent learns tastes beside its commands, and notices what others change."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from glance_agent.agent import source_runs
from glance_agent.agent.learning import Learning
from glance_agent.domain.display import Reaction
from glance_agent.store.connection import open_database
from glance_agent.store.history import History
from glance_agent.taste.profiles import Learned, Lesson, Profiles
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS


async def test_no_command_waits_for_learning(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    learning, go_on = threading.Event(), threading.Event()
    learn = Lesson.learn

    def slowly(lesson: Lesson) -> Learned:
        learning.set()
        assert go_on.wait(PATIENCE_SECONDS)
        return learn(lesson)

    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        monkeypatch.setattr(Lesson, "learn", slowly)
        try:
            liked = await phone.ask("command/like", home.work("blue"))
            assert liked["ok"]
            assert await asyncio.to_thread(learning.wait, PATIENCE_SECONDS)
            assert (await phone.ask("command/next"))["ok"]
            assert (await phone.ask("command/dislike"))["ok"]
        finally:
            go_on.set()


async def test_a_running_agent_learns_what_another_process_imports(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_runs, "CATCH_UP_SECONDS", 0.05)
    loop, adopted = asyncio.get_running_loop(), asyncio.Queue[Learned]()
    adopt = Profiles.adopt

    def told(tastes: Profiles, learned: Learned) -> None:
        adopt(tastes, learned)
        loop.call_soon_threadsafe(adopted.put_nowait, learned)

    monkeypatch.setattr(Profiles, "adopt", told)
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        database = open_database(home.database)
        now = datetime.now(UTC)
        History(database).merge([Reaction("mia", home.work("red"), "like", now)])
        database.close()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (learned := await adopted.get()).lesson.user != "mia":
                pass
    assert learned.known.taste.liked.ids == (home.work("red"),)


async def test_displays_tell_what_another_process_says_of_their_work(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_runs, "CATCH_UP_SECONDS", 0.05)
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        for display in ("wall", "hall"):
            await phone.expect(f"display/{display}/image")
        for display in ("wall", "hall"):
            mark = len(phone.messages)
            await phone.ask(f"command/show/{display}", home.work("red"))
            await phone.expect(f"display/{display}/image", after=mark)
        mark = len(phone.messages)
        database = open_database(home.database)
        History(database).react(Reaction("household", home.work("red"), "like", datetime.now(UTC)))
        for display in ("wall", "hall"):
            told = await phone.expect(f"display/{display}/artwork", after=mark)
            assert (told.json()["id"], told.json()["liked"]) == (home.work("red"), True)
        # What says nothing of the displays is looked at, and nothing is told of them again.
        since = len(phone.messages)
        for number in range(2):
            History(database).react(Reaction("mia", home.work("blue"), "like", datetime.now(UTC)))
            await phone.several(number + 1, "agent", after=since)
        database.close()
        for display in ("wall", "hall"):
            assert len(phone.heard(f"display/{display}/artwork", after=mark)) == 1
            assert phone.heard(f"display/{display}/image", after=mark) == []


class _Pupil:
    """Learns nothing, and writes down for whom it was to; each round waits to be let go."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.begun, self.go_on = threading.Semaphore(0), threading.Semaphore(0)

    def lessons(self, users: Sequence[str]) -> list[Lesson]:
        self.rounds.append(list(users))
        self.begun.release()
        assert self.go_on.acquire(timeout=PATIENCE_SECONDS)
        return []

    def adopt_tastes(self, learned: Iterable[Learned]) -> None:
        assert not list(learned)


async def test_many_likes_while_one_is_learned_from_are_learned_together() -> None:
    pupil: Any = _Pupil()
    with ThreadPoolExecutor(1) as worker:
        learning = Learning(lambda: pupil, worker)
        learning.begin("anna")
        assert await asyncio.to_thread(pupil.begun.acquire, timeout=PATIENCE_SECONDS)
        for _ in range(20):
            learning.begin("ben")
            learning.begin("mia")
        pupil.go_on.release(2)
        await asyncio.gather(*learning.under_way())
    assert pupil.rounds == [["anna"], ["ben", "mia"]]
