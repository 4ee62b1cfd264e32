"""Which commands may be carried out while the picture that an earlier one names is fetched."""

from __future__ import annotations

from glance_agent.domain.command import Command, Next, Previous, Search, Show, Similar, address_of


def may_overtake(later: Command, awaited: Command, first_display: str) -> bool:
    """Whether the later command need not wait for the picture of the one before it.

    Commands that name no display are for the first one.
    What puts a picture on the same display waits, so that the last wish is the one that hangs;
    so does what needs a picture fetched itself. All else is about what hangs there now.
    """
    if address_of(later) is not None:
        return False
    if not _hangs_a_picture(later) or not _hangs_a_picture(awaited):
        return True
    return (later.display or first_display) != (awaited.display or first_display)


def _hangs_a_picture(command: Command) -> bool:
    match command:
        case Search() | Similar():
            return command.show
        case _:
            return isinstance(command, Next | Previous | Show)
