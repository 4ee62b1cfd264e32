"""Whether the library can be read, and what is in it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.cli.terminal import counted
from glance_agent.domain.errors import GlanceError
from glance_agent.domain.library_place import spelled
from glance_agent.store.display_leases import holders
from glance_agent.store.opening import check_driver, is_there
from glance_agent.wiring.looking import look_around


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """The engine's own examination of it, and how many works it holds."""
    place = patient.config.library.place
    if not is_there(place):
        said = f"there is none yet at {spelled(place)}; fill it with: glance-agent ingest"
        yield Finding("library", True, said)
        return
    try:
        check_driver(place)
        with look_around(patient.config) as rooms:
            fault, facts = rooms.library.fault(), rooms.facts()
            unfit = len(rooms.library.off_wall())
            held_by = holders(rooms.library.db)
    except GlanceError as error:
        yield Finding("library", False, str(error))
        return
    count, embedded = facts["artworks"], facts["embedded"]
    if fault:
        yield Finding("library", False, f"{fault}. Restore it from a backup.")
    elif not count:
        yield Finding("library", True, "it is empty; fill it with: glance-agent ingest")
    else:
        said = f"{counted(count, 'artwork')}, {embedded:,} of them embedded"
        if unfit:
            said += f"; {unfit:,} too small, too narrow or of a screen to come up by themselves"
        yield Finding("library", True, said)
    if held_by:
        said = ", ".join(f"{display} by {title}" for display, title in held_by.items())
        yield Finding("displays of the library", True, f"shown on now: {said}")
