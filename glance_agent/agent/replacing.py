"""A picture that cannot be had in, what the display does instead out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from glance_agent.agent.carrying_out import CarryingOut
from glance_agent.agent.common import Common
from glance_agent.agent.despite import despite_the_library
from glance_agent.commands.idempotency import BY_ITSELF, Asked
from glance_agent.commands.out_of_reach import beside_unreadable, unreadable
from glance_agent.domain.display import Glance
from glance_agent.domain.errors import BadPicture, SourceError
from glance_agent.domain.news import Failed
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import NextInstead
from glance_agent.domain.reply import refusal

SETTLE_SECONDS = 0.2
"""When it is written that a picture is up, where no command has come until then."""


class Replacing:
    """Finds another work, or lets the display go on with what it showed before."""

    def __init__(
        self,
        common: Common,
        carrying: CarryingOut,
        *,
        tune: Callable[[str], Awaitable[None]],
        stay: Callable[[Glance], Awaitable[None]],
    ) -> None:
        """`tune` tells the settings of a display where they have changed by a picture, `stay` is
        told what goes on hanging."""
        self._common = common
        self._carrying = carrying
        self._tune = tune
        self._stay = stay

    async def another(
        self, glance: Glance, error: BadPicture | SourceError, *, choose: bool
    ) -> Glance | None:
        """Another work on the display, which is told; None where it stays as it is.

        Without `choose` it stays in any case.
        """
        taken_back = await self._carrying.take_back(glance, error)
        outcome = await self._chosen(glance.display) if choose else None
        replaced = None if outcome is None else outcome.glance
        why = unreadable(glance.artwork, error, another=replaced is not None)
        await self._common.tell(Failed(refusal("show", why, glance.display)))
        if outcome is not None and replaced is not None:
            await self._common.tell(replaced)
            await self._tune(glance.display)
            for event in outcome.events:
                await self._common.tell(event)
        elif taken_back:
            await self._carrying.stays(glance.display)
            await self._stay_as_before(glance.display)
        return replaced

    async def alone(self, glance: Glance, error: BadPicture | SourceError) -> Glance:
        """The first of two works alone, since the picture of the second cannot be had; told."""
        parts, second = self._common.parts, glance.pair
        parting = self._common.in_worker(parts.showings.part, glance.display, glance.position)
        await despite_the_library(parting, "parting two works")
        alone = glance.model_copy(update={"pair": None})
        if second is not None:
            await parts.reach.note(second, error)
            why = beside_unreadable(second, error)
            await self._common.tell(Failed(refusal("show", why, glance.display)))
        await self._common.tell(alone)
        return alone

    async def _chosen(self, display: str) -> Outcome:
        return await self._carrying.answered(Asked(NextInstead(display=display), BY_ITSELF))

    async def _stay_as_before(self, display: str) -> None:
        reading = self._common.in_worker(self._common.parts.showing.current, display)
        before = await despite_the_library(reading, "what was shown before")
        if before is not None:
            await self._stay(before)

    async def hung(self, glance: Glance) -> None:
        """Keep that a picture is on its display, so that its showing counts.

        That is written with the next command, or in a moment, so that no command waits for it. A
        picture that was told to nobody, since the display may be another agent's, hangs nowhere.
        """
        if not self._common.may_tell(glance):
            return
        showings = self._common.parts.showings
        # Noted at once: who hears of the picture may end the agent.
        showings.hung(glance.display, glance.position)
        await asyncio.sleep(SETTLE_SECONDS)
        settling = self._common.in_worker(showings.settle)
        await despite_the_library(settling, "keeping that a picture is up")
