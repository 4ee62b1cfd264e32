"""One command in, one Outcome out: every verb, each carried out once and answered always.

A command and the receipt for it are kept in one transaction, so that a delivery that is
repeated (by the broker after a crash, or by its sender with the same `transaction`) is
answered again and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import Protocol, assert_never

from glance_agent.commands.bring_in import bringing_in
from glance_agent.commands.changes import Remembering
from glance_agent.commands.describe import described
from glance_agent.commands.display_settings import DisplaySettingCommands
from glance_agent.commands.everywhere import on_each
from glance_agent.commands.idempotency import (
    BY_ITSELF,
    Asked,
    Delivery,
    Receipt,
    kept_of,
    receipts_of,
)
from glance_agent.commands.in_one_breath import followed
from glance_agent.commands.react import Reactions
from glance_agent.commands.reporting import HangingNow, reported
from glance_agent.commands.show import ShowingCommands
from glance_agent.commands.talking import friendly, helpful
from glance_agent.commands.undo import TakingBack
from glance_agent.commands.unkept import GOES_ON, not_kept, shown_unkept
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import (
    Command,
    Describe,
    Discovery,
    Dislike,
    Forget,
    Help,
    Hide,
    Ingest,
    Like,
    Mood,
    Pause,
    Resume,
    Say,
    Slideshow,
    Status,
)
from glance_agent.domain.display import Glance
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.errors import CommandError, ErrorCode, StoreError, our_fault
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.reply import Reply, refusal
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.taking_back import Undo, Unhide
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.reading import ReadWords, Unread

_log = logging.getLogger(__name__)


class ReceiptKeeper(Protocol):
    """Keeps receipts, and effects together with them."""

    def transaction(self) -> AbstractContextManager[None]: ...
    def unkept(self) -> AbstractContextManager[None]: ...
    def receipt(self, key: str, since: datetime) -> str | None: ...
    def keep_receipts(self, keys: Iterable[str], reply: str, at: datetime) -> None: ...


class Dispatcher:
    """Carries commands out; one thread at a time."""

    def __init__(
        self,
        showing: ShowingCommands,
        reactions: Reactions,
        setting: DisplaySettingCommands,
        past: ReceiptKeeper,
        *,
        remembering: Remembering,
        taking_back: TakingBack,
        displays: DisplayNames,
        sources: Collection[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._showing = showing
        self._reactions = reactions
        self._setting = setting
        self._past = past
        self._remembering = remembering
        self._taking_back = taking_back
        self._displays = displays
        self._sources = sources
        self._clock = clock

    @property
    def understanding(self) -> Understanding:
        """What knows the meaning of words; its `read` may be called in any thread."""
        return self._showing.understanding

    def ahead(self, asked: Asked) -> Outcome | None:
        """The answer to a command that a picture would have to be fetched for, where it needs
        none: it was given before, or its display is not there."""
        started = perf_counter()
        try:
            self._display(asked.command.display)
            reply = self._answered(receipts_of(asked))
        except CommandError as error:
            return refused(error, asked.command, started)
        except StoreError as error:
            return refused(not_kept(error), asked.command, started)
        return None if reply is None else Outcome(reply)

    def hangs_again(self, asked: Asked) -> tuple[Artwork, ...]:
        """The works that a command brings back which it does not name; raises nothing.

        Nothing where it was answered before.
        """
        command = asked.command
        try:
            if not isinstance(command, Undo) or self._answered(receipts_of(asked)) is not None:
                return ()
            displays = self._each(self._display(command.display))
            ids = {i: None for each in displays for i in self._taking_back.would_hang(each)}
            return tuple(self._showing.artwork(i, displays[0]) for i in ids)
        except (CommandError, StoreError):
            # The answer will say so.
            return ()

    def unread(self, command: Command) -> Unread:
        """What the model has to read before the command is carried out; raises nothing."""
        try:
            return self._showing.unread(command, self._each(self._display(command.display)))
        except (CommandError, StoreError):
            # The answer will say so.
            return Unread()

    def answer(
        self,
        command: Command,
        delivery: Delivery | None = None,
        also: Sequence[Asked] = (),
        *,
        settled: Command | None = None,
        read: ReadWords | None = None,
    ) -> Outcome:
        """Carry a command out, or answer it again; raises nothing that a sender can cause.

        `also` are commands of the same meaning that this one stands for. `settled` is the
        command with the artwork that was fetched for it in place of its address. `read` is what
        the model made of its words; without it, the model is asked here.
        """
        started = perf_counter() - (read.waited_seconds if read else 0.0)
        try:
            display = self._display(command.display)
            self.understanding.learn(self._read(command) if read is None else read)
            everyone = (Asked(command, delivery), *also)
            return self._once(everyone, settled or command, display, started)
        except CommandError as error:
            return refused(error, command, started)
        except StoreError as error:
            _log.error("carrying out “%s” failed: %s", command.verb, error)
            return self._unkept(settled or command, command, error, started)
        except Exception:
            # The one broad except of this room: a fault of ours is logged with its traceback
            # and answered with a sentence, and the next command finds everything as it was.
            _log.exception("carrying out “%s” failed", command.verb)
            return refused(our_fault(), command, started)

    def _read(self, command: Command) -> ReadWords:
        """Have the model read here and now, and write down what it read."""
        read = self.understanding.read(self.unread(command))
        self.understanding.learn(read)
        self.understanding.keep()
        return read

    def _once(
        self, everyone: Sequence[Asked], command: Command, display: str, started: float
    ) -> Outcome:
        """Carry out what has not been answered before, and keep its answer; both or neither.

        What only looks does so before the library is locked for the writing of its receipt.
        """
        receipts = [receipts_of(asked) for asked in everyone]
        with nullcontext() if command.only_looks else self._past.transaction():
            answered = [self._answered(each) for each in receipts]
            if answered[0] is not None and None not in answered:
                return Outcome(answered[0])
            asked = everyone[0].delivery is not BY_ITSELF
            outcome = (self._remembered if asked else self._carry_out)(command, display)
            reply = _finished(outcome.reply, everyone[0].command, started)
            self._keep([r.key for each in receipts for r in each], reply)
        return replace(outcome, reply=reply)

    def _unkept(
        self, settled: Command, command: Command, error: StoreError, started: float
    ) -> Outcome:
        """What can be done while nothing can be kept: displays go on, and the answer says so."""
        if not settled.goes_on_unkept or error.trouble not in GOES_ON:
            return refused(not_kept(error), command, started)
        try:
            with self._past.unkept():
                outcome = self._carry_out(settled, self._display(command.display))
        except CommandError as refusal:
            return refused(refusal, command, started)
        except StoreError as worse:
            return refused(not_kept(worse), command, started)
        outcome = shown_unkept(outcome, error)
        return replace(outcome, reply=_finished(outcome.reply, command, started))

    def _remembered(self, command: Command, display: str) -> Outcome:
        """Carry out, and keep what it changes so that it can be taken back."""
        command = self._about_this(command, display)
        before = {name: self._remembering.before(command, name) for name in self._each(display)}
        outcome = self._carry_out(command, display)
        for name, snapshot in before.items():
            if snapshot is not None:
                self._remembering.keep(snapshot, command, name)
        return outcome

    def _carry_out(self, command: Command, display: str) -> Outcome:
        display, *others = self._each(display)
        if others:
            each = (display, *others)
            called = "every display" if each == self._displays.displays else " and ".join(each)
            return on_each(command, each, self._carry_out, self._showing.repeat, called=called)
        match command:
            case Search():
                return self._showing.search(command, display)
            case Similar():
                return self._showing.similar(command, display)
            case Next():
                return self._showing.next(command, display)
            case Previous():
                return self._showing.previous(command, display)
            case Show():
                return self._showing.show(command, display)
            case Like() | Dislike():
                said = self._reactions.react(command, display)
                return followed(said, command, lambda then: self._carry_out(then, display))
            case Forget():
                return self._reactions.forget(command, display)
            case Hide():
                return self._replaced(self._reactions.hide(command, display), command)
            case Unhide():
                return self._reactions.unhide(command, display)
            case Undo():
                return self._taking_back.undo(command, display)
            case Mood():
                return self._setting.mood(command, display)
            case Slideshow():
                return self._setting.slideshow(command, display)
            case Discovery():
                return self._setting.discovery(command, display)
            case Pause() | Resume():
                return self._setting.pause(command, display)
            case Describe():
                work = self._showing.artwork(command.artwork, display)
                seen = self._showing.seen_by(command.user, work)
                return described(seen, self._showing.current(display))
            case Ingest():
                return bringing_in(command, self._sources)
            case Status():
                return self._reported(command, display)
            case Say():
                return friendly(command.text)
            case Help():
                return helpful(self._displays.displays)
            case _:
                assert_never(command)

    def hang_wish(self, display: str) -> Outcome:
        """Hang what waited until the panel may change, also while nothing can be kept.

        Raises StoreError where the library is gone or busy.
        """
        try:
            with self._past.transaction():
                return self._showing.hang_wish(display)
        except StoreError as error:
            if error.trouble not in GOES_ON:
                raise
            with self._past.unkept():
                return self._showing.hang_wish(display)

    def _about_this(self, command: Command, display: str) -> Command:
        """The command with the work that hangs, where another one is to hang after it."""
        if not isinstance(command, Like | Dislike) or command.then is None or command.artwork:
            return command
        if len(self._each(display)) != 1:
            return command
        return command.model_copy(update={"artwork": self._showing.artwork(None, display).id})

    def _reported(self, command: Status, display: str) -> Outcome:
        """How things are: on the display that is named, else on all of them."""
        names = (display,) if command.display else self._displays.displays
        now = [
            HangingNow(name, self._showing.current(name), self._showing.told_settings(name))
            for name in names
        ]
        return reported(self._showing.holdings(), now)

    def _replaced(self, hidden: Outcome, command: Hide) -> Outcome:
        """A hidden work leaves every display at once, where another can take its place."""
        glances, events, waiting = list[Glance](), [*hidden.events], list[str]()
        for glance in hidden.glances:
            try:
                after = self._showing.next(command, glance.display)
            except CommandError:
                # Nothing else may be shown: the display keeps its picture until something can.
                glances.append(glance)
            else:
                # Where its panel may not change yet, the hidden one hangs until then.
                glances += after.glances or (glance,)
                events += after.events
                waiting += after.settings_of
        return replace(
            hidden, glances=tuple(glances), events=tuple(events), settings_of=tuple(waiting)
        )

    # -- once only ----------------------------------------------------------------------------

    def _display(self, name: str | None) -> str:
        if not self._displays.meant(name):
            raise CommandError(
                ErrorCode.UNKNOWN_DISPLAY,
                f"There is no display “{name}”.",
                self._displays.said(),
            )
        return name or self._displays.displays[0]

    def _each(self, display: str) -> tuple[str, ...]:
        """The displays that a name means."""
        return self._displays.meant(display)

    def _answered(self, receipts: Iterable[Receipt]) -> Reply | None:
        """What was answered before to this same delivery."""
        for receipt in receipts:
            if receipt.may_exist:
                since = self._clock() - receipt.holds
                if (kept := self._past.receipt(receipt.key, since)) is not None:
                    return Reply.model_validate_json(kept)
        return None

    def _keep(self, keys: Sequence[str], reply: Reply) -> None:
        if keys:
            with self._past.transaction():
                self._past.keep_receipts(keys, as_json(kept_of(reply)), self._clock())


def refused(error: CommandError, command: Command, started: float) -> Outcome:
    """What is answered to a command that cannot be carried out."""
    return Outcome(_finished(refusal(command.verb, error, command.display), command, started))


def _finished(reply: Reply, command: Command, started: float) -> Reply:
    """The reply with what every answer carries: the transaction and the time it took."""
    took_ms = round((perf_counter() - started) * 1000)
    return reply.model_copy(update={"transaction": command.transaction, "took_ms": took_ms})
