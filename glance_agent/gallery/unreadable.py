"""What is answered where the library cannot be looked into, in the words of commands."""

from __future__ import annotations

from glance_agent.domain.errors import CommandError, ErrorCode, StoreError, Trouble
from glance_agent.domain.said import say

_SAID: dict[Trouble, tuple[ErrorCode, str, str]] = {
    Trouble.BUSY: (
        ErrorCode.BUSY,
        say("Another program is writing the library."),
        say("Ask again in a moment."),
    ),
    Trouble.LATE: (
        ErrorCode.BUSY,
        say("Looking that up takes too long."),
        say("Ask for less, or again in a moment."),
    ),
    Trouble.DAMAGED: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The library is damaged: this cannot be read."),
        say("The agent mends what can be mended; its log says what. A backup can be restored."),
    ),
    Trouble.UNREACHABLE: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The library cannot be reached just now: nothing can be read."),
        say("The agent goes on trying; its log says why. Ask again later."),
    ),
    Trouble.REPLACED: (
        ErrorCode.LIBRARY_UNUSABLE,
        say("The library was deleted or replaced: nothing can be read."),
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
    say("The library cannot be used: nothing can be read."),
    say("The agent's log says why."),
)


def not_read(error: StoreError) -> CommandError:
    """What is answered to a question that the library cannot be asked."""
    return CommandError(*_SAID.get(error.trouble, _OTHERWISE))
