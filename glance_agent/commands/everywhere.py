"""One command for several displays: each carries it out for itself, and one answer tells of all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from glance_agent.commands.called import spoken_verb
from glance_agent.domain.command import Command
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
    called: str,
) -> Outcome:
    """What comes of a command on these displays, which together are `called` so.

    Each chooses for itself, but where the command wants the same work on all: `repeat` puts on one
    display what has just been put on another, or gives None where that may not hang there.
    A display where it cannot be done is left as it is; raises CommandError where that is so on all
    of them, or where the command is about the picture of one.
    """
    if isinstance(command, Unhide):
        # What may be shown again may be so on all of them at once.
        return carry_out(command, displays[0])
    if command.is_about_what_hangs:
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
    return _together(outcomes, refused, called)


def _together(
    outcomes: dict[str, Outcome], refused: dict[str, CommandError], called: str
) -> Outcome:
    first = next(iter(outcomes.values()))
    said = {display: outcome.reply.message for display, outcome in outcomes.items()}
    said |= {display: error.message for display, error in refused.items()}
    same = len(set(said.values())) == 1
    told = {called: first.reply.message} if same else said
    message = in_a_row(
        *(say("On {display}: {said}", display=name, said=one) for name, one in told.items())
    )
    return replace(
        first,
        reply=first.reply.model_copy(update={"message": message, "display": None}),
        glances=tuple(g for outcome in outcomes.values() for g in outcome.glances),
        settings_of=tuple(d for outcome in outcomes.values() for d in outcome.settings_of),
        events=tuple(e for outcome in outcomes.values() for e in outcome.events),
    )
