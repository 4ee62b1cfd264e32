"""The words of commands, put to the model ahead of them and beside everything else."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Protocol

from glance_agent.agent.beside import beside
from glance_agent.agent.model_reader import ModelReader
from glance_agent.domain.encoder import READ_SECONDS
from glance_agent.ingest.worker import in_worker
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.reading import ReadWords, Unread

PREPARE_SECONDS = 0.1
"""How long preparing may keep the model from the words of a command, at a time."""
PREPARE_AGAIN_SECONDS = 600.0
"""How long a model that failed at preparing is asked for nothing but the words of commands."""


class WordsToRead(Protocol):
    """Knows what words mean; in the worker's thread alone."""

    @property
    def understanding(self) -> Understanding: ...


class QueryReader:
    """Has words read, and what was read known and kept."""

    def __init__(self, answers: Callable[[], WordsToRead], worker: Executor) -> None:
        """`answers` gives what carries commands out now."""
        self._answers = answers
        self._worker = worker
        self._reader = ModelReader(self._take_in)
        self._tasks: set[asyncio.Task[None]] = set()
        self._prepare_at = 0.0

    async def read(self, answers: WordsToRead, unread: Unread) -> ReadWords:
        """What the model makes of the words of a command, in the time that there is."""
        return await self._reader.read(answers.understanding, unread, READ_SECONDS)

    def keep(self, answers: WordsToRead) -> None:
        """Write down what was read, after the command that needed it has been answered."""
        task = beside(self._keep(answers.understanding), "keeping words")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def prepare(self) -> None:
        """Have ordinary wishes read, in slices that let the words of commands in between."""
        understanding, now = self._answers().understanding, asyncio.get_running_loop().time()
        if now < self._prepare_at:
            return
        while unread := await in_worker(
            self._worker, understanding.unread_references, PREPARE_SECONDS
        ):
            read = await self._reader.read(understanding, unread)
            await self._take_in(understanding, read)
            if read.missed is not None:
                self._prepare_at = now + PREPARE_AGAIN_SECONDS
                return

    def under_way(self) -> list[asyncio.Task[None]]:
        """What may be cancelled at any time."""
        return [*self._tasks, *self._reader.under_way()]

    async def _take_in(self, understanding: Understanding, read: ReadWords) -> None:
        """Know and keep what was read: for preparing, or too late for its own command."""
        await in_worker(self._worker, understanding.learn, read)
        await self._keep(understanding)

    async def _keep(self, understanding: Understanding) -> None:
        await in_worker(self._worker, understanding.keep)
