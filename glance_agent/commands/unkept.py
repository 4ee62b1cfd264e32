"""What is answered where the library's file stands in the way: in which words, and never `ok`."""

from __future__ import annotations

from glance_agent.domain.errors import CommandError, ErrorCode, StoreError, Trouble
from glance_agent.domain.outcome import Outcome
from glance_agent.domain.reply import refusal
from glance_agent.domain.said import in_a_row, say

GOES_ON = (
    Trouble.FULL,
    Trouble.UNWRITABLE,
    Trouble.READ_ONLY,
    Trouble.UNREACHABLE,
    Trouble.FAILING,
    Trouble.DAMAGED,
)
"""In which trouble a display can go on although nothing is kept."""

_SAID: dict[Trouble, tuple[ErrorCode, str, str]] = {
    Trouble.BUSY: (
        ErrorCode.BUSY,
        say("Another program is writing the library."),
        say("Send it again in a moment."),
    ),
    Trouble.LATE: (
        ErrorCode.BUSY,
        say("Looking that up takes too long."),
        say("Ask for less, or again in a moment."),
    ),
    Trouble.FULL: (
        ErrorCode.DISK_FULL,
        say("The disk is full: nothing can be kept."),
        say("Make room on the disk of the library, then send it again."),
    ),
    Trouble.UNWRITABLE: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The library may not be written: nothing can be kept."),
        say("Check who owns the library and its folder, then send it again."),
    ),
    Trouble.READ_ONLY: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The disk of the library can only be read now: nothing can be kept."),
        say(
            "A system does that to a disk with errors: its log (dmesg) says which. Examine the "
            "disk, mount it writable, and start the agent again."
        ),
    ),
    Trouble.DAMAGED: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The library is damaged: nothing can be kept."),
        say("The agent mends what can be mended; its log says what. A backup can be restored."),
    ),
    Trouble.UNREACHABLE: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The library cannot be reached just now."),
        say("The agent goes on trying; its log says why. Send it again later."),
    ),
    Trouble.REPLACED: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The library was deleted or replaced: nothing can be kept."),
        say("The agent stops, and opens what is there when it starts again."),
    ),
    Trouble.UNSEARCHED: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The server of the library cannot look for pictures just now."),
        say("The agent's log says why."),
    ),
}
_OTHERWISE = (
    ErrorCode.LIBRARY_UNUSABLE,
    say("The library cannot be used: nothing can be kept."),
    say("The agent's log says why."),
)


def not_kept(error: StoreError) -> CommandError:
    """What is answered to a command whose effect cannot be kept."""
    return CommandError(*_SAID.get(error.trouble, _OTHERWISE))


def perhaps_anothers() -> CommandError:
    """What is answered to who would have something shown where another agent may show by now."""
    return CommandError(
        ErrorCode.LIBRARY_UNUSABLE,
        say(
            "The library cannot be reached just now, and another agent may show here: this one "
            "shows nothing until it can be reached."
        ),
        say("The agent goes on trying; its log says why. Send it again later."),
    )


def shown_unkept(outcome: Outcome, error: StoreError) -> Outcome:
    """The outcome of a showing that could not be kept: it is shown, or waits, and is not `ok`."""
    if outcome.glance is None and not outcome.settings_of:
        return outcome
    why = not_kept(error)
    reply = outcome.reply
    message = in_a_row(why.message, reply.message)
    told = refusal(reply.verb, CommandError(why.code, message, why.hint), reply.display)
    unkept = reply.model_copy(update={"ok": False, "message": message, "error": told.error})
    return Outcome(unkept, outcome.glances, outcome.settings_of, outcome.events)
