"""The commands that have arrived: in order, but for those that may overtake a picture."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass

from glance_agent.commands.idempotency import Delivery
from glance_agent.commands.parse import BadCommand
from glance_agent.domain.command import Command
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.picture_verbs import Next
from glance_agent.doors.mqtt.link import Received


@dataclass(slots=True, eq=False)
class Waiting:
    """A message on its way to the agent, understood or not; one that comes again replaces it."""

    received: Received
    command: Command | BadCommand
    delivery: Delivery | None = None
    is_answered: bool = False

    @property
    def may_have_come_before(self) -> bool:
        return self.delivery is not None and self.delivery.redelivered


class Queue:
    """Hands out one message after the other; while a picture is fetched, those that may pass."""

    def __init__(self, displays: DisplayNames) -> None:
        self._displays = displays
        self._waiting: deque[Waiting] = deque()
        self._changed = asyncio.Event()
        self._awaited: Command | None = None
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, waiting: Waiting) -> None:
        """Add a message at the end."""
        self._waiting.append(waiting)
        self._changed.set()

    def close(self) -> None:
        """Hand out nothing more."""
        self._is_closed = True
        self._changed.set()

    def fetching_for(self, command: Command | None) -> None:
        """From now on the picture of this command is being fetched; None for none any more."""
        self._awaited = command
        self._changed.set()

    async def take(self, most: int) -> list[Waiting]:
        """The next message, with the same `next` that follows it for the same display; at most
        so many, and none once the queue is closed."""
        while (at := self._first()) is None and not self._is_closed:
            self._changed.clear()
            await self._changed.wait()
        if at is None or self._is_closed:
            return []
        together = [self._out(at)]
        first = together[0].command
        while isinstance(first, Next) and at < len(self._waiting) and len(together) < most:
            other = self._waiting[at]
            if other.may_have_come_before or not _same(first, other.command):
                break
            together.append(self._out(at))
        return together

    def _first(self) -> int | None:
        """The place of the first message that need not wait."""
        return next((at for at, w in enumerate(self._waiting) if self._may_go(w.command)), None)

    def _may_go(self, command: Command | BadCommand) -> bool:
        if self._awaited is None or isinstance(command, BadCommand):
            return True
        return may_overtake(command, self._awaited, self._displays)

    def _out(self, at: int) -> Waiting:
        waiting = self._waiting[at]
        del self._waiting[at]
        return waiting


def _same(first: Next, other: Command | BadCommand) -> bool:
    """Whether two `next` ask for the same thing, apart from their transaction."""
    return isinstance(other, Next) and first == other.model_copy(
        update={"transaction": first.transaction}
    )


def may_overtake(later: Command, awaited: Command, displays: DisplayNames) -> bool:
    """Whether the later command need not wait for the picture of the one before it.

    Commands that name no display are for the first one.
    What puts a picture on the same display waits, so that the last wish is the one that hangs;
    so does what needs a picture fetched itself. All else is about what hangs there now.
    """
    if later.address is not None:
        return False
    if not later.hangs or not awaited.hangs:
        return True
    return not displays.share(later.display, awaited.display)
