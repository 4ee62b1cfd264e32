"""Which commands may be carried out while the picture that an earlier one names is fetched."""

from __future__ import annotations

from glance_agent.domain.command import Command


def may_overtake(later: Command, awaited: Command, first_display: str) -> bool:
    """Whether the later command need not wait for the picture of the one before it.

    Commands that name no display are for the first one.
    What puts a picture on the same display waits, so that the last wish is the one that hangs;
    so does what needs a picture fetched itself. All else is about what hangs there now.
    """
    if later.address is not None:
        return False
    if not later.hangs or not awaited.hangs:
        return True
    return (later.display or first_display) != (awaited.display or first_display)
