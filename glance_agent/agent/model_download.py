"""The wanted model is fetched while another one answers: told of, and tried until it is here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Generic, Protocol, TypeVar

from glance_agent.domain.errors import CommandError, ErrorCode, ModelAway, ModelError
from glance_agent.domain.event import Event
from glance_agent.domain.news import Failed, News
from glance_agent.domain.reply import refusal
from glance_agent.domain.said import many

EVENT: Final = "model"
PROGRESS_SECONDS: Final = 1.0
FIRST_WAIT_SECONDS: Final = 60.0
LONGEST_WAIT_SECONDS: Final = 900.0
"""Before the next attempt, where the network or the hub was away."""
LONGEST_WAIT_IN_VAIN_SECONDS: Final = 6 * 3600.0
"""Where the hub gave a wrong file, the disk is full or the model fails: somebody has to help."""
_log = logging.getLogger(__name__)
_E = TypeVar("_E")
_F = TypeVar("_F", covariant=True)

Note = Callable[[int, int | None], None]
Tell = Callable[[News], Awaitable[None]]


class Fetch(Protocol[_F]):
    """Brings the model here and opens it, noting how many bytes are here, and of how many.

    Raises ModelAway and ModelError; what it brought by then is kept.
    """

    def __call__(self, note: Note) -> Coroutine[Any, Any, _F]: ...


@dataclass(slots=True)
class Amount:
    """How much of the model is here, and how fast it comes; `total` is None while unknown."""

    model: str
    started_at: float
    done: int = 0
    total: int | None = None
    failed: int = 0
    elapsed_seconds: float = 0.0
    _first: int | None = None

    def note(self, done: int, total: int | None) -> None:
        self._first = done if self._first is None else self._first
        self.done, self.total = done, total

    @property
    def rate(self) -> float:
        """Bytes per second of this attempt."""
        came = self.done - (self._first or 0)
        return came / self.elapsed_seconds if self.elapsed_seconds > 0 else 0.0

    @property
    def eta_seconds(self) -> int | None:
        if self.total is None or self.rate <= 0:
            return None
        return round(max(0, self.total - self.done) / self.rate)

    def event(self, kind: str, error: str | None = None, wait: float | None = None) -> Event:
        """The amount as the world is told of it."""
        payload = {
            "event_type": kind,
            "model": self.model,
            "done": self.done,
            "total": self.total,
            "failed": self.failed,
            "rate": round(self.rate),
            "eta_seconds": 0 if kind == "finished" else self.eta_seconds,
            "error": error,
            "retry_in_seconds": None if wait is None else round(wait),
        }
        return Event(EVENT, payload)


class Obtain(Generic[_E]):
    """Gets one model, however long it takes."""

    def __init__(
        self,
        model: str,
        fetch: Fetch[_E],
        *,
        chance: Random,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`clock` and `sleep` are in seconds; `chance` spreads the attempts of many agents."""
        self._model = model
        self._fetch = fetch
        self._chance = chance
        self._clock = clock
        self._sleep = sleep
        self._failures = 0
        self.error: str | None = None
        """Why the last attempt failed; None while one is under way for the first time."""

    async def run(self, tell: Tell) -> _E:
        """The model, once it is here and has passed its self-test."""
        while True:
            amount = Amount(self._model, self._clock(), failed=self._failures)
            try:
                found = await watched(self._fetch(amount.note), amount, tell, self._clock)
            except ModelError as error:
                wait = self._wait_seconds(error)
                await self._tell_failure(amount, error.said, wait, tell)
                await self._sleep(wait)
                continue
            self.error = None
            await tell(amount.event("finished"))
            return found

    async def _tell_failure(self, amount: Amount, error: str, wait: float, tell: Tell) -> None:
        amount.failed = self._failures = self._failures + 1
        self.error = error
        hint = _tried_again_in(wait)
        _log.warning("the model %s is not here yet: %s %s", self._model, error, hint)
        await tell(amount.event("failed", error, wait))
        await tell(Failed(refusal(EVENT, CommandError(ErrorCode.NO_MODEL, error, hint))))

    def _wait_seconds(self, error: ModelError) -> float:
        """Ever longer, and at random, so that many agents do not come at once."""
        away = isinstance(error, ModelAway)
        longest = LONGEST_WAIT_SECONDS if away else LONGEST_WAIT_IN_VAIN_SECONDS
        wait = min(longest, FIRST_WAIT_SECONDS * 2.0 ** min(self._failures, 20))
        return wait * self._chance.uniform(0.8, 1.0)


async def watched(
    attempt: Coroutine[Any, Any, _E],
    amount: Amount,
    tell: Callable[[Event], Awaitable[None]],
    clock: Callable[[], float],
) -> _E:
    """What an attempt brings; it is told of once a second while something comes."""
    task, told = asyncio.create_task(attempt, name=f"fetch {amount.model}"), -1
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=PROGRESS_SECONDS)
            amount.elapsed_seconds = clock() - amount.started_at
            if amount.done != told and not task.done():
                told = amount.done
                await tell(amount.event("progress"))
        return await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _tried_again_in(seconds: float) -> str:
    minutes, hours = seconds / 60, seconds / 3_600
    if seconds < 90:
        return many(
            "It is tried again in {n} second.",
            "It is tried again in {n} seconds.",
            n=round(seconds),
        )
    if minutes < 90:
        return many(
            "It is tried again in {n} minute.",
            "It is tried again in {n} minutes.",
            n=round(minutes),
        )
    return many(
        "It is tried again in {n} hour.",
        "It is tried again in {n} hours.",
        n=round(hours),
    )
