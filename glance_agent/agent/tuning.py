"""What everyone was told last of the settings of displays, and telling it anew where it changed."""

from __future__ import annotations

from collections.abc import Callable

from glance_agent.agent.common import Common
from glance_agent.domain.display import TimedSettings
from glance_agent.domain.news import Powered, Tuned


class Tuning:
    """Tells the settings of displays."""

    def __init__(self, common: Common, noted: Callable[[Tuned], None]) -> None:
        """`noted` is called with all that is known of settings, before anybody is told."""
        self._common = common
        self._noted = noted
        self._told: dict[str, TimedSettings] = {}

    def note(self, tuned: Tuned) -> None:
        """This is being told to everyone."""
        self._told[tuned.display] = tuned.settings
        self._noted(tuned)

    def last(self) -> list[Tuned]:
        """What everyone was told last."""
        return [Tuned(display, settings) for display, settings in self._told.items()]

    async def learn(self, display: str) -> None:
        """Find out how a display is set, and tell whether it is on, before anything is done."""
        settings = await self._look(display)
        self._noted(Tuned(display, settings))
        await self._common.tell(Powered(display, settings.power))

    async def tell(self, display: str) -> None:
        """Tell everyone the settings of a display."""
        await self._say(Tuned(display, await self._look(display)))

    async def follow(self, display: str) -> None:
        """Tell them where they are not what everyone was told."""
        if (before := self._told.get(display)) is not None:
            now = await self._look(display)
            if now != before:
                await self._say(Tuned(display, now))

    async def _look(self, display: str) -> TimedSettings:
        """How a display is set now."""
        return await self._common.in_worker(self._common.parts.showing.told_settings, display)

    async def _say(self, tuned: Tuned) -> None:
        display, settings = tuned.display, tuned.settings
        before = self._told.get(display)
        self.note(tuned)
        await self._common.tell(tuned)
        if before is None or before.power != settings.power:
            await self._common.tell(Powered(display, settings.power))
