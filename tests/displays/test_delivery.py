"""Deliveries: the newest picture gets there, failures are told once, and nobody waits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

import pytest

from glance_agent.displays import delivery
from glance_agent.displays.delivery import LONGEST_WAIT_SECONDS, DisplayDelivery
from glance_agent.displays.display import PushedDisplay
from glance_agent.displays.registry import usual_display
from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.errors import DisplayError, DisplayRests
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import Hung, Online, Powered
from glance_agent.domain.reply import Reply


def frame(number: int) -> Frame:
    return Frame(bytes([number]), "image/jpeg", 4, 3)


class Trial(PushedDisplay[PanelSettings]):
    """A display that does what the test says with each picture it is brought."""

    def __init__(self) -> None:
        super().__init__(usual_display("hall"))
        self.brought: asyncio.Queue[int] = asyncio.Queue()
        self.answers: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.renewed: list[int] = []
        self.told: list[Reply] = []
        self.waited: list[float] = []
        self.go_on = asyncio.Event()
        self.lives: asyncio.Queue[Exception | None] = asyncio.Queue()
        self.ours = True
        self.delivery = DisplayDelivery(
            self, tell=self.tell, chance=Random(1), wait=self.wait, owns=lambda: self.ours
        )

    async def hang(self, frame: Frame) -> None:
        self.brought.put_nowait(frame.data[0])
        if (trouble := await self.answers.get()) is not None:
            raise trouble

    async def renew(self, frame: Frame) -> None:
        self.renewed.append(frame.data[0])
        await self.hang(frame)

    async def live(self) -> None:
        if (trouble := await self.lives.get()) is not None:
            raise trouble

    async def tell(self, reply: Reply) -> None:
        self.told.append(reply)

    async def wait(self, seconds: float, event: asyncio.Event) -> None:
        """Until the test lets time pass, or something is there."""
        self.waited.append(seconds)
        either = [asyncio.create_task(self.go_on.wait()), asyncio.create_task(event.wait())]
        await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        for task in either:
            task.cancel()
        self.go_on.clear()

    async def say(self, answer: Exception | None) -> None:
        """Answer the attempt that is under way, and let what comes of it happen."""
        self.answers.put_nowait(answer)
        for _ in range(5):
            await asyncio.sleep(0)


@asynccontextmanager
async def trial() -> AsyncIterator[Trial]:
    display = Trial()
    task = asyncio.create_task(display.delivery.run())
    try:
        yield display
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


AWAY = ("it is away", "Switch it on.", "/secret: errno 5")


async def test_of_the_pictures_that_came_meanwhile_only_the_newest_is_brought() -> None:
    async with trial() as display:
        await display.delivery.announce(Hung("hall", frame(1)))
        assert await display.brought.get() == 1
        for number in (2, 3, 4):
            await display.delivery.announce(Hung("hall", frame(number)))
        await display.say(None)
        assert await display.brought.get() == 4
        await display.say(None)
        assert display.brought.empty()


async def test_what_was_rendered_again_renews_only_what_has_been_brought() -> None:
    async with trial() as display:
        for number, renewed, outcome in (
            (1, True, None),
            (2, False, DisplayError(*AWAY)),
            (3, True, None),
            (4, True, None),
            (5, False, None),
        ):
            await display.delivery.announce(Hung("hall", frame(number), renewed=renewed))
            assert await display.brought.get() == number
            await display.say(outcome)
        assert display.renewed == [4]


async def test_what_is_for_others_is_none_of_its_business() -> None:
    async with trial() as display:
        await display.delivery.announce(Hung("wall", frame(1)))
        await display.delivery.announce(Online())
        await asyncio.sleep(0)
        assert display.brought.empty()


async def test_a_failure_is_told_once_and_tried_again_ever_later() -> None:
    async with trial() as display:
        await display.delivery.announce(Hung("hall", frame(1)))
        for _ in range(12):
            assert await display.brought.get() == 1
            await display.say(DisplayError(*AWAY))
            display.go_on.set()
        [told] = display.told
        assert (told.ok, told.verb, told.display) == (False, "deliver", "hall")
        assert told.error is not None
        assert told.error.code == "not_shown"
        assert told.message == ("The picture does not reach the display “hall”: it is away.")
        assert told.error.hint.startswith("Switch it on. It is tried again")
        assert "secret" not in str(told)
        assert all(a < b for a, b in zip(display.waited[:4], display.waited[1:5], strict=True))
        assert max(display.waited) <= LONGEST_WAIT_SECONDS


async def test_another_reason_is_told_and_so_is_the_same_one_after_a_success() -> None:
    async with trial() as display:
        outcomes: list[tuple[Any, int]] = [
            (DisplayError(*AWAY), 1),
            (DisplayError("it is full"), 2),
            (None, 2),
            (DisplayError("it is full"), 3),
        ]
        for number, (outcome, told) in enumerate(outcomes):
            await display.delivery.announce(Hung("hall", frame(number)))
            assert await display.brought.get() == number
            await display.say(outcome)
            assert len(display.told) == told


async def test_a_newer_picture_does_not_wait_for_the_next_attempt() -> None:
    async with trial() as display:
        await display.delivery.announce(Hung("hall", frame(1)))
        assert await display.brought.get() == 1
        await display.say(DisplayError(*AWAY))
        await display.delivery.announce(Hung("hall", frame(2)))
        assert await display.brought.get() == 2
        await display.say(None)
        assert display.brought.empty()


async def test_to_a_display_that_is_off_nothing_is_brought_until_it_is_on() -> None:
    async with trial() as display:
        await display.delivery.announce(Powered("wall", on=False))
        await display.delivery.announce(Hung("hall", frame(1)))
        assert await display.brought.get() == 1, "another one is off"
        await display.say(DisplayError(*AWAY))
        waited = len(display.waited)
        await display.delivery.announce(Powered("hall", on=False))
        for number in (2, 3):
            await display.delivery.announce(Hung("hall", frame(number)))
            display.go_on.set()
            await asyncio.sleep(0.01)
        assert display.brought.empty()
        assert (len(display.told), len(display.waited)) == (1, waited)
        await display.delivery.announce(Powered("hall", on=True))
        assert await display.brought.get() == 3
        await display.say(None)
        assert display.brought.empty()


async def test_a_fault_of_a_kind_is_logged_and_ends_nothing(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with trial() as display:
        await display.delivery.announce(Hung("hall", frame(1)))
        assert await display.brought.get() == 1
        await display.say(RuntimeError("a bug"))
        assert "a bug" in caplog.text
        assert "a bug" not in str(display.told)
        await display.delivery.announce(Hung("hall", frame(2)))
        assert await display.brought.get() == 2


async def test_a_display_that_rests_gets_its_picture_once_it_says_so() -> None:
    async with trial() as display:
        await display.delivery.announce(Hung("hall", frame(1)))
        for _ in range(3):
            assert await display.brought.get() == 1
            await display.say(DisplayRests("it shows television"))
            assert display.brought.empty()
            display.again()
        assert await display.brought.get() == 1
        await display.say(None)
        assert display.brought.empty()
        assert (display.told, display.waited) == ([], [])


async def test_of_what_came_while_it_rested_only_the_newest_is_brought() -> None:
    async with trial() as display:
        for number in (1, 2, 3):
            await display.delivery.announce(Hung("hall", frame(number)))
            assert await display.brought.get() == number
            await display.say(DisplayRests("it is off"))
        display.again()
        assert await display.brought.get() == 3


async def test_rest_is_no_failure_and_mends_none(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    async with trial() as display:
        for number, outcome in enumerate(
            (DisplayError(*AWAY), DisplayRests("it is off"), DisplayRests("it is off"))
        ):
            await display.delivery.announce(Hung("hall", frame(number)))
            assert await display.brought.get() == number
            await display.say(outcome)
        display.again()
        assert await display.brought.get() == 2
        await display.say(DisplayError(*AWAY))
        assert len(display.told) == 1
        assert len(display.waited) == 2, "after each failure, and not while it rests"
        display.go_on.set()
        assert await display.brought.get() == 2
        await display.say(None)
    assert caplog.text.count("waits, as it is off") == 1
    assert caplog.text.count("shows its picture again") == 1


async def test_a_display_that_wants_nothing_yet_is_brought_nothing() -> None:
    async with trial() as display:
        display.again()
        await display.delivery.announce(Online())
        for _ in range(5):
            await asyncio.sleep(0)
        assert display.brought.empty()


async def test_the_life_of_a_display_is_begun_again_and_ends_no_delivery(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with trial() as display:
        for _ in range(2):
            display.lives.put_nowait(RuntimeError("a bug of its life"))
            for _ in range(5):
                await asyncio.sleep(0)
            display.go_on.set()
        assert caplog.text.count("a bug of its life") == 2
        display.lives.put_nowait(None)
        await display.delivery.announce(Hung("hall", frame(1)))
        assert await display.brought.get() == 1
        await display.say(None)
        assert display.told == []


async def test_what_did_not_get_there_in_time_is_not_brought_over_another_agents_picture() -> None:
    async with trial() as display:
        await display.delivery.announce(Hung("hall", frame(1)))
        assert await display.brought.get() == 1
        display.ours = False
        await display.say(DisplayError(*AWAY))
        display.go_on.set()
        await display.delivery.announce(Powered("hall", on=True))
        for _ in range(9):
            await asyncio.sleep(0)
        assert display.brought.empty()
        display.ours = True
        await display.delivery.announce(Hung("hall", frame(2)))
        assert await display.brought.get() == 2


async def test_bringing_is_broken_off_where_the_display_may_be_another_agents(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(delivery, "LOOK_SECONDS", 0.01)
    caplog.set_level("INFO")
    async with trial() as display:
        ended = asyncio.Event()

        async def slowly(frame: Frame) -> None:
            display.brought.put_nowait(frame.data[0])
            try:
                await asyncio.Event().wait()
            finally:
                ended.set()

        monkeypatch.setattr(display, "hang", slowly)
        await display.delivery.announce(Hung("hall", frame(1)))
        assert await display.brought.get() == 1
        display.ours = False
        await asyncio.wait_for(ended.wait(), 20)
        monkeypatch.undo()
        display.ours = True
        await display.delivery.announce(Hung("hall", frame(2)))
        assert await display.brought.get() == 2
        await display.say(None)
    assert display.told == []
    assert "no picture is brought to hall, which may be another agent's" in caplog.text
