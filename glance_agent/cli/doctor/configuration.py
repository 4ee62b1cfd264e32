"""Which configuration the agent would use."""

from __future__ import annotations

from collections.abc import AsyncIterator

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.cli.terminal import USUAL_PLACES
from glance_agent.domain.library_place import spelled
from glance_agent.domain.said import listed, say


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """The file that was read, and where the library is by it."""
    library = spelled(patient.config.library.place)
    if patient.read_from is None:
        said = say(
            "no file in {places}: the defaults hold, with the library in {library}",
            places=listed(map(str, USUAL_PLACES), "or"),
            library=library,
        )
    else:
        file = patient.read_from.absolute()
        said = say("{file}, with the library in {library}", file=file, library=library)
    yield Finding(say("configuration"), True, said)
