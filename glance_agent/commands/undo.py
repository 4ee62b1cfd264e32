"""The last change of a display in, everything as it was before out: undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from glance_agent.commands.called import spoken_verb
from glance_agent.commands.display_settings import sentences_of
from glance_agent.domain.change import CHANGES_HOLD, CHANGES_KEPT, Change, Opinion, Replaced
from glance_agent.domain.command import Command, Hide
from glance_agent.domain.display import DisplaySettings, Showing
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Previous
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.taking_back import Undo


class TakenBack(Protocol):
    """What happened, to be unmade."""

    def last_change(self, display: str, since: datetime) -> Change | None: ...
    def take_change(self, display: str, since: datetime) -> Change | None: ...
    def position(self, display: str) -> int: ...
    def unmake_showing(self, display: str, position: int) -> None: ...
    def settings(self, display: str) -> DisplaySettings | None: ...
    def wish(self, display: str) -> Showing | None: ...
    def drop_wish(self, display: str) -> None: ...
    def set(self, display: str, settings: DisplaySettings) -> None: ...


class OpinionKeeper(Protocol):
    """Keeps what people think of works, and what is hidden."""

    def show_again(
        self, command: Undo, display: str, artwork_ids: Iterable[str]
    ) -> list[Outcome]: ...
    def hide_again(
        self, command: Undo, display: str, artwork_ids: Iterable[str]
    ) -> list[Outcome]: ...
    def restore(self, command: Undo, display: str, opinion: Opinion) -> Outcome: ...


class Hanger(Protocol):
    """Puts works on displays."""

    def put_back(
        self, command: Undo, display: str, artwork_id: str, pair: str | None = None
    ) -> Outcome | None: ...


class TakingBack:
    """Takes back what commands have changed."""

    def __init__(
        self,
        past: TakenBack,
        showing: Hanger,
        reactions: OpinionKeeper,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._past = past
        self._showing = showing
        self._reactions = reactions
        self._clock = clock

    def undo(self, command: Undo, display: str) -> Outcome:
        """Take the last change of the display back. Raises CommandError where there is none."""
        alone, waited = self._waits_by_itself(display), self._past.wish(display)
        self._past.drop_wish(display)
        if alone:
            forgotten = say("What was to hang later will not.")
            return replace(_said(forgotten, display), settings_of=(display,))
        change = self._past.take_change(display, self._clock() - CHANGES_HOLD)
        if change is None:
            raise CommandError(
                ErrorCode.NOTHING_TO_UNDO,
                say("There is nothing to undo on this display."),
                say(
                    "The last {changes_kept} changes of a display can be taken back, for a day.",
                    changes_kept=CHANGES_KEPT,
                ),
            )
        thought_of = [
            *self._reactions.show_again(command, display, change.hidden),
            *self._reactions.hide_again(command, display, change.unhidden),
            *(self._reactions.restore(command, display, thought) for thought in change.opinions),
        ]
        hung = _named_once(thought_of, self._hung_again(command, change))
        parts = [*thought_of, *hung, *self._set_again(change)]
        took_back = say("Took back {change}.", change=spoken_verb(change.verb))
        works = [part.reply.artwork for part in parts if part.reply.artwork]
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display,
            message=in_a_row(took_back, *dict.fromkeys(part.reply.message for part in parts)),
            artwork=works[-1] if works else None,
            pair=next((part.reply.pair for part in parts[::-1] if part.reply.artwork), None),
        )
        told = _together(parts)
        set_again = (*([display] if waited else []), *told.settings_of)
        return replace(told, reply=reply, settings_of=set_again)

    def instead_of(self, command: Command, displays: Sequence[str]) -> Command:
        """The command; `undo` where it is to bring back what was hidden on its display just now."""
        hid = isinstance(command, Previous) and command.unhide and len(displays) == 1
        if not hid or not self._hid_just_now(displays[0]):
            return command
        return Undo(**command.model_dump(include={"user", "display", "transaction", "language"}))

    def _hid_just_now(self, display: str) -> bool:
        """Whether a work was hidden by the last change of the display, and nothing hung since."""
        change = self._last(display)
        if change is None or not change.hidden or self._waits_by_itself(display):
            return False
        return all(
            self._past.position(display) == replaced.position
            for replaced in change.replaced
            if replaced.display == display
        )

    def would_hang(self, display: str) -> tuple[str, ...]:
        """The works that would hang again if the last change of the display were taken back."""
        if self._waits_by_itself(display):
            return ()
        change = self._last(display)
        replaced = [r for r in change.replaced if self._stands(r, change)] if change else []
        return tuple(work for r in replaced for work in (r.artwork, r.pair) if work is not None)

    def _waits_by_itself(self, display: str) -> bool:
        """Whether a work waits for the display that is the last change alone: not the one that is
        to take the place of a hidden one."""
        wish, last = self._past.wish(display), self._last(display)
        instead = wish is not None and wish.verb == Hide().verb and last is not None and last.hidden
        return wish is not None and not instead

    def _last(self, display: str) -> Change | None:
        """The last change of a display that can be taken back."""
        return self._past.last_change(display, self._clock() - CHANGES_HOLD)

    def _stands(self, replaced: Replaced, change: Change) -> bool:
        """Whether what replaced a work is to go: on other displays, where it still hangs."""
        at_home = replaced.display == change.display
        return at_home or self._past.position(replaced.display) == replaced.position

    def _hung_again(self, command: Undo, change: Change) -> list[Outcome]:
        """The works hang again that were replaced; on other displays, where that is still so."""
        parts = []
        for replaced in change.replaced:
            display = replaced.display
            if not self._stands(replaced, change):
                continue
            self._past.unmake_showing(display, replaced.position)
            hung = self._showing.put_back(command, display, replaced.artwork, replaced.pair)
            gone = say(
                "The picture before it is not here any more, so that the display stays as it is."
            )
            parts.append(hung or _said(gone))
        return parts

    def _set_again(self, change: Change) -> list[Outcome]:
        """The settings that were changed are as before."""
        now = self._past.settings(change.display)
        if not change.settings or now is None:
            return []
        as_before = now.model_dump(mode="json") | change.settings
        settings = DisplaySettings.model_validate(as_before)
        self._past.set(change.display, settings)
        said = in_a_row(*sentences_of(settings, change.settings))
        return [replace(_said(said), settings_of=(change.display,))]


def _said(sentence: str, display: str | None = None) -> Outcome:
    return Outcome(Reply(verb="undo", ok=True, display=display, message=sentence))


def _named_once(thought_of: list[Outcome], hung: list[Outcome]) -> list[Outcome]:
    """What hangs again, by no name where it has just been named."""
    named = {work for part in thought_of for work in _works(part.reply)}
    it = say("It hangs again.")
    return [
        replace(part, reply=part.reply.model_copy(update={"message": it}))
        if part.glances and named.issuperset(_works(part.reply))
        else part
        for part in hung
    ]


def _works(reply: Reply) -> set[str]:
    return {work.id for work in (reply.artwork, reply.pair) if work is not None}


def _together(parts: list[Outcome]) -> Outcome:
    return Outcome(
        Reply(verb="undo", ok=True, message=""),
        glances=tuple(glance for part in parts for glance in part.glances),
        settings_of=tuple(name for part in parts for name in part.settings_of),
        events=tuple(event for part in parts for event in part.events),
    )
