"""What people say of the works that hang while the library is away: answered, and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass
from datetime import datetime

from glance_agent.commands.away.hanging import KnownHangings
from glance_agent.commands.away.kept import Addressee, KeptForLater
from glance_agent.commands.away.showing import ShowsFromStock
from glance_agent.commands.called import spoken_verb
from glance_agent.commands.idempotency import kept_of
from glance_agent.domain.command import Command, Dislike, Forget, Hide, Like
from glance_agent.domain.display import ShownArtwork
from glance_agent.domain.event import Event
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import Reply
from glance_agent.domain.said import in_a_row, listed, many, say
from glance_agent.domain.strict_json import as_json
from glance_agent.domain.taking_back import Undo
from glance_agent.domain.unsent import Unsent

Thought = Like | Dislike | Forget | Hide
"""What is said of works."""
_LATER = say("It is kept, and added to the library as soon as that can be reached.")


@dataclass(frozen=True, slots=True)
class KeepsOpinions:
    """Keeps what is thought of works, and takes the last thought back; in the worker's thread."""

    outbox: KeptForLater
    hangings: KnownHangings
    shows: ShowsFromStock
    clock: Callable[[], datetime]

    def keep(self, command: Thought, to: Addressee) -> Outcome | None:
        """An opinion, and the picture that is to come after it; None where what it is about is
        not known to hang. Raises StoreError."""
        works = self._meant(command, to.display)
        if not works:
            return None
        position = self.hangings.position(to.display)
        after = self._after(command, to.display, {work.id for work in works})
        liked = {"like": True, "dislike": False}.get(command.verb)
        seen = [work.model_copy(update={"liked": liked}) for work in works]
        reply = to.finish(_reply(command, to.display, seen, after))
        entry = self._entry(command, to, tuple(work.id for work in seen), reply)
        self.outbox.keep(entry.model_copy(update={"position": position}))
        events = [_event(command, to.display, work) for work in seen]
        glances = tuple(glance for one in after for glance in one.glances)
        return Outcome(reply, glances, events=(*events, *(e for one in after for e in one.events)))

    def take_back(self, command: Undo, to: Addressee) -> Outcome | None:
        """The last thing that was said there and is not in the library; nothing older."""
        last = self.outbox.last(to.display)
        if last is None or last[1].position != self.hangings.position(to.display):
            return None
        number, said = last
        message = say("Took back {change}.", change=spoken_verb(said.verb))
        reply = to.finish(Reply(verb=command.verb, ok=True, display=to.display, message=message))
        self.outbox.take_back(number, self._entry(command, to, (), reply))
        return Outcome(reply)

    def _meant(self, command: Thought, display: str) -> tuple[ShownArtwork, ...]:
        """The works that a command is about, as far as they hang on any display."""
        hangs = self.hangings.now()
        if command.artwork is not None:
            shown = (work for glance in hangs.values() for work in glance.works)
            return tuple([work for work in shown if work.id == command.artwork][:1])
        glance = hangs.get(display)
        works = glance.works if glance is not None else ()
        if command.side in ("left", "right") and len(works) < 2:
            return ()
        return {"left": works[:1], "right": works[1:]}.get(command.side or "both", works)

    def _after(self, command: Thought, display: str, works: Set[str]) -> list[Outcome]:
        """What hangs after an opinion, where another picture was asked for; in place of a work that
        is hidden, wherever it hangs."""
        displays = [display] if _wants_another(command) else []
        if isinstance(command, Hide):
            for work in works:
                self.shows.stock.drop(work)
            displays = [
                glance.display
                for glance in self.hangings.now().values()
                if not works.isdisjoint(work.id for work in glance.works)
            ]
        shown = (self.shows.another(command, Addressee(each)) for each in displays)
        return [one for one in shown if one is not None]

    def _entry(
        self, command: Thought | Undo, to: Addressee, works: tuple[str, ...], reply: Reply
    ) -> Unsent:
        return Unsent(
            verb=command.verb,
            display=to.display,
            user=command.user,
            works=works,
            at=self.clock(),
            position=self.hangings.position(to.display),
            receipts=to.receipts,
            reply=as_json(kept_of(reply)),
        )


def _reply(
    command: Thought, display: str, seen: Sequence[ShownArtwork], after: Sequence[Outcome]
) -> Reply:
    then = in_a_row(*(one.reply.message for one in after))
    if _wants_another(command) and not after:
        then = say("Another picture has to wait until then.")
    return Reply(
        verb=command.verb,
        ok=True,
        display=display,
        message=in_a_row(_said(command, seen), _LATER, then),
        artwork=seen[0],
        pair=seen[1] if len(seen) > 1 else None,
    )


def _said(command: Thought, works: Sequence[ShownArtwork]) -> str:
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


def _event(command: Thought, display: str, work: ShownArtwork) -> Event:
    told = {"event_type": command.verb, "display": display, "user": command.user}
    return Event("reaction", {**told, "artwork": work.model_dump()})
