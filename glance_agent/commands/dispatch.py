"""One command in, one Outcome out: every verb, each carried out once and answered always.

A command and the receipt for it are kept in one transaction, so that a delivery that is
repeated (by the broker after a crash, or by its sender with the same `transaction`) is
answered again and changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from datetime import datetime
from time import perf_counter
from typing import TYPE_CHECKING, Protocol

from glance_agent.commands.away.taking_in import TakesIn
from glance_agent.commands.idempotency import (
    BY_ITSELF,
    Asked,
    Delivery,
    Receipt,
    kept_of,
    receipts_of,
)
from glance_agent.commands.show import ShowingCommands
from glance_agent.commands.undo import TakingBack
from glance_agent.commands.unkept import GOES_ON, not_kept, perhaps_anothers, shown_unkept
from glance_agent.commands.use_cases import UseCases
from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import (
    Command,
)
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.errors import CommandError, ErrorCode, StoreError, Trouble, our_fault
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply, refusal, spoken
from glance_agent.domain.said import say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.taking_back import Undo
from glance_agent.search.query_embedding import Understanding
from glance_agent.search.reading import ReadWords, Unread

if TYPE_CHECKING:  # only for a library that a server keeps
    from glance_agent.commands.away.while_away import WhileAway

_log = logging.getLogger(__name__)


class ReceiptKeeper(TakesIn, Protocol):
    """Keeps receipts, and effects together with them."""

    def unkept(self) -> AbstractContextManager[None]: ...
    def receipt(self, key: str, since: datetime) -> str | None: ...


class Dispatcher:
    """Has commands carried out, and answers them; one thread at a time."""

    def __init__(
        self,
        use_cases: UseCases,
        showing: ShowingCommands,
        taking_back: TakingBack,
        past: ReceiptKeeper,
        *,
        displays: DisplayNames,
        clock: Callable[[], datetime],
        while_away: WhileAway | None = None,
    ) -> None:
        """`while_away` goes on while a library that a server keeps cannot be reached."""
        self._while_away = while_away
        self._use_cases = use_cases
        self._showing = showing
        self._taking_back = taking_back
        self._past = past
        self._displays = displays
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
        try:
            displays = self._each(self._display(asked.command.display))
            command = self._taking_back.instead_of(asked.command, displays)
            if not isinstance(command, Undo) or self._answered(receipts_of(asked)) is not None:
                return ()
            ids = {i: None for each in displays for i in self._taking_back.would_hang(each)}
            return tuple(self._showing.artwork(i, displays[0]) for i in ids)
        except (CommandError, StoreError):
            # The answer will say so.
            return ()

    def unread(self, command: Command) -> Unread:
        """What the model has to read before the command is carried out; raises nothing."""
        try:
            displays = self._each(self._display(command.display))
            return self._showing.words.unread(command, displays)
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
        everyone = (Asked(command, delivery), *also)
        try:
            display = self._display(command.display)
            self.understanding.learn(self._read(command) if read is None else read)
            return self._once(everyone, settled or command, display, started)
        except CommandError as error:
            return refused(error, command, started)
        except StoreError as error:
            _log.log(error.log_level, "carrying out “%s” failed: %s", command.verb, error)
            return self._unkept(everyone, settled or command, error, started)
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
        self.take_in()
        receipts = [receipts_of(asked) for asked in everyone]
        with nullcontext() if command.only_looks else self._past.transaction():
            answered = [self._answered(each) for each in receipts]
            if answered[0] is not None and None not in answered:
                return Outcome(answered[0])
            asked = everyone[0].delivery is not BY_ITSELF
            cases = self._use_cases
            outcome = (cases.remembered if asked else cases.carry_out)(command, display)
            reply = _finished(outcome.reply, everyone[0].command, started)
            self._keep([r.key for each in receipts for r in each], reply)
        return replace(outcome, reply=reply)

    def take_in(self) -> None:
        """Have the library take in what people said while it could not be reached. Raises
        StoreError."""
        if self._while_away is not None and self._while_away.waiting:
            self._while_away.take_in(self._past)

    def _unkept(
        self, everyone: Sequence[Asked], settled: Command, error: StoreError, started: float
    ) -> Outcome:
        """What can be done while nothing can be kept: displays go on, and the answer says so."""
        command = everyone[0].command
        if error.trouble is Trouble.UNREACHABLE and self._while_away is not None:
            if settled.goes_on_unkept and not self._while_away.owns():
                return refused(perhaps_anothers(), command, started)
            displays = self._each(self._display(command.display))
            try:
                away = self._while_away.answer(
                    everyone, displays, lambda reply: _finished(reply, command, started)
                )
            except StoreError as worse:
                _log.error("what “%s” said cannot be kept: %s", command.verb, worse)
                return refused(not_kept(worse), command, started)
            if away is not None:
                return away
        if not settled.goes_on_unkept or error.trouble not in GOES_ON:
            return refused(not_kept(error), command, started)
        try:
            with self._past.unkept():
                outcome = self._use_cases.carry_out(settled, self._display(command.display))
        except CommandError as refusal:
            return refused(refusal, command, started)
        except StoreError as worse:
            return refused(not_kept(worse), command, started)
        outcome = shown_unkept(outcome, error)
        return replace(outcome, reply=_finished(outcome.reply, command, started))

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

    # -- once only ----------------------------------------------------------------------------

    def _display(self, name: str | None) -> str:
        if not self._displays.meant(name):
            raise CommandError(
                ErrorCode.UNKNOWN_DISPLAY,
                say("There is no display “{name}”.", name=name),
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
    """The reply in the language of whoever asked, with what every answer carries: the transaction
    and the time it took."""
    took_ms = round((perf_counter() - started) * 1000)
    told = {"transaction": command.transaction, "took_ms": took_ms}
    return spoken(reply, command.language).model_copy(update=told)
