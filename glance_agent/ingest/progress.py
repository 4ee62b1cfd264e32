"""How far a run over a source is, and what is told of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

from glance_agent.domain.errors import StoreError
from glance_agent.domain.event import Event
from glance_agent.domain.items import SoFar
from glance_agent.domain.reasons import in_words
from glance_agent.domain.said import say


class Arrivals:
    """What the run under way has brought so far; written by one thread, read by any."""

    def __init__(self) -> None:
        self._so_far: SoFar | None = None
        self._hindered_by: StoreError | None = None

    def note(self, so_far: SoFar | None) -> None:
        """How many works are here now; None once nobody needs to know."""
        self._so_far = so_far

    def hindered(self, error: StoreError | None) -> None:
        """The library kept the last run from bringing anything in; None where it did not."""
        self._hindered_by = error

    def hindered_by(self) -> StoreError | None:
        """What of the library keeps works from being brought in; None for nothing."""
        return self._hindered_by

    def now(self) -> SoFar | None:
        """How many works are here, while the library is being filled; else None."""
        return self._so_far


@dataclass(slots=True)
class Progress:
    """How far one source is: counted in items; `rate` is items dealt with per second.

    `passed_over` are the items that are as they were: unchanged, or still left out; `gone` are the
    works that the source has no longer, or that are not wanted any more. A run that
    was `hindered` by the library itself is to be tried again before long. Nothing is done of what
    is `left_to` another program, which is at it, or has `finished` it.
    """

    source: str
    total: int | None = None
    done: int = 0
    added: int = 0
    unchanged: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    passed_over: int = 0
    gone: int = 0
    elapsed_seconds: float = 0.0
    finished: bool = False
    stopped_by: str | None = None
    hindered: bool = False
    left_to: str | None = None

    @property
    def failed(self) -> int:
        return self.left_out.total()

    @property
    def rate(self) -> float:
        worked = self.done - self.passed_over
        return worked / self.elapsed_seconds if self.elapsed_seconds > 0 else 0.0

    @property
    def eta_seconds(self) -> int | None:
        if self.finished or self.total is None or self.rate <= 0:
            return 0 if self.finished else None
        return round(max(0, self.total - self.done) / self.rate)

    def is_all(self, limit: int | None) -> bool:
        """Whether the source was brought in to its end, with at most so many new works."""
        all_of_it = limit is None or self.added < limit
        return self.finished and self.stopped_by is None and all_of_it

    def count(self, outcome: str | None) -> None:
        """Count one item: added (None), "unchanged", or left out (the reason why)."""
        self._deal_with(1)
        if outcome is None:
            self.added += 1
        elif outcome == "unchanged":
            self.unchanged += 1
        else:
            self.left_out[outcome] += 1

    def pass_over(self, items: int, left_out: Collection[str] = ()) -> None:
        """Count items that are as they were; `left_out` says why some of them were not taken."""
        self._deal_with(items)
        self.passed_over += items
        self.unchanged += items - len(left_out)
        self.left_out.update(left_out)

    def take_back(self, reason: str, items: int) -> None:
        """Count items no longer as left out for this reason: they are dealt with once more."""
        self.left_out[reason] -= items
        self.left_out += Counter[str]()  # without what there is none of any more
        self.done -= items

    def expect(self, total: int) -> None:
        """The whole list is said to have so many items; it has at least those dealt with."""
        self.total = max(total, self.done)

    def _deal_with(self, items: int) -> None:
        self.done += items
        if self.total is not None:
            self.expect(self.total)

    def so_far(self, before: int, limit: int | None = None) -> SoFar | None:
        """How many works are here, where there were so many `before` this run; None where it is
        over, brings nothing new, or adds to a library that is larger than its source.
        """
        if self.finished or not self.added or self.total is None:
            return None
        here, left = before + self.added, self.total - self.done
        left = left if limit is None else min(left, limit - self.added)
        return SoFar(here, here + left) if left > 0 and here < self.total else None

    def event(self) -> Event:
        """The progress as the world is told of it."""
        payload: dict[str, Any] = {
            "event_type": "finished" if self.finished else "progress",
            "source": self.source,
            "done": self.done,
            "total": self.total,
            "failed": self.failed,
            "rate": round(self.rate, 2),
            "eta_seconds": self.eta_seconds,
            "added": self.added,
            "unchanged": self.unchanged,
            "left_out": dict(self.left_out),
            "gone": self.gone,
            "error": self.stopped_by,
        }
        return Event("ingest", payload)

    def summary(self) -> str:
        """What the run has done, in a sentence."""
        if self.left_to is not None:
            return self._left_to(self.left_to)
        parts: list[str] = [
            say("{source}: {count} added", source=self.source, count=self.added),
            say("{count} unchanged", count=self.unchanged),
            self._all_left_out(),
        ]
        if self.gone:
            parts.append(
                say("{count} taken off the wall, no longer there or wanted", count=self.gone)
            )
        if self.stopped_by:
            parts[-1] = say("{said}; stopped: {why}", said=parts[-1], why=self.stopped_by)
        return _in_a_list(parts)

    def _left_to(self, other: str) -> str:
        if self.finished:
            return say("{source}: was brought in by {other}", source=self.source, other=other)
        return say("{source}: is brought in by {other}", source=self.source, other=other)

    def _all_left_out(self) -> str:
        counted = self.left_out.most_common()
        if not counted:
            return say("nothing left out")
        each = [say("{count} {what}", count=n, what=in_words(why)) for why, n in counted]
        return say("left out: {what}", what=_in_a_list(each))


def _in_a_list(parts: Sequence[str]) -> str:
    first, *rest = parts
    return reduce(lambda so_far, then: say("{first}, {then}", first=so_far, then=then), rest, first)
