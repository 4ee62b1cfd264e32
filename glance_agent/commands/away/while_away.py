"""What is answered while the library cannot be reached: by what is known of the displays.

What people say of the works that hang is kept on this machine before it is answered, and taken into
the library, in order and once, before anything else is done in it. Displays go on with works that
were known beforehand; what they show is kept, and taken in as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from types import MappingProxyType

from glance_agent.commands.away.hanging import KnownHangings
from glance_agent.commands.away.kept import Addressee, KeptForLater
from glance_agent.commands.away.opinions import KeepsOpinions, Thought
from glance_agent.commands.away.showing import ShowsFromStock
from glance_agent.commands.away.stock import Stock
from glance_agent.commands.away.taking_in import TakesIn, all_taken_in
from glance_agent.commands.idempotency import Asked, receipts_of
from glance_agent.commands.stores import ImageUrl, no_address
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.display import Glance
from glance_agent.domain.event import Event
from glance_agent.domain.news import News
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.reply import Reply
from glance_agent.domain.taking_back import Undo
from glance_agent.domain.timing import Timing

STOCKED_EVERY = timedelta(minutes=1)
_log = logging.getLogger(__name__)


class WhileAway:
    """Carries on without the library; in the worker's thread, but for `announce`."""

    def __init__(
        self,
        outbox: KeptForLater,
        stock: Stock,
        *,
        timings: Mapping[str, Timing] = MappingProxyType({}),
        image_url: ImageUrl = no_address,
        clock: Callable[[], datetime],
    ) -> None:
        self.stock = stock
        self.owns: Callable[[], bool] = lambda: True
        """Whether the displays are this agent's for sure: otherwise it shows nothing on them."""
        self._outbox = outbox
        self._clock = clock
        self._hangings = KnownHangings(outbox, lambda: self.owns())
        self._shows = ShowsFromStock(outbox, stock, self._hangings, timings, image_url, clock)
        self._opinions = KeepsOpinions(outbox, self._hangings, self._shows, clock)
        self._stocked_at: datetime | None = None
        self._hide: Callable[[str], Iterable[str]] = lambda work: ()
        self._reacted: set[str] = set()

    @property
    def waiting(self) -> int:
        """How much is not in the library yet."""
        return self._outbox.waiting

    def belong_to(self, library: str, hide: Callable[[str], Iterable[str]]) -> None:
        """What is kept is for the library of this installation alone, in which `hide` hides a work
        and its copies. Raises StoreError."""
        self._outbox.belong_to(library)
        self._hide = hide

    @property
    def wants_stock(self) -> bool:
        """Whether works are to be known anew, as the library has changed in a while."""
        return self._stocked_at is None or self._clock() - self._stocked_at >= STOCKED_EVERY

    def restock(self, works: Iterable[tuple[Artwork, str]]) -> None:
        """Know these works from now on, with where their pictures are."""
        self.stock.fill(works)
        self._stocked_at = self._clock()

    async def announce(self, news: News) -> None:
        """Take note of what hangs."""
        if isinstance(news, Glance):
            self._hangings.told(news)
        elif isinstance(news, Event) and news.payload.get("event_type") == "hide":
            self.stock.drop(news.payload["artwork"]["id"])

    def answer(
        self,
        everyone: Sequence[Asked],
        displays: Sequence[str],
        finish: Callable[[Reply], Reply] = lambda reply: reply,
    ) -> Outcome | None:
        """What comes of a command, its answer made ready by `finish`; None where it needs the
        library. Raises StoreError where it cannot be kept."""
        command = everyone[0].command
        if len(displays) != 1 or not isinstance(command, Thought | Undo | Next):
            return None
        receipts = [receipt for asked in everyone for receipt in receipts_of(asked)]
        for receipt in receipts:
            if receipt.may_exist and (reply := self._outbox.answered(receipt.key)) is not None:
                return Outcome(Reply.model_validate_json(reply))
        to = Addressee(displays[0], tuple(receipt.key for receipt in receipts), finish)
        if isinstance(command, Next):
            return self._shows.another(command, to)
        if isinstance(command, Undo):
            return self._opinions.take_back(command, to)
        return self._opinions.keep(command, to)

    def take_back(self, display: str, position: int) -> bool:
        """Forget a showing whose picture cannot be had; False where it is none of these."""
        return self._hangings.take_back(display, position)

    def take_in(self, past: TakesIn) -> None:
        """Take everything that waits into the library. Raises StoreError where it is away again."""
        total = 0
        self._hangings.forget_unseen()
        try:
            for new in all_taken_in(self._outbox, past, self._hide):
                said = [entry for entry in new if not entry.is_showing]
                total += len(said)
                self._reacted |= {entry.user for entry in said if entry.works}
        finally:
            if total:
                _log.warning(
                    "What people said while the library could not be reached is in it now (%d).",
                    total,
                )

    def reacted(self) -> set[str]:
        """Whose reactions were taken in since this was asked last."""
        reacted, self._reacted = self._reacted, set()
        return reacted
