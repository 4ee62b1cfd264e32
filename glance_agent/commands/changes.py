"""How a display is before and after a command, and from both what has to be kept of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from glance_agent.domain.artwork import Filters
from glance_agent.domain.change import Change, Opinion, Replaced
from glance_agent.domain.command import Command, Dislike, Hide, Like
from glance_agent.domain.display import DisplaySettings, Reaction, Showing
from glance_agent.domain.verb import AboutArtwork, Undoable


class ChangeLog(Protocol):
    """What happened, and what of it can be taken back."""

    def showings(self, display: str | None, limit: int) -> list[Showing]: ...
    def position(self, display: str) -> int: ...
    def settings(self, display: str) -> DisplaySettings | None: ...
    def reaction(self, user: str, artwork_id: str) -> Reaction | None: ...
    def keep_change(self, change: Change) -> None: ...


class HiddenWorks(Protocol):
    """The works, hidden or not."""

    def newest_first(self, filters: Filters) -> list[str]: ...


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a command may change: what hangs, what is set, what is hidden, what somebody thinks.

    What it cannot change is empty.
    """

    hung: dict[str, tuple[tuple[str, ...], int]]
    settings: DisplaySettings | None
    hidden: frozenset[str]
    opinions: tuple[Opinion, ...]


class Remembering:
    """Keeps what commands change."""

    def __init__(
        self,
        past: ChangeLog,
        works: HiddenWorks,
        *,
        displays: Sequence[str],
        defaults: DisplaySettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._past = past
        self._works = works
        self._displays = displays
        self._defaults = defaults
        self._clock = clock

    def before(self, command: Command, display: str) -> Snapshot | None:
        """How it is now; None where the command changes nothing that can be taken back.

        What is thought is that of the works that the command is about.
        """
        if command.only_looks or not command.undoable:
            return None
        return self._now(command, display, self._meant(command, display))

    def keep(self, before: Snapshot, command: Command, display: str) -> None:
        """Keep what is another now than it was."""
        after = self._now(command, display, [thought.artwork for thought in before.opinions])
        change = Change(
            display=display,
            at=self._clock(),
            verb=command.verb,
            user=command.user,
            replaced=tuple(
                Replaced(
                    display=name,
                    artwork=works[0],
                    pair=works[1] if len(works) > 1 else None,
                    position=after.hung[name][1],
                )
                for name, (works, position) in before.hung.items()
                if after.hung[name][1] != position
            ),
            opinions=tuple(
                was
                for was, now in zip(before.opinions, after.opinions, strict=True)
                if was.kind != now.kind
            ),
            hidden=tuple(sorted(after.hidden - before.hidden)),
            unhidden=tuple(sorted(before.hidden - after.hidden)),
            settings=_as_they_were(before.settings, after.settings),
        )
        if change.any:
            self._past.keep_change(change)

    def _now(self, command: Command, display: str, about: Iterable[str]) -> Snapshot:
        parts, works = command.undoable, list[str]()
        if isinstance(command, Like | Dislike) and command.then is None:
            parts = parts - {Undoable.PICTURE}
        everywhere = isinstance(command, Hide)
        hung = self._displays if everywhere else [display]
        settings = None
        if Undoable.HIDING in parts:
            works = self._works.newest_first(Filters(hidden=True))
        if Undoable.SETTINGS in parts:
            settings = self._past.settings(display) or self._defaults
        return Snapshot(
            self._hung(hung if Undoable.PICTURE in parts else ()),
            settings,
            frozenset(works),
            tuple(self._opinion(command.user, work) for work in about)
            if Undoable.OPINION in parts
            else (),
        )

    def _hung(self, displays: Sequence[str]) -> dict[str, tuple[tuple[str, ...], int]]:
        """The works on each display and the position of their showing; without those that are
        bare."""
        last = {display: self._past.showings(display, 1) for display in displays}
        return {d: (s[0].works, self._past.position(d)) for d, s in last.items() if s}

    def _meant(self, command: Command, display: str) -> tuple[str, ...]:
        """The works that a command may say something of: that which it names, else what hangs."""
        artwork = command.artwork if isinstance(command, AboutArtwork) else None
        hung = self._past.showings(display, 1)
        return (artwork,) if artwork is not None else hung[0].works if hung else ()

    def _opinion(self, user: str, artwork: str) -> Opinion:
        said = self._past.reaction(user, artwork)
        kind, at = (said.kind, said.at) if said else (None, None)
        return Opinion(user=user, artwork=artwork, kind=kind, at=at)


def _as_they_were(
    before: DisplaySettings | None, after: DisplaySettings | None
) -> dict[str, object]:
    """The settings that differ, as they were, in the values of JSON."""
    if before is None or after is None or before == after:
        return {}
    was, now = before.model_dump(mode="json"), after.model_dump(mode="json")
    return {name: value for name, value in was.items() if now[name] != value}
