"""Which configuration the agent would use."""

from __future__ import annotations

from collections.abc import AsyncIterator

from glance_agent.cli.doctor.finding import Finding, Patient
from glance_agent.cli.terminal import USUAL_PLACES
from glance_agent.domain.library_place import spelled


async def check(patient: Patient) -> AsyncIterator[Finding]:
    """The file that was read, and where the library is by it."""
    library = spelled(patient.config.library.place)
    if patient.read_from is None:
        places = " or ".join(str(place) for place in USUAL_PLACES)
        said = f"no file in {places}: the defaults hold, with the library in {library}"
    else:
        said = f"{patient.read_from.absolute()}, with the library in {library}"
    yield Finding("configuration", True, said)
