"""A command in, what comes of it out: what it needs of a host or a model is there before.

In the worker's thread, which alone carries commands out, nothing of the kind is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor

from glance_agent.agent.figures import Figures
from glance_agent.agent.parts import AgentParts
from glance_agent.agent.words import QueryReader
from glance_agent.commands.idempotency import Asked
from glance_agent.domain.command import Command
from glance_agent.domain.outcome import Outcome
from glance_agent.ingest.worker import in_worker


class CarryingOut:
    """Has commands carried out, one by one."""

    def __init__(
        self,
        parts: Callable[[], AgentParts],
        words: QueryReader,
        *,
        worker: Executor,
        figures: Figures,
    ) -> None:
        """`parts` gives what the agent works with now; `figures` count how long steps take."""
        self._figures = figures
        self._parts = parts
        self._words = words
        self._worker = worker

    async def outcome(self, asked: Asked, also: Sequence[Asked]) -> Outcome:
        """What comes of a command, once a picture that it names by an address is here."""
        parts, settled = self._parts(), None
        if asked.command.address is not None:
            ahead = await in_worker(self._worker, parts.answers.ahead, asked)
            with self._figures.step("fetch"):
                settled = ahead or await parts.outside.settled(asked.command)
        if isinstance(settled, Outcome):
            return settled
        return await self.answered(asked, also, settled)

    async def answered(
        self, asked: Asked, also: Sequence[Asked] = (), settled: Command | None = None
    ) -> Outcome:
        """What comes of a command; what it needs of the model is read first, beside the worker.

        `settled` is the command with an artwork in the place of its address.
        """
        answers = self._parts().answers
        with self._figures.step("read"):
            read = await self._words.ahead(answers, settled or asked.command)

        def answer() -> Outcome:
            return answers.answer(asked.command, asked.delivery, also, settled=settled, read=read)

        with self._figures.step("answer"):
            outcome = await in_worker(self._worker, answer)
        if asked.command.has_words_read:
            self._words.keep(answers)
        return outcome
