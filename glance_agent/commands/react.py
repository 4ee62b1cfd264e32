"""One reaction in, taste remembered: like, dislike, forget, hide, unhide."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from glance_agent.commands.messages import not_hidden
from glance_agent.domain.artwork import Artwork, Filters
from glance_agent.domain.change import Opinion
from glance_agent.domain.command import Dislike, Forget, Hide, Like
from glance_agent.domain.display import Glance, Reaction, ShownArtwork
from glance_agent.domain.event import Event
from glance_agent.domain.folding import folded
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import listed, many, say
from glance_agent.domain.taking_back import Undo, Unhide
from glance_agent.domain.values import Side
from glance_agent.search.label_words import tokens_of


class ArtworkFinder(Protocol):
    """Knows which work a command means, and what a display shows."""

    def artwork(self, artwork_id: str | None, display: str) -> Artwork: ...
    def meant(
        self, artwork_id: str | None, side: Side | None, display: str
    ) -> tuple[Artwork, ...]: ...
    def current(self, display: str) -> Glance | None: ...
    def hanging(self, display: str) -> tuple[str, ...]: ...
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
        """Remember a like or a dislike; of two works that hang together both, or that of a side."""
        works = self._engine.meant(command.artwork, command.side, display)
        for work in works:
            self._past.react(Reaction(command.user, work.id, command.verb, self._clock()))
        labels = _labels(works)
        said = (
            say("Glad you like {labels}.", labels=labels)
            if command.verb == "like"
            else say("I will show less like {labels}.", labels=labels)
        )
        return self._outcome(command, display, works, said)

    def forget(self, command: Forget, display: str) -> Outcome:
        """Take a reaction back; without one there is nothing to do, and that is said."""
        works = self._engine.meant(command.artwork, command.side, display)
        gone = tuple(work for work in works if self._past.forget(command.user, work.id))
        message = (
            say("Forgotten what you thought of {labels}.", labels=_labels(gone))
            if gone
            else say("You had not said anything about {labels}.", labels=_labels(works))
        )
        return self._outcome(command, display, works, message)

    def hide(self, command: Hide, display: str) -> Outcome:
        """Never show a work and its copies again; the glances are those at one of them."""
        works = self._engine.meant(command.artwork, command.side, display)
        gone = frozenset[str]().union(*(self._works.hide(work.id) for work in works))
        message = many(
            "{labels} will not be shown again.",
            "{labels} will not be shown again.",
            n=len(works),
            labels=_labels(works),
        )
        said = self._outcome(command, display, works, message)
        return replace(said, glances=self._glances(gone))

    def unhide(self, command: Unhide, display: str) -> Outcome:
        """Let a hidden work be shown again: the one that is named, or the last."""
        if command.artwork is not None:
            work = self._engine.artwork(command.artwork, display)
        else:
            work = self._last_hidden(command.query or "")
        was_hidden = self._works.unhide(work.id)
        message = (
            say("{label} may be shown again.", label=work.label)
            if was_hidden
            else say("{label} was not hidden.", label=work.label)
        )
        return self._outcome(command, display, (work,), message)

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
            gone = say("The work is not in the library any more.")
            return Outcome(Reply(verb=command.verb, ok=True, message=gone))
        said = _counts(opinion.kind, work.label)
        whose = command.model_copy(update={"user": opinion.user})
        return self._outcome(whose, display, (work,), said, became=opinion.kind or "forget")

    def show_again(self, command: Undo, display: str, artwork_ids: Iterable[str]) -> list[Outcome]:
        """What was hidden may be shown again."""
        works = self._works.get_many(artwork_ids)
        for work in works:
            self._works.unhide(work.id)
        said = ((w, say("{label} may be shown again.", label=w.label)) for w in works)
        return [self._outcome(command, display, (w,), one, became="unhide") for w, one in said]

    def hide_again(self, command: Undo, display: str, artwork_ids: Iterable[str]) -> list[Outcome]:
        """What was hidden before is hidden again."""
        works = self._works.get_many(artwork_ids)
        for work in works:
            self._works.hide(work.id)
        said = ((w, say("{label} is hidden again.", label=w.label)) for w in works)
        return [self._outcome(command, display, (w,), one, became="hide") for w, one in said]

    def _outcome(
        self,
        command: Like | Dislike | Forget | Hide | Unhide | Undo,
        display: str,
        works: Sequence[Artwork],
        message: str,
        *,
        became: str | None = None,
    ) -> Outcome:
        """What is told of works; where a verb takes another back, what it `became`."""
        now_shown = [self._engine.seen_by(command.user, work) for work in works]
        reply = Reply(
            verb=command.verb,
            ok=True,
            display=display,
            message=message,
            artwork=now_shown[0],
            pair=now_shown[1] if len(now_shown) > 1 else None,
        )
        told: dict[str, Any] = {
            "event_type": became or command.verb,
            "display": display,
            "user": command.user,
        }
        events = (Event("reaction", {**told, "artwork": shown.model_dump()}) for shown in now_shown)
        return Outcome(reply, self._glances({work.id for work in works}), events=tuple(events))

    def _glances(self, artworks: frozenset[str] | set[str]) -> tuple[Glance, ...]:
        """What the displays show that show one of these works."""
        showing = [d for d in self._displays if artworks.intersection(self._engine.hanging(d))]
        return tuple(g for g in map(self._engine.current, showing) if g is not None)


def _labels(works: Iterable[Artwork]) -> str:
    return listed(work.label for work in works)


def _counts(kind: str | None, label: str) -> str:
    """What is thought of a work again."""
    if kind == "like":
        return say("{label} is liked again.", label=label)
    if kind == "dislike":
        return say("{label} is disliked again.", label=label)
    return say("{label} counts as if nothing had been said.", label=label)
