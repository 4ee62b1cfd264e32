"""A program that a test has started: its lines can be awaited, and it ends with the test."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from signal import Signals

from tests.warm import Copy, copied

PATIENCE_SECONDS = 40.0
"""How long a test waits for what must come; only a failing test waits that long."""
ROOT = Path(__file__).parent.parent


class Spawned:
    """A running program and every line that it has written."""

    def __init__(self, process: asyncio.subprocess.Process | Copy) -> None:
        self._process = process
        self.lines: list[str] = []
        self._more = asyncio.Condition()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, *command: str, environ: Mapping[str, str] | None = None) -> Spawned:
        """Start a program with these arguments; its output is collected."""
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=ROOT,
            env={**os.environ, **(environ or {})},
        )
        return cls(process)

    @classmethod
    async def python(cls, *arguments: str, environ: Mapping[str, str] | None = None) -> Spawned:
        """Start this interpreter with these arguments."""
        return await cls.start(sys.executable, "-X", "utf8", *arguments, environ=environ)

    @classmethod
    async def loaded(cls, *arguments: str, environ: Mapping[str, str] | None = None) -> Spawned:
        """The same, where the system can as a copy of a process that has loaded the agent."""
        if sys.platform != "linux":
            return await cls.python(*arguments, environ=environ)
        return cls(await copied(*arguments, environ={**os.environ, **(environ or {})}))

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def says(self, words: str, *, times: int = 1) -> None:
        """Wait until so many lines hold the words."""

        def said() -> bool:
            return sum(words in line for line in self.lines) >= times

        async with asyncio.timeout(PATIENCE_SECONDS), self._more:
            await self._more.wait_for(lambda: said() or self._reading.done())
        assert said(), f"ended without “{words}”:\n{self.text}"

    def send(self, number: Signals) -> None:
        self._process.send_signal(number)

    async def ended(self, *, patience_seconds: float = PATIENCE_SECONDS) -> int:
        """Wait until it has ended by itself; its exit code, negative for a signal."""
        async with asyncio.timeout(patience_seconds):
            code = await self._process.wait()
            await self._reading
        return code

    async def end(self, number: Signals, *, patience_seconds: float = PATIENCE_SECONDS) -> int:
        """End it with a signal, and wait until it is gone."""
        if self._process.returncode is None:
            self._process.send_signal(number)
        return await self.ended(patience_seconds=patience_seconds)

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            async with self._more:
                self.lines.append(line.decode("utf-8", "replace").rstrip())
                self._more.notify_all()
        async with self._more:
            self._more.notify_all()
