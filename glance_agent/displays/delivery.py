"""The newest picture of a display, brought to it by a task of its own.

Only one picture ever waits: a display that is slow or away shows the newest once it can, and
holds up nobody, neither commands nor other displays. To one that is off nothing is brought, and
that it does not answer is no failure. Nor is anything brought to one that may be another agent's.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from random import Random
from typing import Any

from glance_agent.displays.display import PushedDisplay
from glance_agent.domain.errors import CommandError, DisplayError, DisplayRests, ErrorCode
from glance_agent.domain.frame import Frame
from glance_agent.domain.news import Hung, News, Powered
from glance_agent.domain.reply import Reply, refusal
from glance_agent.domain.said import in_a_row, say

VERB = "deliver"
FIRST_WAIT_SECONDS = 2.0
LONGEST_WAIT_SECONDS = 120.0
LOOK_SECONDS = 1.0
"""How often it is looked whether the display still is this agent's, while a picture is brought."""
_log = logging.getLogger(__name__)

Tell = Callable[[Reply], Awaitable[None]]
Wait = Callable[[float, asyncio.Event], Awaitable[None]]


async def until(seconds: float, event: asyncio.Event) -> None:
    """Wait for an event, for so long at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()


class DisplayDelivery:
    """Keeps one display as it should be; an outlet that takes every piece of news at once."""

    def __init__(
        self,
        display: PushedDisplay[Any],
        *,
        tell: Tell,
        chance: Random,
        wait: Wait = until,
        owns: Callable[[], bool] = lambda: True,
    ) -> None:
        """`tell` tells everyone what does not work; `wait` waits between two attempts; `owns` says
        whether the display is this agent's for sure."""
        self.name: str = display.settings.name
        self._display = display
        self._tell = tell
        self._chance = chance
        self._wait = wait
        self._owns = owns
        self._newest: Frame | None = None
        self._showing = 0
        self._brought = -1
        """The number of the newest showing, and of the last that was brought."""
        self._is_on = True
        self._changed = asyncio.Event()
        self._failures = 0
        self._said: str | None = None
        self._rests: str | None = None
        display.again = self._changed.set

    async def announce(self, news: News) -> None:
        """Take the picture of this display, in the place of one that still waits."""
        if isinstance(news, Hung) and news.display == self.name:
            self._newest = news.frame
            self._showing += not news.renewed
            self._changed.set()
        elif isinstance(news, Powered) and news.display == self.name:
            self._is_on = news.on
            self._changed.set()

    async def run(self) -> None:
        """Bring one picture after the other, for ever; the display has its own life beside that.

        After a failure the newest is tried again ever later, or as soon as there is a newer one.
        Where the display rests it is tried once that says so, or there is a newer one.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._live())
            tasks.create_task(self._supply())

    async def _live(self) -> None:
        while True:
            try:
                return await self._display.live()
            except Exception:
                # As below: what goes on here keeps no picture from being brought.
                _log.exception("what the display %s does beside was broken off", self.name)
            await self._wait(LONGEST_WAIT_SECONDS, asyncio.Event())

    async def _supply(self) -> None:
        while True:
            if self._failures and self._is_on:
                await self._wait(self._wait_seconds(), self._changed)
            else:
                await self._changed.wait()
            self._changed.clear()
            if self._newest is not None and self._is_on:
                await self._bring(self._newest)

    async def _bring(self, frame: Frame) -> None:
        showing = self._showing
        bring = self._display.renew if showing == self._brought else self._display.hang
        try:
            is_brought = await self._while_ours(bring(frame))
        except DisplayError as error:
            await self._failed(error)
        except DisplayRests as rest:
            self._resting(rest.why)
        except Exception:
            # A fault of one kind of display must end neither this task nor the agent around it.
            _log.exception("hanging a picture on %s failed", self.name)
            await self._failed(
                DisplayError(say("an error of the agent"), say("Its log says more."))
            )
        else:
            if is_brought:
                self._shows(showing)
            else:
                self._failures = 0
                _log.info("no picture is brought to %s, which may be another agent's", self.name)

    def _shows(self, showing: int) -> None:
        if self._said is not None or self._rests is not None:
            _log.info("the display %s shows its picture again", self.name)
        self._failures, self._said, self._rests = 0, None, None
        self._brought = showing

    async def _while_ours(self, bringing: Coroutine[Any, Any, None]) -> bool:
        """Bring it, but no longer than the display is this agent's for sure: after that another one
        brings it pictures. Whether it was brought; once the display is ours again, what hangs is
        told anew."""
        task = asyncio.create_task(bringing)
        try:
            while self._owns():
                done, _ = await asyncio.wait([task], timeout=LOOK_SECONDS)
                if done:
                    task.result()
                    return True
            return False
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def _resting(self, why: str) -> None:
        """Keep the picture; the log says why, once for each reason in a row."""
        self._failures = 0
        if self._rests != why:
            self._rests = why
            _log.info("the picture of the display %s waits, as %s", self.name, why)

    async def _failed(self, error: DisplayError) -> None:
        """Tell everyone, once for each reason in a row."""
        self._failures += 1
        if self._said == error.why:
            return
        self._said = error.why
        said = say(
            "The picture does not reach the display “{display}”: {why}.",
            display=self.name,
            why=error.why,
        )
        hint = in_a_row(error.hint, say("It is tried again, with the newest picture."))
        _log.warning("%s %s%s", said, hint, f" ({error.detail})" if error.detail else "")
        why = CommandError(ErrorCode.NOT_SHOWN, said, hint)
        await self._tell(refusal(VERB, why, self.name))

    def _wait_seconds(self) -> float:
        wait = min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2.0 ** min(self._failures - 1, 10))
        return wait * self._chance.uniform(0.8, 1.0)
