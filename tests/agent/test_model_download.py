"""The wanted model is fetched patiently: told of, tried again ever later, never in the way."""

from __future__ import annotations

import asyncio
from random import Random
from typing import Any

import pytest

from glance_agent.agent import model_download as obtain
from glance_agent.agent.model_download import (
    FIRST_WAIT_SECONDS,
    LONGEST_WAIT_IN_VAIN_SECONDS,
    LONGEST_WAIT_SECONDS,
    Amount,
    Fetch,
    Note,
    Obtain,
)
from glance_agent.domain.errors import ErrorCode, ModelAway, ModelError
from glance_agent.domain.event import Event
from glance_agent.domain.news import Failed, News
from tests.spawned import PATIENCE_SECONDS


class Listener:
    """Keeps what is told."""

    def __init__(self) -> None:
        self.told: list[News] = []
        self.heard = asyncio.Event()

    async def __call__(self, news: News) -> None:
        self.told.append(news)
        self.heard.set()

    def events(self, kind: str) -> list[dict[str, Any]]:
        payloads = [n.payload for n in self.told if isinstance(n, Event)]
        return [p for p in payloads if p["event_type"] == kind]


class Hub:
    """Fails as it is told, then gives the model."""

    def __init__(self, *errors: ModelError) -> None:
        self.errors = list(errors)

    async def __call__(self, note: Note) -> str:
        note(30, 100)
        if self.errors:
            raise self.errors.pop(0)
        note(100, 100)
        return "the model"


class Waits:
    """Stands in for asyncio.sleep."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)


def obtaining(fetch: Fetch[str], waits: Waits) -> Obtain[str]:
    return Obtain("clip", fetch, chance=Random(1), clock=lambda: 0.0, sleep=waits)


async def test_a_model_that_comes_is_told_of_once() -> None:
    listener, waits = Listener(), Waits()
    assert await obtaining(Hub(), waits).run(listener) == "the model"
    (finished,) = listener.events("finished")
    assert (finished["model"], finished["done"], finished["total"]) == ("clip", 100, 100)
    assert (finished["eta_seconds"], finished["failed"], waits.seconds) == (0, 0, [])


async def test_a_failure_is_told_with_its_reason_and_when_it_is_tried_again() -> None:
    listener, waits = Listener(), Waits()
    work = obtaining(Hub(ModelAway("The hub is away.")), waits)
    await work.run(listener)
    (failed,) = listener.events("failed")
    assert (failed["error"], failed["failed"], failed["done"]) == ("The hub is away.", 1, 30)
    assert failed["retry_in_seconds"] == round(waits.seconds[0])
    (told,) = [n for n in listener.told if isinstance(n, Failed)]
    error = told.payload()
    assert (error["code"], error["verb"]) == (ErrorCode.NO_MODEL, "model")
    assert error["hint"].startswith("It is tried again in 5")
    assert listener.events("finished")[0]["failed"] == 1
    assert work.error is None


@pytest.mark.parametrize(
    ("kind", "longest"),
    [(ModelAway, LONGEST_WAIT_SECONDS), (ModelError, LONGEST_WAIT_IN_VAIN_SECONDS)],
)
async def test_waits_grow_to_a_bound(kind: type[ModelError], longest: float) -> None:
    waits = Waits()
    await obtaining(Hub(*(kind("No.") for _ in range(30))), waits).run(Listener())
    assert 0.8 * FIRST_WAIT_SECONDS <= waits.seconds[0] <= FIRST_WAIT_SECONDS
    for number, (earlier, later) in enumerate(zip(waits.seconds, waits.seconds[1:], strict=False)):
        whole = min(longest, FIRST_WAIT_SECONDS * 2.0 ** (number + 1))
        assert 0.8 * whole <= later <= whole, (earlier, later)
    assert waits.seconds[-1] >= 0.8 * longest


async def test_progress_is_told_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(obtain, "PROGRESS_SECONDS", 0.001)
    listener, go_on = Listener(), asyncio.Event()

    async def slow(note: Note) -> str:
        note(10, None)
        await go_on.wait()
        return "the model"

    running = asyncio.create_task(obtaining(slow, Waits()).run(listener))
    async with asyncio.timeout(PATIENCE_SECONDS):
        await listener.heard.wait()
        for _ in range(50):  # nothing more comes, so nothing more is told
            await asyncio.sleep(0)
        go_on.set()
        await running
    (progress,) = listener.events("progress")
    assert (progress["done"], progress["total"], progress["eta_seconds"]) == (10, None, None)


async def test_an_agent_that_stops_ends_the_attempt() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def endless(note: Note) -> str:
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.set()
        return "never"

    running = asyncio.create_task(obtaining(endless, Waits()).run(Listener()))
    await begun.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert ended.is_set()


def test_rate_and_remaining_time_are_those_of_this_attempt() -> None:
    amount = Amount("clip", 0.0)
    amount.note(600, 1000)
    amount.note(700, 1000)
    amount.elapsed_seconds = 10.0
    assert (amount.rate, amount.eta_seconds) == (10.0, 30)
