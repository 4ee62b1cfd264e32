"""What is answered while the library cannot be reached: by what is known of the displays.

What people say of the works that hang is kept on this machine before it is answered, and taken into
the library, in order and once, before anything else is done in it. Displays go on with works that
were known beforehand; what they show is remembered, and taken in as well.
"""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Protocol

from glance_agent.commands.called import spoken_verb
from glance_agent.commands.idempotency import Asked, kept_of, receipts_of
from glance_agent.commands.stock import Stock
from glance_agent.commands.stores import ImageUrl, no_address
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.change import Change, Opinion
from glance_agent.domain.command import Command, Dislike, Forget, Like
from glance_agent.domain.display import Glance, Reaction, Showing, ShownArtwork, shown
from glance_agent.domain.outcome import Event, News, Outcome
from glance_agent.domain.picture_verbs import Next
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, listed, say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.taking_back import Undo
from glance_agent.domain.timing import ANYTIME, Timing
from glance_agent.domain.unsent import Unsent

TAKEN_IN_AT_ONCE = 50
"""So many entries are taken into the library in one transaction: no command waits long for it."""
REMEMBERED_SHOWINGS = 1_000
SAID_TWICE = timedelta(minutes=1)
"""What was said again so soon is the same."""
STOCKED_EVERY = timedelta(minutes=1)
_LATER = say("It is kept, and added to the library as soon as that can be reached.")
_log = logging.getLogger(__name__)


class KeptForLater(Protocol):
    """What is not in the library yet, on this machine. Raises StoreError."""

    id: str

    @property
    def waiting(self) -> int: ...
    def belong_to(self, library: str) -> None: ...
    def entries(self, most: int) -> list[tuple[int, Unsent]]: ...
    def answered(self, receipt: str) -> str | None: ...
    def keep(self, entry: Unsent) -> None: ...
    def last(self, display: str) -> tuple[int, Unsent] | None: ...
    def take_back(self, number: int, undo: Unsent) -> None: ...
    def send(self, number: int) -> None: ...
    def sent(self, number: int) -> None: ...


