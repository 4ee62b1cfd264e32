"""The folders' door: a source whose folder has changed is looked through again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Protocol

from glance_agent.domain.command import Ingest
from glance_agent.doors.handler import CommandHandler
from glance_agent.doors.health import Health


class Folder(Protocol):
    """Tells of its changes, for ever."""

    def changes(self) -> AsyncGenerator[None, None]: ...


class FoldersDoor:
    """Sends an ingest command for every source whose folder tells of a change."""

    def __init__(self, agent: CommandHandler, folders: Mapping[str, Folder]) -> None:
        """`folders` by the name of their source."""
        self._agent = agent
        self._folders = folders
        self._health = {source: Health() for source in folders}

    async def run(self) -> None:
        """Wait for changes, for ever."""
        async with asyncio.TaskGroup() as tasks:
            for source, folder in self._folders.items():
                tasks.create_task(self._follow(source, folder), name=f"folder of {source}")

    async def alive(self) -> None:
        """Return once no change, or another one, is being told; hangs where one does."""
        for health in self._health.values():
            await health.alive()

    async def _follow(self, source: str, folder: Folder) -> None:
        async with aclosing(folder.changes()) as changes:
            async for _ in changes:
                with self._health[source].at_work():
                    await self._agent.handle(Ingest(source=source))
