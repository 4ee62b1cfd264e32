"""What is answered where the library cannot be looked into, in the words of commands."""

from __future__ import annotations

from glance_agent.domain.errors import CommandError, ErrorCode, StoreError, Trouble

_SAID: dict[Trouble, tuple[ErrorCode, str, str]] = {
    Trouble.BUSY: (
        ErrorCode.BUSY,
        "Another program is writing the library.",
        "Ask again in a moment.",
    ),
    Trouble.LATE: (
        ErrorCode.BUSY,
        "Looking that up takes too long.",
        "Ask for less, or again in a moment.",
    ),
    Trouble.DAMAGED: (
        ErrorCode.LIBRARY_UNUSABLE,
        "The library is damaged: this cannot be read.",
        "The agent mends what can be mended; its log says what. A backup can be restored.",
    ),
    Trouble.REPLACED: (
        ErrorCode.LIBRARY_UNUSABLE,
        "The library was deleted or replaced: nothing can be read.",
        "The agent stops, and opens what is there when it starts again.",
    ),
}
_OTHERWISE = (
    ErrorCode.LIBRARY_UNUSABLE,
    "The library cannot be used: nothing can be read.",
    "The agent's log says why.",
)


def not_read(error: StoreError) -> CommandError:
    """What is answered to a question that the library cannot be asked."""
    return CommandError(*_SAID.get(error.trouble, _OTHERWISE))
