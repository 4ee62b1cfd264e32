"""An event loop whose time leaps: what would be slept through is over at once, in order."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any


class _Selector(selectors.SelectSelector):
    """Never waits: where nothing is ready, the loop's time moves on instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits for something that never comes")
        if not ready and timeout is not None:
            self.now += timeout
        return ready


class LeapingLoop(asyncio.SelectorEventLoop):
    """Its clock starts at 0 and shows the seconds that have been slept; no threads, please."""

    def __init__(self) -> None:
        self._leaping = _Selector()
        super().__init__(self._leaping)

    def time(self) -> float:
        return self._leaping.now


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run this in a loop whose time leaps."""
    with asyncio.Runner(loop_factory=LeapingLoop) as runner:
        runner.run(main())
