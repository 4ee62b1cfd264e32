"""What everything in an agent works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor
from typing import TypeVar, TypeVarTuple

from glance_agent.agent.outlets import Everyone, is_of_a_display
from glance_agent.agent.parts import AgentParts
from glance_agent.domain.news import News
from glance_agent.ingest.worker import in_worker

Tell = Callable[[News], Awaitable[None]]
_T = TypeVarTuple("_T")
_R = TypeVar("_R")


class Common:
    """The parts of now, which may be exchanged, the displays, the worker, and everyone who is
    told."""

    def __init__(
        self,
        parts: AgentParts,
        displays: Sequence[str],
        worker: Executor,
        owns: Callable[[], bool],
    ) -> None:
        """`worker` has one thread, the only one in which commands are carried out; `displays` are
        names.

        While these may be another agent's, since this one no longer `owns` them for sure, nothing
        is told of them.
        """
        self.parts = parts
        self.displays = displays
        self.worker = worker
        self.everyone = Everyone(self.may_tell)
        self.tell: Tell = self.everyone.tell
        self._owns = owns

    def may_tell(self, news: News) -> bool:
        """Whether this agent may tell that now."""
        return self._owns() or not is_of_a_display(news)

    async def in_worker(self, work: Callable[[*_T], _R], *arguments: *_T) -> _R:
        """What the work returns or raises in the worker's thread."""
        return await in_worker(self.worker, work, *arguments)
