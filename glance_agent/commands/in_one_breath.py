"""What somebody thinks, and what is to hang after it: two wishes in one command."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from glance_agent.domain.command import Dislike, Like
from glance_agent.domain.errors import CommandError
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.picture_verbs import Next, Previous, Similar
from glance_agent.domain.said import in_a_row

Following = Next | Similar | Previous


def followed(
    said: Outcome, command: Like | Dislike, carry_out: Callable[[Following], Outcome]
) -> Outcome:
    """The outcome of an opinion, and of what is to hang after it where that was asked as well.

    Where the second cannot be done, the first holds, and the answer says both.
    """
    wanted = _following(command)
    if wanted is None:
        return said
    try:
        after = carry_out(wanted)
    except CommandError as refusal:
        return said.saying(in_a_row(said.reply.message, refusal.message))
    both = replace(
        after,
        reply=after.reply.model_copy(update={"verb": command.verb}),
        glances=after.glances or said.glances,
        events=(*said.events, *after.events),
    )
    return both.saying(in_a_row(said.reply.message, after.reply.message))


def _following(command: Like | Dislike) -> Following | None:
    whose = command.model_dump(include={"user", "display", "transaction"})
    match command.then:
        case "next":
            return Next(**whose)
        case "similar":
            return Similar(artwork=command.artwork, side=command.side, **whose)
        case "previous":
            return Previous(**whose)
    return None
