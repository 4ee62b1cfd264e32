"""What devices say of themselves: remembered, told everyone, and told when one is missing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from contextlib import suppress
from datetime import UTC, datetime
from typing import Protocol

from glance_agent.agent.despite import despite_the_library
from glance_agent.domain.device import (
    DeviceReport,
    DeviceState,
    KeptDevice,
    as_of,
    heard,
    missing_at,
)
from glance_agent.domain.news import DeviceHeard, News
from glance_agent.ingest.worker import in_worker

LONGEST_SLEEP_SECONDS = 600.0
"""Clocks are set, and machines sleep: so often it is looked anew who is missing."""
_SETTLING_SECONDS = 0.2


class DeviceMemory(Protocol):
    """Keeps what is known of devices, in the worker's thread. Raises StoreError."""

    def devices(self) -> dict[str, KeptDevice]: ...
    def keep_device(self, display: str, device: KeptDevice) -> None: ...


class Devices:
    """The devices of the displays."""

    def __init__(
        self,
        memory: Callable[[], DeviceMemory],
        tell: Callable[[News], Awaitable[None]],
        worker: Executor,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._memory = memory
        self._tell = tell
        self._worker = worker
        self._clock = clock
        self._known: dict[str, KeptDevice] = {}
        self._unkept: set[str] = set()
        self._since = clock()
        self._changed = asyncio.Event()

    def hear(self, display: str, report: DeviceReport) -> None:
        """A device has said this of itself, now. Waits for nothing, and raises nothing."""
        self._known[display] = heard(self._known.get(display), report, self._clock())
        self._unkept.add(display)
        self._changed.set()

    def told(self) -> list[News]:
        """All that is known, as it is now."""
        now = self._clock()
        return [DeviceHeard(name, self._as_of(kept, now)) for name, kept in self._known.items()]

    def battery(self, display: str) -> float | None:
        """How full the battery of a device was when it said so last, in percent."""
        kept = self._known.get(display)
        return kept.state.battery if kept is not None else None

    async def begin(self) -> None:
        """Remember what was known when the agent ended."""
        kept = await despite_the_library(
            in_worker(self._worker, self._memory().devices), "what is known of devices"
        )
        self._known = {**(kept or {}), **self._known}
        self._changed.set()

    async def run(self) -> None:
        """Keep and tell what devices say, and which of them are missing, for ever."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._rest_seconds()):
                    await self._changed.wait()
            self._changed.clear()
            # A device says several things one after the other: they are kept and told at once.
            await asyncio.sleep(_SETTLING_SECONDS)
            await self._follow()

    async def _follow(self) -> None:
        now = self._clock()
        due = {name for name, kept in self._known.items() if self._as_of(kept, now) != kept.state}
        for name in sorted(due | self._unkept):
            self._unkept.discard(name)
            kept = self._known[name]
            kept = self._known[name] = kept.model_copy(update={"state": self._as_of(kept, now)})
            await self._tell(DeviceHeard(name, kept.state))
            keeping = in_worker(self._worker, self._memory().keep_device, name, kept)
            await despite_the_library(keeping, f"what the device of {name} said")

    def _as_of(self, kept: KeptDevice, now: datetime) -> DeviceState:
        return as_of(kept.state, now, self._since)

    def _rest_seconds(self) -> float:
        """Until the next device is missing, as far as is known."""
        now = self._clock()
        at = [
            missing_at(kept.state, self._since)
            for kept in self._known.values()
            if not kept.state.missing
        ]
        rests = [(one - now).total_seconds() for one in at if one is not None]
        return max(0.0, min([LONGEST_SLEEP_SECONDS, *rests]))
