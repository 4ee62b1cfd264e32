"""What is retained for whoever comes: what hangs on displays, how they are set, what there is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.devices import Devices
from glance_agent.agent.displays import DisplayUpdater
from glance_agent.agent.tuning import Tuning
from glance_agent.domain.display import Glance
from glance_agent.domain.news import About, Hung, News, Powered, Tuned
from glance_agent.domain.said import say

NOT_REACHED = say("The library cannot be reached just now.")


class Retained:
    """Tells it as it is now; as it was told last where the library cannot be asked."""

    def __init__(
        self,
        common: Common,
        tuning: Tuning,
        updater: DisplayUpdater,
        devices: Devices,
        bringing: Callable[[], str | None],
    ) -> None:
        """`bringing` gives the source from which pictures are being brought in just now."""
        self._common = common
        self._tuning = tuning
        self._updater = updater
        self._devices = devices
        self._bringing = bringing
        self._facts_told: dict[str, Any] = {}
        self._set_so: list[Tuned] = []

    async def news(self) -> list[News]:
        """All of it that may be told."""
        facts = await self._facts()
        asking = self._common.in_worker(self._shown)
        shown = await despite_the_library(asking, "how the displays are")
        if shown is None:
            shown = self._shown_last()
        self._set_so = [news for news in shown if isinstance(news, Tuned)]
        about = [About(facts)] if facts else []
        state = [*about, *shown, *self._updater.done(), *self._devices.told()]
        return [news for news in state if self._common.may_tell(news)]

    async def tell(self) -> None:
        """Tell everyone all of it."""
        for news in await self.news():
            if isinstance(news, Tuned):
                self._tuning.note(news)
            await self._common.tell(news)

    async def tell_settings(self) -> None:
        """The same but for what hangs, which has been told as it was put up."""
        for news in await self.news():
            if isinstance(news, Tuned):
                self._tuning.note(news)
            if not isinstance(news, Glance | Hung):
                await self._common.tell(news)

    async def tell_facts(self) -> None:
        """Tell everyone what there is."""
        if facts := await self._facts():
            await self._common.tell(About(facts))

    async def _facts(self) -> dict[str, Any]:
        """What is known of the agent, or was when it could be asked last, and from where pictures
        are being brought in just now."""
        source = self._bringing()
        bringing = {"ingesting": source} if source else {}
        facts = await despite_the_library(self._common.parts.facts(), "what there is")
        if facts is None and self._facts_told:
            away = [*self._facts_told.get("away", ()), NOT_REACHED]
            return {**self._facts_told, "away": away, **bringing}
        self._facts_told = facts or {}
        return {**self._facts_told, **bringing}

    def _shown(self) -> list[News]:
        """What the displays show, and how they are set."""
        news: list[News] = []
        showing = self._common.parts.showing
        for display in self._common.displays:
            settings = showing.told_settings(display)
            news += [Tuned(display, settings), Powered(display, settings.power)]
            if (glance := showing.current(display)) is not None:
                news.append(glance)
        return news

    def _shown_last(self) -> list[News]:
        settings = {one.display: one for one in (*self._set_so, *self._tuning.last())}
        powers = (Powered(display, one.settings.power) for display, one in settings.items())
        return [*settings.values(), *powers, *self._updater.shown()]
