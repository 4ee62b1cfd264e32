"""Telling does not wait: a slow outlet holds nobody up, and still tells what is newest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from glance_agent.agent.outlets import Everyone, Telling, is_of_a_display, topic_of
from glance_agent.domain.display import Glance, ShownArtwork, TimedSettings
from glance_agent.domain.event import Event
from glance_agent.domain.news import About, Failed, News, Online, Tuned
from glance_agent.domain.reply import Reply
from glance_agent.doors.clock import ClockDoor
from tests.broker import Broker
from tests.home import Home, agent
from tests.phone import Phone
from tests.spawned import PATIENCE_SECONDS

START = datetime(2026, 6, 1, tzinfo=UTC)


class Slow:
    """An outlet that tells nothing until it is let go, and notes what it told."""

    def __init__(self) -> None:
        self.told: list[News] = []
        self.started, self.released = asyncio.Event(), asyncio.Event()
        self.last = asyncio.Event()

    async def announce(self, news: News) -> None:
        self.started.set()
        await self.released.wait()
        self.told.append(news)
        if isinstance(news, Failed):
            self.last.set()


@asynccontextmanager
async def running(telling: Telling) -> AsyncIterator[None]:
    task = asyncio.create_task(telling.run())
    await asyncio.sleep(0)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def shown(display: str, number: int) -> Glance:
    return Glance(
        display=display,
        artwork=ShownArtwork(id=f"a:{number}"),
        shown_at=START + timedelta(seconds=number),
        why="",
        position=number,
    )


async def test_news_is_told_in_order() -> None:
    outlet = Slow()
    outlet.released.set()
    telling = Telling(outlet)
    told: list[News] = [Online(), shown("wall", 1), shown("hall", 1), shown("wall", 2)]
    async with running(telling):
        for news in told:
            telling.put(news)
    assert outlet.told == told


async def test_a_slow_outlet_is_waited_for_by_nobody_but_the_watchdog() -> None:
    slow, quick = Slow(), Slow()
    quick.released.set()
    tellings = Telling(slow), Telling(quick)
    async with running(tellings[0]), running(tellings[1]):
        for number in range(1, 4):
            for telling in tellings:
                telling.put(shown("wall", number))
            await asyncio.sleep(0)
        assert [g.position for g in quick.told if isinstance(g, Glance)] == [1, 2, 3]
        assert slow.started.is_set()
        assert slow.told == []
        await tellings[1].alive()
        asked = asyncio.create_task(tellings[0].alive())
        await asyncio.sleep(0)
        assert not asked.done()
        slow.released.set()
        await asked
    assert len(slow.told) == 3


NEWS = st.one_of(
    st.builds(shown, st.sampled_from(["wall", "hall"]), st.integers(1, 9)),
    st.builds(Tuned, st.sampled_from(["wall", "hall"]), st.builds(TimedSettings)),
    st.builds(About, st.fixed_dictionaries({"artworks": st.integers(0, 9)})),
    st.builds(Event, st.sampled_from(["shown", "ingest"]), st.just({"a": 1})),
    st.builds(Failed, st.builds(Reply, verb=st.just("next"), ok=st.just(False), message=st.text())),
    st.just(Online()),
)


@given(st.lists(NEWS, max_size=60), st.integers(1, 20))
def test_of_each_topic_the_newest_stays_and_the_queue_is_bounded(
    news: list[News], most: int
) -> None:
    async def told() -> list[News]:
        outlet = Slow()
        outlet.released.set()
        telling = Telling(outlet, most=most)
        for one in news:
            telling.put(one)
        async with running(telling):
            await asyncio.sleep(0)
        return outlet.told

    left = asyncio.run(told())
    newest = {topic_of(one): one for one in news}
    assert {topic_of(one): one for one in left} == newest
    assert len(left) <= max(most, len(newest))
    rest = iter(news)
    assert all(any(one is other for other in rest) for one in left)


async def test_what_breaks_an_outlet_is_logged_and_the_rest_is_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Fragile(Slow):
        async def announce(self, news: News) -> None:
            if isinstance(news, Online):
                raise RuntimeError("it is too much")
            self.told.append(news)

    outlet = Fragile()
    telling = Telling(outlet)
    async with running(telling):
        telling.put(Online())
        telling.put(shown("wall", 1))
    assert outlet.told == [shown("wall", 1)]
    assert "it is too much" in caplog.text


async def test_an_outlet_that_is_stuck_does_not_hold_up_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("glance_agent.agent.outlets.LAST_WORDS_SECONDS", 0.01)
    outlet = Slow()
    telling = Telling(outlet)
    async with asyncio.timeout(PATIENCE_SECONDS), running(telling):
        telling.put(Online())
        await outlet.started.wait()


async def test_commands_are_answered_while_the_clock_is_stuck(
    home: Home, broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    stuck = asyncio.Event()

    async def announce(clock: ClockDoor, news: News) -> None:
        stuck.set()
        await asyncio.Event().wait()

    monkeypatch.setattr(ClockDoor, "announce", announce)
    monkeypatch.setattr("glance_agent.agent.outlets.LAST_WORDS_SECONDS", 0.01)
    async with agent(home.config(broker.port)), Phone(broker.port) as phone:
        await phone.expect("display/wall/image")
        await stuck.wait()
        for number in range(5):
            mark = len(phone.messages)
            assert (await phone.ask("command/next", {"transaction": number}))["ok"]
            await phone.expect("display/wall/artwork", after=mark)


async def test_what_may_not_be_told_when_its_turn_comes_is_dropped() -> None:
    ours, outlet = [True], Slow()
    everyone = Everyone(lambda news: ours[0] or not is_of_a_display(news))
    async with running(everyone.add(outlet)):
        await everyone.tell(shown("wall", 1))
        await outlet.started.wait()
        await everyone.tell(shown("wall", 2))
        await everyone.tell(Online())
        ours[0] = False
        outlet.released.set()
        await everyone.tell(Failed(Reply(ok=False, verb="status", message="the last")))
        async with asyncio.timeout(PATIENCE_SECONDS):
            await outlet.last.wait()
    assert [type(news) for news in outlet.told] == [Glance, Online, Failed]