class TakesIn(Protocol):
    """The past of the library. Raises StoreError."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def keep_shown(self, showings: Sequence[Showing]) -> None: ...
    def delivered(self, outbox: str) -> int: ...
    def note_delivered(self, outbox: str, number: int) -> None: ...
    def reaction(self, user: str, artwork_id: str) -> Reaction | None: ...
    def react(self, reaction: Reaction) -> None: ...
    def forget(self, user: str, artwork_id: str) -> bool: ...
    def keep_change(self, change: Change) -> None: ...
    def keep_receipts(self, keys: Iterable[str], reply: str, at: datetime) -> None: ...


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
        self._showings: deque[tuple[int, Showing]] = deque(maxlen=REMEMBERED_SHOWINGS)
        self._stocked_at: datetime | None = None
        self._hanging: dict[str, Glance] = {}
        self._reacted: set[str] = set()

    @property
    def waiting(self) -> int:
        """How much is not in the library yet."""
        return self._outbox.waiting + len(self._showings)

    def belong_to(self, library: str) -> None:
        """What is kept is for the library of this installation alone. Raises StoreError."""
        self._outbox.belong_to(library)

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
            self._hanging[news.display] = news
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
        if len(displays) != 1 or not isinstance(command, Like | Dislike | Forget | Undo | Next):
            return None
        if isinstance(command, Next):
            return self._next(command, displays[0])
        receipts = [receipt for asked in everyone for receipt in receipts_of(asked)]
        for receipt in receipts:
            if receipt.may_exist and (reply := self._outbox.answered(receipt.key)) is not None:
                return Outcome(Reply.model_validate_json(reply))
        keys = tuple(receipt.key for receipt in receipts)
        if isinstance(command, Undo):
            return self._taken_back(command, displays[0], keys, finish)
        return self._kept(command, displays[0], keys, finish)

    def _kept(
        self,
        command: Like | Dislike | Forget,
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
        after = self._next(command, display) if _wants_another(command) else None
        waits = say("Another picture has to wait until then.")
        then = after.reply.message if after else waits if _wants_another(command) else ""
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
        events = tuple(_event(command, display, work) for work in seen)
        glances, more = (after.glances, after.events) if after else ((), ())
        return Outcome(reply, glances, events=(*events, *more))

    def _next(self, command: Command, display: str) -> Outcome | None:
        """Another work on the display; None where its panel may not change yet, or none is known.

        It is remembered that it was shown.
        """
        before, now = self._hanging.get(display), self._clock()
        timing = self._timings.get(display, ANYTIME)
        since = before.shown_at if before is not None and not command.is_urgent else None
        if timing.wish_at(now, since) is not None:
            return None
        hanging = {work.id for glance in self._hanging.values() for work in glance.works}
        work = self.stock.another(display, hanging)
        if work is None:
            return None
        why = say("Shown while the library cannot be reached")
        seen = shown(work, liked=None, image_url=self._image_url(work.id))
        position = self._position(display) + 1
        glance = Glance(display=display, artwork=seen, shown_at=now, why=why, position=position)
        self._hanging[display] = glance
        showing = Showing(display, work.id, now, Next().verb, command.user, why)
        self._showings.append((position, showing))
        said = say("Showing {best}.", best=glance.label)
        told = {"event_type": "shown", "display": display, **glance.state()}
        reply = Reply(verb=command.verb, ok=True, display=display, message=said, artwork=seen)
        return Outcome(reply, (glance,), events=(Event("shown", told),))

    def take_back(self, display: str, position: int) -> bool:
        """Forget a showing whose picture cannot be had; False where it is none of these."""
        kept = [one for one in self._showings if (one[1].display, one[0]) != (display, position)]
        was_one = len(kept) < len(self._showings)
        self._showings = deque(kept, maxlen=REMEMBERED_SHOWINGS)
        return was_one

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
        command: Like | Dislike | Forget | Undo,
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

    def _meant(self, command: Like | Dislike | Forget, display: str) -> tuple[ShownArtwork, ...]:
        """The works that a command is about, as far as they hang on any display."""
        if command.artwork is not None:
            shown = (work for glance in self._hanging.values() for work in glance.works)
            return tuple([work for work in shown if work.id == command.artwork][:1])
        glance = self._hanging.get(display)
        works = glance.works if glance is not None else ()
        if command.side in ("left", "right") and len(works) < 2:
            return ()
        return {"left": works[:1], "right": works[1:]}.get(command.side or "both", works)

    def _position(self, display: str) -> int:
        glance = self._hanging.get(display)
        return glance.position if glance is not None else 0

    # -- when it is back ----------------------------------------------------------------------

    def take_in(self, past: TakesIn) -> None:
        """Take everything that waits into the library. Raises StoreError where it is away again."""
        total = self._outbox.waiting
        if self._showings:
            past.keep_shown([showing for _, showing in self._showings])
            self._showings.clear()
        while entries := self._outbox.entries(TAKEN_IN_AT_ONCE):
            last = entries[-1][0]
            with past.transaction():
                self._outbox.send(last)
                known = past.delivered(self._outbox.id)
                for number, entry in entries:
                    if number > known:
                        _take_in(past, entry)
                past.note_delivered(self._outbox.id, max(known, last))
            self._outbox.sent(last)
            self._reacted |= {entry.user for _, entry in entries if entry.works}
        if total:
            _log.warning(
                "What people said while the library could not be reached is in it now: %d times.",
                total,
            )

    def reacted(self) -> set[str]:
        """Whose reactions were taken in since this was asked last."""
        reacted, self._reacted = self._reacted, set()
        return reacted


def _take_in(past: TakesIn, entry: Unsent) -> None:
    """Keep one entry as if it had been kept when it was said; what somebody said later holds."""
    before = []
    for work in entry.works:
        was = past.reaction(entry.user, work)
        if was is not None and was.at > entry.at:
            continue
        now = entry.kind
        if was is not None and was.kind == now and entry.at - was.at < SAID_TWICE:
            continue  # a commit whose confirmation was lost on the way had kept it
        if now is not None:
            past.react(Reaction(entry.user, work, now, entry.at))
        elif was is not None:
            past.forget(entry.user, work)
        kind, at = (was.kind, was.at) if was else (None, None)
        if kind != now:
            before.append(Opinion(user=entry.user, artwork=work, kind=kind, at=at))
    if before:
        whose = {"display": entry.display, "user": entry.user}
        past.keep_change(Change(**whose, at=entry.at, verb=entry.verb, opinions=tuple(before)))
    if entry.receipts:
        past.keep_receipts(entry.receipts, entry.reply, entry.at)


def _said(command: Like | Dislike | Forget, works: Iterable[ShownArtwork]) -> str:
    labels = listed(work.label for work in works)
    if command.verb == "like":
        return say("Glad you like {labels}.", labels=labels)
    if command.verb == "dislike":
        return say("I will show less like {labels}.", labels=labels)
    return say("What you thought of {labels} is to be forgotten.", labels=labels)


def _wants_another(command: Command) -> bool:
    return isinstance(command, Like | Dislike) and command.then is not None


def _event(command: Like | Dislike | Forget, display: str, work: ShownArtwork) -> Event:
    told = {"event_type": command.verb, "display": display, "user": command.user}
    return Event("reaction", {**told, "artwork": work.model_dump(mode="json")})
