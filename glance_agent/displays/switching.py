"""Whether a display is wanted to be on in, a command of the household's run for it.

Which one switches a screen differs from machine to machine (wlopm, wlr-randr, cec-ctl …), so it is
configured. It is run as it is written, by no shell, and without the agent's own variables, which
may be secret.
"""

from __future__ import annotations

import asyncio
import logging
import os
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

from glance_agent.displays.settings import PanelSettings
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.foreign import line
from glance_agent.domain.news import News, Powered
from glance_agent.domain.reply import Reply, refusal
from glance_agent.domain.said import say

VERB: Final = "power"
PATIENCE_SECONDS: Final = 20.0
MOST_SAID: Final = 200
_log = logging.getLogger(__name__)


class Switch:
    """Switches the screen of one display; an outlet that takes every piece of news at once."""

    def __init__(
        self,
        settings: PanelSettings,
        tell: Callable[[Reply], Awaitable[None]],
        *,
        patience_seconds: float = PATIENCE_SECONDS,
    ) -> None:
        """`tell` tells everyone what does not work."""
        self.name = settings.name
        self._commands = {True: settings.power_on, False: settings.power_off}
        self._tell = tell
        self._patience_seconds = patience_seconds
        self._wanted: bool | None = None
        self._changed = asyncio.Event()

    async def announce(self, news: News) -> None:
        """Take note of whether this display is wanted to be on."""
        if isinstance(news, Powered) and news.display == self.name and news.on != self._wanted:
            self._wanted = news.on
            self._changed.set()

    async def run(self) -> None:
        """Run a command whenever that changes, and once after a start; for ever."""
        done: bool | None = None
        while True:
            await self._changed.wait()
            self._changed.clear()
            wanted = self._wanted
            if wanted is not None and wanted != done:
                done = wanted
                if (command := self._commands[wanted]) and (why := await self._ran(command)):
                    await self._failed(command, why, "on" if wanted else "off")

    async def _ran(self, command: Sequence[str]) -> str | None:
        """Run it to its end; why that did not work, or None."""
        env = {name: v for name, v in os.environ.items() if not name.startswith("GLANCE_")}
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE, env=env
            )
        except (OSError, ValueError) as error:
            return f"it cannot be run ({type(error).__name__})"
        try:
            async with asyncio.timeout(self._patience_seconds):
                _, said = await process.communicate()
        except TimeoutError:
            return f"it has not ended within {self._patience_seconds:g} seconds"
        finally:
            await _end(process)
        if process.returncode == 0:
            return None
        _log.warning("%s said: %s", command[0], line(said.decode(errors="replace"), MOST_SAID))
        return f"it has ended with {process.returncode}"

    async def _failed(self, command: Sequence[str], why: str, wanted: str) -> None:
        said = (
            say("The screen of “{display}” could not be switched on.", display=self.name)
            if wanted == "on"
            else say("The screen of “{display}” could not be switched off.", display=self.name)
        )
        hint = say(
            "See {setting} of the display; the agent's log says more. Whatever the screen does, "
            "nothing is brought to a display that is off.",
            setting=f"power_{wanted}",
        )
        _log.warning("%s Of the command %s: %s", said, command[0], why)
        await self._tell(refusal(VERB, CommandError(ErrorCode.NOT_SWITCHED, said, hint), self.name))


async def _end(process: Process) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
