"""Displays go on while the library is away: with works from the stock, each kept as shown."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from glance_agent.commands.away.hanging import KnownHangings
from glance_agent.commands.away.kept import Addressee, KeptForLater
from glance_agent.commands.away.stock import Stock
from glance_agent.commands.idempotency import kept_of
from glance_agent.commands.stores import ImageUrl
from glance_agent.commands.unkept import shown_unkept
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Command
from glance_agent.domain.display import Glance, shown
from glance_agent.domain.errors import StoreError
from glance_agent.domain.event import Event
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.timing import ANYTIME, Timing
from glance_agent.domain.unsent import Unsent

REMEMBERED_SHOWINGS = 1_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShowsFromStock:
    """Puts other works on displays; in the worker's thread."""

    outbox: KeptForLater
    stock: Stock
    hangings: KnownHangings
    timings: Mapping[str, Timing]
    image_url: ImageUrl
    clock: Callable[[], datetime]

    def another(self, command: Command, to: Addressee) -> Outcome | None:
        """Another work on the display; None where it may be another agent's, its panel may not
        change yet, or no work is known.

        It is kept that it was shown; where it cannot be, it is shown and not `ok`.
        """
        if not self.hangings.owns():
            self.hangings.forget_unseen()
            return None
        now = self.clock()
        hangs = self.hangings.now()
        if not self._may_change(command, hangs.get(to.display), to.display, now):
            return None
        hanging = {work.id for glance in hangs.values() for work in glance.works}
        work = self.stock.another(to.display, hanging)
        if work is None:
            return None
        glance = self._glance(work, to.display, now)
        self.hangings.comes(glance)
        return self._kept(command, to, glance)

    def _may_change(
        self, command: Command, before: Glance | None, display: str, now: datetime
    ) -> bool:
        since = before.shown_at if before is not None and not command.is_urgent else None
        return self.timings.get(display, ANYTIME).wish_at(now, since) is None

    def _glance(self, work: Artwork, display: str, now: datetime) -> Glance:
        return Glance(
            display=display,
            artwork=shown(work, liked=None, image_url=self.image_url(work.id)),
            shown_at=now,
            why=say("Shown while the library could not be reached"),
            position=self.hangings.position(display) + 1,
        )

    def _kept(self, command: Command, to: Addressee, glance: Glance) -> Outcome:
        outcome = _outcome(command, glance)
        reply = to.finish(outcome.reply)
        try:
            self._keep(_entry(command, to, glance, reply))
        except StoreError as error:
            _log.error("what %s shows cannot be kept: %s", glance.display, error)
            outcome = shown_unkept(outcome, error)
            reply = to.finish(outcome.reply)
        return replace(outcome, reply=reply)

    def _keep(self, entry: Unsent) -> None:
        self.outbox.keep(entry)
        for number, _ in self.outbox.showings()[:-REMEMBERED_SHOWINGS]:
            self.outbox.drop(number)


def _outcome(command: Command, glance: Glance) -> Outcome:
    reply = Reply(
        verb=command.verb,
        ok=True,
        display=glance.display,
        message=say("Showing {best}.", best=glance.label),
        artwork=glance.artwork,
    )
    told = {"event_type": "shown", "display": glance.display, **glance.state()}
    return Outcome(reply, (glance,), events=(Event("shown", told),))


def _entry(command: Command, to: Addressee, glance: Glance, reply: Reply) -> Unsent:
    return Unsent(
        verb="next",
        display=glance.display,
        user=command.user,
        works=(glance.artwork.id,),
        at=glance.shown_at,
        position=glance.position,
        receipts=to.receipts,
        reply=as_json(kept_of(reply)),
        why=glance.why,
    )
