"""One command for several displays: each carries it out for itself, and one answer tells of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from glance_agent.commands.called import spoken_verb
from glance_agent.domain.command import Command, Describe
from glance_agent.domain.errors import CommandError, ErrorCode
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next, Search, Similar
from glance_agent.domain.said import in_a_row, say
from glance_agent.domain.taking_back import Unhide

Choosing = Search | Next | Similar


def on_each(
    command: Command,
    displays: Sequence[str],
    carry_out: Callable[[Command, str], Outcome],
    repeat: Callable[[Choosing, str, str], Outcome | None],
    *,
    called: Callable[[str], str],
    together: str | None,
) -> Outcome:
    """What comes of a command on these displays, which people have `called` so, each and
    `together`; None where they are all that there are.

    Each chooses for itself, but where the command wants the same work on all: `repeat` puts on one
    display what has just been put on another, or gives None where that may not hang there.
    A display where it cannot be done is left as it is; raises CommandError where that is so on all
    of them, or where the command is about the picture of one.
    """
    if isinstance(command, Unhide):
        # What may be shown again may be so on all of them at once.
        return carry_out(command, displays[0])
    if command.is_about_what_hangs and not isinstance(command, Describe):
        raise CommandError(
            ErrorCode.BAD_VALUE,
            say("{called} is about the picture of one display.", called=spoken_verb(command.verb)),
            say("Name one of {displays}.", displays=", ".join(displays)),
        )
    outcomes, refused = dict[str, Outcome](), {}
    for display in displays:
        first = next(iter(outcomes), None)
        try:
            # Where nothing matched, the first display may have kept a picture of its own.
            again = first is not None and outcomes[first].reply.sure
            done = None
            if first and again and isinstance(command, Choosing) and command.same:
                done = repeat(command, display, first)
            outcomes[display] = done or carry_out(command, display)
        except CommandError as error:
            refused[display] = error
    if not outcomes:
        raise next(iter(refused.values()))
    told = {called(name): outcome.reply.message for name, outcome in outcomes.items()}
    told |= {called(name): error.message for name, error in refused.items()}
    return _together(tuple(outcomes.values()), _said(told, together))


def _said(told: dict[str, str], together: str | None) -> str:
    """What is told of each display as one text; once, where the same is told of all of them."""
    first = next(iter(told.values()))
    if len(set(told.values())) > 1:
        return in_a_row(
            *(say("{display}: {said}", display=name, said=one) for name, one in told.items())
        )
    if together is None:
        return say("On every display: {said}", said=first)
    return say("{display}: {said}", display=together, said=first)


def _together(outcomes: Sequence[Outcome], message: str) -> Outcome:
    first = outcomes[0]
    return replace(
        first,
        reply=first.reply.model_copy(update={"message": message, "display": None}),
        glances=tuple(g for outcome in outcomes for g in outcome.glances),
        settings_of=tuple(d for outcome in outcomes for d in outcome.settings_of),
        events=tuple(e for outcome in outcomes for e in outcome.events),
    )
