"""A command that is to be carried out -> its use case: every verb has its line here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import assert_never

from glance_agent.commands.bring_in import bringing_in
from glance_agent.commands.changes import Remembering
from glance_agent.commands.describe import described
from glance_agent.commands.display_settings import DisplaySettingCommands
from glance_agent.commands.everywhere import Choosing, on_each
from glance_agent.commands.in_one_breath import followed
from glance_agent.commands.react import Reactions
from glance_agent.commands.reporting import HangingNow, reported, switched
from glance_agent.commands.show import ShowingCommands
from glance_agent.commands.talking import friendly, helpful
from glance_agent.commands.undo import TakingBack
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
    Power,
    Resume,
    Say,
    Slideshow,
    Status,
)
from glance_agent.domain.display import Glance
from glance_agent.domain.display_names import DisplayNames
from glance_agent.domain.errors import CommandError
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next, Previous, Search, Show, Similar
from glance_agent.domain.said import in_a_row, listed, say
from glance_agent.domain.taking_back import Undo, Unhide

_OF_THE_HOUSE = (Help, Ingest, Say)
"""Whose answer is the same on all displays, and is told once."""


class UseCases:
    """Carries commands out; one thread at a time. Raises CommandError and StoreError."""

    def __init__(
        self,
        showing: ShowingCommands,
        reactions: Reactions,
        setting: DisplaySettingCommands,
        taking_back: TakingBack,
        *,
        remembering: Remembering,
        displays: DisplayNames,
        sources: Collection[str],
        unsearched: Callable[[], str | None] = lambda: None,
    ) -> None:
        """`sources` are those that can be named; `unsearched` tells why the server of the library
        cannot look for pictures, where it is to."""
        self._showing = showing
        self._reactions = reactions
        self._setting = setting
        self._taking_back = taking_back
        self._remembering = remembering
        self._displays = displays
        self._sources = sources
        self._unsearched = unsearched

    def remembered(self, command: Command, display: str) -> Outcome:
        """Carry out, and keep what it changes so that it can be taken back."""
        asked, command = command, self._meant(command, display)
        before = {
            name: self._remembering.before(command, name) for name in self._displays.meant(display)
        }
        outcome = self.carry_out(command, display)
        for name, snapshot in before.items():
            if snapshot is not None:
                self._remembering.keep(snapshot, command, name)
        reply = outcome.reply.model_copy(update={"verb": asked.verb})
        return outcome if asked is command else replace(outcome, reply=reply)

    def _meant(self, command: Command, display: str) -> Command:
        """What a command comes to, by what was done before."""
        return self._taking_back.instead_of(command, self._displays.meant(display))

    def carry_out(self, command: Command, display: str) -> Outcome:
        """What comes of a command on the display, or the displays, of this name."""
        if isinstance(command, Status):
            return self._reported(command, self._displays.meant(display))
        display, *others = self._displays.meant(display)
        if others and not isinstance(command, _OF_THE_HOUSE):
            return self._on_each(command, (display, *others))
        return self._seen(command, self._carried_out(command, display), display)

    def _on_each(self, command: Command, displays: tuple[str, ...]) -> Outcome:
        """What comes of a command on several displays, told in one answer."""
        names, unseen = self._displays, list[str]()

        def told(outcome: Outcome, display: str) -> Outcome:
            unseen.extend([display] if self._is_unseen(command, outcome, display) else [])
            return outcome

        def repeated(choosing: Choosing, display: str, first: str) -> Outcome | None:
            again = self._showing.repeat(choosing, display, first)
            return again and told(again, display)

        outcome = on_each(
            command,
            displays,
            lambda command, display: told(self._carried_out(command, display), display),
            repeated,
            called=names.called,
            together=None if displays == names.displays else listed(map(names.called, displays)),
        )
        if isinstance(command, Power):
            return outcome.saying(self._powers(displays).reply.message)
        return outcome.saying(in_a_row(outcome.reply.message, self._off(unseen)))

    def _seen(self, command: Command, outcome: Outcome, display: str) -> Outcome:
        """What came of it; where nobody sees what it has put up, or will, it says so."""
        if not self._is_unseen(command, outcome, display):
            return outcome
        how = (
            say("It is off; “turn the display on” brings the picture.")
            if display == self._displays.displays[0]
            else say(
                "It is off; “turn the {display} display on” brings the picture.", display=display
            )
        )
        return outcome.saying(in_a_row(outcome.reply.message, how))

    def _is_unseen(self, command: Command, outcome: Outcome, display: str) -> bool:
        """Whether what has been put up, or will be, is on a display that is off, and stays so."""
        here = any(glance.display == display for glance in outcome.glances)
        waits = command.hangs and display in outcome.settings_of
        switched = isinstance(command, Undo) and display in outcome.settings_of
        return (here or waits) and not switched and not self._showing.settings(display).power

    def _off(self, displays: Sequence[str]) -> str:
        """That these displays are off, on which nobody sees what has been put up."""
        return self._powers(displays).reply.message if displays else ""

    def _carried_out(self, command: Command, display: str) -> Outcome:
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
                return followed(said, command, lambda then: self._carried_out(then, display))
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
            case Power():
                return self._setting.power(command, display)
            case Describe():
                works = self._showing.meant(command.artwork, command.side, display)
                seen = [self._showing.seen_by(command.user, work) for work in works]
                return described(seen, self._showing.current(display), about=command.about)
            case Ingest():
                return bringing_in(command, self._sources)
            case Status():
                return self._reported(command, (display,))
            case Say():
                return friendly(command.answer)
            case Help():
                return helpful(self._displays.displays)
            case _:
                assert_never(command)

    def _reported(self, command: Status, displays: tuple[str, ...]) -> Outcome:
        """How things are: on the displays that are named, else on all of them; whether the display
        is on, on the first of them."""
        if command.about:
            return self._powers(displays)
        names = displays if command.display else self._displays.displays
        return reported(self._showing.holdings(), self._now(names), unsearched=self._unsearched())

    def _powers(self, displays: Sequence[str]) -> Outcome:
        """Whether these displays are on."""
        everyone = len(displays) > 1 and tuple(displays) == self._displays.displays
        return switched(self._now(displays), everyone=everyone)

    def _now(self, names: Sequence[str]) -> list[HangingNow]:
        return [
            HangingNow(
                self._displays.called(name),
                self._showing.current(name),
                self._showing.told_settings(name),
            )
            for name in names
        ]

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
