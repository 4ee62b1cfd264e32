"""What is answered while the library cannot be reached: by what is known of the displays.

What people say of the works that hang is kept on this machine before it is answered, and taken into
the library, in order and once, before anything else is done in it. Displays go on with works that
were known beforehand; what they show is kept, and taken in as well.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from glance_agent.commands.called import spoken_verb
from glance_agent.commands.idempotency import Asked, kept_of, receipts_of
from glance_agent.commands.stock import Stock
from glance_agent.commands.stores import ImageUrl, no_address
from glance_agent.commands.taking_in import TakesIn, taken_in
from glance_agent.commands.unkept import shown_unkept
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Command, Dislike, Forget, Hide, Like
from glance_agent.domain.display import Glance, ShownArtwork, shown
from glance_agent.domain.errors import StoreError
from glance_agent.domain.outcome import Event, News, Outcome
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, listed, many, say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.taking_back import Undo
from glance_agent.domain.timing import ANYTIME, Timing
from glance_agent.domain.unsent import Unsent

TAKEN_IN_AT_ONCE = 50
"""So many entries are taken into the library in one transaction."""
REMEMBERED_SHOWINGS = 1_000
STOCKED_EVERY = timedelta(minutes=1)
_LATER = say("It is kept, and added to the library as soon as that can be reached.")
_Thought = Like | Dislike | Forget | Hide
"""What is said of works."""
_log = logging.getLogger(__name__)


class KeptForLater(Protocol):
    """What is not in the library yet, on this machine. Raises StoreError."""

    @property
    def waiting(self) -> int: ...
    def belong_to(self, library: str) -> None: ...
    def entries(self, most: int) -> list[tuple[int, Unsent]]: ...
    def answered(self, receipt: str) -> str | None: ...
    def keep(self, entry: Unsent) -> None: ...
    def last(self, display: str) -> tuple[int, Unsent] | None: ...
    def take_back(self, number: int, undo: Unsent) -> None: ...
    def showings(self) -> list[tuple[int, Unsent]]: ...
    def drop(self, number: int) -> None: ...
    def send(self, number: int) -> None: ...
    def sent(self, number: int) -> None: ...


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
        self._outbox = outbox
        self._timings = timings
        self._image_url = image_url
        self._clock = clock
        self._stocked_at: datetime | None = None
        self._hide: Callable[[str], Iterable[str]] = lambda work: ()
        self.owns: Callable[[], bool] = lambda: True
        """Whether the displays are this agent's for sure: otherwise it shows nothing on them."""
        self._told: dict[str, Glance] = {}
        self._coming: dict[str, Glance] = {}
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
            self._told[news.display] = news
            coming = self._coming.get(news.display)
            if coming is not None and coming.position <= news.position:
                self._coming.pop(news.display, None)
        elif isinstance(news, Event) and news.payload.get("event_type") == "hide":
            self.stock.drop(news.payload["artwork"]["id"])

    # -- while it is away ---------------------------------------------------------------------

    def answer(
        self,
        everyone: Sequence[Asked],
        displays: Sequence[str],
        finish: Callable[[Reply], Reply] = lambda reply: reply,
    ) -> Outcome | None:
        """What comes of a command, its answer made ready by `finish`; None where it needs the
        library. Raises StoreError where it cannot be kept."""
        command = everyone[0].command
        if len(displays) != 1 or not isinstance(command, _Thought | Undo | Next):
            return None
        receipts = [receipt for asked in everyone for receipt in receipts_of(asked)]
        for receipt in receipts:
            if receipt.may_exist and (reply := self._outbox.answered(receipt.key)) is not None:
                return Outcome(Reply.model_validate_json(reply))
        keys = tuple(receipt.key for receipt in receipts)
        if isinstance(command, Next):
            return self._next(command, displays[0], keys, finish)
        if isinstance(command, Undo):
            return self._taken_back(command, displays[0], keys, finish)
        return self._kept(command, displays[0], keys, finish)

    def _kept(
        self,
        command: _Thought,
        display: str,
        receipts: tuple[str, ...],
        finish: Callable[[Reply], Reply],
    ) -> Outcome | None:
        works = self._meant(command, display)
        if not works:
            return None
        liked = {"like": True, "dislike": False}.get(command.verb)
        seen = [work.model_copy(update={"liked": liked}) for work in works]
        position = self._position(display)
        after = self._after(command, display, {work.id for work in works})
        then = in_a_row(*(one.reply.message for one in after))
        if _wants_another(command) and not after:
            then = say("Another picture has to wait until then.")
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display,
            message=in_a_row(_said(command, seen), _LATER, then),
            artwork=seen[0],
            pair=seen[1] if len(seen) > 1 else None,
        )
        ids, reply = tuple(work.id for work in seen), finish(reply)
        entry = self._entry(command, display, ids, receipts, reply)
        self._outbox.keep(entry.model_copy(update={"position": position}))
        events = [_event(command, display, work) for work in seen]
        glances = tuple(glance for one in after for glance in one.glances)
        return Outcome(reply, glances, events=(*events, *(e for one in after for e in one.events)))

    def _after(self, command: _Thought, display: str, works: Set[str]) -> list[Outcome]:
        """What hangs after an opinion, where another picture was asked for; in place of a work that
        is hidden, wherever it hangs."""
        displays = [display] if _wants_another(command) else []
        if isinstance(command, Hide):
            for work in works:
                self.stock.drop(work)
            displays = [
                glance.display
                for glance in self._hanging.values()
                if not works.isdisjoint(work.id for work in glance.works)
            ]
        return [one for each in displays if (one := self._next(command, each)) is not None]

    def _next(
        self,
        command: Command,
        display: str,
        receipts: tuple[str, ...] = (),
        finish: Callable[[Reply], Reply] = lambda reply: reply,
    ) -> Outcome | None:
        """Another work on the display; None where it may be another agent's, its panel may not
        change yet, or no work is known.

        It is kept that it was shown; where it cannot be, it is shown and not `ok`.
        """
        if not self.owns():
            self._forget_unseen()
            return None
        before, now = self._hanging.get(display), self._clock()
        timing = self._timings.get(display, ANYTIME)
        since = before.shown_at if before is not None and not command.is_urgent else None
        if timing.wish_at(now, since) is not None:
            return None
        hanging = {work.id for glance in self._hanging.values() for work in glance.works}
        work = self.stock.another(display, hanging)
        if work is None:
            return None
        why = say("Shown while the library could not be reached")
        seen = shown(work, liked=None, image_url=self._image_url(work.id))
        position = self._position(display) + 1
        glance = Glance(display=display, artwork=seen, shown_at=now, why=why, position=position)
        self._coming[display] = glance
        said = say("Showing {best}.", best=glance.label)
        told = {"event_type": "shown", "display": display, **glance.state()}
        reply = Reply(verb=command.verb, ok=True, display=display, message=said, artwork=seen)
        outcome = Outcome(finish(reply), (glance,), events=(Event("shown", told),))
        entry = Unsent(
            verb="next",
            display=display,
            user=command.user,
            works=(work.id,),
            at=now,
            position=position,
            receipts=receipts,
            reply=as_json(kept_of(outcome.reply)),
            why=why,
        )
        try:
            self._keep_shown(entry)
        except StoreError as error:
            _log.error("what %s shows cannot be kept: %s", display, error)
            outcome = shown_unkept(Outcome(reply, (glance,), events=outcome.events), error)
            return replace(outcome, reply=finish(outcome.reply))
        return outcome

    def _keep_shown(self, entry: Unsent) -> None:
        self._outbox.keep(entry)
        for number, _ in self._outbox.showings()[:-REMEMBERED_SHOWINGS]:
            self._outbox.drop(number)

    def take_back(self, display: str, position: int) -> bool:
        """Forget a showing whose picture cannot be had; False where it is none of these."""
        coming = self._coming.get(display)
        if coming is not None and coming.position == position:
            self._coming.pop(display, None)
        for number, entry in self._outbox.showings():
            if (entry.display, entry.position) == (display, position):
                self._outbox.drop(number)
                return True
        return False

    def _taken_back(
        self,
        command: Undo,
        display: str,
        receipts: tuple[str, ...],
        finish: Callable[[Reply], Reply],
    ) -> Outcome | None:
        """The last thing that was said there and is not in the library; nothing older."""
        last = self._outbox.last(display)
        if last is None or last[1].position != self._position(display):
            return None
        number, said = last
        message = say("Took back {change}.", change=spoken_verb(said.verb))
        reply = finish(Reply(verb=command.verb, ok=True, display=display, message=message))
        self._outbox.take_back(number, self._entry(command, display, (), receipts, reply))
        return Outcome(reply)

    def _entry(
        self,
        command: _Thought | Undo,
        display: str,
        works: tuple[str, ...],
        receipts: tuple[str, ...],
        reply: Reply,
    ) -> Unsent:
        return Unsent(
            verb=command.verb,
            display=display,
            user=command.user,
            works=works,
            at=self._clock(),
            position=self._position(display),
            receipts=receipts,
            reply=as_json(kept_of(reply)),
        )

    def _meant(self, command: _Thought, display: str) -> tuple[ShownArtwork, ...]:
        """The works that a command is about, as far as they hang on any display."""
        if command.artwork is not None:
            shown = (work for glance in self._hanging.values() for work in glance.works)
            return tuple([work for work in shown if work.id == command.artwork][:1])
        glance = self._hanging.get(display)
        works = glance.works if glance is not None else ()
        if command.side in ("left", "right") and len(works) < 2:
            return ()
        return {"left": works[:1], "right": works[1:]}.get(command.side or "both", works)

    @property
    def _hanging(self) -> dict[str, Glance]:
        """What hangs on each display, or is just being put up; that is not told any more, and has
        not been shown, once the displays may be another agent's."""
        if not self.owns():
            self._forget_unseen()
        return {**self._told, **self._coming}

    def _forget_unseen(self) -> None:
        for glance in tuple(self._coming.values()):
            self.take_back(glance.display, glance.position)

    def _position(self, display: str) -> int:
        glance = self._hanging.get(display)
        return glance.position if glance is not None else 0

    # -- when it is back ----------------------------------------------------------------------

    def take_in(self, past: TakesIn) -> None:
        """Take everything that waits into the library. Raises StoreError where it is away again."""
        total = 0
        if not self.owns():
            self._forget_unseen()
        try:
            while entries := self._outbox.entries(TAKEN_IN_AT_ONCE):
                last = entries[-1][0]
                with past.transaction():
                    self._outbox.send(last)
                    new = self._taken_in(past, entries)
                self._outbox.sent(last)
                said = [entry for entry in new if not entry.is_showing]
                total += len(said)
                self._reacted |= {entry.user for entry in said if entry.works}
        finally:
            if total:
                _log.warning(
                    "What people said while the library could not be reached is in it now (%d).",
                    total,
                )

    def _taken_in(self, past: TakesIn, entries: Sequence[tuple[int, Unsent]]) -> list[Unsent]:
        """Take in those entries that the library has not got, and give them."""
        known = {run: past.delivered(run) for run in {entry.run for _, entry in entries}}
        new = [(number, entry) for number, entry in entries if number > known[entry.run]]
        for number, entry in new:
            taken_in(past, entry, self._hide)
            known[entry.run] = number
        for run in {entry.run for _, entry in new}:
            past.note_delivered(run, known[run])
        return [entry for _, entry in new]

    def reacted(self) -> set[str]:
        """Whose reactions were taken in since this was asked last."""
        reacted, self._reacted = self._reacted, set()
        return reacted


def _said(command: _Thought, works: Sequence[ShownArtwork]) -> str:
    labels = listed(work.label for work in works)
    if command.verb == "like":
        return say("Glad you like {labels}.", labels=labels)
    if command.verb == "dislike":
        return say("I will show less like {labels}.", labels=labels)
    if command.verb == "hide":
        return many(
            "{labels} will not be shown again.",
            "{labels} will not be shown again.",
            n=len(works),
            labels=labels,
        )
    return say("What you thought of {labels} is to be forgotten.", labels=labels)


def _wants_another(command: Command) -> bool:
    return isinstance(command, Like | Dislike) and command.then is not None


def _event(command: _Thought, display: str, work: ShownArtwork) -> Event:
    told = {"event_type": command.verb, "display": display, "user": command.user}
    return Event("reaction", {**told, "artwork": work.model_dump(mode="json")})
