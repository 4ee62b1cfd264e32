"""One reaction in, taste remembered: like, dislike, forget, hide, unhide."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from glance_agent.commands.messages import not_hidden
from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.change import Opinion
from glance_agent.domain.command import Dislike, Forget, Hide, Like
from glance_agent.domain.display import Glance, Reaction, ShownArtwork
from glance_agent.domain.folding import folded
from glance_agent.domain.outcome import Event, Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.taking_back import Undo, Unhide
from glance_agent.search.label_words import tokens_of


class ArtworkFinder(Protocol):
    """Knows which work a command means, and what a display shows."""

    def artwork(self, artwork_id: str | None, display: str) -> Artwork: ...
    def current(self, display: str) -> Glance | None: ...
    def hanging(self, display: str) -> str | None: ...
    def seen_by(self, user: str, work: Artwork) -> ShownArtwork: ...


class HideableWorks(Protocol):
    """The artworks that are kept."""

    def hide(self, artwork_id: str) -> frozenset[str]: ...
    def unhide(self, artwork_id: str) -> frozenset[str]: ...
    def newest_first(self, filters: Filters) -> list[str]: ...
    def get_many(self, artwork_ids: Iterable[str]) -> list[Artwork]: ...


class ReactionLog(Protocol):
    """What people thought of works."""

    def react(self, reaction: Reaction) -> None: ...
    def forget(self, user: str, artwork_id: str) -> bool: ...


_COUNTS = {
    "like": "is liked again",
    "dislike": "is disliked again",
    None: "counts as if nothing had been said",
}


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

    def unhide(self, command: Unhide, display: str) -> Outcome:
        """Let a hidden work be shown again: the one that is named, or the last."""
        if command.artwork is not None:
            work = self._engine.artwork(command.artwork, display)
        else:
            work = self._last_hidden(command.query or "")
        was_hidden = self._works.unhide(work.id)
        message = (
            f"{work.label} may be shown again." if was_hidden else f"{work.label} was not hidden."
        )
        return self._outcome(command, display, work, message)

    def _last_hidden(self, words: str) -> Artwork:
        """The work hidden last whose label carries these words. Raises CommandError for none."""
        hidden = self._works.get_many(self._works.newest_first(Filters(hidden=True)))
        wanted = frozenset(tokens_of(words))
        for work in hidden:
            if wanted <= frozenset(folded(f"{work.title} {work.artist or ''}").split()):
                return work
        raise not_hidden(words, [work.label for work in hidden])

    def restore(self, command: Undo, display: str, opinion: Opinion) -> Outcome:
        """What a user thought of a work before, as if nothing had been said since."""
        if opinion.kind is None or opinion.at is None:
            self._past.forget(opinion.user, opinion.artwork)
        else:
            self._past.react(Reaction(opinion.user, opinion.artwork, opinion.kind, opinion.at))
        work = next(iter(self._works.get_many([opinion.artwork])), None)
        if work is None:
            gone = "The work is not in the library any more."
            return Outcome(Reply(verb=command.verb, ok=True, message=gone))
        said = f"{work.label} {_COUNTS[opinion.kind]}."
        whose = command.model_copy(update={"user": opinion.user})
        return self._outcome(whose, display, work, said, became=opinion.kind or "forget")

    def show_again(self, command: Undo, display: str, artwork_ids: Iterable[str]) -> list[Outcome]:
        """What was hidden may be shown again."""
        works = self._works.get_many(artwork_ids)
        for work in works:
            self._works.unhide(work.id)
        said = "{} may be shown again."
        return [
            self._outcome(command, display, w, said.format(w.label), became="unhide") for w in works
        ]

    def hide_again(self, command: Undo, display: str, artwork_ids: Iterable[str]) -> list[Outcome]:
        """What was hidden before is hidden again."""
        works = self._works.get_many(artwork_ids)
        for work in works:
            self._works.hide(work.id)
        said = "{} is hidden again."
        return [
            self._outcome(command, display, w, said.format(w.label), became="hide") for w in works
        ]

    def _outcome(
        self,
        command: Like | Dislike | Forget | Hide | Unhide | Undo,
        display: str,
        work: Artwork,
        message: str,
        *,
        became: str | None = None,
    ) -> Outcome:
        """What is told of a work; where a verb takes another back, what it `became`."""
        now_shown = self._engine.seen_by(command.user, work)
        reply = Reply(
            verb=command.verb, ok=True, display=display, message=message, artwork=now_shown
        )
        payload: dict[str, Any] = {
            "event_type": became or command.verb,
            "display": display,
            "user": command.user,
            "artwork": now_shown.model_dump(mode="json"),
        }
        return Outcome(reply, self._glances({work.id}), events=(Event("reaction", payload),))

    def _glances(self, artworks: Container[str]) -> tuple[Glance, ...]:
        """What the displays show that show one of these works."""
        showing = [d for d in self._displays if self._engine.hanging(d) in artworks]
        return tuple(g for g in map(self._engine.current, showing) if g is not None)
