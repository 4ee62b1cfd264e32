"""Whose the displays of an agent are: its own, or shared with other agents of its library."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from glance_agent.store.display_leases import DisplayOwner


def _always() -> bool:
    return True


def _never() -> bool:
    return False


async def _nothing() -> None:
    """Nobody waits for the displays."""


@dataclass(frozen=True, slots=True)
class Ownership:
    """Whether an agent `owns` its displays for sure, and who sees to it that it alone shows on
    them; nobody where no other agent may run with its library."""

    owns: Callable[[], bool] = _always
    owner: DisplayOwner | None = None
    gives_way: Callable[[], bool] = _never
    """Is told that another agent has come to the broker, on the same topics; whether that may have
    the displays by now."""
    leave: Callable[[], Awaitable[None]] = _nothing
    """Leaves the displays to others, once nothing more is said of them."""
    back: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def shared(self) -> bool:
        """Whether other agents may run with the library."""
        return self.owner is not None

    async def regained(self, regain: Callable[[], Awaitable[None]]) -> None:
        """Call this each time that the displays are this agent's again, for ever: nothing was told
        while they might have been another agent's."""
        while True:
            await self.back.wait()
            self.back.clear()
            await regain()


def steady_seconds() -> float:
    """Seconds that only go on, also while the machine sleeps where the system counts these."""
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot is None else time.clock_gettime(boot)
