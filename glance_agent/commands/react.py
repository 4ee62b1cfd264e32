"""One reaction in, taste remembered: like, dislike, forget, hide."""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from glance_agent.domain.artwork import Artwork
from glance_agent.domain.command import Dislike, Forget, Hide, Like
from glance_agent.domain.display import Glance, Reaction, shown
from glance_agent.domain.outcome import Event, Outcome
from glance_agent.domain.reply import Reply


class ArtworkFinder(Protocol):
    """Knows which work a command means, and what a display shows."""

    def artwork(self, artwork_id: str | None, display: str) -> Artwork: ...
    def current(self, display: str) -> Glance | None: ...


class HideableWorks(Protocol):
    """The artworks that are kept."""

    def hide(self, artwork_id: str) -> frozenset[str]: ...


class ReactionLog(Protocol):
    """What people thought of works."""

    def react(self, reaction: Reaction) -> None: ...
    def forget(self, user: str, artwork_id: str) -> bool: ...
    def liked(self, user: str, artwork_id: str) -> bool | None: ...


class Reactions:
    """Keeps what people think of works."""

    def __init__(
        self,
        engine: ArtworkFinder,
        works: HideableWorks,
        past: ReactionLog,
        *,
        displays: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._engine = engine
        self._works = works
        self._past = past
        self._displays = displays
        self._clock = clock

    def react(self, command: Like | Dislike, display: str) -> Outcome:
        """Remember a like or a dislike."""
        work = self._engine.artwork(command.artwork, display)
        self._past.react(Reaction(command.user, work.id, command.verb, self._clock()))
        said = "Glad you like" if command.verb == "like" else "I will show less like"
        return self._outcome(command, display, work, f"{said} {work.label}.")

    def forget(self, command: Forget, display: str) -> Outcome:
        """Take a reaction back; without one there is nothing to do, and that is said."""
        work = self._engine.artwork(command.artwork, display)
        was_there = self._past.forget(command.user, work.id)
        message = (
            f"Forgotten what you thought of {work.label}."
            if was_there
            else f"You had not said anything about {work.label}."
        )
        return self._outcome(command, display, work, message)

    def hide(self, command: Hide, display: str) -> Outcome:
        """Never show a work and its copies again; the glances are those at one of them."""
        work = self._engine.artwork(command.artwork, display)
        gone = self._works.hide(work.id)
        said = self._outcome(command, display, work, f"{work.label} will not be shown again.")
        return replace(said, glances=self._glances(gone))

    def _outcome(
        self, command: Like | Dislike | Forget | Hide, display: str, work: Artwork, message: str
    ) -> Outcome:
        now_shown = shown(work, liked=self._past.liked(command.user, work.id))
        reply = Reply(
            verb=command.verb, ok=True, display=display, message=message, artwork=now_shown
        )
        payload: dict[str, Any] = {
            "event_type": command.verb,
            "display": display,
            "user": command.user,
            "artwork": now_shown.model_dump(mode="json"),
        }
        return Outcome(reply, self._glances({work.id}), events=(Event("reaction", payload),))

    def _glances(self, artworks: Container[str]) -> tuple[Glance, ...]:
        """What the displays show that show one of these works."""
        current = [self._engine.current(display) for display in self._displays]
        return tuple(g for g in current if g is not None and g.artwork.id in artworks)
