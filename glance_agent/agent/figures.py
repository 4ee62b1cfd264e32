"""What commands came to and how long their steps took, counted for whoever asks."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final, Literal

from glance_agent.domain.reply import Reply

Step = Literal["fetch", "read", "answer", "tell"]
"""A picture is fetched from its address, words are read by the model, the command is carried out
in its turn and kept, and everyone is told."""
BOUNDS_SECONDS: Final = (0.005, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)


@dataclass(slots=True)
class Spent:
    """How long a step took: how often up to each of BOUNDS_SECONDS, and beyond; and all of it."""

    counts: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_SECONDS) + 1))
    seconds: float = 0.0

    def add(self, seconds: float) -> None:
        """Once more, and how long it took."""
        self.counts[bisect_left(BOUNDS_SECONDS, seconds)] += 1
        self.seconds += seconds


class Figures:
    """Counts since the agent started; to be used in the loop's thread."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self.answered: Counter[tuple[str, bool]] = Counter()
        """Commands that were answered, by verb and by whether they could be carried out."""
        self.refused: Counter[str] = Counter()
        """Messages that were no commands, and other failures that everyone was told of, by code."""
        self.steps: dict[Step, Spent] = {}
        self.under_way = 0
        """Commands that wait for their turn, or are being carried out."""

    @contextmanager
    def command(self) -> Iterator[None]:
        """Within it, one more command is under way."""
        self.under_way += 1
        try:
            yield
        finally:
            self.under_way -= 1

    @contextmanager
    def step(self, name: Step) -> Iterator[None]:
        """Within it, a step of a command is done."""
        started = self._clock()
        try:
            yield
        finally:
            self.steps.setdefault(name, Spent()).add(self._clock() - started)

    def refuse(self, reply: Reply) -> None:
        """Count what everyone is told of that was no answer to a command."""
        self.refused[str(reply.error.code) if reply.error else "none"] += 1
