"""The agent: commands from every door are carried out one by one, news goes to every door.

Deciding and storing is synchronous code in one worker thread; pictures are fetched and prepared
and sources are listed beside it, so that no command waits for either.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from contextlib import suppress
from datetime import datetime
from time import perf_counter

from glance_agent.agent.background import BackgroundWork
from glance_agent.agent.beside import beside
from glance_agent.agent.carrying_out import CarryingOut
from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.agent.devices import Devices
from glance_agent.agent.displays import DisplayUpdater
from glance_agent.agent.figures import Figures
from glance_agent.agent.foreseeing import Foreseeing
from glance_agent.agent.frames import FrameRenderer
from glance_agent.agent.learning import Learning
from glance_agent.agent.outlets import Outlet, Telling
from glance_agent.agent.parts import AgentParts
from glance_agent.agent.replacing import Replacing
from glance_agent.agent.retained import Retained
from glance_agent.agent.source_runs import AGAIN_SECONDS
from glance_agent.agent.supplying import Supplying
from glance_agent.agent.tuning import Tuning
from glance_agent.agent.words import QueryReader
from glance_agent.commands.dispatch import refused
from glance_agent.commands.idempotency import Asked, Delivery
from glance_agent.commands.unkept import not_kept
from glance_agent.domain.command import Command
from glance_agent.domain.errors import StoreError, our_fault
from glance_agent.domain.news import Failed, News, Online
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply

_log = logging.getLogger(__name__)


class Agent:
    """Answers commands and keeps every display supplied."""

    def __init__(
        self,
        parts: AgentParts,
        renderer: FrameRenderer,
        *,
        displays: Sequence[str],
        worker: Executor,
        again_seconds: float = AGAIN_SECONDS,
        owns: Callable[[], bool] = lambda: True,
    ) -> None:
        """`worker` has one thread, the only one in which commands are carried out.

        While its displays may be another agent's, since it no longer `owns` them for sure, nothing
        is told of them.

        A run over a source that the library has hindered is tried again after `again_seconds`.
        """
        self._common = common = Common(parts, displays, worker, owns)
        self._announce = common.tell
        self._off_loop = common.in_worker
        self.figures = Figures()
        self.devices = Devices(lambda: common.parts.devices, common.tell, worker)
        self.foreseeing = Foreseeing(common, renderer)
        self._learning = Learning(lambda: common.parts.showing, worker)
        self._words = QueryReader(lambda: common.parts.answers, worker)
        self._carrying = CarryingOut(common, self._words, self.figures)
        self._tuning = Tuning(common, lambda tuned: self._updater.tuned(tuned))
        self._updater = self._display_updater(renderer)
        self._retained = Retained(
            common, self._tuning, self._updater, self.devices, lambda: self.background.bringing
        )
        self.background = BackgroundWork(
            common,
            Supplying(common, self._updater, self._tuning, self.handle),
            devices=self.devices,
            learning=self._learning,
            words=self._words,
            retained=self._retained,
            again_seconds=again_seconds,
        )
        parts.reach.follow(changed=self._retained.tell_facts, back=self.background.go_on)

    def _display_updater(self, renderer: FrameRenderer) -> DisplayUpdater:
        self._replacing = Replacing(
            self._common,
            self._carrying,
            tune=self._tuning.follow,
            stay=lambda glance: self._updater.stay(glance),
        )
        return DisplayUpdater(
            renderer,
            tell=self._announce,
            another=self._replacing.another,
            alone=self._replacing.alone,
            hung=self._replacing.hung,
        )

    @property
    def _parts(self) -> AgentParts:
        return self._common.parts

    def add_outlet(self, outlet: Outlet) -> Telling:
        """Tell this door all news from now on; what does so is to be run beside the agent."""
        return self._common.everyone.add(outlet)

    def adopt(self, parts: AgentParts) -> None:
        """Work with these from the next command on; one under way ends with the parts it has."""
        self._common.parts = parts

    # -- for the doors ------------------------------------------------------------------------

    async def handle(
        self, command: Command, delivery: Delivery | None = None, also: Sequence[Asked] = ()
    ) -> Reply:
        """Carry a command out and tell everyone; the effect is on disk when this returns.

        Raises nothing: what fails within is logged with its traceback, and answered.
        """
        with self.figures.command():
            reply = await self._handled(command, delivery, also)
        self.figures.answered[command.verb, reply.ok] += 1
        return reply

    async def _handled(
        self, command: Command, delivery: Delivery | None, also: Sequence[Asked]
    ) -> Reply:
        started = perf_counter()
        try:
            outcome = await self._carrying.outcome(Asked(command, delivery), also)
        except StoreError as error:
            _log.log(error.log_level, "carrying out “%s” failed: %s", command.verb, error)
            outcome = refused(not_kept(error), command, started)
        except Exception:
            # Whatever breaks on the way to the worker or back: whoever asked is answered.
            _log.exception("carrying out “%s” failed", command.verb)
            outcome = refused(our_fault(), command, started)
        try:
            with self.figures.step("tell"):
                await self._follow_up(command, outcome)
        except StoreError as error:
            _log.log(error.log_level, "telling of “%s” failed: %s", command.verb, error)
        except Exception:
            # It is done and kept: what goes wrong in telling of it changes no answer.
            _log.exception("telling of “%s” failed", command.verb)
        # Outlets that are quick tell what came of it before it is answered; none is waited for.
        await asyncio.sleep(0)
        return outcome.reply

    async def _follow_up(self, command: Command, outcome: Outcome) -> None:
        """Tell everyone what came of a command, and learn from it."""
        await self._tell(outcome)
        if not command.only_looks:
            self.foreseeing.begin_anew()
        if command.changes_taste:
            self._learning.begin(command.user)
        if command.changes_collection:
            await self._retained.tell_facts()

    async def refuse(self, reply: Reply) -> None:
        """Tell everyone of a message that was no command."""
        self.figures.refuse(reply)
        await self._announce(Failed(reply))

    async def state(self) -> list[News]:
        """Everything that is retained, as it is now; what was told last where the library cannot
        be asked."""
        return await self._retained.news()

    async def tell_state(self) -> None:
        """Tell everyone everything that is retained."""
        await self._retained.tell()

    async def regain(self) -> None:
        """The displays are this agent's for sure again: everyone is told how they are, and what
        hangs there does so from now on."""
        await self._retained.tell()
        for glance in self._updater.up():
            await self._replacing.hung(glance)

    async def tune(self, display: str) -> None:
        """Tell everyone the settings of a display where time has changed them."""
        await despite_the_library(self._tuning.follow(display), f"the settings of {display}")

    def renewed_at(self, display: str) -> datetime | None:
        """When the picture of a display changes its look by itself: its label, its light."""
        return self._updater.renewed_at(display)

    def renew(self, display: str) -> None:
        """Have the picture of a display look as it is to look now; nothing new is shown."""
        self._updater.renew(display)

    async def hang_wish(self, display: str) -> bool:
        """Hang what waited until the panel may change; False where the library is in the way."""
        hanging = self._off_loop(self._parts.answers.hang_wish, display)
        outcome = await despite_the_library(hanging, f"hanging what waited for {display}")
        if outcome is not None:
            await despite_the_library(self._tell(outcome), f"telling what hangs on {display}")
        return outcome is not None

    async def new_session(self) -> None:
        """The broker has forgotten what it delivered; so can we."""
        await self._off_loop(self._parts.sessions.forget_deliveries)

    async def alive(self) -> None:
        """Return once the worker has answered; hangs where it does."""
        await self._off_loop(lambda: None)

    async def run(self, duties: Callable[[], Sequence[str]]) -> None:
        """Put up what was there before, then bring in what the sources have, for ever.

        `duties` tells what there is to run over, in the worker's thread.
        """
        reading = beside(asyncio.to_thread(self._parts.prepare), "reading the vectors")
        try:
            await self.background.run(duties)
        finally:
            background = [
                reading,
                *self._updater.under_way(),
                *self.foreseeing.under_way(),
                *self._learning.under_way(),
                *self._words.under_way(),
                *self._parts.reach.under_way(),
            ]
            self._parts.reach.close()
            for task in background:
                task.cancel()
            await asyncio.gather(*background, return_exceptions=True)
            with suppress(StoreError):
                # Whatever ends the agent has been said; what is up may be taken for awaited then.
                await self._off_loop(self._parts.showings.settle)

    # -- telling --------------------------------------------------------------------------------

    async def _tell(self, outcome: Outcome) -> None:
        for glance in outcome.glances:
            await self._updater.put_up(glance)
        for display in outcome.settings_of:
            await self._tuning.tell(display)
        for glance in outcome.glances:
            await self.tune(glance.display)
        for event in outcome.events:
            await self._announce(event)
        for source in outcome.ingest:
            self.background.want(source, outcome.ingest_limit)
        if outcome.republish:
            await self._announce(Online())
            await self.tell_state()
        if not outcome.reply.ok:
            await self._announce(Failed(outcome.reply))
