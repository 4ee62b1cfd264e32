"""The folders' door: a source whose folder has changed is looked through again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from typing import Protocol

from glance_agent.agent.despite import despite_the_library
from glance_agent.domain.command import Ingest
from glance_agent.doors.handler import CommandHandler
from glance_agent.doors.health import Health

LOOK_SECONDS = 2.0
"""How long it may stay unknown that another program has brought in a folder."""


class Folder(Protocol):
    """Tells of its changes, for ever."""

    def changes(self) -> AsyncGenerator[None, None]: ...


class FoldersDoor:
    """Sends an ingest command for every source whose folder tells of a change."""

    def __init__(
        self,
        agent: CommandHandler,
        folders: Callable[[], Awaitable[Mapping[str, Folder]]],
        *,
        look_seconds: float = LOOK_SECONDS,
    ) -> None:
        """`folders` finds those that are to be watched now, by the name of their source."""
        self._agent = agent
        self._folders = folders
        self._look_seconds = look_seconds
        self._health: dict[str, Health] = {}

    async def run(self) -> None:
        """Wait for changes, and for folders that come later, for ever."""
        async with asyncio.TaskGroup() as tasks:
            late = False
            while True:
                found = await despite_the_library(self._folders(), "which folders are watched")
                for source, folder in (found or {}).items():
                    if source not in self._health:
                        self._health[source] = Health()
                        watching = self._follow(source, folder)
                        tasks.create_task(watching, name=f"folder of {source}")
                        if late:
                            tasks.create_task(self._look_through(source), name=f"new: {source}")
                late = True
                await asyncio.sleep(self._look_seconds)

    async def alive(self) -> None:
        """Return once no change, or another one, is being told; hangs where one does."""
        for health in [*self._health.values()]:
            await health.alive()

    async def _look_through(self, source: str) -> None:
        """What changed before a folder was watched is found once it is."""
        await asyncio.sleep(self._look_seconds)
        await self._tell(source)

    async def _follow(self, source: str, folder: Folder) -> None:
        async with aclosing(folder.changes()) as changes:
            async for _ in changes:
                await self._tell(source)

    async def _tell(self, source: str) -> None:
        with self._health[source].at_work():
            await self._agent.handle(Ingest(source=source))
